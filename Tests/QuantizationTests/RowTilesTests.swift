import CKernels
import Quantization
import Tensors
import Testing

@Suite("Tiles")
struct RowTilesTests {
    /// Sections of a block of `size` bytes: offset, length, unit. Written from formats/quantized-blocks.md.
    private func sections(_ type: ElementType, columns: Int) -> (size: Int, [(Int, Int, Int)])? {
        if let groups = type.groupScales, groups.bits != 5, let row = groups.sections(columns: columns) {
            let size = row.minima.upperBound
            return (size, [(0, row.codes.upperBound, 4), (row.scales.lowerBound, size - row.scales.lowerBound, 2)])
        }
        return switch type {
        case .q4_0, .iq4_NL: (18, [(0, 2, 2), (2, 16, 4)])
        case .q8_0: (34, [(0, 2, 2), (2, 32, 4)])
        case .q4_K: (144, [(0, 4, 2), (4, 12, 1), (16, 128, 4)])
        case .q6_K: (210, [(0, 192, 4), (192, 16, 1), (208, 2, 2)])
        default: nil
        }
    }

    @Test("every byte lies where the document says, and any rows come back", arguments: ElementType.allCases)
    func places(type: ElementType) throws {
        #expect(type.hasTiles == type.kernelFormat.map { vlmc_has_tiles($0) } ?? false)
        let columns = 512
        guard let (size, parts) = sections(type, columns: columns) else {
            #expect(RowTiles(StorageFormat(type, layout: .tiles(rows: 8)), columns: columns) == nil)
            return
        }
        for rows in [4, 8, 16] {
            let tiles = try #require(RowTiles(StorageFormat(type, layout: .tiles(rows: rows)), columns: columns))
            var random = Generator(seed: 5)
            let plain = (0..<3 * rows * tiles.rowBytes).map { _ in UInt8(truncatingIfNeeded: random.bits()) }
            var packed = [UInt8](repeating: 0, count: plain.count)
            packed.withUnsafeMutableBytes { target in plain.withUnsafeBytes { tiles.pack($0, into: target) } }
            var expected = packed.map { _ in UInt8(0) }
            for tile in 0..<3 {
                for block in 0..<tiles.rowBytes / size {
                    for (offset, length, unit) in parts {
                        for i in 0..<rows {
                            for at in 0..<length {
                                let place =
                                    (block * size + offset) * rows + at / unit * unit * rows + i * unit + at % unit
                                expected[tile * rows * tiles.rowBytes + place] =
                                    plain[(tile * rows + i) * tiles.rowBytes + block * size + offset + at]
                            }
                        }
                    }
                }
            }
            #expect(packed == expected)
            for range in [0..<3 * rows, 0..<1, 1..<2, rows - 1..<rows + 1, 2..<3 * rows - 1, rows..<2 * rows] {
                var back = [UInt8](repeating: 0, count: range.count * tiles.rowBytes)
                back.withUnsafeMutableBytes { target in
                    packed.withUnsafeBytes { tiles.unpack(range, of: $0, into: target) }
                }
                #expect(back == Array(plain[range.lowerBound * tiles.rowBytes..<range.upperBound * tiles.rowBytes]))
            }
        }
    }
}
