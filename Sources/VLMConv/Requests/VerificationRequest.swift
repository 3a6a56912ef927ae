import Platform
import ByteIO
import Calibration
import Conversion
import GGUF
import MobileVLM
import Models
import Opening
import Tensors
import Verification

/// `vlmconv verify` as a call: does this file compute what the checkpoint computes?
public struct VerificationRequest: Sendable {
    public static let differentModel = ModelStatements.differentModel

    public var reference: ModelLocation
    public var candidate: ModelLocation
    /// The importance matrix that the candidate was quantized with; without it, its bytes cannot be reproduced.
    public var importance: String?
    /// Questions instead of the built-in ones.
    public var questions: [String]?
    /// Paths of pictures instead of the built-in ones. Every question is asked about each of them.
    public var images: [String] = []
    /// Turns pictures as their EXIF data say.
    public var uprightsImages = false
    /// Tokens of the greedy answers that are compared, at most.
    public var answerLength = 16
    /// Nil for the limits of the file's type.
    public var maxDivergence: Double?
    public var minTopAgreement: Double?
    public var minFeatureCosine: Double?
    public var threads: Int?
    /// Called before long work with what the user should know of it.
    public var notice: @Sendable (String) -> Void = { _ in }

    public init(reference: ModelLocation, candidate: ModelLocation) {
        self.reference = reference
        self.candidate = candidate
    }

    /// Compares weights first, then results.
    /// - Parameters:
    ///   - cancellation: Looked at before each part of a tensor and before each block of either model.
    ///   - progress: Called with a line about each step.
    /// - Throws: `InputError` `request.argument` for a number out of range, `verify.different-model` for models of
    ///   different shape; `CancellationError`.
    public func run(
        cancellation: Cancellation? = nil, progress: (String) -> Void = { _ in }
    ) throws -> VerificationReport {
        try Arguments.check(answerLength, in: 0...1 << 20, "answer length")
        try Arguments.check(threads, in: Arguments.threads, "threads")
        try Arguments.check(maxDivergence, "largest divergence")
        try Arguments.check(minTopAgreement, "smallest agreement")
        try Arguments.check(minFeatureCosine, "smallest cosine")
        let candidate = try Model(candidate)
        // A file without its projector is compared as what it is: a language model.
        let reference = try Model(reference, languageOnly: candidate.configuration.multimodal == nil)
        try ModelStatements.checkComparable(
            reference: reference.configuration, candidate: candidate.configuration, file: candidate.path)
        let configuration = reference.configuration

        let calibration = try CalibrationRecord(candidate.metadata, file: candidate.path)
        let damage = calibration == nil ? nil : try damage(candidate, progress)
        let importance = try importance.map { try ImportanceMatrix(path: $0) }
        progress("comparing \(configuration.tensors.count) tensors")
        let weights = try WeightComparison(
            configuration, reference: Self.weights(reference, calibration, candidate.path),
            candidate: candidate.weights, importance: { importance?[$0] }, mayBeFolded: calibration != nil,
            threads: threads ?? Machine.processorCount, cancellation: cancellation)

        let referenceSession = try Session(reference, arithmetic: .reference, threads: threads)
        let candidateSession = try Session(candidate, arithmetic: .reference, threads: threads)
        if let advice = referenceSession.advice { notice(advice) }
        let verifier = Verifier(
            reference: referenceSession.executor, candidate: candidateSession.executor, answerLength: answerLength,
            stopTokens: (referenceSession.stopTokens, candidateSession.stopTokens), cancellation: cancellation)
        let statements = (
            reference: Self.statements(referenceSession), candidate: Self.statements(candidateSession)
        )
        var differences = ModelStatements.differences(
            reference: statements.reference, candidate: statements.candidate)
        let pictures = configuration.multimodal == nil ? [] : try pictures()
        let prompts = try prompts(referenceSession, candidateSession, pictures, cancellation, &differences)
        differences += damage?.faults ?? []
        let results = try prompts.map { prompt in
            progress("running \(prompt.name)")
            return try verifier.run(prompt)
        }
        var remarks = ModelStatements.remarks(reference: statements.reference, candidate: statements.candidate)
        if let damage { remarks.append(damage.remark) }
        if reference.isLanguagePart {
            remarks.append("The candidate has no projector file beside it: only the language model was compared.")
        }
        remarks += pictures.compactMap(\.picture.note)
        return VerificationReport(
            prompts: results, tensors: weights.tensors, thresholds: thresholds(weights.tensors),
            differences: differences, remarks: remarks)
    }

    /// The reference's weights with the channels of its residual stream as the candidate has them.
    private static func weights(
        _ reference: Model, _ calibration: CalibrationRecord?, _ candidate: String
    ) throws -> ModelWeights {
        guard let channels = calibration?.channels else { return reference.weights }
        guard channels.count == reference.configuration.language.hiddenSize, let order = ChannelOrder(channels) else {
            throw CalibrationRecord.wrongChannels(candidate)
        }
        return try reference.weights.reordered(order, reference.configuration)
    }

    /// A calibrated file's bytes cannot be made again without calibrating; what tells damage is their digests.
    private func damage(
        _ candidate: Model, _ progress: (String) -> Void
    ) throws -> (faults: [VerificationReport.Fault], remark: String) {
        let remark = "The candidate was calibrated: its weights are compared after moving the scales that it moved."
        progress("computing digests")
        do {
            let rows = try IntegrityCheck(path: candidate.path, threads: threads).tensors
            let faults = rows.filter { $0.outcome == .differs }.map {
                VerificationReport.Fault(
                    subject: $0.name,
                    problem: "its bytes are not those that were written: the file was damaged or changed")
            }
            return (faults, remark)
        } catch let error as InputError where error.rule == IntegrityCheck.notRecorded {
            return ([], remark + " It records no digests, so that small damage cannot be told.")
        }
    }

    private static func statements(_ session: Session) -> ModelStatements {
        ModelStatements(
            configuration: session.model.configuration, vocabulary: session.model.tokenizer.vocabulary,
            stopTokens: session.stopTokens, chatTemplate: session.model.chatTemplate)
    }

    /// Every question, each side's pictures preprocessed by its own configuration.
    /// - Parameter differences: Gets a fault if a question has other tokens for the candidate. Both then read the
    ///   reference's, so that the weights are still compared.
    private func prompts(
        _ reference: Session, _ candidate: Session, _ pictures: [(name: String, picture: Picture)],
        _ cancellation: Cancellation?,
        _ differences: inout [VerificationReport.Fault]
    ) throws -> [VerificationPrompt] {
        var differing: [String] = []
        typealias Pixels = (reference: [Float], candidate: [Float])
        func make(_ name: String, _ question: String, _ picture: Pixels?) throws -> VerificationPrompt {
            try cancellation?.check()
            let count = picture == nil ? 0 : 1
            let tokens = reference.tokens(question: question, images: count)
            if tokens != candidate.tokens(question: question, images: count) { differing.append(question) }
            return VerificationPrompt(
                name: name, tokens: tokens, images: picture.map { [$0.reference] } ?? [],
                candidateImages: picture.map { [$0.candidate] } ?? [])
        }
        defer {
            if let question = differing.first {
                differences.append(
                    .init(
                        subject: "tokenizer",
                        problem: "gives other tokens than the checkpoint's for \(differing.count) of the questions, "
                            + "such as \"\(question)\""))
            }
        }
        var list: [VerificationPrompt] = []
        if images.isEmpty {
            for (number, question) in (questions ?? BuiltinPrompts.texts).enumerated() {
                list.append(try make("text \(number + 1)", question, nil))
            }
        }
        for (name, picture) in pictures {
            // Once for all questions: they share the memory.
            let pixels = (try reference.pixels(picture), try candidate.pixels(picture))
            for (number, question) in (questions ?? BuiltinPrompts.pictureQuestions).enumerated() {
                list.append(try make("\(name) \(number + 1)", question, pixels))
            }
        }
        return list
    }

    private func pictures() throws -> [(name: String, picture: Picture)] {
        guard !images.isEmpty else { return try BuiltinPrompts.pictures }
        return try images.map { (Folder.lastComponent($0), try Picture(path: $0, uprights: uprightsImages)) }
    }

    private func thresholds(_ tensors: [TensorComparison]) -> Thresholds {
        var thresholds = Thresholds(tensors)
        if let maxDivergence { thresholds.meanDivergence = maxDivergence }
        if let minTopAgreement { thresholds.topAgreement = minTopAgreement }
        if let minFeatureCosine { thresholds.featureCosine = minFeatureCosine }
        return thresholds
    }
}
