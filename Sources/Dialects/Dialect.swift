import ByteIO
import MobileVLM
import Models
import Tensors
import Tokenizer

/// What a container of models wants: how it names, shapes, orders and stores tensors, what it says beside them, and how its
/// files are opened for reading and for writing.
///
/// Nothing else knows a container. A further one is a file beside `GGUFDialect.swift` and an entry in `Dialects.all`.
public protocol Dialect: Sendable {
    /// As people know the container: `GGUF`.
    var name: String { get }
    /// How the names of its files end, with the dot.
    var fileEnding: String { get }
    /// Whether its files say how rows lie, so that they may lie otherwise than one after the other.
    var statesLayouts: Bool { get }

    // MARK: Reading

    /// True if the bytes start as such a file does; says nothing about the rest.
    func recognises(_ bytes: Bytes) -> Bool

    /// Opens the model that a file holds. Every tensor of its configuration is there and has the shape that it asks for.
    /// - Parameters:
    ///   - file: The file at the location's path, mapped.
    ///   - languageOnly: Leaves tower and projector aside, and needs neither.
    func open(_ file: MappedFile, _ location: ModelLocation, languageOnly: Bool) throws -> DialectModel

    // MARK: Tensors

    /// Which rows of queries and keys its files list beside each other.
    var rotaryPairing: RotaryPairing { get }

    /// Refuses a model that cannot be expressed, naming `file`.
    func check(_ configuration: ModelConfiguration, file: String) throws

    /// A tensor's name, or nil where there is none for it.
    func name(of tensor: TensorSpecification, in configuration: ModelConfiguration) -> String?

    /// A tensor's shape.
    func shape(of tensor: TensorSpecification) -> Shape

    /// The type that a tensor gets.
    /// - Parameters:
    ///   - chosen: What the policy would have; nil where it leaves the tensor to its kind.
    ///   - base: The preset's default.
    func type(for kind: TensorKind, chosen: ElementType?, base: ElementType) -> ElementType

    /// The order in which types are chosen, which counts tensors of a role: positions in `names`.
    func choiceOrder(_ names: [String]) -> [Int]

    // MARK: Writing

    /// The files of a model with these parts.
    /// - Parameter projector: Where the file of tower and projector goes, where that is a file of its own; nil for the usual.
    func files(for parts: Set<ModelPart>, output: String, projector: String?) throws -> [DialectFile]

    /// What a file with these parts says beside its tensors.
    func metadata(_ contents: ModelDescription, parts: Set<ModelPart>, file: String) throws -> Metadata

    /// What readers of others will not do right with files of this model; each line stands on its own.
    func advice(_ configuration: ModelConfiguration) -> [String]

    /// Bytes of the file, before anything is written.
    func size(_ contents: FileContents, path: String) throws -> Int

    /// Lays out a file, reserves its space and writes what is known of it.
    /// - Parameters:
    ///   - inputs: Files being read, which must not be written onto.
    ///   - maximumBytes: Most bytes of tensors per file; nil for a single file.
    func create(
        _ contents: FileContents, path: String, inputs: [String], maximumBytes: Int?
    ) throws -> any ModelSink
}

/// The containers that are known.
public enum Dialects {
    public static let all: [any Dialect] = [GGUFDialect(), MVLMDialect()]

    /// The container that is written to `path`, by the ending of its name; GGUF where that says nothing.
    public static func writing(to path: String) -> any Dialect {
        all.first { path.hasSuffix($0.fileEnding) } ?? GGUFDialect()
    }

    /// The container that a file is, by its first bytes.
    public static func recognising(_ bytes: Bytes) -> (any Dialect)? { all.first { $0.recognises(bytes) } }
}

/// A model as a container's file describes it.
public struct DialectModel: Sendable {
    public var configuration: ModelConfiguration
    public var weights: ModelWeights
    public var vocabulary: Vocabulary
    /// Whether text behind a special token gets a leading space, as with `legacy` in `tokenizer_config.json`.
    public var legacyTokenizer: Bool
    /// The template of a conversation that the file states, as text; nil where it states none.
    public var chatTemplate: String?
    /// What else the files say.
    public var metadata: Metadata
    public var files: [String]
    /// True if there is a vision part, and it was left aside on demand.
    public var isLanguagePart: Bool
    /// How each part is stored, by llama.cpp's number for the preset, where the files say so.
    public var fileTypes: [ModelPart: UInt32]
    /// The metadata of a GGUF pair that the model is or was, of both files, under the part that each begins with.
    public var gguf: [ModelPart: Metadata]

    public init(
        configuration: ModelConfiguration, weights: ModelWeights, vocabulary: Vocabulary,
        legacyTokenizer: Bool = true, chatTemplate: String?, metadata: Metadata, files: [String],
        isLanguagePart: Bool, fileTypes: [ModelPart: UInt32] = [:],
        gguf: [ModelPart: Metadata] = [:]
    ) {
        self.gguf = gguf
        self.fileTypes = fileTypes
        self.legacyTokenizer = legacyTokenizer
        self.chatTemplate = chatTemplate
        self.configuration = configuration
        self.weights = weights
        self.vocabulary = vocabulary
        self.metadata = metadata
        self.files = files
        self.isLanguagePart = isLanguagePart
    }
}

/// One file of a model: where it goes and which parts it holds.
public struct DialectFile: Sendable {
    public let path: String
    public let parts: Set<ModelPart>
    /// Whether readers take it in pieces.
    public let maySplit: Bool

    public init(path: String, parts: Set<ModelPart>, maySplit: Bool) {
        self.path = path
        self.parts = parts
        self.maySplit = maySplit
    }
}

/// What a file says of the model that it holds.
public struct ModelDescription: Sendable {
    public let configuration: ModelConfiguration
    public let vocabulary: Vocabulary
    /// Whether text behind a special token gets a leading space, as with `legacy` in `tokenizer_config.json`.
    public let legacyTokenizer: Bool
    /// The checkpoint's own template of a conversation; nil without one.
    public let chatTemplate: String?
    /// How each part is stored, by llama.cpp's number for the preset, `general.file_type`; nil where it has none.
    public let fileTypes: [ModelPart: UInt32]
    /// Parts with tensors in blocks.
    public let quantized: Set<ModelPart>
    /// What the GGUF pair said that it was made from, which its readers may know though we do not; empty without one.
    public let gguf: [ModelPart: Metadata]

    public init(
        configuration: ModelConfiguration, vocabulary: Vocabulary, legacyTokenizer: Bool = true,
        chatTemplate: String? = nil, fileTypes: [ModelPart: UInt32], quantized: Set<ModelPart>,
        gguf: [ModelPart: Metadata] = [:]
    ) {
        self.gguf = gguf
        self.configuration = configuration
        self.vocabulary = vocabulary
        self.legacyTokenizer = legacyTokenizer
        self.chatTemplate = chatTemplate
        self.fileTypes = fileTypes
        self.quantized = quantized
    }
}

/// Everything about a file that is decided before its first byte.
public struct FileContents: Sendable {
    public struct Tensor: Sendable {
        public let info: TensorInfo
        public let part: ModelPart
        /// Whether the tensor is there before, in another layout.
        public let isCopy: Bool

        public init(info: TensorInfo, part: ModelPart, isCopy: Bool = false) {
            self.info = info
            self.part = part
            self.isCopy = isCopy
        }
    }

    public let metadata: Metadata
    /// Numbered so; where they lie is the container's matter.
    public let tensors: [Tensor]

    public init(metadata: Metadata, tensors: [Tensor]) {
        self.metadata = metadata
        self.tensors = tensors
    }
}
