/// The error that a change of a linear layer's weights makes in its outputs: `tr(E H Eᵀ)`, with `H = Σ x xᵀ` damped, and
/// the upper triangular `F` with `F Fᵀ = H`.
///
/// Damping stands for inputs that were not seen: each channel's own part of `H` is raised by a share of itself and by a
/// share of the mean. The first does not depend on how channels are scaled.
///
/// Columns stand in the order in which they are to be rounded: what is rounded first is made up for by all that comes after,
/// so blocks of columns whose inputs are large come first. A block stays together, its columns in their own order.
package struct Curvature {
    package let columns: Int
    /// The column that stands in each place.
    package let order: [Int]
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

    package init(_ moments: SecondMoments, damping: Damping = Damping(), blockLength: Int? = nil) {
        self.init(moments.sum, columns: moments.columns, damping: damping, blockLength: blockLength)
    }

    /// - Parameters:
    ///   - sum: Symmetric and positive semidefinite, columns in their own order; what is below the diagonal is not read.
    ///   - blockLength: Columns that are stored, and so rounded, together; nil to keep all in their own order, as also
    ///     where blocks do not divide the columns.
    package init(_ sum: FloatMemory, columns n: Int, damping: Damping, blockLength: Int? = nil) {
        columns = n
        order = Self.order(sum, n, blockLength: blockLength)
        let matrix = Self.arranged(sum, order)
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

    private init(columns: Int, order: [Int], matrix: FloatMemory, factor: FloatMemory) {
        self.columns = columns
        self.order = order
        self.matrix = matrix
        self.factor = factor
    }

    /// Blocks by falling size of their inputs, the first of equals first.
    private static func order(_ sum: FloatMemory, _ n: Int, blockLength: Int?) -> [Int] {
        guard let blockLength, blockLength > 0, n % blockLength == 0 else { return Array(0..<n) }
        let blocks = (0..<n / blockLength).map { $0 * blockLength..<($0 + 1) * blockLength }
        let sizes = blocks.map { $0.reduce(Float(0)) { $0 + sum.start[$1 * n + $1] } }
        return sizes.indices.sorted { (sizes[$1], $0) < (sizes[$0], $1) }.flatMap { blocks[$0] }
    }

    private static func arranged(_ sum: FloatMemory, _ order: [Int]) -> FloatMemory {
        let n = order.count
        var places = [Int](repeating: 0, count: n)
        for (place, column) in order.enumerated() { places[column] = place }
        let result = FloatMemory(count: n * n)
        for row in 0..<n {
            for column in row..<n {
                let value = sum.start[row * n + column]
                result.start[places[row] * n + places[column]] = value
                result.start[places[column] * n + places[row]] = value
            }
        }
        return result
    }

    /// Per column, in their own order: how large the part of its input is that later ones do not make up for, `F_cc`.
    package var ownParts: [Float] {
        var result = [Float](repeating: 0, count: columns)
        for (place, column) in order.enumerated() { result[column] = factor.start[place * columns + place] }
        return result
    }

    /// `tr(W H Wᵀ)` over every `step`th row.
    /// - Parameter weights: `[rows, columns]`, columns in their own order.
    func energy(of weights: FloatMemory, every step: Int) -> Double {
        let (n, count) = (columns, weights.count / max(1, columns) / step)
        let (rows, outputs) = (FloatMemory(count: count * n), FloatMemory(count: count * n))
        for row in 0..<count {
            for (place, column) in order.enumerated() {
                rows.start[row * n + place] = weights.start[row * step * n + column]
            }
        }
        DenseAlgebra.product(
            rows.start, stride: n, matrix.start, stride: n, into: outputs.start, stride: n, m: count, n: n, k: n)
        return (0..<count * n).reduce(0) { $0 + Double(rows.start[$1]) * Double(outputs.start[$1]) }
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
        let inverses = order.map { 1 / scales[$0] }
        for row in 0..<n {
            for column in 0..<n {
                m.start[row * n + column] *= inverses[row] * inverses[column]
                f.start[row * n + column] *= inverses[row]
            }
        }
        return Curvature(columns: n, order: order, matrix: m, factor: f)
    }
}
