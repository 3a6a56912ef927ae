/// The error that a change of a linear layer's weights makes in its outputs: `tr(E H Eᵀ)`, with `H = Σ x xᵀ` damped, and
/// the upper triangular `F` with `F Fᵀ = H`.
///
/// Damping stands for inputs that were not seen: each channel's own part of `H` is raised by a share of itself and by a
/// share of the mean. The first does not depend on how channels are scaled.
package struct Curvature {
    package let columns: Int
    /// Symmetric, `[columns, columns]`.
    package let matrix: FloatMemory
    package let factor: FloatMemory

    /// How strongly to damp, as a share of each diagonal element and of their mean.
    package struct Damping: Sendable {
        package var ofEach: Float
        package var ofMean: Float

        package init(ofEach: Float = 0.005, ofMean: Float = 0.005) {
            self.ofEach = ofEach
            self.ofMean = ofMean
        }
    }

    package init(_ moments: SecondMoments, damping: Damping = Damping()) {
        let matrix = moments.sum.copy()
        let n = moments.columns
        for row in 0..<n {
            for column in row + 1..<max(row + 1, n) { matrix.start[column * n + row] = matrix.start[row * n + column] }
        }
        self.init(matrix, columns: n, damping: damping)
    }

    /// - Parameter matrix: Symmetric and positive semidefinite; becomes the damped one.
    package init(_ matrix: FloatMemory, columns n: Int, damping: Damping) {
        columns = n
        self.matrix = matrix
        let diagonal = (0..<n).map { matrix.start[$0 * n + $0] }
        let total = diagonal.reduce(0) { $0 + Double($1) }
        // Of no input at all every direction counts alike.
        let mean = total > 0 && total.isFinite ? Float(total / Double(max(1, n))) : 1
        var factor: FloatMemory?
        // Rounding may leave a sum that is not quite positive definite: then more damping is the remedy.
        var strength: Float = 1
        for _ in 0..<12 {
            for i in 0..<n {
                matrix.start[i * n + i] =
                    diagonal[i] + strength * (damping.ofEach * diagonal[i] + damping.ofMean * mean)
                    + (total > 0 ? 0 : 1)
            }
            let trial = matrix.copy()
            if DenseAlgebra.upperFactor(trial.buffer, count: n) {
                factor = trial
                break
            }
            strength *= 4
        }
        self.factor = factor ?? Self.diagonalFactor(matrix, n)
    }

    private init(columns: Int, matrix: FloatMemory, factor: FloatMemory) {
        self.columns = columns
        self.matrix = matrix
        self.factor = factor
    }

    /// What is left where nothing can be factored, which only values that are not finite bring about.
    private static func diagonalFactor(_ matrix: FloatMemory, _ n: Int) -> FloatMemory {
        let factor = FloatMemory(count: n * n)
        for i in 0..<n { factor.start[i * n + i] = abs(matrix.start[i * n + i]).squareRoot() }
        return factor
    }

    /// The same for inputs whose channel `i` is divided by `scales[i]`.
    package func dividing(by scales: [Float]) -> Curvature {
        let (m, f, n) = (matrix.copy(), factor.copy(), columns)
        let inverses = scales.map { 1 / $0 }
        for row in 0..<n {
            for column in 0..<n {
                m.start[row * n + column] *= inverses[row] * inverses[column]
                f.start[row * n + column] *= inverses[row]
            }
        }
        return Curvature(columns: n, matrix: m, factor: f)
    }
}
