import ByteIO
import Tensors

/// `y = x Wᵀ + b`, whatever the storage of `W`: floats, half floats or any quantized type.
struct Linear: Sendable {
    private let group: LinearGroup

    /// - Parameter kernel: The stored shape where it is not `[outputs, inputs]`: a convolution whose window covers
    ///   its whole input is a linear layer of the flattened window.
    init(_ scope: WeightScope, from inputs: Int, to outputs: Int, bias: Bool, kernel: Shape? = nil) throws {
        group = try LinearGroup([scope], from: inputs, to: [outputs], bias: bias, kernel: kernel)
    }

    /// - Parameter activation: Applied to the result while it is in the cache.
    func callAsFunction(_ x: borrowing Rows, then activation: Activation = .identity) -> Rows {
        group(x, then: activation)
    }
}

/// Linear layers that share their input, such as queries, keys and values: the results stand side by side in one matrix.
///
/// So the input is prepared once for all of them, and one hand-over to the threads serves all.
struct LinearGroup: Sendable {
    private let product: any MatrixProduct
    private let context: ExecutionContext
    /// The weights' canonical keys.
    private let keys: [String]

    /// - Parameters:
    ///   - scopes: Where the layers' `weight`s, `[outputs, inputs]`, and `bias`es, `[outputs]`, lie.
    ///   - outputs: The width of each.
    init(
        _ scopes: [WeightScope], from inputs: Int, to outputs: [Int], bias: Bool, kernel: Shape? = nil
    ) throws {
        let layers = Array(zip(scopes, outputs))
        let weights = try layers.map { try $0.rows("weight", shape: kernel ?? [$1, inputs]) }
        let biases = bias ? try layers.flatMap { try $0.vector("bias", count: $1) } : []
        context = scopes[0].context
        keys = scopes.map { "\($0.path).weight" }
        product = context.arithmetic.product(weights, biases, threads: context.threads)
    }

    func callAsFunction(_ x: borrowing Rows, then activation: Activation = .identity) -> Rows {
        if let observer = context.observer { observer.observe(x.matrix, of: keys) }
        return product(x, then: activation)
    }
}

/// Rows of a table by index, whatever its storage.
struct Embedding: Sendable {
    private let weight: WeightRows  // weight [count, width]

    init(_ scope: WeightScope, count: Int, width: Int) throws {
        weight = try scope.rows("weight", shape: [count, width])
    }

    /// Writes one row per index, each of which must be below the table's count, into `result` from row `first` on.
    func callAsFunction(_ indices: [Int], into result: borrowing Rows, from first: Int) {
        weight.gather(indices, into: result, from: first)
    }
}
