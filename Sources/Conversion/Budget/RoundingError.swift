import ByteIO
import Quantization
import Tensors

/// The share of a matrix's outputs that rounding to a type loses: `Σ h_c (w - q)² / Σ h_c w²` over a sample of its rows, where
/// `h_c` is how much input column `c` matters.
public struct RoundingError: Sendable {
    /// Rows that are looked at.
    public static let sample = 64

    private let rows: [[Float]]
    private let importance: [Float]?
    private let weights: [Double]
    private let energy: Double

    /// Reads a sample of the rows, at even distances.
    /// - Parameter importance: One number per column; nil to treat all alike.
    public init(_ tensor: any TensorRows, importance: [Float]?) throws {
        let geometry = tensor.info.geometry
        let decoder = try RowDecoder(type: tensor.info.type, columns: geometry.columns)
        let together = max(1, tensor.rowsTogether)
        let groups = max(1, geometry.rows / together)
        let wanted = max(1, min(groups, Self.sample / together))
        var sampled: [[Float]] = []
        for number in 0..<wanted {
            let first = number * groups / wanted * together
            let range = first..<min(geometry.rows, first + together)
            let bytes = try tensor.rows(range)
            guard bytes.count == range.count * geometry.rowBytes else {
                throw InputError(
                    StoredRows.outside, file: tensor.origin, field: tensor.info.name,
                    problem: "gave other bytes than asked")
            }
            bytes.withUnsafeBytes { bytes in
                for position in 0..<range.count {
                    sampled.append(
                        [Float](unsafeUninitializedCapacity: geometry.columns) { values, count in
                            let all = UnsafeMutableBufferPointer(rebasing: values[..<geometry.columns])
                            decoder.decode(row: position, of: bytes, into: all)
                            count = geometry.columns
                        })
                }
            }
            bytes.giveBackPages()
        }
        rows = sampled
        self.importance = importance
        let weights = (importance ?? [Float](repeating: 1, count: geometry.columns)).map { Double($0) }
        self.weights = weights
        var energy = 0.0
        for row in sampled {
            for (value, weight) in zip(row, weights) { energy += Double(value) * Double(value) * weight }
        }
        self.energy = energy
    }

    /// 0 for a type that holds every value, up to about 1 for one that holds nothing of them.
    public func callAsFunction(_ type: ElementType) throws -> Double {
        guard energy > 0, energy.isFinite, let columns = rows.first?.count else { return 0 }
        let encoder = try RowEncoder(type: type, columns: columns, importance: type.isQuantized ? importance : nil)
        let decoder = try RowDecoder(type: type, columns: columns)
        var bytes = [UInt8](repeating: 0, count: encoder.rowBytes)
        var values = [Float](repeating: 0, count: columns)
        var sum = 0.0
        for row in rows {
            row.withUnsafeBufferPointer { row in
                bytes.withUnsafeMutableBytes { encoder.encodeUnchecked(row, into: $0) }
            }
            bytes.withUnsafeBytes { bytes in
                values.withUnsafeMutableBufferPointer { decoder.decode(bytes, into: $0) }
            }
            for column in 0..<columns {
                let error = Double(values[column] - row[column])
                sum += error * error * weights[column]
            }
        }
        return sum / energy
    }
}
