import ByteIO
import Tensors

/// Which rows of a query or key head a rotary embedding turns together.
///
/// The wrong choice gives fluent nonsense, so the container states it and the graph follows.
public enum RotaryPairing: Sendable, Equatable {
    /// Row `i` with row `i + D/2`: Hugging Face checkpoints.
    case halves
    /// Row `2i` with row `2i + 1`: GGUF files of the `llama` architecture, whose rows were reordered for it.
    case neighbours
}

/// The weights of a model under their canonical keys, whatever container they lie in.
public struct ModelWeights: Sendable {
    /// A tensor is not where it must be, or not in the shape it must have.
    public static let missing = Rule("model.missing-tensor")
    public static let misshapen = Rule("model.tensor-shape")

    private struct Entry: Sendable {
        let source: any TensorSource
        let name: String
    }

    public let rotaryPairing: RotaryPairing
    /// The file or folder that errors name.
    public let origin: String
    private var entries: [String: Entry] = [:]

    public init(rotaryPairing: RotaryPairing, origin: String) {
        self.rotaryPairing = rotaryPairing
        self.origin = origin
    }

    /// Says where the tensor with the canonical `key` lies.
    public mutating func place(_ key: String, in source: any TensorSource, name: String) {
        entries[key] = Entry(source: source, name: name)
    }

    /// The name under which the container holds `key`, or nil.
    public func storedName(_ key: String) -> String? { entries[key]?.name }

    /// How `key` is stored, or nil if the container does not have it.
    public func info(_ key: String) -> TensorInfo? {
        entries[key].flatMap { $0.source.info($0.name) }
    }

    /// How the tensor under `key` is stored, with the shape that the graph expects, after checking that it has it.
    ///
    /// Size-1 dimensions do not count: GGUF drops them.
    public func check(_ key: String, shape: Shape) throws -> TensorInfo { try find(key, shape: shape).info }

    /// The tensor under `key`, checked as `check` does.
    public func tensor(_ key: String, shape: Shape) throws -> StoredTensor {
        let (source, info) = try find(key, shape: shape)
        return StoredTensor(info: info, bytes: try source.bytes(of: info.name))
    }

    /// The rows of a tensor of the model, checked as `check` does: what plans and comparisons hold.
    /// - Parameter pairing: The order in which the rows of queries and keys are wanted.
    public func rows(_ tensor: TensorSpecification, pairing: RotaryPairing) throws -> any TensorRows {
        let (source, info) = try find(tensor.key, shape: tensor.shape)
        let rows = StoredRows(source, info, origin: origin)
        guard pairing != rotaryPairing, case .rotaryMatrix = tensor.kind else { return rows }
        return ReorderedRows(rows, tensor.kind, from: rotaryPairing, to: pairing)
    }

    private func find(_ key: String, shape: Shape) throws -> (source: any TensorSource, info: TensorInfo) {
        guard let entry = entries[key], let info = entry.source.info(entry.name) else {
            throw InputError(
                Self.missing, file: origin, field: key, problem: "the model needs this tensor and it is not there",
                remedy: "Check that all shards are present and that the configuration belongs to these weights.")
        }
        guard info.shape.squeezed == shape.squeezed,
            // A 1 x 1 kernel's own rows are single elements, which no block divides: such a matrix keeps its shape.
            let expected = TensorInfo(name: entry.name, type: info.type, shape: shape, layout: info.layout)
                ?? TensorInfo(name: entry.name, type: info.type, shape: shape.squeezed, layout: info.layout)
        else {
            throw InputError(
                Self.misshapen, file: origin, field: entry.name,
                problem: "has shape \(info.shape), but the configuration asks for \(shape)",
                remedy: "The configuration does not belong to these weights, or the file is damaged.")
        }
        guard info.type.isReal else {
            throw InputError(
                Self.misshapen, file: origin, field: entry.name, problem: "holds \(info.type.name), not real numbers")
        }
        return (entry.source, expected)
    }
}
