import ByteIO
import MobileVLM
import Tokenizer

/// What a model says of itself besides its weights: sizes, constants, vocabulary, marks.
///
/// Two runs on a few prompts need not show a difference here, so everything is compared as the value that it is.
public struct ModelStatements: Sendable {
    /// Models of different shape: there is nothing to compare.
    public static let differentModel = Rule("verify.different-model")

    public let configuration: ModelConfiguration
    public let vocabulary: Vocabulary
    /// The tokens that end an answer.
    public let stopTokens: Set<Int>
    /// The template of a conversation as the container states it; nil where it states none.
    public let chatTemplate: String?

    public init(
        configuration: ModelConfiguration, vocabulary: Vocabulary, stopTokens: Set<Int>, chatTemplate: String?
    ) {
        self.configuration = configuration
        self.vocabulary = vocabulary
        self.stopTokens = stopTokens
        self.chatTemplate = chatTemplate
    }

    /// Throws `verify.different-model` where the two have other tensors or run other ones.
    /// - Parameter file: The candidate, named in errors.
    public static func checkComparable(
        reference: ModelConfiguration, candidate: ModelConfiguration, file: String
    ) throws {
        var sizes = Self.sizes(reference.language, candidate.language)
        if let left = reference.multimodal, let right = candidate.multimodal {
            sizes.append(Statement("projector", left.projector, right.projector))
            sizes += Self.sizes(left.vision, right.vision)
        }
        guard let different = sizes.first(where: \.differs) else { return }
        throw InputError(
            differentModel, file: file, field: different.name, problem: different.sentence,
            remedy: "Verify a file against the checkpoint that it was made from.")
    }

    /// What `candidate` states differently from `reference`, whose shapes are the same.
    public static func differences(
        reference: ModelStatements, candidate: ModelStatements
    ) -> [VerificationReport.Fault] {
        let (left, right) = (reference.configuration, candidate.configuration)
        var statements = constants(left.language, right.language)
        if let left = left.multimodal, let right = right.multimodal {
            statements += constants(left.vision, right.vision)
            statements.append(
                Statement(
                    "text around a picture", reference.configuration.conversation.picture,
                    candidate.configuration.conversation.picture))
        }
        statements += [
            Statement("text in front of a question", left.conversation.before, right.conversation.before),
            Statement("text behind a question", left.conversation.after, right.conversation.after),
        ]
        statements.append(
            Statement("tokens that end an answer", reference.stopTokens.sorted(), candidate.stopTokens.sorted()))
        var faults = statements.filter(\.differs).map(\.fault)
        if left.multimodal == nil, right.multimodal != nil {
            faults.append(
                .init(
                    subject: "vision tower",
                    problem: "is in the candidate alone: the checkpoint has none that it could be held to"))
        }
        return faults + differences(reference.vocabulary, candidate.vocabulary)
    }

    /// What the user should know and nothing can be held to: templates are stored as text and never run here.
    public static func remarks(reference: ModelStatements, candidate: ModelStatements) -> [String] {
        guard let left = reference.chatTemplate, let right = candidate.chatTemplate, left != right else { return [] }
        return [
            "The chat template is another text than the checkpoint's: programs that follow it put questions in other words."
        ]
    }

    /// A fact that both models state.
    private struct Statement {
        let name: String
        let differs: Bool
        let sentence: String

        init<Value: Equatable>(_ name: String, _ reference: Value, _ candidate: Value) {
            self.name = name
            differs = reference != candidate
            sentence = "is \(candidate), the checkpoint's is \(reference)"
        }

        var fault: VerificationReport.Fault { .init(subject: name, problem: sentence) }
    }

    /// Sizes, without which no tensor of the one fits the other.
    private static func sizes(_ left: LanguageConfiguration, _ right: LanguageConfiguration) -> [Statement] {
        [
            Statement("language model's width", left.hiddenSize, right.hiddenSize),
            Statement("language model's feed-forward width", left.feedForwardSize, right.feedForwardSize),
            Statement("language model's number of layers", left.layerCount, right.layerCount),
            Statement("language model's number of heads", left.headCount, right.headCount),
            Statement(
                "language model's number of key/value heads", left.keyValueHeadCount, right.keyValueHeadCount),
            Statement("language model's vocabulary size", left.vocabularySize, right.vocabularySize),
        ]
    }

    /// The number of blocks that a container holds does not count: a converted file leaves out those that never run.
    private static func sizes(_ left: VisionConfiguration, _ right: VisionConfiguration) -> [Statement] {
        [
            Statement("vision tower's width", left.hiddenSize, right.hiddenSize),
            Statement("vision tower's feed-forward width", left.feedForwardSize, right.feedForwardSize),
            Statement("vision tower's number of heads", left.headCount, right.headCount),
            Statement("number of vision blocks that run", left.featureLayer, right.featureLayer),
            Statement("side of the vision tower's picture", left.imageSize, right.imageSize),
            Statement("side of the vision tower's patch", left.patchSize, right.patchSize),
        ]
    }

    private static func constants(_ left: LanguageConfiguration, _ right: LanguageConfiguration) -> [Statement] {
        [
            Statement("context length", left.contextLength, right.contextLength),
            Statement("RMS epsilon", left.rmsEpsilon, right.rmsEpsilon),
            Statement("rotary base", left.ropeBase, right.ropeBase),
            Statement("rotary scaling factor", left.ropeScaling, right.ropeScaling),
        ]
    }

    /// CLIP's shared space is left out: nothing reads its width.
    private static func constants(_ left: VisionConfiguration, _ right: VisionConfiguration) -> [Statement] {
        [
            Statement("layer norm epsilon", left.layerNormEpsilon, right.layerNormEpsilon),
            Statement("vision tower's activation", left.activation.rawValue, right.activation.rawValue),
            Statement("image mean", left.imageMean, right.imageMean),
            Statement(
                "image standard deviation", left.imageStandardDeviation, right.imageStandardDeviation),
            Statement("padding of pictures to a square", left.padsToSquare, right.padsToSquare),
        ]
    }

    private static func differences(_ left: Vocabulary, _ right: Vocabulary) -> [VerificationReport.Fault] {
        func id(_ name: String, _ id: KeyPath<Vocabulary, Int?>) -> Statement {
            func words(_ id: Int?) -> String { id.map(String.init) ?? "none" }
            return Statement(name, words(left[keyPath: id]), words(right[keyPath: id]))
        }
        var faults = [
            id("token that begins a text", \.bos), id("token that ends a text", \.eos),
            id("token for unknown text", \.unk), id("token for padding", \.pad),
            Statement("whether a prompt begins with a mark", left.addBOS, right.addBOS),
            Statement("whether a space is put before a text", left.addDummyPrefix, right.addDummyPrefix),
        ].filter(\.differs).map(\.fault)
        guard left.count == right.count else {
            return faults + [Statement("number of tokens", left.count, right.count).fault]
        }
        // As bytes: two spellings of one character are two pieces, which == on texts does not tell apart.
        faults += difference("tokens' texts", left.pieces, right.pieces) { $0.utf8.elementsEqual($1.utf8) }
        faults += difference("tokens' scores", left.scores, right.scores, ==)
        faults += difference("tokens' types", left.kinds, right.kinds, ==)
        return faults
    }

    /// The number of different elements, and the first of them.
    private static func difference<Element>(
        _ subject: String, _ left: [Element], _ right: [Element], _ isSame: (Element, Element) -> Bool
    ) -> [VerificationReport.Fault] {
        let different = zip(left, right).enumerated().filter { !isSame($1.0, $1.1) }
        guard let (id, (expected, found)) = different.first else { return [] }
        return [
            .init(
                subject: subject,
                problem: "\(different.count) of \(left.count) are others than the checkpoint's; token \(id) has "
                    + "\"\(found)\" for \"\(expected)\"")
        ]
    }
}
