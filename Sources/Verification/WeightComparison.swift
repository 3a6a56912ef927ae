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
    public let error: WeightError
    /// The largest error in a block, relative to the block's largest weight: sees a single bad byte. A block is the
    /// type's own, which shares its scales; 32 elements for types without blocks.
    public let worstBlock: Double
    /// Whether quantizing the reference, with the importance that was given, gives the candidate's bytes exactly.
    public let isReproduced: Bool
}

/// Compares the weights of two models, tensor by tensor.
public struct WeightComparison: Sendable {
    public let tensors: [TensorComparison]

    /// Reads every tensor of `configuration` from both.
    /// - Parameter importance: What the candidate's tensor of that name was quantized with, one weight per column.
    public init(
        _ configuration: ModelConfiguration, reference: ModelWeights, candidate: ModelWeights,
        importance: @Sendable (String) throws -> [Float]? = { _ in nil }, threads: Int,
        cancellation: Cancellation? = nil
    ) throws {
        let specifications = configuration.tensors
        let pairs = try specifications.map {
            try TensorPair($0, reference: reference, candidate: candidate, importance: importance)
        }
        let parts = pairs.indices.flatMap { index in pairs[index].parts.map { (tensor: index, rows: $0) } }
        let results = try Parallel.map(parts.count, threads: threads) { index in
            try cancellation?.check()
            return try pairs[parts[index].tensor].compare(parts[index].rows)
        }
        // In the order of the rows, whoever compared them.
        var differences = pairs.map { _ in TensorPair.Difference() }
        for (part, difference) in zip(parts, results) { differences[part.tensor].add(difference) }
        tensors = zip(pairs, differences).map { $0.result($1) }
    }
}

/// The same tensor of two models.
private struct TensorPair: Sendable {
    /// What was found in some rows.
    struct Difference: Sendable {
        var error = WeightError()
        var worstBlock = 0.0
        var isReproduced = true

        mutating func add(_ other: Difference) {
            error += other.error
            worstBlock = max(worstBlock, other.worstBlock)
            isReproduced = isReproduced && other.isReproduced
        }
    }

    private let key: String
    private let left, right: any TensorRows
    private let columns: Int
    private let leftDecoder, rightDecoder: RowDecoder
    private let encoder: RowEncoder

    /// Elements of a part: work for some milliseconds.
    private static let partLength = 1 << 21

    init(
        _ specification: TensorSpecification, reference: ModelWeights, candidate: ModelWeights,
        importance: (String) throws -> [Float]?
    ) throws {
        key = specification.key
        left = try reference.rows(specification, pairing: candidate.rotaryPairing)
        right = try candidate.rows(specification, pairing: candidate.rotaryPairing)
        columns = left.info.geometry.columns
        leftDecoder = try RowDecoder(type: left.info.type, columns: columns)
        rightDecoder = try RowDecoder(type: right.info.type, columns: columns)
        encoder = try RowEncoder(
            type: right.info.type, columns: columns,
            importance: right.info.type.isQuantized ? try importance(right.info.name) : nil)
    }

    /// Ranges of rows that together are all.
    var parts: [Range<Int>] {
        let rows = left.info.geometry.rows
        let size = max(1, Self.partLength / max(1, columns) / left.rowsTogether) * left.rowsTogether
        return stride(from: 0, to: rows, by: size).map { $0..<min(rows, $0 + size) }
    }

    func compare(_ rows: Range<Int>) throws -> Difference {
        var encoded = [UInt8](repeating: 0, count: encoder.rowBytes)
        var expected = [Float](repeating: 0, count: columns)
        var actual = expected
        var difference = Difference()
        let (reference, candidate) = (try left.rows(rows), try right.rows(rows))
        reference.withUnsafeBytes { reference in
            candidate.withUnsafeBytes { candidate in
                for row in 0..<rows.count {
                    expected.withUnsafeMutableBufferPointer { leftDecoder.decode(row: row, of: reference, into: $0) }
                    actual.withUnsafeMutableBufferPointer { rightDecoder.decode(row: row, of: candidate, into: $0) }
                    expected.withUnsafeBufferPointer { expected in
                        actual.withUnsafeBufferPointer { difference.error.add(reference: expected, values: $0) }
                    }
                    let worst = Self.worstBlock(expected, actual, length: max(32, right.info.type.blockLength))
                    difference.worstBlock = max(difference.worstBlock, worst)
                    guard difference.isReproduced else { continue }
                    expected.withUnsafeBufferPointer { values in
                        encoded.withUnsafeMutableBytes { _ = encoder.encode(values, into: $0) }
                    }
                    difference.isReproduced =
                        candidate[row * encoded.count..<(row + 1) * encoded.count].elementsEqual(encoded)
                }
            }
        }
        reference.giveBackPages()
        candidate.giveBackPages()
        return difference
    }

    func result(_ difference: Difference) -> TensorComparison {
        TensorComparison(
            key: key, name: right.info.name, referenceType: left.info.type, type: right.info.type,
            error: difference.error, worstBlock: difference.worstBlock, isReproduced: difference.isReproduced)
    }

    private static func worstBlock(_ expected: [Float], _ actual: [Float], length: Int) -> Double {
        var worst: Float = 0
        for start in stride(from: 0, to: expected.count, by: length) {
            var largest: Float = 0
            var error: Float = 0
            for index in start..<min(start + length, expected.count) {
                largest = max(largest, abs(expected[index]))
                let delta = abs(expected[index] - actual[index])
                error = delta.isNaN ? .infinity : max(error, delta)
            }
            if error > 0 { worst = max(worst, largest > 0 ? error / largest : .infinity) }
        }
        return Double(worst)
    }
}
