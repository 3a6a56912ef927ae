import Dialects
import MobileVLM
import Models
import Tensors

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
    /// The layouts of `wanted` in which a tensor may lie. Single rows of a token table are looked up by others than products,
    /// but where it is the head as well.
    public static func layouts(_ wanted: [RowLayout], for role: TensorRole, isTied: Bool) -> [RowLayout] {
        role == .tokenEmbedding && !isTied ? [] : wanted
    }

    /// Bytes of all tensors and of their copies in other layouts.
    public var storedBytes: Int { tensors.reduce(0) { $0 + $1.storedBytes } }
    /// The tensors as a file lists them: further copies, in other layouts, after all that are there once.
    var contents: [FileContents.Tensor] {
        tensors.map { FileContents.Tensor(info: $0.target, part: $0.part) }
            + tensors.flatMap { tensor in
                tensor.copies.compactMap { layout in
                    tensor.target.laid(out: layout).map {
                        FileContents.Tensor(info: $0, part: tensor.part, isCopy: true)
                    }
                }
            }
    }
    /// For each tensor the number of its first copy among `contents`.
    var copyNumbers: [Int] {
        var next = tensors.count
        return tensors.map { tensor in
            defer { next += tensor.copies.count }
            return next
        }
    }

    /// Bits per weight over all tensors.
    public var bitsPerWeight: Double { Double(targetBytes) * 8 / Double(max(1, parameterCount)) }

    /// Plans some tensors of a model, all of which one policy is for.
    /// - Parameters:
    ///   - layouts: How the rows of matrices that products read lie, where type and shape allow: a copy for each.
    ///   - importance: By the container's names.
    /// - Throws: `InputError` for a tensor that is missing or misshapen, `InexpressibleTensor` for one without a name.
    public static func tensors(
        _ specifications: [TensorSpecification], of configuration: ModelConfiguration, weights: ModelWeights,
        dialect: any Dialect, policy: TypePolicy, layouts: [RowLayout] = [],
        importance: (String) throws -> [Float]? = { _ in nil }
    ) throws -> [PlannedTensor] {
        let candidates = try specifications.map { specification in
            guard let name = dialect.name(of: specification, in: configuration) else {
                throw InexpressibleTensor(key: specification.key, container: dialect.name)
            }
            return TypePolicy.Candidate(name: name, specification, columns: dialect.shape(of: specification).columns)
        }
        let types = try policy.types(for: candidates, order: dialect.choiceOrder(candidates.map(\.name)))
        return try zip(specifications, zip(candidates, types)).map { specification, choice in
            let (candidate, chosen) = choice
            let rows = try weights.rows(specification, pairing: dialect.rotaryPairing)
            let type =
                policy.preset == .stored
                ? rows.info.type
                : dialect.type(for: specification.kind, chosen: chosen, base: policy.preset.defaultType)
            let shape = dialect.shape(of: specification)
            guard let plain = TensorInfo(name: candidate.name, type: type, shape: shape) else {
                throw InexpressibleTensor(key: specification.key, container: dialect.name)
            }
            let wanted = Self.layouts(
                layouts, for: specification.role, isTied: configuration.language.tiedEmbeddings)
            let laidOut = shape.rank != 2 ? [] : wanted.compactMap(plain.laid(out:))
            let target = laidOut.first ?? plain
            return try PlannedTensor(
                rows: rows, target: target, part: specification.part,
                importance: type.isQuantized ? try importance(candidate.name) : nil,
                copies: laidOut.dropFirst().map(\.layout))
        }
    }

    /// Plans to store tensors of a file in other types. What has no type stays as it is.
    /// - Parameters:
    ///   - order: In which they are written: positions in `source.tensors`.
    ///   - types: In the order of `source.tensors`.
    public static func tensors(
        of source: any TensorSource, part: ModelPart, types: [ElementType?], order: [Int],
        importance: (String) throws -> [Float]? = { _ in nil }
    ) throws -> [PlannedTensor] {
        try order.map { index in
            let info = source.tensors[index]
            let type = types[index] ?? info.type
            guard let target = TensorInfo(name: info.name, type: type, shape: info.shape) else {
                throw InexpressibleTensor(key: info.name, container: type.name)
            }
            return try PlannedTensor(
                rows: StoredRows(source, info, origin: source.files.first ?? ""), target: target, part: part,
                importance: type.isQuantized && type != info.type ? try importance(info.name) : nil)
        }
    }
}
