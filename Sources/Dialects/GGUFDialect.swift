import ByteIO
import GGUF
import MobileVLM
import Models
import Tensors

/// GGUF as llama.cpp reads it: the language model in one file, tower and projector in another.
public struct GGUFDialect: Dialect {
    public init() {}

    public var name: String { "GGUF" }
    public var fileEnding: String { ".gguf" }
    public var statesLayouts: Bool { false }
    public var rotaryPairing: RotaryPairing { .neighbours }

    public func recognises(_ bytes: Bytes) -> Bool { GGUFFile.recognises(bytes) }

    public func check(_ configuration: ModelConfiguration, file: String) throws {
        guard let multimodal = configuration.multimodal else { return }
        _ = try GGUFProjectorMetadata.projectorType(multimodal.projector, file: file)
    }

    public func name(of tensor: TensorSpecification, in configuration: ModelConfiguration) -> String? {
        GGUFNames.name(tensor.key, projector: configuration.multimodal?.projector)
    }

    /// Size-1 dimensions are dropped, but for the patch kernel.
    public func shape(of tensor: TensorSpecification) -> Shape {
        tensor.kind == .patchKernel ? tensor.shape : tensor.shape.squeezed
    }

    /// What llama.cpp's CPU backend accepts for a kind of tensor (reference: its matrix product, row lookup and
    /// convolution), whatever the preset would like.
    public func type(for kind: TensorKind, chosen: ElementType?, base: ElementType) -> ElementType {
        switch kind {
        case .vector:
            // Added or multiplied element by element with F32 activations; any other type aborts there.
            .f32
        case .positionTable:
            base == .f32 || base == .bf16 ? .f32 : .f16
        case .patchKernel:
            base == .f32 || base == .bf16 ? base : .f16
        case .depthwiseKernel:
            // The unfolded columns are F16, and an F32 left operand is not accepted.
            base == .bf16 ? .bf16 : .f16
        case .matrix, .rotaryMatrix, .tokenEmbedding, .outputHead, .pointwiseKernel:
            chosen ?? base
        }
    }

    public func choiceOrder(_ names: [String]) -> [Int] { GGUFNames.quantizationOrder(names) }

    /// What a tensor of a file is to llama-quantize; nil for one whose type is not up to the preset.
    public func role(ofName name: String, shape: Shape, isProjector: Bool) -> TensorRole? {
        GGUFNames.role(ofName: name, shape: shape, isProjector: isProjector)
    }

    // MARK: Writing

    /// Language model and projector must not go into one file.
    public static let sameOutput = Rule("output.twice")

    public func files(for parts: Set<ModelPart>, output: String, projector: String?) throws -> [DialectFile] {
        let language = DialectFile(path: output, parts: [.language], maySplit: true)
        guard parts != [.language] else { return [language] }
        let path = projector ?? Self.projectorPath(for: output)
        guard !Folder.isSamePlace(path, output) else {
            throw InputError(
                Self.sameOutput, file: output, field: "output", problem: "is named for both files of the pair",
                remedy: "Name another place for tower and projector.")
        }
        // Never split: llama.cpp opens a projector file only whole.
        return [language, DialectFile(path: path, parts: [.tower, .projector], maySplit: false)]
    }

    public func metadata(_ contents: ModelDescription, parts: Set<ModelPart>, file: String) throws -> Metadata {
        var metadata = try ownMetadata(contents, parts: parts, file: file)
        let carried = contents.gguf[parts.contains(.language) ? .language : .tower] ?? Metadata()
        for (key, value) in GGUFForeignKeys.of(carried, besides: metadata).entries { metadata[key] = value }
        return metadata
    }

    /// What we know to say.
    func ownMetadata(_ contents: ModelDescription, parts: Set<ModelPart>, file: String) throws -> Metadata {
        let configuration = contents.configuration
        if parts.contains(.language) {
            return GGUFLanguageMetadata.write(
                configuration, vocabulary: contents.vocabulary, chatTemplate: contents.chatTemplate,
                fileType: contents.fileTypes[.language],
                isQuantized: contents.quantized.contains(.language))
        }
        guard let multimodal = configuration.multimodal else { return Metadata() }
        return try GGUFProjectorMetadata.write(
            configuration, multimodal, fileType: contents.fileTypes[.tower],
            isQuantized: !contents.quantized.isDisjoint(with: parts), file: file)
    }

    public func advice(_ configuration: ModelConfiguration) -> [String] {
        GGUFProjectorMetadata.advice(configuration)
    }

    /// A split model's further headers are not counted.
    public func size(_ contents: FileContents, path: String) throws -> Int {
        try GGUFLayout(metadata: contents.metadata, tensors: contents.tensors.map(\.info), file: path).fileSize
    }

    public func create(
        _ contents: FileContents, path: String, inputs: [String], maximumBytes: Int?
    ) throws -> any ModelSink {
        try GGUFSplitWriter(
            destination: path, inputs: inputs, metadata: contents.metadata, tensors: contents.tensors.map(\.info),
            maximumBytes: maximumBytes)
    }
}
