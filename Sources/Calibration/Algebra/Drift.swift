/// How far a layer's input has moved away from the unquantized model's, as its matrices see it: `W Σ w (y - x) xᵀ` for each
/// matrix `W` that reads it, where `x` is a row of the quantized model's and `y` the same row of the whole one's.
///
/// Either the sum is kept, `[columns, columns]`, and multiplied at the end, or, where the matrices have few rows, the
/// products are summed: `Σ (W w (y - x)) xᵀ`, which for a down projection takes half of the work and of the memory.
package final class Drift: @unchecked Sendable {
    private let columns: Int
    private let matrices: [FloatMemory]
    /// One per matrix, `[its rows, columns]`, or a single one, `[columns, columns]`.
    private let sums: [FloatMemory]
    private let keepsProducts: Bool
    private let threads: Threads

    /// Rows of a sum that one job makes; fixed, so that results do not depend on the number of threads.
    private static let piece = 256

    /// - Parameter matrices: `[_, columns]` each. They must not change before the last row was added.
    package init(columns: Int, matrices: [FloatMemory], threads: Threads) {
        self.columns = columns
        self.matrices = matrices
        self.threads = threads
        keepsProducts = 2 * matrices.reduce(0) { $0 + $1.count } <= columns * columns
        sums =
            keepsProducts
            ? matrices.map { FloatMemory(count: $0.count) } : [FloatMemory(count: columns * columns)]
    }

    /// Takes rows into account.
    /// - Parameters:
    ///   - x: `[rows, columns]`, of the quantized model.
    ///   - whole: The same rows in the unquantized model.
    ///   - weights: One per row, not negative.
    package func add(_ x: [Float], whole: [Float], weights: [Float]) {
        let count = weights.count
        precondition(x.count == count * columns && whole.count == x.count)
        guard count > 0 else { return }
        // (y - x) is weighted, x is not.
        let difference = FloatMemory(count: x.count)
        for row in 0..<count {
            for i in row * columns..<(row + 1) * columns { difference.start[i] = weights[row] * (whole[i] - x[i]) }
        }
        let right = FloatMemory(x)
        let columns = columns
        for (number, sum) in sums.enumerated() {
            let matrix = keepsProducts ? matrices[number] : nil
            let height = sum.count / max(1, columns)
            threads.run((height + Self.piece - 1) / Self.piece) { piece in
                let first = piece * Self.piece
                let height = min(Self.piece, height - first)
                var (left, stride) = (difference.start + first, columns)
                var seen: FloatMemory?
                if let matrix {
                    let product = FloatMemory(count: count * height)
                    DenseAlgebra.product(
                        difference.start, stride: columns, matrix.start + first * columns, stride: columns,
                        transposedB: true, into: product.start, stride: height, m: count, n: height, k: columns)
                    (left, stride, seen) = (product.start, height, product)
                }
                withExtendedLifetime(seen) {
                    DenseAlgebra.product(
                        left, stride: stride, transposedA: true, right.start, stride: columns,
                        into: sum.start + first * columns, stride: columns, m: height, n: columns, k: count, beta: 1)
                }
            }
        }
    }

    /// Some rows of what a matrix makes of the drift, `[rows.count, columns]`, over `output`.
    package func product(ofMatrix number: Int, rows: Range<Int>, into output: UnsafeMutablePointer<Float>) {
        let count = rows.count * columns
        guard !keepsProducts else {
            output.update(from: sums[number].start + rows.lowerBound * columns, count: count)
            return
        }
        DenseAlgebra.product(
            matrices[number].start + rows.lowerBound * columns, stride: columns, sums[0].start, stride: columns,
            into: output, stride: columns, m: rows.count, n: columns, k: columns)
    }
}
