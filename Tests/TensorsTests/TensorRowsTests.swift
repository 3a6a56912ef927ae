import ByteIO
import Synchronization
import Tensors
import Testing

/// Sources over sources: rows of one tensor that are put together when they are asked for.
struct TensorRowsTests {
    /// A source of one F32 tensor whose element `i` is `i`; notes the rows that it was asked for.
    private final class Counting: TensorSource {
        let tensors: [TensorInfo]
        let files = ["numbers"]
        let asked = Mutex<[Range<Int>]>([])

        init(_ shape: Shape) throws {
            tensors = [try #require(TensorInfo(name: "t", type: .f32, shape: shape))]
        }

        func info(_ name: String) -> TensorInfo? { tensors.first { $0.name == name } }

        func bytes(of name: String) throws -> Bytes { try rows(0..<tensors[0].rows, of: name) }

        func rows(_ range: Range<Int>, of name: String) throws -> Bytes {
            asked.withLock { $0.append(range) }
            let columns = tensors[0].columns
            let values = (range.lowerBound * columns..<range.upperBound * columns).map(Float.init)
            return values.withUnsafeBytes { source in Bytes(count: source.count) { $0.copyMemory(from: source) } }
        }
    }

    /// Twice the rows of another source, as an adapter merged into a base would be made: a few rows at a time.
    private struct Doubled: TensorRows {
        let base: any TensorRows
        var info: TensorInfo { base.info }
        var origin: String { base.origin }

        func rows(_ range: Range<Int>) throws -> Bytes {
            let values = floats(try base.rows(range)).map { 2 * $0 }
            return values.withUnsafeBytes { source in Bytes(count: source.count) { $0.copyMemory(from: source) } }
        }
    }

    @Test("the rows of a tensor are those of its bytes, whatever dimensions of size 1 the two shapes have")
    func stored() throws {
        for (own, seen) in [
            ([6, 4], [6, 4]), ([6, 4, 1, 1], [6, 4]), ([6, 4, 1, 1], [6, 4, 1, 1]), ([6, 1, 4], [6, 4]),
        ]
            as [(Shape, Shape)]
        {
            let info = try #require(TensorInfo(name: "t", type: .f32, shape: seen))
            let rows = StoredRows(try Counting(own), info, origin: "here")
            #expect(rows.info.geometry == RowGeometry(rows: 6, columns: 4, rowBytes: 16))
            #expect(floats(try rows.rows(2..<4)) == (8..<16).map(Float.init))
            #expect(floats(try rows.bytes()) == (0..<24).map(Float.init))
            for range in [-1..<2, 5..<7, 0..<Int.max] {
                let error = #expect(throws: InputError.self) { try rows.rows(range) }
                #expect(error?.rule == StoredRows.outside)
            }
        }
    }

    @Test("a source over a source asks it for no more rows than it is asked for")
    func bounded() throws {
        // The rows of a large embedding: all of it would be 512 MiB.
        let source = try Counting([32000, 4096])
        let base = try #require(source.rows(of: "t"))
        let merged = ComposedTensors([Doubled(base: Doubled(base: base))], files: source.files)
        let part = try merged.rows(31_990..<31_992, of: "t")
        #expect(part.count == 2 * 4096 * 4)
        // As a float holds it: the number has more digits than fit.
        #expect(floats(part).first == Float(4 * 31_990 * 4096))
        #expect(source.asked.withLock { $0 } == [31_990..<31_992])
        #expect(merged.info("t")?.shape == [32000, 4096])
        #expect(merged.files == ["numbers"])
    }

    @Test("a composed source reads like any other: by rows, whole, and in rows of its own last dimension")
    func composed() throws {
        let source = try Counting([3, 5, 1])
        let base = try #require(source.rows(of: "t"))
        let composed = ComposedTensors([Doubled(base: base)], files: [])
        #expect(floats(try composed.bytes(of: "t")) == (0..<15).map { Float(2 * $0) })
        #expect(floats(try composed.rows(7..<12, of: "t")) == (7..<12).map { Float(2 * $0) })
        #expect(floats(try #require(composed.rows(of: "t")).rows(1..<3)) == (5..<15).map { Float(2 * $0) })
        #expect(composed.tensors.map(\.name) == ["t"])
        #expect(throws: InputError.self) { try composed.bytes(of: "other") }
    }

    @Test("of two entries with one name the first counts")
    func shadowing() throws {
        let base = try #require(try Counting([2, 2]).rows(of: "t"))
        let composed = ComposedTensors([Doubled(base: base), base], files: [])
        #expect(floats(try composed.bytes(of: "t")) == [0, 2, 4, 6])
        #expect(composed.tensors.count == 1)
    }

    @Test("a source that only has whole tensors gives rows as views of them, and refuses rows that are not there")
    func defaults() throws {
        struct Whole: TensorSource {
            var tensors: [TensorInfo] { [TensorInfo(name: "t", type: .q8_0, shape: [3, 64])].compactMap(\.self) }
            var files: [String] { ["whole"] }
            func info(_ name: String) -> TensorInfo? { tensors.first { $0.name == name } }
            func bytes(of name: String) throws -> Bytes { Bytes((0..<3 * 68).map { UInt8($0) }) }
        }
        #expect(try Whole().rows(1..<2, of: "t").withUnsafeBytes { Array($0) } == (68..<136).map { UInt8($0) })
        for range in [2..<4, -1..<1, 0..<Int.max] {
            #expect(throws: InputError.self) { try Whole().rows(range, of: "t") }
        }
    }

    @Test("a stored form has the size of its type in any layout, and interleaving needs whole groups of rows")
    func layouts() throws {
        let layout = RowLayout.tiles(rows: 8)
        let format = StorageFormat(.q4_0, layout: layout)
        #expect(format.rowBytes(columns: 64) == 36)
        #expect(format.bitsPerWeight == 4.5)
        #expect(format.fits(rows: 16, columns: 64) && !format.fits(rows: 12, columns: 64))
        #expect(!format.fits(rows: 16, columns: 48))
        #expect("\(format)" == "Q4_0 tiles8" && "\(StorageFormat(.s4g64))" == "s4g64")
        let info = try #require(TensorInfo(name: "t", type: .q4_0, shape: [16, 64], layout: layout))
        #expect(info.format == format && info.byteCount == 16 * 36)
        #expect(TensorInfo(name: "t", type: .q4_0, shape: [12, 64], layout: layout) == nil)
        #expect(TensorInfo(name: "t", type: .q5_0, shape: [16, 64], layout: layout) == nil)
        #expect(RowLayout.all.allSatisfy { RowLayout(name: $0.description) == $0 })
        #expect(RowLayout(name: "tiles32") == nil && RowLayout(name: "tiles08") == nil)
    }

    @Test("every format of group scales is a type of its own, with the format's geometry")
    func groupTypes() throws {
        let types = ElementType.allCases.filter { $0.groupScales != nil }
        #expect(types.map(\.name) == GroupScaleFormat.allCases.map(\.description))
        for type in types {
            let format = try #require(type.groupScales)
            #expect(type.isQuantized && type.isReal && type.ggmlType == nil && type.safetensorsName == nil)
            for columns in [0, 128, 384, 100] {
                #expect(type.rowBytes(columns: columns) == format.rowBytes(columns: columns))
            }
            #expect(type.bitsPerWeight == format.bitsPerWeight)
        }
    }
}

private func floats(_ bytes: Bytes) -> [Float] {
    bytes.withUnsafeBytes { bytes in
        (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
    }
}
