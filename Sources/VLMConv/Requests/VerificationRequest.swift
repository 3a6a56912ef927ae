import Platform
import ByteIO
import GGUF
import MobileVLM
import Models
import Opening
import Tensors
import Verification

/// `vlmconv verify` as a call: does this file compute what the checkpoint computes?
public struct VerificationRequest: Sendable {
    public static let differentModel = Rule("verify.different-model")

    public var reference: ModelLocation
    public var candidate: ModelLocation
    /// The importance matrix that the candidate was quantized with; without it, its bytes cannot be reproduced.
    public var importance: String?
    /// Questions instead of the built-in ones.
    public var questions: [String]?
    /// Paths of pictures instead of the built-in ones. Every question is asked about each of them.
    public var images: [String] = []
    /// Tokens of the greedy answers that are compared, at most.
    public var answerLength = 16
    /// Nil for the limits of the file's type.
    public var maxDivergence: Double?
    public var minTopAgreement: Double?
    public var minFeatureCosine: Double?
    public var threads: Int?

    public init(reference: ModelLocation, candidate: ModelLocation) {
        self.reference = reference
        self.candidate = candidate
    }

    /// Compares weights first, then results.
    /// - Parameter progress: Called with a line about each step.
    public func run(progress: (String) -> Void = { _ in }) throws -> VerificationReport {
        let candidate = try Model(candidate)
        // A file without its projector is compared as what it is: a language model.
        let reference = try Model(reference, languageOnly: candidate.configuration.multimodal == nil)
        let configuration = try Self.common(reference, candidate)

        let importance = try importance.map { try ImportanceMatrix(path: $0) }
        progress("comparing \(configuration.tensors.count) tensors")
        let weights = try WeightComparison(
            configuration, reference: reference.weights, candidate: candidate.weights,
            importance: { importance?[$0] }, threads: threads ?? Machine.processorCount)

        let referenceSession = try Session(reference, arithmetic: .reference, threads: threads)
        let candidateSession = try Session(candidate, arithmetic: .reference, threads: threads)
        let verifier = Verifier(
            reference: referenceSession.executor, candidate: candidateSession.executor, answerLength: answerLength,
            stopTokens: referenceSession.stopTokens)
        let results = try prompts(referenceSession, candidateSession, hasVision: configuration.multimodal != nil)
            .map { prompt in
                progress("running \(prompt.name)")
                return try verifier.run(prompt)
            }
        let remarks =
            reference.isLanguagePart
            ? ["The candidate has no projector file beside it: only the language model was compared."] : []
        return VerificationReport(
            prompts: results, tensors: weights.tensors, thresholds: thresholds(weights.tensors, configuration),
            remarks: remarks)
    }

    /// What both models are, by the reference.
    private static func common(_ reference: Model, _ candidate: Model) throws -> ModelConfiguration {
        func require(_ field: String, _ left: String, _ right: String) throws {
            guard left != right else { return }
            throw InputError(
                differentModel, file: candidate.path, field: field,
                problem: "is \(right), the checkpoint's is \(left)",
                remedy: "Verify a file against the checkpoint that it was made from.")
        }
        let left = reference.configuration
        var right = candidate.configuration
        right.name = left.name
        // A tied head may be written out as a tensor of its own; the numbers are the same.
        right.language.tiedEmbeddings = left.language.tiedEmbeddings
        for (mine, other) in zip(left.language.facts, right.language.facts) {
            try require(mine.name, mine.value, other.value)
        }
        if let a = left.multimodal, let b = right.multimodal {
            try require("projector", "\(a.projector)", "\(b.projector)")
            try require(
                "number of vision blocks that run", "\(a.vision.featureLayer)", "\(b.vision.featureLayer)")
        }
        return left
    }

    private func prompts(
        _ reference: Session, _ candidate: Session, hasVision: Bool
    ) throws -> [VerificationPrompt] {
        func make(_ name: String, _ question: String, _ pictures: [Picture]) throws -> VerificationPrompt {
            let tokens = reference.tokens(question: question, images: pictures.count)
            guard tokens == candidate.tokens(question: question, images: pictures.count) else {
                throw InputError(
                    Self.differentModel, file: candidate.model.path, field: "tokenizer",
                    problem: "gives other token ids than the checkpoint's for \"\(question)\"",
                    remedy: "The file was made with another tokenizer.model; convert it again.")
            }
            return VerificationPrompt(name: name, tokens: tokens, images: try pictures.map(reference.pixels))
        }
        var list: [VerificationPrompt] = []
        if images.isEmpty {
            for (number, question) in (questions ?? BuiltinPrompts.texts).enumerated() {
                list.append(try make("text \(number + 1)", question, []))
            }
        }
        guard hasVision else { return list }
        let pictures =
            images.isEmpty
            ? try BuiltinPrompts.pictures : try images.map { (Folder.lastComponent($0), try Picture(path: $0)) }
        for (name, picture) in pictures {
            for (number, question) in (questions ?? BuiltinPrompts.pictureQuestions).enumerated() {
                list.append(try make("\(name) \(number + 1)", question, [picture]))
            }
        }
        return list
    }

    private func thresholds(_ tensors: [TensorComparison], _ configuration: ModelConfiguration) -> Thresholds {
        // Norms and biases say nothing about the file's type; matrices of the language model do.
        func coarsest(_ part: ModelPart) -> ElementType {
            let keys = Set(configuration.tensors.filter { $0.part == part && $0.isBlockMatrix }.map(\.key))
            return tensors.filter { keys.contains($0.key) }.map(\.type).reduce(.f32, Thresholds.coarser)
        }
        var thresholds = Thresholds(coarsest: coarsest(.language))
        if let maxDivergence { thresholds.meanDivergence = maxDivergence }
        if let minTopAgreement { thresholds.topAgreement = minTopAgreement }
        thresholds.featureCosine = minFeatureCosine ?? Thresholds(coarsest: coarsest(.tower)).featureCosine
        return thresholds
    }
}
