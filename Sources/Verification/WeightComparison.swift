import ByteIO
import Dispatch
import MobileVLM
import Models
import Quantization
import Synchronization
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
        let parts = specifications.indices.flatMap { index in
            TensorPair.parts(specifications[index]).map { (tensor: index, rows: $0) }
        }
        let results = Mutex([TensorPair.Difference?](repeating: nil, count: parts.count))
        let failure = Mutex<(any Error)?>(nil)
        let next = Atomic(0)
        @Sendable func pair(_ index: Int) throws -> TensorPair {
            try TensorPair(
                specifications[index], reference: reference, candidate: candidate, importance: importance)
        }
        DispatchQueue.concurrentPerform(iterations: max(1, threads)) { _ in
            // A thread keeps the tensor that it was at: its next rows are likely to be of the same.
            var open: (tensor: Int, pair: TensorPair)?
            while cancellation?.isCancelled != true, failure.withLock({ $0 == nil }) {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < parts.count else { return }
                let part = parts[index]
                do {
                    let current = try open.flatMap { $0.tensor == part.tensor ? $0.pair : nil } ?? pair(part.tensor)
                    open = (part.tensor, current)
                    let difference = current.compare(part.rows)
                    results.withLock { $0[index] = difference }
                } catch {
                    failure.withLock { $0 = $0 ?? error }
                }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
        try cancellation?.check()
        // In the order of the rows, whoever compared them.
        var differences = specifications.map { _ in TensorPair.Difference() }
        for (part, difference) in zip(parts, results.withLock { $0 }) {
            if let difference { differences[part.tensor].add(difference) }
        }
        tensors = try specifications.indices.map { try pair($0).result(differences[$0]) }
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
    private let left, right: StoredTensor
    private let columns: Int
    private let order: RotaryRows
    private let referenceRows, candidateRows: RowReader
    private let encoder: RowEncoder

    /// Elements of a part: work for some milliseconds.
    private static let partLength = 1 << 21

    /// Ranges of rows that together are all.
    static func parts(_ specification: TensorSpecification) -> [Range<Int>] {
        let columns = max(1, specification.ggufShape.columns)
        let rows = (specification.shape.elementCount ?? 0) / columns
        let size = max(1, partLength / columns)
        return stride(from: 0, to: rows, by: size).map { $0..<min(rows, $0 + size) }
    }

    init(
        _ specification: TensorSpecification, reference: ModelWeights, candidate: ModelWeights,
        importance: (String) throws -> [Float]?
    ) throws {
        key = specification.key
        left = try reference.tensor(specification.key, shape: specification.shape)
        right = try candidate.tensor(specification.key, shape: specification.shape)
        columns = max(1, specification.ggufShape.columns)
        let rows = left.info.elementCount / columns
        order = RotaryRows(
            specification.kind, rows: rows, target: candidate.rotaryPairing, source: reference.rotaryPairing)
        referenceRows = try RowReader(left, columns: columns, rows: rows)
        candidateRows = try RowReader(right, columns: columns, rows: rows)
        encoder = try RowEncoder(
            type: right.info.type, columns: columns,
            importance: right.info.type.isQuantized ? try importance(right.info.name) : nil)
    }

    func compare(_ rows: Range<Int>) -> Difference {
        var encoded = [UInt8](repeating: 0, count: candidateRows.rowBytes)
        var expected = [Float](repeating: 0, count: columns)
        var actual = expected
        var difference = Difference()
        for row in rows {
            referenceRows.read(order.source(of: row), into: &expected)
            candidateRows.read(row, into: &actual)
            expected.withUnsafeBufferPointer { reference in
                actual.withUnsafeBufferPointer { difference.error.add(reference: reference, values: $0) }
            }
            let worst = Self.worstBlock(expected, actual, length: max(32, right.info.type.blockLength))
            difference.worstBlock = max(difference.worstBlock, worst)
            guard difference.isReproduced else { continue }
            expected.withUnsafeBufferPointer { values in
                encoded.withUnsafeMutableBytes { _ = encoder.encode(values, into: $0) }
            }
            difference.isReproduced = candidateRows.equals(row, encoded)
        }
        referenceRows.giveBack(rows)
        candidateRows.giveBack(rows)
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

/// Decodes single rows of a stored tensor.
private struct RowReader: Sendable {
    let rowBytes: Int
    private let bytes: Bytes
    private let decoder: RowDecoder

    init(_ tensor: StoredTensor, columns: Int, rows: Int) throws {
        bytes = tensor.bytes
        rowBytes = rows == 0 ? 0 : tensor.bytes.count / rows
        decoder = try RowDecoder(type: tensor.info.type, columns: columns)
    }

    func read(_ row: Int, into values: inout [Float]) {
        bytes.withUnsafeBytes { bytes in
            let stored = UnsafeRawBufferPointer(rebasing: bytes[row * rowBytes..<(row + 1) * rowBytes])
            values.withUnsafeMutableBufferPointer { decoder.decode(stored, into: $0) }
        }
    }

    /// Tells the system that these rows are not needed for now.
    func giveBack(_ rows: Range<Int>) {
        bytes.slice(rows.lowerBound * rowBytes..<rows.upperBound * rowBytes)?.giveBackPages()
    }

    func equals(_ row: Int, _ other: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { $0[row * rowBytes..<(row + 1) * rowBytes].elementsEqual(other) }
    }
}
