import CKernels
import Tensors

/// Lays rows of one type out in tiles, and takes tiles apart again: formats/quantized-blocks.md, "Tiles". The bytes are the
/// same on every machine.
public struct RowTiles: Sendable {
    /// Rows of a tile.
    public let rows: Int
    public let columns: Int
    public let rowBytes: Int
    private let format: UInt32

    /// Nil for the plain layout, and for types and widths that have no tiles.
    public init?(_ format: StorageFormat, columns: Int) {
        guard case .tiles(let rows) = format.layout, rows > 0, format.type.hasTiles,
            let number = format.type.kernelFormat, let rowBytes = format.rowBytes(columns: columns)
        else { return nil }
        self.rows = rows
        self.columns = columns
        self.rowBytes = rowBytes
        self.format = number
    }

    /// - Parameters:
    ///   - source: Whole tiles' worth of rows, one after the other.
    ///   - target: Receives as many bytes.
    public func pack(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) {
        let size = rows * rowBytes
        precondition(source.count == target.count && source.count % max(1, size) == 0, "RowTiles: not whole tiles")
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        for offset in stride(from: 0, to: source.count, by: size) {
            vlmc_pack_tile(format, from + offset, rowBytes, rows, columns, rows, to + offset)
        }
    }

    /// - Parameters:
    ///   - range: Rows of the matrix that `tiles` are.
    ///   - target: Receives these rows, one after the other.
    public func unpack(
        _ range: Range<Int>, of tiles: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) {
        precondition(
            range.lowerBound >= 0 && (range.upperBound + rows - 1) / rows * rows * rowBytes <= tiles.count
                && target.count == range.count * rowBytes, "RowTiles: rows outside")
        guard let from = tiles.baseAddress, let to = target.baseAddress else { return }
        var row = range.lowerBound
        while row < range.upperBound {
            let first = row / rows * rows
            let end = min(first + rows, range.upperBound)
            let (tile, place) = (from + first * rowBytes, to + (row - range.lowerBound) * rowBytes)
            if row == first {
                vlmc_unpack_tile(format, tile, rows, end - row, columns, place, rowBytes)
            } else {
                // A tile gives its first rows; what is wanted lies behind others.
                withUnsafeTemporaryAllocation(byteCount: (end - first) * rowBytes, alignment: 64) { whole in
                    guard let start = whole.baseAddress else { return }
                    vlmc_unpack_tile(format, tile, rows, end - first, columns, start, rowBytes)
                    place.copyMemory(from: start + (row - first) * rowBytes, byteCount: (end - row) * rowBytes)
                }
            }
            row = end
        }
    }
}

extension ElementType {
    /// The number by which the kernels of the fast arithmetic know the type; nil for one that they do not.
    package var kernelFormat: UInt32? {
        guard let groups = groupScales else { return ggmlType }
        guard let bits = [4, 5, 8].firstIndex(of: groups.bits),
            let length = [32, 64, 128].firstIndex(of: groups.groupLength)
        else { return nil }
        return UInt32(VLMC_GROUPS) + UInt32((groups.symmetry == .affine ? 9 : 0) + 3 * bits + length)
    }
}

extension InstructionSet {
    /// The layout that its kernels read straight through. Some share one.
    public var layout: RowLayout {
        switch self {
        case .plain: .plain
        case .avx512VNNI, .avx512AMX: .tiles(rows: 16)
        case .avx2, .avx2VNNI, .avx512: .tiles(rows: 8)
        case .neon, .neonDotProduct, .neonMatrixProduct: .tiles(rows: 4)
        }
    }
}
