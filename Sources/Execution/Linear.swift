import ByteIO
import Tensors

/// `y = x Wᵀ + b`, whatever the storage of `W`: floats, half floats or any quantized type.
///
/// The arithmetic is the same for all of them, in 32-bit floats on the decoded values; storage only changes what
/// the values are. So a quantized model's divergence is that of its weights, not of a different arithmetic.
struct Linear: Sendable {
    private let weight: WeightRows  // weight [outputs, inputs]
    private let bias: [Float]?  // bias [outputs]
    private let workers: Workers
    /// The weight's canonical key.
    private let key: String

    /// - Parameter kernel: The stored shape where it is not `[outputs, inputs]`: a convolution whose window covers
    ///   its whole input is a linear layer of the flattened window.
    init(_ scope: WeightScope, from inputs: Int, to outputs: Int, bias: Bool, kernel: Shape? = nil) throws {
        weight = try scope.rows("weight", shape: kernel ?? [outputs, inputs])
        self.bias = bias ? try scope.vector("bias", count: outputs) : nil
        workers = scope.workers
        key = "\(scope.path).weight"
    }

    /// - Parameter activation: Applied to the result while it is in the cache.
    func callAsFunction(_ x: Matrix, then activation: Activation = .identity) -> Matrix {
        workers.statistics?.add(key, x)
        return Kernels.linear(x, weight: weight, bias: bias, activation: activation, on: workers)
    }
}

/// Rows of a table by index, whatever its storage.
struct Embedding: Sendable {
    private let weight: WeightRows  // weight [count, width]

    init(_ scope: WeightScope, count: Int, width: Int) throws {
        weight = try scope.rows("weight", shape: [count, width])
    }

    /// One row per index, each of which must be below the table's count.
    func callAsFunction(_ indices: [Int]) -> Matrix { weight.gather(indices) }
}
