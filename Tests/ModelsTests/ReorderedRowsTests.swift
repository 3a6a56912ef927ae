import ByteIO
import Models
import Tensors
import Testing

struct ReorderedRowsTests {
    /// Rows of two bytes, of which the first is the row's number.
    private func column(_ count: Int) throws -> any TensorRows {
        struct Pairs: TensorRows {
            let info: TensorInfo
            var origin: String { "numbers" }
            func rows(_ range: Range<Int>) throws -> Bytes { Bytes(range.flatMap { [UInt8($0), 0xFF] }) }
        }
        return Pairs(info: try #require(TensorInfo(name: "q", type: .i8, shape: [count, 2])))
    }

    private func order(_ bytes: Bytes) -> [Int] {
        bytes.withUnsafeBytes { bytes in stride(from: 0, to: bytes.count, by: 2).map { Int(bytes[$0]) } }
    }

    @Test("rows of each head change places as GGUF wants them, whatever part of the matrix is asked for")
    func parts() throws {
        let base = try column(24)
        let rows = ReorderedRows(base, .rotaryMatrix(heads: 3), from: .halves, to: .neighbours)
        // Head h of 8 rows: 8h, 8h + 4, 8h + 1, 8h + 5, …
        var expected: [Int] = []
        for head in [0, 8, 16] {
            for row in head..<head + 4 { expected += [row, row + 4] }
        }
        #expect(order(try rows.bytes()) == expected)
        for start in 0..<24 {
            for end in start...24 {
                #expect(order(try rows.rows(start..<end)) == Array(expected[start..<end]), "\(start)..<\(end)")
            }
        }
        #expect((0..<24).map(rows.origin(ofRow:)) == expected)
        #expect(rows.rowsTogether == 8)
    }

    @Test("reordering there and back gives the rows as they were")
    func inverse() throws {
        let there = ReorderedRows(try column(32), .rotaryMatrix(heads: 2), from: .halves, to: .neighbours)
        let back = ReorderedRows(there, .rotaryMatrix(heads: 2), from: .neighbours, to: .halves)
        #expect(order(try back.bytes()) == Array(0..<32))
        #expect((0..<32).map(back.origin(ofRow:)) == Array(0..<32))
    }

    @Test("other tensors, and equal pairings, keep their order")
    func same() throws {
        for (kind, target) in [(TensorKind.matrix, RotaryPairing.neighbours), (.rotaryMatrix(heads: 2), .halves)] {
            let rows = ReorderedRows(try column(8), kind, from: .halves, to: target)
            #expect(order(try rows.rows(2..<7)) == Array(2..<7))
            #expect(rows.rowsTogether == 1)
        }
    }
}
