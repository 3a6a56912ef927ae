import ByteIO
import Tensors

/// The rows of a query or key matrix in the order of another rotary pairing; of any other tensor, as they are.
public struct ReorderedRows: TensorRows {
    private let base: any TensorRows
    private let order: RotaryRows

    /// - Parameters:
    ///   - source: The pairing in which `base` lists its rows.
    ///   - target: The pairing in which they are wanted.
    public init(_ base: any TensorRows, _ kind: TensorKind, from source: RotaryPairing, to target: RotaryPairing) {
        self.base = base
        order = RotaryRows(kind, rows: base.info.geometry.rows, target: target, source: source)
    }

    public var info: TensorInfo { base.info }
    public var origin: String { base.origin }
    /// Whole heads: rows change their places within one.
    public var rowsTogether: Int { order.groupSize }
    public func origin(ofRow row: Int) -> Int { base.origin(ofRow: order.source(of: row)) }

    public func rows(_ range: Range<Int>) throws -> Bytes {
        let group = order.groupSize
        guard group > 1, !range.isEmpty else { return try base.rows(range) }
        let heads = range.lowerBound / group * group..<(range.upperBound + group - 1) / group * group
        let stored = try base.rows(heads)
        let size = info.geometry.rowBytes
        let reordered = Bytes(count: range.count * size) { target in
            stored.withUnsafeBytes { source in
                for (position, row) in range.enumerated() {
                    let from = (order.source(of: row) - heads.lowerBound) * size
                    UnsafeMutableRawBufferPointer(rebasing: target[position * size..<(position + 1) * size])
                        .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[from..<from + size]))
                }
            }
        }
        stored.giveBackPages()
        return reordered
    }
}
