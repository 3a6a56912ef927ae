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
    public let tokenizer: SentencePieceTokenizer
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
    ///   - visionTower: For a checkpoint without a tower: the folder of the CLIP tower.
    ///   - projector: For a GGUF file: the other file of the pair. Without it `mmproj-NAME` beside `NAME` is taken.
    ///   - languageOnly: Leaves tower and projector aside, and needs neither.
    public init(
        path: String, visionTower: String? = nil, projector: String? = nil, languageOnly: Bool = false
    ) throws {
        if let folder = Folder(path) {
            let tower = try visionTower.map { path in
                guard let folder = Folder(path) else {
                    throw SystemError("open", path: path, code: 2, remedy: "--vision-tower takes a folder.")
                }
                return folder
            }
            try self.init(checkpoint: Checkpoint(folder, visionTower: tower, languageOnly: languageOnly), path: path)
            return
        }
        let mapped = try MappedFile(path: path)
        guard GGUFFile.recognises(mapped.bytes) else {
            let kind =
                SafetensorsFile.recognises(mapped.bytes) || TorchArchive.recognises(mapped.bytes)
                ? "is one file of weights without its configuration" : "is no model file that is known"
            throw InputError(
                Self.notAModel, file: path, field: "file", problem: kind,
                remedy: "Name the folder of a checkpoint, or a .gguf file.")
        }
        try self.init(gguf: path, projector: projector, languageOnly: languageOnly)
    }

    private init(checkpoint: Checkpoint, path: String) throws {
        self.path = path
        container = .checkpoint
        configuration = checkpoint.configuration
        weights = checkpoint.weights
        tokenizer = SentencePieceTokenizer(vocabulary: checkpoint.vocabulary)
        legacyTokenizer = checkpoint.legacyTokenizer
        ledger = checkpoint.ledger
        isLanguagePart = checkpoint.isLanguagePart
        files = checkpoint.files
        notes = checkpoint.notes
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
        tokenizer = SentencePieceTokenizer(vocabulary: vocabulary)
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
