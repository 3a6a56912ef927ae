import MobileVLM
import Models
import Tensors

/// One tensor of the output: where it comes from, what becomes of it.
public struct PlannedTensor: Sendable {
    public let specification: TensorSpecification
    /// How the input stores it.
    public let source: TensorInfo
    /// Name, type and shape in the output.
    public let target: TensorInfo
    /// How much each input column matters, for the search of scales; nil to treat all alike.
    public let importance: [Float]?
}

/// Everything about an output file that is decided before the first byte: metadata and the list of tensors.
public struct ConversionPlan: Sendable {
    public let metadata: Metadata
    public let tensors: [PlannedTensor]

    public init(metadata: Metadata, tensors: [PlannedTensor]) {
        self.metadata = metadata
        self.tensors = tensors
    }

    public var parameterCount: Int { tensors.reduce(0) { $0 + $1.target.elementCount } }
    public var sourceBytes: Int { tensors.reduce(0) { $0 + $1.source.byteCount } }
    public var targetBytes: Int { tensors.reduce(0) { $0 + $1.target.byteCount } }
    /// Bits per weight over all tensors.
    public var bitsPerWeight: Double { Double(targetBytes) * 8 / Double(max(1, parameterCount)) }

    /// Plans the tensors `specifications` of a model whose weights lie in `weights`.
    /// - Throws: `InputError` for a tensor that is missing, misshapen, or has no name in GGUF.
    public static func tensors(
        _ specifications: [TensorSpecification], weights: ModelWeights, policy: TypePolicy,
        architecture: TypePolicy.Architecture, importance: (String) throws -> [Float]? = { _ in nil }
    ) throws -> [PlannedTensor] {
        let named = try specifications.map { specification in
            guard let name = specification.ggufName else {
                throw InexpressibleTensor(key: specification.key)
            }
            return TypePolicy.Candidate(name: name, shape: specification.ggufShape)
        }
        let types = try policy.types(for: named, architecture: architecture)
        return try zip(specifications, zip(named, types)).map { specification, choice in
            let (candidate, chosen) = choice
            let source = try weights.check(specification.key, shape: specification.shape)
            let type = allowedType(specification.kind, chosen: chosen, preset: policy.preset)
            guard let target = TensorInfo(name: candidate.name, type: type, shape: candidate.shape) else {
                throw InexpressibleTensor(key: specification.key)
            }
            return PlannedTensor(
                specification: specification, source: source, target: target,
                importance: type.isQuantized ? try importance(candidate.name) : nil)
        }
    }

    /// Plans to store the tensors of a GGUF file in other types. What the policy leaves alone stays as it is.
    /// - Parameter weights: Holds each tensor under its own name.
    public static func requantizing(
        _ source: any TensorSource, policy: TypePolicy, architecture: TypePolicy.Architecture,
        importance: (String) throws -> [Float]? = { _ in nil }
    ) throws -> (tensors: [PlannedTensor], weights: ModelWeights) {
        let candidates = source.tensors.map { TypePolicy.Candidate(name: $0.name, shape: $0.shape) }
        let types = try policy.types(for: candidates, architecture: architecture)
        var weights = ModelWeights(rotaryPairing: .neighbours, origin: source.files.first ?? "")
        let tensors = try TypePolicy.processingOrder(candidates).map { index in
            let info = source.tensors[index]
            weights.place(info.name, in: source, name: info.name)
            let type = types[index] ?? info.type
            guard let target = TensorInfo(name: info.name, type: type, shape: info.shape) else {
                throw InexpressibleTensor(key: info.name)
            }
            let specification = TensorSpecification(
                key: info.name, shape: info.shape, kind: .matrix, part: .language, ggufName: info.name)
            return PlannedTensor(
                specification: specification, source: info, target: target,
                importance: type.isQuantized && type != info.type ? try importance(info.name) : nil)
        }
        return (tensors, weights)
    }

    /// What llama.cpp's CPU backend accepts for a kind of tensor (reference: its matrix product, row lookup and
    /// convolution), whatever the preset would like.
    static func allowedType(_ kind: TensorKind, chosen: ElementType?, preset: Preset) -> ElementType {
        switch kind {
        case .vector:
            // Added or multiplied element by element with F32 activations; any other type aborts there.
            .f32
        case .positionTable:
            preset.defaultType == .f32 || preset.defaultType == .bf16 ? .f32 : .f16
        case .patchKernel:
            preset.defaultType == .f32 || preset.defaultType == .bf16 ? preset.defaultType : .f16
        case .depthwiseKernel:
            // The unfolded columns are F16, and an F32 left operand is not accepted.
            preset.defaultType == .bf16 ? .bf16 : .f16
        case .matrix, .rotaryMatrix, .tokenEmbedding, .outputHead, .pointwiseKernel:
            chosen ?? preset.defaultType
        }
    }
}

/// A tensor that the output format cannot hold.
public struct InexpressibleTensor: Error, CustomStringConvertible {
    public let key: String

    public var description: String { "\(key): GGUF has no name for this tensor, so the file would be incomplete" }
}
