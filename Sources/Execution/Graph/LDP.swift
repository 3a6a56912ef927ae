import MobileVLM
import Tensors

/// MobileVLM V1's lightweight downsample projector (Chu et al., arXiv 2312.16886, section 3.4): an MLP, then two
/// inverted residuals of MobileNetV3, the second of which halves the side of the grid.
struct LDP: Sendable {
    private let mlp: MLP  // model.mlp.{1,3}; index 0 is an identity
    private let blocks: [InvertedResidual]  // model.mb_block.{1,2}; index 0 is an identity

    init(_ scope: WeightScope, from C: Int, to H: Int) throws {
        mlp = try MLP(scope["model"]["mlp"], indices: [1, 3], from: C, to: H)
        blocks = try [
            InvertedResidual(scope["model"]["mb_block"]["1"]["block"], channels: H, step: 1, name: "projector.block.1"),
            InvertedResidual(scope["model"]["mb_block"]["2"]["block"], channels: H, step: 2, name: "projector.block.2"),
        ]
    }

    func callAsFunction(_ features: borrowing Rows, side g: Int, taps: Taps?) -> Rows {
        let transformed = mlp(features)
        taps?.record("projector.mlp", transformed)
        let full = blocks[0](transformed, side: g, taps: taps)
        return blocks[1](full, side: g, taps: taps)
    }
}

/// MobileNetV3's block (Howard et al., arXiv 1905.02244, section 3) without an expansion, since it would not widen, and
/// with norms over the channels of each cell in place of batch norms.
///
/// Of torchvision's block only the convolutions and the squeeze-and-excitation are left as they were; the norms are
/// timm's `LayerNormAct2d` without an activation, whose epsilon is 1e-5.
private struct InvertedResidual: Sendable {
    private let name: String
    private let depthwise: DepthwiseConvolution  // 0.0.weight [H, 1, 3, 3], no bias
    private let depthwiseNorm: LayerNorm  // 0.1 [H]
    private let excitation: SqueezeExcitation  // 1.fc1, 1.fc2
    private let pointwise: Linear  // 2.0.weight [H, H, 1, 1], no bias
    private let pointwiseNorm: LayerNorm  // 2.1 [H]
    private let isResidual: Bool

    init(_ scope: WeightScope, channels H: Int, step: Int, name: String) throws {
        self.name = name
        depthwise = try DepthwiseConvolution(scope["0"]["0"], channels: H, bias: false, step: step)
        depthwiseNorm = try LayerNorm(scope["0"]["1"], width: H, epsilon: 1e-5)
        excitation = try SqueezeExcitation(scope["1"], channels: H)
        pointwise = try Linear(scope["2"]["0"], from: H, to: H, bias: false)
        pointwiseNorm = try LayerNorm(scope["2"]["1"], width: H, epsilon: 1e-5)
        // Only where the grid keeps its size does the input fit the output.
        isResidual = step == 1
    }

    func callAsFunction(_ x: borrowing Rows, side: Int, taps: Taps?) -> Rows {
        var h = depthwise(x, side: side)
        taps?.record("\(name).depthwise", h)
        h = depthwiseNorm(h)
        taps?.record("\(name).norm", h)
        Kernels.apply(.hardSwish, to: h)
        h = excitation(h)
        taps?.record("\(name).se", h)
        h = pointwiseNorm(pointwise(h))  // no activation after it
        if isResidual { h = x + h }
        taps?.record("\(name).out", h)
        return h
    }
}

/// Scales every channel by a factor between 0 and 1 that the means of all channels decide (Hu et al., arXiv 1709.01507).
private struct SqueezeExcitation: Sendable {
    private let squeeze: Linear  // fc1 [H/4, H, 1, 1]
    private let excite: Linear  // fc2 [H, H/4, 1, 1]

    init(_ scope: WeightScope, channels H: Int) throws {
        let squeezed = ModelConfiguration.squeezeWidth(H)
        squeeze = try Linear(scope["fc1"], from: H, to: squeezed, bias: true)
        excite = try Linear(scope["fc2"], from: squeezed, to: H, bias: true)
    }

    func callAsFunction(_ x: consuming Rows) -> Rows {
        // MobileNetV3's gate is the piecewise linear sigmoid, not the sigmoid of the original.
        let factors = excite(squeeze(Kernels.columnMeans(x), then: .relu), then: .hardSigmoid)
        Kernels.scaleColumns(x, by: factors)
        return x
    }
}
