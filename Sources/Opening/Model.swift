import ByteIO
import Dialects
import MobileVLM
import Models
import Tensors
import Tokenizer

/// A model of any container, opened and checked, its weights still on disk.
public struct Model: Sendable {
    /// A path that is no model of any kind that is known.
    public static let notAModel = Rule("model.kind")
    /// A part that is named beside a file which has no use for it.
    public static let parts = Rule("model.parts")

    /// What the model was opened from.
    public enum Container: Sendable, Equatable, CustomStringConvertible {
        case checkpoint
        /// A file in a container of that name.
        case file(String)

        public static let gguf = Container.file("GGUF")

        public var description: String {
            switch self {
            case .checkpoint: "Hugging Face checkpoint"
            case .file(let name): name
            }
        }
    }

    public let location: ModelLocation
    public var path: String { location.path }
    public let container: Container
    public let configuration: ModelConfiguration
    public let weights: ModelWeights
    public let tokenizer: TextTokenizer
    package let legacyTokenizer: Bool
    /// The template of a conversation that the container states, as text; nil where it states none. Never run.
    public let chatTemplate: String?
    /// What became of every tensor of a checkpoint; nil for files that we do not convert.
    public let ledger: TensorLedger?
    /// True if there is a vision part, and it was left aside on demand.
    package let isLanguagePart: Bool
    /// How each part is stored, by llama.cpp's number for the preset, where the files say so.
    package let fileTypes: [ModelPart: UInt32]
    /// What a container's file says beside its tensors; empty for a checkpoint.
    package let metadata: Metadata
    /// The metadata of the GGUF pair that it is or was, by part.
    package let gguf: [ModelPart: Metadata]
    /// Every file that belongs to the model.
    public let files: [String]
    /// What the user should know about how the model was opened.
    public let notes: [String]

    /// Opens a checkpoint's folder, or a file that holds a model.
    /// - Parameter languageOnly: Leaves tower and projector aside, and needs neither.
    public init(_ location: ModelLocation, languageOnly: Bool = false) throws {
        let meaning = try PathMeaning(location.path)
        switch meaning.kind {
        case .folder(let folder):
            let checkpoint = try Checkpoint(folder, location, languageOnly: languageOnly)
            self.init(checkpoint: checkpoint, location.replacing(path: folder.path), notes: meaning.notes)
        case .file(let mapped, let dialect):
            try Self.checkParts(of: location, dialect)
            self.init(try dialect.open(mapped, location, languageOnly: languageOnly), dialect.name, location)
        }
    }

    /// Refuses parts that are named beside a file that has none of the kind: they would be passed over.
    private static func checkParts(of location: ModelLocation, _ dialect: any Dialect) throws {
        let named = [
            (location.adapters.isEmpty ? nil : "an adapter", "a checkpoint's folder"),
            (location.base.map { _ in "a base" }, "an adapter's folder"),
            (location.visionTower.map { _ in "a vision tower" }, "a checkpoint's folder"),
            (dialect is MVLMDialect ? location.projector.map { _ in "a projector file" } : nil, "a GGUF file"),
        ]
        for case (let part?, let owner) in named {
            throw InputError(
                Self.parts, file: location.path, field: "input",
                problem: "is a whole model, and \(part) was named beside it",
                remedy: "That goes with \(owner): leave it out, or name that.")
        }
    }

    /// The same by paths.
    public init(
        path: String, visionTower: String? = nil, projector: String? = nil, languageOnly: Bool = false
    ) throws {
        try self.init(
            ModelLocation(path, visionTower: visionTower, projector: projector), languageOnly: languageOnly)
    }

    private init(checkpoint: Checkpoint, _ location: ModelLocation, notes: [String]) {
        self.location = location
        container = .checkpoint
        configuration = checkpoint.configuration
        weights = checkpoint.weights
        tokenizer = TextTokenizer(vocabulary: checkpoint.vocabulary)
        legacyTokenizer = checkpoint.legacyTokenizer
        chatTemplate = checkpoint.chatTemplate
        ledger = checkpoint.ledger
        isLanguagePart = checkpoint.isLanguagePart
        fileTypes = [:]
        metadata = Metadata()
        gguf = [:]
        files = checkpoint.files
        self.notes = notes + checkpoint.notes
    }

    private init(_ model: DialectModel, _ container: String, _ location: ModelLocation) {
        self.location = location
        self.container = .file(container)
        configuration = model.configuration
        weights = model.weights
        tokenizer = TextTokenizer(vocabulary: model.vocabulary)
        legacyTokenizer = model.legacyTokenizer
        chatTemplate = model.chatTemplate
        ledger = nil
        isLanguagePart = model.isLanguagePart
        fileTypes = model.fileTypes
        metadata = model.metadata
        gguf = model.gguf
        files = model.files
        notes = []
    }

    /// Token ids of a text, BOS first; `<image>` in it stands for a picture and becomes -200.
    public func tokenIDs(_ text: String) -> [Int] {
        tokens(Prompt(text: text)).ids
    }

    /// A prompt in token ids, BOS first.
    public func tokens(_ prompt: Prompt) -> TokenPrompt { prompt.tokens(tokenizer, legacy: legacyTokenizer) }

    /// The text of a token as the vocabulary has it.
    public func pieceText(_ id: Int) -> String {
        id == ConversationV1.imageToken
            ? ConversationV1.imagePlaceholder : tokenizer.pieces([id]).first ?? ""
    }
}
