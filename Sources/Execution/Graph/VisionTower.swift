import ByteIO
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
    private let context: ExecutionContext
    private let patchEmbedding: Linear  // embeddings.patch_embedding.weight [C, 3, p, p], no bias
    private let classEmbedding: Matrix  // embeddings.class_embedding [C]
    private let positionEmbedding: Matrix  // embeddings.position_embedding.weight [positions, C], class token first
    private let preNorm: LayerNorm  // pre_layrnorm: the checkpoints' own spelling
    private let layers: [EncoderLayer]  // encoder.layers.N

    init(_ scope: WeightScope, _ c: VisionConfiguration) throws {
        self.c = c
        context = scope.context
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
    func callAsFunction(_ pixels: [Float], taps: Taps?, cancellation: Cancellation?) throws -> Rows {
        var h = embed(pixels, taps: taps)
        for (n, layer) in layers.enumerated() {
            try cancellation?.check()
            h = layer(h)
            taps?.record("clip.layer.\(n)", h)
        }
        return select(h, taps: taps)
    }

    /// What block 0 reads, `[g * g + 1, C]`.
    func embed(_ pixels: [Float], taps: Taps? = nil) -> Rows {
        let patches = patchEmbedding(Kernels.patches(pixels, grid: c.gridSide, patch: c.patchSize, context))
        let rows = context.rows(c.positionCount, c.hiddenSize)
        Kernels.copy(classEmbedding, to: rows, at: 0)
        Kernels.copy(patches, to: rows, at: 1)
        let embeddings = context.rows(positionEmbedding) + rows
        taps?.record("clip.embeddings", embeddings)
        let h = preNorm(embeddings)
        taps?.record("clip.pre_layernorm", h)
        return h
    }

    /// Block `n` alone.
    func run(layer n: Int, on x: borrowing Rows) -> Rows { layers[n](x) }

    /// The features in what the last block gave.
    func select(_ h: borrowing Rows, taps: Taps? = nil) -> Rows {
        // The class token is row 0. It is dropped (`mm_vision_select_feature` "patch"): left in, every patch moves by
        // one cell of the projector's grid.
        let features = Kernels.select(1..<c.positionCount, of: h)
        taps?.record("clip.selected", features)
        return features
    }
}

/// A block of the tower: pre-norm attention over all positions without a mask, then two linear layers.
struct EncoderLayer: Sendable {
    private let norm1: LayerNorm  // layer_norm1
    private let heads: Kernels.Heads
    private let qkv: LinearGroup  // self_attn.{q,k,v}_proj [C, C], with biases
    private let out: Linear  // self_attn.out_proj [C, C]
    private let norm2: LayerNorm  // layer_norm2
    private let fc1: Linear  // mlp.fc1 [F, C]
    private let fc2: Linear  // mlp.fc2 [C, F]
    private let activation: Activation

    init(_ scope: WeightScope, _ c: VisionConfiguration) throws {
        let (C, F) = (c.hiddenSize, c.feedForwardSize)
        norm1 = try LayerNorm(scope["layer_norm1"], width: C, epsilon: c.layerNormEpsilon)
        heads = Kernels.Heads(count: c.headCount, groups: c.headCount, size: C / c.headCount)
        let attention = scope["self_attn"]
        qkv = try LinearGroup(
            [attention["q_proj"], attention["k_proj"], attention["v_proj"]], from: C, to: [C, C, C], bias: true)
        out = try Linear(attention["out_proj"], from: C, to: C, bias: true)
        norm2 = try LayerNorm(scope["layer_norm2"], width: C, epsilon: c.layerNormEpsilon)
        fc1 = try Linear(scope["mlp"]["fc1"], from: C, to: F, bias: true)
        fc2 = try Linear(scope["mlp"]["fc2"], from: F, to: C, bias: true)
        // OpenAI's towers were trained with the approximation; the exact function shifts every feature slightly.
        activation =
            switch c.activation {
            case .quickGELU: .quickGELU
            case .gelu: .gelu
            }
    }

    func callAsFunction(_ x: borrowing Rows) -> Rows {
        let h = addAttention(attend(attentionInput(x)), to: x)
        return addFeedForward(widen(feedForwardInput(h)), to: h)
    }

    func attentionInput(_ x: borrowing Rows) -> Rows { norm1(x) }
    func attend(_ a: borrowing Rows) -> Rows { Kernels.attend(qkv(a), heads: heads) }
    func addAttention(_ mixed: borrowing Rows, to x: borrowing Rows) -> Rows { x + out(mixed) }
    func feedForwardInput(_ h: borrowing Rows) -> Rows { norm2(h) }
    func widen(_ c: borrowing Rows) -> Rows { fc1(c, then: activation) }
    func addFeedForward(_ wide: borrowing Rows, to h: borrowing Rows) -> Rows { h + fc2(wide) }
}
