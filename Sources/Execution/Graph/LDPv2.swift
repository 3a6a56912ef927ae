import MobileVLM
import Tensors

/// MobileVLM V2's lightweight downsample projector (Chu et al., arXiv 2402.03766, "Lightweight Downsample Projector" of
/// section 3): feature transformation, token reduction, positional information enhancement.
struct LDPv2: Sendable {
    private let transformation: MLP  // mlp.mlp.{0,2}
    private let pooledSide = ProjectorKind.pooledSide
    private let positionEncoding: DepthwiseConvolution  // peg.peg.0: weight [H, 1, 3, 3], bias [H]

    init(_ scope: WeightScope, from C: Int, to H: Int) throws {
        transformation = try MLP(scope["mlp"]["mlp"], indices: [0, 2], from: C, to: H)
        positionEncoding = try DepthwiseConvolution(scope["peg"]["peg"]["0"], channels: H, bias: true, step: 1)
    }

    func callAsFunction(_ features: borrowing Rows, side g: Int, taps: Taps?) -> Rows {
        let transformed = transformation(features)
        taps?.record("projector.mlp", transformed)
        let pooled = averagePool(transformed, side: g, to: pooledSide)
        taps?.record("projector.pool", pooled)
        let encoding = positionEncoding(pooled, side: pooledSide)
        taps?.record("projector.peg_conv", encoding)
        return pooled + encoding  // the generator is residual: it adds a position to what is there
    }
}

/// Adaptive average pooling of a square grid: bin `i` covers `floor(i g / n)` up to `ceil((i + 1) g / n)`, exclusive.
///
/// With g = 24 and n = 12 that is 2 x 2 means; other grids have bins that overlap (g = 16) or repeat cells (g < 12).
func averagePool(_ x: borrowing Rows, side g: Int, to n: Int) -> Rows {
    Kernels.pool(x, side: g, bins: (0..<n).map { $0 * g / n..<(($0 + 1) * g + n - 1) / n })
}
