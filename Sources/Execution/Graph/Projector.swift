import MobileVLM
import Tensors

/// Carries the tower's features into the language model's embedding space, and makes them fewer.
enum Projector: Sendable {
    case linear(Linear)
    case mlp(MLP)
    case ldp(LDP)
    case ldpv2(LDPv2)

    init(_ scope: WeightScope, _ kind: ProjectorKind, from C: Int, to H: Int) throws {
        self =
            switch kind {
            case .linear: .linear(try Linear(scope, from: C, to: H, bias: true))
            case .mlp(let depth): .mlp(try MLP(scope, indices: (0..<depth).map { 2 * $0 }, from: C, to: H))
            case .ldp: .ldp(try LDP(scope, from: C, to: H))
            case .ldpv2: .ldpv2(try LDPv2(scope, from: C, to: H))
            }
    }

    /// - Parameter features: `[g * g, C]`, one row per cell of a square grid.
    /// - Returns: The image's rows in the language model's input, `[tokens, H]`.
    func callAsFunction(_ features: borrowing Rows, side g: Int, taps: Taps?) -> Rows {
        let rows =
            switch self {
            case .linear(let linear): linear(features)
            case .mlp(let mlp): mlp(features)
            case .ldp(let ldp): ldp(features, side: g, taps: taps)
            case .ldpv2(let ldpv2): ldpv2(features, side: g, taps: taps)
            }
        taps?.record("projector.out", rows)
        return rows
    }
}

/// Linear layers with GELU between them, cell by cell: LLaVA-1.5's projector (Liu et al., arXiv 2310.03744, section 3)
/// and the feature transformation at the head of both LDPs (their "point-wise convolutions").
///
/// GELU is by the error function, PyTorch's default. The tanh form and the tower's own quick form differ from it in
/// the third digit: enough to change answers, too little to look wrong.
struct MLP: Sendable {
    private let layers: [Linear]  // INDEX: [H, C], then [H, H], with biases

    /// - Parameter indices: The layers' numbers in their keys; the numbers between belong to the activations.
    init(_ scope: WeightScope, indices: [Int], from C: Int, to H: Int) throws {
        layers = try indices.enumerated().map { n, index in
            try Linear(scope["\(index)"], from: n == 0 ? C : H, to: H, bias: true)
        }
    }

    func callAsFunction(_ x: borrowing Rows) -> Rows {
        var h = layers[0](x, then: layers.count > 1 ? .gelu : .identity)
        for n in layers.indices.dropFirst() { h = layers[n](h, then: n < layers.count - 1 ? .gelu : .identity) }
        return h
    }
}

/// A depthwise 3 x 3 convolution on a square grid whose cells are the rows of a matrix.
///
/// Zero padding of one cell; a cross-correlation, as every framework's "convolution": the kernel is not flipped.
struct DepthwiseConvolution: Sendable {
    private let taps: [Float]  // weight [H, 1, 3, 3], kept as [9, H]
    private let bias: [Float]  // bias [H], or none
    private let step: Int

    init(_ scope: WeightScope, channels H: Int, bias: Bool, step: Int) throws {
        let kernel = try scope.matrix("weight", shape: [H, 1, 3, 3])
        taps = (0..<9 * H).map { kernel.elements[$0 % H * 9 + $0 / H] }
        self.bias = bias ? try scope.vector("bias", count: H) : []
        self.step = step
    }

    func callAsFunction(_ x: borrowing Rows, side: Int) -> Rows {
        Kernels.depthwise(x, side: side, taps: taps, bias: bias, step: step)
    }
}
