/// `Σ w x xᵀ` over the rows that a linear layer was given: all that rounding needs to know of its input.
///
/// Sums run in 32-bit floats over the rows of one call and then over calls, in their order.
package final class SecondMoments: @unchecked Sendable {
    package let columns: Int
    /// Rows seen.
    package private(set) var rows = 0
    package let sum: FloatMemory
    private let threads: Threads

    /// Columns that one job sums; fixed, so that results do not depend on the number of threads.
    private static let piece = 256

    package init(columns: Int, threads: Int) {
        self.columns = columns
        self.threads = Threads(count: threads)
        sum = FloatMemory(count: columns * columns)
    }

    /// Takes rows into account.
    /// - Parameters:
    ///   - x: `[rows, columns]`.
    ///   - weights: One per row, not negative.
    package func add(_ x: [Float], weights: [Float]) {
        let count = weights.count
        precondition(x.count == count * columns)
        guard count > 0 else { return }
        rows += count
        let columns = columns
        // Weighted once, on the left: no square roots, and the right side stays as it is.
        let left = FloatMemory(count: x.count)
        let right = FloatMemory(x)
        for row in 0..<count {
            for i in row * columns..<(row + 1) * columns { left.start[i] = weights[row] * right.start[i] }
        }
        let sum = sum
        threads.run((columns + Self.piece - 1) / Self.piece) { piece in
            let first = piece * Self.piece
            let height = min(Self.piece, columns - first)
            DenseAlgebra.product(
                left.start + first, stride: columns, transposedA: true, right.start + first, stride: columns,
                into: sum.start + first * columns + first, stride: columns, m: height, n: columns - first, k: count,
                beta: 1)
        }
    }

    /// `Σ w x²` of each column.
    var diagonal: [Float] { (0..<columns).map { sum.start[$0 * columns + $0] } }

    /// Sum of the squares of all elements.
    package var trace: Double { diagonal.reduce(0) { $0 + Double($1) } }
}
