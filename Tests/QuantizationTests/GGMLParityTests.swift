import Quantization
import Tensors
import TestSupport
import Testing

/// Everything rows can be encoded to, except F32.
let recordedTypes: [ElementType] = [
    .f16, .bf16, .q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .q2_K, .q3_K, .q4_K, .q5_K, .q6_K, .iq4_NL, .iq4_XS,
]

/// Every type on everything the processor can run.
let recordedCases = recordedTypes.flatMap { type in InstructionSet.available.map { (type, $0) } }

@Suite("Blocks agree with ggml bit for bit")
struct GGMLParityTests {
    @Test("chosen rows are encoded to ggml's bytes", arguments: recordedCases)
    func encodesSelection(type: ElementType, isa: InstructionSet) throws {
        try expectEncoding(GoldenBlocks.selection(type), on: isa, rows: type.blockLength == 256 ? 22 : 30)
    }

    @Test("chosen rows are decoded to ggml's floats", arguments: recordedCases)
    func decodesSelection(type: ElementType, isa: InstructionSet) throws {
        try expectDecoding(GoldenBlocks.selection(type), on: isa, rows: 8)
    }

    @Test("all recorded rows are encoded to ggml's bytes", .enabled(if: Fixtures.hasGolden), arguments: recordedCases)
    func encodesAll(type: ElementType, isa: InstructionSet) throws {
        let golden = try #require(try GoldenBlocks.full(type))
        try expectEncoding(golden, on: isa, rows: type.blockLength == 256 ? 99 : 107)
    }

    @Test("all recorded rows are decoded to ggml's floats", .enabled(if: Fixtures.hasGolden), arguments: recordedCases)
    func decodesAll(type: ElementType, isa: InstructionSet) throws {
        let golden = try #require(try GoldenBlocks.full(type))
        try expectDecoding(golden, on: isa, rows: 99)
    }

    /// - Parameter rows: At least so many rows must have been compared per kind of weighting.
    private func expectEncoding(_ golden: GoldenBlocks, on isa: InstructionSet, rows: Int) throws {
        for what in ["q", "q_importance", "q_importance_zeros"] {
            var compared = 0
            for group in golden.groups {
                guard let expected = golden.encoded(group, what) else { continue }
                let names = try golden.rowNames(group)
                let input = golden.input(group)
                let columns = input.count / names.count
                let importance = what == "q" ? nil : golden.importance(group, String(what.dropFirst(2)))
                let encoder = try RowEncoder(type: golden.type, columns: columns, importance: importance, on: isa)
                for (row, name) in names.enumerated() {
                    let (bytes, finite) = encoder.encoded(Array(input[row * columns..<(row + 1) * columns]))
                    let flags = golden.flags(group, what, row: name)
                    compared += 1
                    // Where C leaves the result open, not trapping is all that can be asked.
                    if !flags.isDisjoint(with: ["undefined_cast", "nan_scale"]) { continue }
                    let wanted = Array(expected[row * encoder.rowBytes..<(row + 1) * encoder.rowBytes])
                    #expect(firstDifference(bytes, wanted) == nil, "\(golden.type.name) \(group).\(what) \(name)")
                    #expect(finite == !flags.contains("not_finite"), "\(golden.type.name) \(group).\(what) \(name)")
                }
            }
            #expect(compared == 0 ? what != "q" : compared >= rows)
        }
    }

    private func expectDecoding(_ golden: GoldenBlocks, on isa: InstructionSet, rows: Int) throws {
        for what in ["", "_importance"] {
            var compared = 0
            for group in golden.groups {
                guard let bytes = golden.encoded(group, "q\(what)"),
                    let expected = golden.decoded(group, "dequantized\(what)")
                else { continue }
                let names = try golden.rowNames(group)
                let columns = expected.count / names.count
                let decoder = try RowDecoder(type: golden.type, columns: columns, on: isa)
                for (row, name) in names.enumerated() {
                    let values = decoder.decoded(Array(bytes[row * decoder.rowBytes..<(row + 1) * decoder.rowBytes]))
                    let wanted = Array(expected[row * columns..<(row + 1) * columns])
                    // The sign and payload of a NaN that arithmetic makes are the processor's choice.
                    let equal = zip(values, wanted).allSatisfy {
                        $0.bitPattern == $1.bitPattern || golden.type.isQuantized && $0.isNaN && $1.isNaN
                    }
                    #expect(equal, "\(golden.type.name) \(group).dequantized\(what) \(name)")
                    compared += 1
                }
            }
            #expect(compared == 0 ? what != "" : compared >= rows)
        }
    }

    private func firstDifference(_ left: [UInt8], _ right: [UInt8]) -> Int? {
        left.count == right.count ? zip(left, right).enumerated().first { $1.0 != $1.1 }?.offset : -1
    }
}

extension RowEncoder {
    func encoded(_ row: [Float]) -> (bytes: [UInt8], finite: Bool) {
        var bytes = [UInt8](repeating: 0xA5, count: rowBytes)
        let finite = row.withUnsafeBufferPointer { x in bytes.withUnsafeMutableBytes { encode(x, into: $0) } }
        return (bytes, finite)
    }
}

extension RowDecoder {
    func decoded(_ bytes: [UInt8]) -> [Float] {
        var row = [Float](repeating: .nan, count: columns)
        bytes.withUnsafeBytes { source in row.withUnsafeMutableBufferPointer { decode(source, into: $0) } }
        return row
    }
}
