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
        importance: @Sendable (String) throws -> [Float]? = { _ in nil }, threads: Int
    ) throws {
        let specifications = configuration.tensors
        let results = Mutex([TensorComparison?](repeating: nil, count: specifications.count))
        let failure = Mutex<(any Error)?>(nil)
        let next = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: max(1, threads)) { _ in
            while failure.withLock({ $0 == nil }) {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < specifications.count else { return }
                do {
                    let result = try Self.compare(
                        specifications[index], reference: reference, candidate: candidate, importance: importance)
                    results.withLock { $0[index] = result }
                } catch {
                    failure.withLock { $0 = $0 ?? error }
                }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
        tensors = results.withLock { $0.compactMap { $0 } }
    }

    private static func compare(
        _ specification: TensorSpecification, reference: ModelWeights, candidate: ModelWeights,
        importance: (String) throws -> [Float]?
    ) throws -> TensorComparison {
        let left = try reference.tensor(specification.key, shape: specification.shape)
        let right = try candidate.tensor(specification.key, shape: specification.shape)
        let columns = max(1, specification.ggufShape.columns)
        let rows = left.info.elementCount / columns
        let order = RotaryRows(
            specification.kind, rows: rows, target: candidate.rotaryPairing, source: reference.rotaryPairing)
        let referenceRows = try RowReader(left, columns: columns, rows: rows)
        let candidateRows = try RowReader(right, columns: columns, rows: rows)
        let encoder = try RowEncoder(
            type: right.info.type, columns: columns,
            importance: right.info.type.isQuantized ? try importance(right.info.name) : nil)
        var encoded = [UInt8](repeating: 0, count: candidateRows.rowBytes)
        var expected = [Float](repeating: 0, count: columns)
        var actual = expected
        var error = WeightError()
        var worst = 0.0
        var isReproduced = true
        for row in 0..<rows {
            referenceRows.read(order.source(of: row), into: &expected)
            candidateRows.read(row, into: &actual)
            expected.withUnsafeBufferPointer { reference in
                actual.withUnsafeBufferPointer { error.add(reference: reference, values: $0) }
            }
            worst = max(worst, worstBlock(expected, actual, length: max(32, right.info.type.blockLength)))
            guard isReproduced else { continue }
            expected.withUnsafeBufferPointer { values in
                encoded.withUnsafeMutableBytes { _ = encoder.encode(values, into: $0) }
            }
            isReproduced = candidateRows.equals(row, encoded)
        }
        left.bytes.giveBackPages()
        right.bytes.giveBackPages()
        return TensorComparison(
            key: specification.key, name: right.info.name, referenceType: left.info.type, type: right.info.type,
            error: error, worstBlock: worst, isReproduced: isReproduced)
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
private struct RowReader {
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

    func equals(_ row: Int, _ other: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { $0[row * rowBytes..<(row + 1) * rowBytes].elementsEqual(other) }
    }
}
