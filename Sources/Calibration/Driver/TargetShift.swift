import COpenBLAS

/// Moves matrices towards what makes the layer, on the quantized model's input, compute what the unquantized model
/// computes there: `W + weight · W Σ(y - x)xᵀ (Σxxᵀ + λ)⁻¹`, for `y` the whole model's rows and `x` the quantized one's
/// (GPTAQ, arXiv 2504.02692; Qronos, arXiv 2505.11695).
///
/// The whole way fits the calibration's rows too closely; half of it or less helps on others.
package struct TargetShift {
    /// λ as a share of the diagonal's mean.
    private static let damping: Float = 0.03
    /// Rows that one job moves; fixed, so that results do not depend on the number of threads.
    private static let piece = 128

    /// `Σxxᵀ + λ`, factored.
    package struct Factor: Sendable {
        fileprivate let columns: Int
        /// The lower factor as LAPACK reads it.
        fileprivate let lower: FloatMemory

        /// Nil where nothing is to move, or nothing can be solved.
        package init?(_ moments: SecondMoments) {
            let n = moments.columns
            let mean = Float(moments.trace / Double(max(1, n)))
            guard mean > 0, mean.isFinite else { return nil }
            let factor = moments.sum.copy()
            for i in 0..<n { factor.start[i * n + i] += TargetShift.damping * mean }
            var (size, stride, status) = (Int32(n), Int32(n), Int32(0))
            var part = CChar(UInt8(ascii: "L"))
            spotrf_(&part, &size, factor.start, &stride, &status)
            guard status == 0 else { return nil }
            columns = n
            lower = factor
        }
    }

    private let factor: Factor
    private let drift: Drift
    private let weight: Float
    private let threads: Threads

    package init(_ factor: Factor, _ drift: Drift, weight: Float, threads: Threads) {
        self.factor = factor
        self.drift = drift
        self.weight = weight
        self.threads = threads
    }

    /// - Parameters:
    ///   - matrix: `[rows, columns]`, moved in place.
    ///   - number: Its place among those that the drift was summed for.
    package func move(_ matrix: FloatMemory, number: Int) {
        let (n, count) = (factor.columns, matrix.count / max(1, factor.columns))
        threads.run((count + Self.piece - 1) / Self.piece) { [self] piece in
            let first = piece * Self.piece
            let rows = min(Self.piece, count - first)
            let change = FloatMemory(count: rows * n)
            let target = matrix.start + first * n
            drift.product(ofMatrix: number, rows: first..<first + rows, into: change.start)
            // Read by rows, LAPACK's lower factor is the upper `u` of `uᵀ u`.
            for transposed in [CblasNoTrans, CblasTrans] {
                cblas_strsm(
                    CblasRowMajor, CblasRight, CblasUpper, transposed, CblasNonUnit, Int32(rows), Int32(n), 1,
                    factor.lower.start, Int32(n), change.start, Int32(n))
            }
            for i in 0..<rows * n where change.start[i].isFinite { target[i] += weight * change.start[i] }
        }
    }
}
