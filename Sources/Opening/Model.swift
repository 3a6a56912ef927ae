import ByteIO
import Dialects
import GGUF
import MobileVLM
import Models
import Safetensors
import Tensors
import Tokenizer
import TorchArchive

/// A model of any container, opened and checked, its weights still on disk.
public struct Model: Sendable {
    /// A path that is no model of any kind that is known.
    public static let notAModel = Rule("model.kind")

    /// What the model was opened from.
    public enum Container: String, Sendable {
        case checkpoint = "Hugging Face checkpoint"
        case gguf = "GGUF"
    }

    public let path: String
    public let container: Container
    public let configuration: ModelConfiguration
    public let weights: ModelWeights
    public let tokenizer: TextTokenizer
    package let legacyTokenizer: Bool
    /// What became of every tensor of a checkpoint; nil for files that we do not convert.
    public let ledger: TensorLedger?
    /// True if there is a vision part, and it was left aside on demand.
    package let isLanguagePart: Bool
    /// Every file that belongs to the model.
    public let files: [String]
    /// What the user should know about how the model was opened.
    public let notes: [String]

    /// Opens a checkpoint's folder or a GGUF file.
    /// - Parameters:
    ///   - parts: What belongs to the model in other places.
    ///   - languageOnly: Leaves tower and projector aside, and needs neither.
    public init(path: String, parts: ModelParts = ModelParts(), languageOnly: Bool = false) throws {
        let location = try ModelLocation(path)
        if case .folder(let folder) = location.kind {
            let checkpoint = try Checkpoint(folder, parts: parts, languageOnly: languageOnly)
            self.init(checkpoint: checkpoint, path: folder.path, notes: location.notes)
            return
        }
        try self.init(gguf: path, projector: parts.pair, languageOnly: languageOnly)
    }

    private init(checkpoint: Checkpoint, path: String, notes: [String]) {
        self.path = path
        container = .checkpoint
        configuration = checkpoint.configuration
        weights = checkpoint.weights
        tokenizer = TextTokenizer(vocabulary: checkpoint.vocabulary)
        legacyTokenizer = checkpoint.legacyTokenizer
        ledger = checkpoint.ledger
        isLanguagePart = checkpoint.isLanguagePart
        files = checkpoint.files
        self.notes = notes + checkpoint.notes
    }

    private init(gguf path: String, projector: String?, languageOnly: Bool) throws {
        let language = try GGUFSplit(path: path)
        let metadata = language.metadata
        let isTied = language.info("output.weight") == nil
        var configuration = ModelConfiguration(
            name: metadata["general.name"]?.text ?? Folder.lastComponent(path),
            language: try GGUFLanguageMetadata.read(metadata, file: path, tiedEmbeddings: isTied), multimodal: nil)

        let pairPath = projector ?? Self.projectorPath(besides: path)
        let projectorFile = languageOnly ? nil : try pairPath.map { try GGUFFile(path: $0) }
        if let projectorFile, let pairPath {
            configuration.multimodal = try GGUFProjectorMetadata.read(
                projectorFile.metadata, file: pairPath, hasTensor: { projectorFile.info($0) != nil })
        }
        try configuration.validate(file: path)
        let vocabulary = try GGUFLanguageMetadata.readVocabulary(metadata, file: path)
        guard vocabulary.count == configuration.language.vocabularySize else {
            throw InputError(
                GGUFLanguageMetadata.wrongKey, file: path, field: "tokenizer.ggml.tokens",
                problem: "holds \(vocabulary.count) tokens for \(configuration.language.vocabularySize) embeddings")
        }

        self.path = path
        container = .gguf
        self.configuration = configuration
        weights = .gguf(configuration, language: language, projector: projectorFile, origin: path)
        for specification in configuration.tensors {
            _ = try weights.check(specification.key, shape: specification.shape)
        }
        tokenizer = TextTokenizer(vocabulary: vocabulary)
        legacyTokenizer = true
        ledger = nil
        isLanguagePart = languageOnly && pairPath != nil
        files = language.files + (projectorFile?.files ?? [])
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

    /// Where the other file of a pair is written and looked for: `mmproj-NAME` beside `NAME`.
    public static func projectorPath(for path: String) -> String {
        let name = Folder.lastComponent(path)
        return String(path.dropLast(name.count)) + "mmproj-" + name
    }

    /// The projector file of a split model is whole, and named after the whole model.
    private static func projectorPath(besides path: String) -> String? {
        [path, GGUFSplit.wholePath(path)].map(projectorPath(for:)).first(where: Folder.exists)
    }
}
