import ByteIO
import Foundation
import Tensors
import TestSupport
import Testing

@Suite struct ElementTypeTests {
    /// ggml.h's type ids, and block length and bytes from its type traits and the structs of ggml-common.h.
    static let ggml: [(name: String, id: UInt32, length: Int, bytes: Int)] = [
        ("F32", 0, 1, 4), ("F16", 1, 1, 2), ("Q4_0", 2, 32, 2 + 16), ("Q4_1", 3, 32, 4 + 16),
        ("Q5_0", 6, 32, 2 + 4 + 16), ("Q5_1", 7, 32, 4 + 4 + 16), ("Q8_0", 8, 32, 2 + 32),
        ("Q2_K", 10, 256, 16 + 64 + 4), ("Q3_K", 11, 256, 32 + 64 + 12 + 2), ("Q4_K", 12, 256, 4 + 12 + 128),
        ("Q5_K", 13, 256, 4 + 12 + 32 + 128), ("Q6_K", 14, 256, 128 + 64 + 16 + 2), ("IQ4_NL", 20, 32, 2 + 16),
        ("IQ4_XS", 23, 256, 2 + 2 + 4 + 128), ("I8", 24, 1, 1), ("I16", 25, 1, 2), ("I32", 26, 1, 4),
        ("I64", 27, 1, 8), ("F64", 28, 1, 8), ("BF16", 30, 1, 2),
    ]

    @Test("block lengths, sizes and ids are ggml's", arguments: ggml)
    func table(name: String, id: UInt32, length: Int, bytes: Int) throws {
        let type = try #require(ElementType(ggmlType: id))
        #expect(type.name == name)
        #expect(type.blockLength == length)
        #expect(type.blockBytes == bytes)
        #expect(type.ggmlType == id)
        #expect(type.isQuantized == (length > 1))
        #expect(type.bitsPerWeight == Double(bytes * 8) / Double(length))
    }

    @Test("ids and names that ggml or safetensors do not have give nothing")
    func unknown() {
        #expect(ElementType.allCases.compactMap(\.ggmlType).count == Self.ggml.count)
        for id: UInt32 in [4, 5, 9, 15, 29, 31, 33, 36, 38, 99, .max] { #expect(ElementType(ggmlType: id) == nil) }
        for name in ["f32", "", "Q4_0", "F8_E8M0", "C64", "F4"] { #expect(ElementType(safetensorsName: name) == nil) }
        let plain = [
            "F32", "F16", "BF16", "F64", "F8_E4M3", "F8_E5M2", "I8", "I16", "I32", "I64", "U8", "U16", "U32", "U64",
            "BOOL",
        ]
        #expect(ElementType.allCases.compactMap(\.safetensorsName) == plain)
        for name in plain { #expect(ElementType(safetensorsName: name)?.safetensorsName == name) }
        #expect(ElementType.allCases.filter { !$0.isReal } == [.i8, .i16, .i32, .i64, .u8, .u16, .u32, .u64, .bool])
    }

    @Test("sizes agree with ggml's own blocks", .enabled(if: Fixtures.hasGolden))
    func golden() throws {
        struct Entry: Decodable {
            let ggml_type: UInt32
            let block_length: Int
            let block_bytes: Int
        }
        struct Manifest: Decodable { let types: [String: Entry] }
        let path = try #require(Fixtures.golden("ggml-blocks/manifest.json"))
        let manifest = try JSONDecoder().decode(Manifest.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
        for (name, entry) in manifest.types {
            guard let type = ElementType(rawValue: name) else { continue }
            #expect(type.ggmlType == entry.ggml_type)
            #expect(type.blockLength == entry.block_length)
            #expect(type.blockBytes == entry.block_bytes)
        }
    }

    @Test("a row is whole blocks of a size that can be computed, or nothing")
    func rows() {
        #expect(ElementType.q4_K.rowBytes(columns: 512) == 288)
        #expect(ElementType.q4_K.rowBytes(columns: 0) == 0)
        #expect(ElementType.q4_K.rowBytes(columns: 300) == nil)
        #expect(ElementType.q4_0.rowBytes(columns: 96) == 54)
        #expect(ElementType.f32.rowBytes(columns: -1) == nil)
        #expect(ElementType.f32.rowBytes(columns: .max) == nil)
        #expect(ElementType.q8_0.rowBytes(columns: .max - 31) == nil)
    }
}

@Suite struct TensorInfoTests {
    @Test("a shape has a count unless a dimension is negative or the product is too large")
    func count() {
        #expect(Shape([]).elementCount == 1)
        #expect(Shape([2, 3, 4]).elementCount == 24)
        #expect(Shape([0, 5]).elementCount == 0)
        #expect(Shape([-1]).elementCount == nil)
        #expect(Shape([-2, -2]).elementCount == nil)
        #expect(Shape([0, -1]).elementCount == nil)
        #expect(Shape([1 << 32, 1 << 32]).elementCount == nil)
        #expect(Shape([1 << 31, 1 << 31]).elementCount == 1 << 62)
        #expect(Shape([.max]).elementCount == .max)
        #expect(Shape([1, 3, 1]).squeezed == [3])
        #expect(Shape([2, 3]).columns == 3)
        #expect(Shape([]).columns == 1)
        #expect("\(Shape([2, 3]))" == "[2, 3]")
    }

    @Test("only tensors whose bytes can be counted exist")
    func sizes() throws {
        let matrix = try #require(TensorInfo(name: "w", type: .q4_0, shape: [3, 64]))
        #expect(matrix.elementCount == 192)
        #expect(matrix.byteCount == 108)
        #expect((matrix.rows, matrix.columns, matrix.rowBytes) == (3, 64, 36))
        let scalar = try #require(TensorInfo(name: "s", type: .f16, shape: []))
        #expect((scalar.elementCount, scalar.byteCount, scalar.rows, scalar.rowBytes) == (1, 2, 1, 2))
        let cube = try #require(TensorInfo(name: "c", type: .f32, shape: [2, 3, 5]))
        #expect((cube.rows, cube.columns, cube.byteCount, cube.rowBytes) == (6, 5, 120, 20))
        for shape: Shape in [[0], [0, 64], [64, 0]] {
            let empty = try #require(TensorInfo(name: "e", type: .f32, shape: shape))
            #expect((empty.elementCount, empty.byteCount, empty.rows, empty.rowBytes) == (0, 0, 0, 0))
        }
        #expect(TensorInfo(name: "x", type: .q4_0, shape: [64, 3]) == nil)
        #expect(TensorInfo(name: "x", type: .q4_K, shape: []) == nil)
        #expect(TensorInfo(name: "x", type: .f64, shape: [1 << 62]) == nil)
        #expect(TensorInfo(name: "x", type: .f32, shape: [1 << 31, 1 << 31]) == nil)
        #expect(TensorInfo(name: "x", type: .f32, shape: [-1, 4]) == nil)
    }
}

@Suite struct MetadataTests {
    @Test("entries keep their order through setting, replacing and removing")
    func order() {
        var metadata = Metadata()
        for (index, key) in ["c", "a", "b", "d"].enumerated() { metadata[key] = .int32(Int32(index)) }
        metadata["a"] = .string("new")
        #expect(metadata.entries.map(\.key) == ["c", "a", "b", "d"])
        metadata["c"] = nil
        metadata["none"] = nil
        #expect(metadata.entries.map(\.key) == ["a", "b", "d"])
        #expect(metadata["a"]?.text == "new")
        #expect(metadata["b"]?.integer == 2)
        #expect(metadata["d"]?.integer == 3)
        #expect(metadata["c"] == nil)
        metadata["c"] = .bool(true)
        #expect(metadata.entries.map(\.key) == ["a", "b", "d", "c"])
        #expect(metadata["c"]?.flag == true)
    }

    @Test("equal means the same entries in the same order")
    func equality() {
        var (left, right) = (Metadata(), Metadata())
        left["a"] = .uint8(1)
        left["b"] = .uint8(2)
        right["b"] = .uint8(2)
        right["a"] = .uint8(1)
        #expect(left != right)
        right["b"] = nil
        right["b"] = .uint8(2)
        #expect(left == right)
        right["b"] = .int8(2)
        #expect(left != right)
    }

    @Test("whole numbers of every width read as one, if they fit")
    func integers() {
        let ones: [MetadataValue] = [
            .uint8(1), .int8(1), .uint16(1), .int16(1), .uint32(1), .int32(1), .uint64(1), .int64(1),
        ]
        for value in ones { #expect(value.integer == 1) }
        #expect(MetadataValue.uint64(.max).integer == nil)
        for value: MetadataValue in [.float32(1), .float64(1), .bool(true), .string("1"), .int8s([1])] {
            #expect(value.integer == nil)
        }
        let lists: [MetadataValue] = [
            .uint8s([1, 2]), .int8s([1, 2]), .uint16s([1, 2]), .int16s([1, 2]), .uint32s([1, 2]), .int32s([1, 2]),
            .uint64s([1, 2]), .int64s([1, 2]),
        ]
        for value in lists { #expect(value.integers == [1, 2], "\(value)") }
        #expect(MetadataValue.uint64s([1, .max]).integers == nil)
        #expect(MetadataValue.float32s([1]).integers == nil)
        #expect(MetadataValue.float32(0.5).real == 0.5)
        #expect(MetadataValue.float64(0.5).real == 0.5)
        #expect(MetadataValue.int8(1).real == nil)
        #expect(MetadataValue.strings(["a"]).texts == ["a"])
        #expect(MetadataValue.float32s([1]).floats == [1])
    }
}
