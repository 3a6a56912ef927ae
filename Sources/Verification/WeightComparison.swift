import Platform
import ByteIO
import MobileVLM
import Models
import Quantization
import Tensors

/// How far a stored tensor is from the one it was made of.
public struct TensorComparison: Sendable {
    /// The canonical key.
    public let key: String
    /// The name in the candidate's container.
    public let name: String
    public let referenceType: ElementType
    public let type: ElementType
    public let kind: TensorKind
    public let part: ModelPart
    /// True if importance was given for this tensor.
    public let hasImportance: Bool
    /// True if its bytes were chosen by what layers compute, so that no encoder reproduces them.
    public let isCalibrated: Bool
    public let error: WeightError
    /// Errors block by block, which are what is held to bounds.
    public let blocks: BlockError
    /// The largest error of a weight, in parts of its block's largest.
    public var worstBlock: Double { blocks.worst }
    /// Whether quantizing the reference, with the importance that was given, gives the candidate's bytes exactly. It
    /// tells that converter and `verify` agree, not that they are right: nothing is excused for it.
    public let isReproduced: Bool
}

/// Compares the weights of two models, tensor by tensor.
public struct WeightComparison: Sendable {
    public let tensors: [TensorComparison]

    /// Writes one row of exact weights as a type stores it.
    package typealias Encode = @Sendable (UnsafeBufferPointer<Float>, UnsafeMutableRawBufferPointer) -> Void
    package typealias MakeEncoder =
        @Sendable (_ type: ElementType, _ columns: Int, _ importance: [Float]?) throws -> Encode

    /// Reads every tensor of `configuration` from both.
    /// - Parameters:
    ///   - importance: What the candidate's tensor of that name was quantized with, one weight per column.
    ///   - mayBeFolded: True for a calibrated candidate: scales that moved between its tensors are undone first.
    public init(
        _ configuration: ModelConfiguration, reference: ModelWeights, candidate: ModelWeights,
        importance: @Sendable (String) throws -> [Float]? = { _ in nil }, mayBeFolded: Bool = false, threads: Int,
        cancellation: Cancellation? = nil
    ) throws {
        try self.init(
            configuration, reference: reference, candidate: candidate, importance: importance,
            mayBeFolded: mayBeFolded, threads: threads, cancellation: cancellation
        ) { type, columns, importance in
            let encoder = try RowEncoder(type: type, columns: columns, importance: importance)
            return { encoder.encode($0, into: $1) }
        }
    }

    /// The same with another encoder than the converter's: a test's, which is wrong.
    package init(
        _ configuration: ModelConfiguration, reference: ModelWeights, candidate: ModelWeights,
        importance: @Sendable (String) throws -> [Float]? = { _ in nil }, mayBeFolded: Bool = false, threads: Int,
        cancellation: Cancellation? = nil, makeEncoder: MakeEncoder
    ) throws {
        let specifications = configuration.tensors
        let folds =
            mayBeFolded ? try Folds(configuration, reference: reference, candidate: candidate) : Folds.none
        let pairs = try specifications.map {
            try TensorPair(
                $0, reference: reference, candidate: candidate, folds: folds.factors[$0.key], isCalibrated: mayBeFolded,
                importance: importance, makeEncoder: makeEncoder)
        }
        let parts = pairs.indices.flatMap { index in pairs[index].parts.map { (tensor: index, rows: $0) } }
        let results = try Parallel.map(parts.count, threads: threads) { index in
            try cancellation?.check()
            return try pairs[parts[index].tensor].compare(parts[index].rows)
        }
        // In the order of the rows, whoever compared them.
        var differences = pairs.map { TensorPair.Difference(blocks: BlockError(type: $0.type)) }
        for (part, difference) in zip(parts, results) { differences[part.tensor].add(difference) }
        tensors = zip(pairs, differences).map { $0.result($1) }
    }
}

/// The same tensor of two models.
private struct TensorPair: Sendable {
    /// What was found in some rows.
    struct Difference: Sendable {
        var error = WeightError()
        var blocks: BlockError
        var isReproduced = true

        mutating func add(_ other: Difference) {
            error += other.error
            blocks.add(other.blocks)
            isReproduced = isReproduced && other.isReproduced
        }
    }

    private let specification: TensorSpecification
    private let left, right: any TensorRows
    private let columns: Int
    private let leftDecoder, rightDecoder: RowDecoder
    private let encode: WeightComparison.Encode
    private let rowBytes: Int
    private let hasImportance: Bool
    private let folds: Folds.Factors?
    private let isCalibrated: Bool

    /// Elements of a part: work for some milliseconds.
    private static let partLength = 1 << 21

    init(
        _ specification: TensorSpecification, reference: ModelWeights, candidate: ModelWeights,
        folds: Folds.Factors?, isCalibrated: Bool, importance: (String) throws -> [Float]?,
        makeEncoder: WeightComparison.MakeEncoder
    ) throws {
        self.specification = specification
        self.folds = folds
        self.isCalibrated = isCalibrated
        left = try reference.rows(specification, pairing: candidate.rotaryPairing)
        right = try candidate.rows(specification, pairing: candidate.rotaryPairing)
        columns = left.info.geometry.columns
        leftDecoder = try RowDecoder(type: left.info.type, columns: columns)
        rightDecoder = try RowDecoder(type: right.info.type, columns: columns)
        let importance = right.info.type.isQuantized ? try importance(right.info.name) : nil
        hasImportance = importance != nil
        encode = try makeEncoder(right.info.type, columns, importance)
        rowBytes = right.info.type.rowBytes(columns: columns) ?? 0
    }

    /// How the candidate stores it.
    var type: ElementType { right.info.type }

    /// Ranges of rows that together are all.
    var parts: [Range<Int>] {
        let rows = left.info.geometry.rows
        let size = max(1, Self.partLength / max(1, columns) / left.rowsTogether) * left.rowsTogether
        return stride(from: 0, to: rows, by: size).map { $0..<min(rows, $0 + size) }
    }

    func compare(_ rows: Range<Int>) throws -> Difference {
        var encoded = [UInt8](repeating: 0, count: rowBytes)
        var expected = [Float](repeating: 0, count: columns)
        var actual = expected
        var difference = Difference(blocks: BlockError(type: type))
        let (reference, candidate) = (try left.rows(rows), try right.rows(rows))
        reference.withUnsafeBytes { reference in
            candidate.withUnsafeBytes { candidate in
                for row in 0..<rows.count {
                    expected.withUnsafeMutableBufferPointer { leftDecoder.decode(row: row, of: reference, into: $0) }
                    fold(&expected, row: rows.lowerBound + row)
                    actual.withUnsafeMutableBufferPointer { rightDecoder.decode(row: row, of: candidate, into: $0) }
                    expected.withUnsafeBufferPointer { expected in
                        actual.withUnsafeBufferPointer { actual in
                            difference.error.add(reference: expected, values: actual)
                            difference.blocks.add(expected: expected, actual: actual)
                        }
                    }
                    guard difference.isReproduced else { continue }
                    expected.withUnsafeBufferPointer { values in
                        encoded.withUnsafeMutableBytes { encode(values, $0) }
                    }
                    difference.isReproduced = encoded.withUnsafeBytes { encoded in
                        guard let found = candidate.baseAddress, let wanted = encoded.baseAddress else { return true }
                        return memcmp(found + row * encoded.count, wanted, encoded.count) == 0
                    }
                }
            }
        }
        reference.giveBackPages()
        candidate.giveBackPages()
        return difference
    }

    /// Moves the reference's scales as the candidate's were.
    private func fold(_ values: inout [Float], row: Int) {
        if let factors = folds?.columns { for i in values.indices { values[i] *= factors[i] } }
        if let divisor = folds?.rows?[row] { for i in values.indices { values[i] /= divisor } }
    }

    func result(_ difference: Difference) -> TensorComparison {
        TensorComparison(
            key: specification.key, name: right.info.name, referenceType: left.info.type, type: type,
            kind: specification.kind, part: specification.part, hasImportance: hasImportance,
            isCalibrated: isCalibrated && type.isQuantized && !difference.isReproduced, error: difference.error,
            blocks: difference.blocks, isReproduced: difference.isReproduced)
    }
}
