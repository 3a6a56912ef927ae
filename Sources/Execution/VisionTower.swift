import MobileVLM
import Tensors

/// CLIP's vision transformer (Radford et al., arXiv 2103.00020, section 2.4), as a feature extractor; the frozen visual
/// encoder of MobileVLM (arXiv 2312.16886, section 3.2).
///
/// Only the blocks before the chosen features exist here: `featureLayer` of them. `mm_vision_select_layer` -2 means
/// the last but one of the hidden states, which begin with the input of block 0; so of 24 blocks 23 run, and neither
/// the last one nor `post_layernorm` takes part. One block more or less still describes pictures, only worse.
struct VisionTower: Sendable {
    private let c: VisionConfiguration
    private let patchEmbedding: Linear  // embeddings.patch_embedding.weight [C, 3, p, p], no bias
    private let classEmbedding: Matrix  // embeddings.class_embedding [C]
    private let positionEmbedding: Matrix  // embeddings.position_embedding.weight [positions, C], class token first
    private let preNorm: LayerNorm  // pre_layrnorm: the checkpoints' own spelling
    private let layers: [EncoderLayer]  // encoder.layers.N

    init(_ scope: WeightScope, _ c: VisionConfiguration) throws {
        self.c = c
        let (C, p) = (c.hiddenSize, c.patchSize)
        patchEmbedding = try Linear(
            scope["embeddings"]["patch_embedding"], from: 3 * p * p, to: C, bias: false, kernel: [C, 3, p, p])
        classEmbedding = Matrix(
            rows: 1, columns: C, elements: try scope["embeddings"].vector("class_embedding", count: C))
        positionEmbedding = try scope["embeddings"]["position_embedding"].matrix("weight", shape: [c.positionCount, C])
        preNorm = try LayerNorm(scope["pre_layrnorm"], width: C, epsilon: c.layerNormEpsilon)
        layers = try (0..<c.featureLayer).map { try EncoderLayer(scope["encoder"]["layers"]["\($0)"], c) }
    }

    /// - Parameter pixels: `[3, size, size]`, normalised.
    /// - Returns: The features of the patches, row by row of the grid, `[g * g, C]`.
    func callAsFunction(_ pixels: [Float], taps: Taps?) -> Matrix {
        let patches = patchEmbedding(cut(pixels))
        var h = Matrix.stack(classEmbedding, [patches]) + positionEmbedding
        taps?.record("clip.embeddings", h)
        h = preNorm(h)
        taps?.record("clip.pre_layernorm", h)
        for (n, layer) in layers.enumerated() {
            h = layer(h)
            taps?.record("clip.layer.\(n)", h)
        }
        // The class token is row 0. It is dropped (`mm_vision_select_feature` "patch"): left in, every patch moves by
        // one cell of the projector's grid.
        let features = h.rows(1..<c.positionCount)
        taps?.record("clip.selected", features)
        return features
    }

    /// The patches row by row of the grid, each flattened by channel, then line, then column: `[g * g, 3 * p * p]`.
    private func cut(_ pixels: [Float]) -> Matrix {
        let (g, p, size) = (c.gridSide, c.patchSize, c.imageSize)
        var patches: [Float] = []
        patches.reserveCapacity(pixels.count)
        for row in 0..<g {
            for column in 0..<g {
                for channel in 0..<3 {
                    for line in 0..<p {
                        let start = (channel * size + row * p + line) * size + column * p
                        patches += pixels[start..<start + p]
                    }
                }
            }
        }
        return Matrix(rows: g * g, columns: 3 * p * p, elements: patches)
    }
}

/// A block of the tower: pre-norm attention over all positions without a mask, then two linear layers.
private struct EncoderLayer: Sendable {
    private let norm1: LayerNorm  // layer_norm1
    private let heads: Kernels.Heads
    private let q, k, v: Linear  // self_attn.{q,k,v}_proj [C, C], with biases
    private let out: Linear  // self_attn.out_proj [C, C]
    private let norm2: LayerNorm  // layer_norm2
    private let fc1: Linear  // mlp.fc1 [F, C]
    private let fc2: Linear  // mlp.fc2 [C, F]
    private let activation: Activation
    private let workers: Workers

    init(_ scope: WeightScope, _ c: VisionConfiguration) throws {
        let (C, F) = (c.hiddenSize, c.feedForwardSize)
        norm1 = try LayerNorm(scope["layer_norm1"], width: C, epsilon: c.layerNormEpsilon)
        heads = Kernels.Heads(count: c.headCount, groups: c.headCount, size: C / c.headCount)
        q = try Linear(scope["self_attn"]["q_proj"], from: C, to: C, bias: true)
        k = try Linear(scope["self_attn"]["k_proj"], from: C, to: C, bias: true)
        v = try Linear(scope["self_attn"]["v_proj"], from: C, to: C, bias: true)
        out = try Linear(scope["self_attn"]["out_proj"], from: C, to: C, bias: true)
        norm2 = try LayerNorm(scope["layer_norm2"], width: C, epsilon: c.layerNormEpsilon)
        fc1 = try Linear(scope["mlp"]["fc1"], from: C, to: F, bias: true)
        fc2 = try Linear(scope["mlp"]["fc2"], from: F, to: C, bias: true)
        // OpenAI's towers were trained with the approximation; the exact function shifts every feature slightly.
        activation =
            switch c.activation {
            case .quickGELU: .quickGELU
            case .gelu: .gelu
            }
        workers = scope.workers
    }

    func callAsFunction(_ x: Matrix) -> Matrix {
        let h = x + attend(norm1(x))
        return h + fc2(fc1(norm2(h), then: activation))
    }

    private func attend(_ x: Matrix) -> Matrix {
        let k = k(x)
        let v = v(x)
        return out(
            Kernels.attend(q(x), keys: k.elements, values: v.elements, heads: heads, past: nil, on: workers))
    }
}
