import Models
import ModelSupport
import Testing

/// GGUF's order of query and key rows. Within a head of D rows, with i in 0..<D/2 and s in {0, 1}:
/// new row (h*D + 2i + s) = old row (h*D + s*D/2 + i).
struct RotaryRowsTests {
    private func rows(
        heads: Int, _ count: Int, target: RotaryPairing = .neighbours, source: RotaryPairing = .halves
    ) -> [Int] {
        let order = RotaryRows(.rotaryMatrix(heads: heads), rows: count, target: target, source: source)
        return (0..<count).map(order.source(of:))
    }

    @Test("one and two heads of 2, 4 and 6 rows, worked out by hand")
    func byHand() {
        #expect(rows(heads: 1, 2) == [0, 1])
        #expect(rows(heads: 1, 4) == [0, 2, 1, 3])
        #expect(rows(heads: 2, 8) == [0, 2, 1, 3, 4, 6, 5, 7])
        #expect(rows(heads: 1, 6) == [0, 3, 1, 4, 2, 5])
        #expect(rows(heads: 2, 12) == [0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11])
    }

    @Test("the formula holds at the sizes of the releases", arguments: [(16, 128), (32, 80), (32, 128)])
    func formula(heads: Int, size: Int) {
        let found = rows(heads: heads, heads * size)
        for h in 0..<heads {
            for i in 0..<size / 2 {
                for s in 0...1 { #expect(found[h * size + 2 * i + s] == h * size + s * size / 2 + i) }
            }
        }
    }

    @Test("the way back undoes it")
    func inverse() {
        let there = rows(heads: 4, 40)
        let back = rows(heads: 4, 40, target: .halves, source: .neighbours)
        #expect(there.map { back[$0] } == Array(0..<40))
        #expect(rows(heads: 1, 6, target: .halves, source: .neighbours) == [0, 2, 4, 1, 3, 5])
    }

    @Test("other matrices and equal pairings keep their rows")
    func unchanged() {
        #expect(rows(heads: 2, 8, target: .halves, source: .halves) == Array(0..<8))
        #expect(rows(heads: 2, 8, target: .neighbours, source: .neighbours) == Array(0..<8))
        for kind in [TensorKind.matrix, .vector, .tokenEmbedding, .outputHead, .depthwiseKernel] {
            let order = RotaryRows(kind, rows: 8, target: .neighbours, source: .halves)
            #expect((0..<8).map(order.source(of:)) == Array(0..<8))
        }
    }
}
