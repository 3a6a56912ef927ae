import Calibration
import Execution
import Testing

/// How much the rows of a layer's input count.
struct RowWeightTests {
    private func matrix(_ rows: [Float], columns: Int = 8) -> Matrix {
        Matrix(rows: rows.count, columns: columns, elements: rows.flatMap { Array(repeating: $0, count: columns) })
    }

    @Test func `rows count alike where nothing is added`() {
        let (weights, share) = Streams(isPicture: [[false, false], [false]]).weights(of: [matrix([1, 5]), matrix([3])])
        #expect(weights == [[1, 1], [1]])
        #expect(share == 0)
    }

    @Test func `a row counts by one over the square of what its outputs are added to`() {
        let (weights, _) = Streams(isPicture: [[false, false, false]])
            .weights(of: [matrix([1, 1, 7])], addedTo: [matrix([1, -2, 100], columns: 3)])
        #expect(weights == [[1, 0.25, 1e-4]])
    }

    @Test func `a row that is added to nothing, or to what is no number, does not count`() {
        let (weights, _) = Streams(isPicture: [[false, false, false]])
            .weights(of: [matrix([1, 1, 1])], addedTo: [matrix([0, .infinity, 2])])
        #expect(weights == [[0, 0, 0.25]])
    }

    @Test func `pictures and text have half each of the squares as they count`() {
        let input = [matrix([1, 2, 2]), matrix([4])]
        let (weights, share) = Streams(isPicture: [[false, true, true], [false]])
            .weights(of: input, addedTo: [matrix([1, 2, 4]), matrix([2])])
        // Text: 1 / 1 + 16 / 4 = 5; pictures: 4 / 4 + 4 / 16 = 1.25.
        #expect(abs(share - 0.2) < 1e-12)
        #expect(weights[0][0] == 1 && weights[1][0] == 0.25)
        #expect(abs(weights[0][1] - 1) < 1e-6 && abs(weights[0][2] - 0.25) < 1e-6)
    }
}
