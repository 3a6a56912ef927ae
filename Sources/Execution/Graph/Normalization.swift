/// `w * v / sqrt(mean(v^2) + epsilon)` over the channels of each row (Zhang and Sennrich, arXiv 1910.07467, section 4).
///
/// Epsilon stands inside the root and belongs to the files, not to the family: released models differ.
struct RMSNorm: Sendable {
    private let weight: [Float]  // weight [width]
    private let epsilon: Float

    init(_ scope: WeightScope, width: Int, epsilon: Float) throws {
        weight = try scope.vector("weight", count: width)
        self.epsilon = epsilon
    }

    func callAsFunction(_ x: borrowing Rows) -> Rows {
        Kernels.rmsNorm(x, weight: weight, epsilon: epsilon)
    }
}

/// `(v - mean) / sqrt(variance + epsilon) * w + b` over the channels of each row (Ba et al., arXiv 1607.06450).
///
/// The variance is the biased one: divided by the width, not by the width less one.
struct LayerNorm: Sendable {
    private let weight: [Float]  // weight [width]
    private let bias: [Float]  // bias [width]
    private let epsilon: Float

    init(_ scope: WeightScope, width: Int, epsilon: Float) throws {
        weight = try scope.vector("weight", count: width)
        bias = try scope.vector("bias", count: width)
        self.epsilon = epsilon
    }

    func callAsFunction(_ x: borrowing Rows) -> Rows {
        Kernels.layerNorm(x, weight: weight, bias: bias, epsilon: epsilon)
    }
}
