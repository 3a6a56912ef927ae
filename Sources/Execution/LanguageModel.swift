import MobileVLM
import Models
import Tensors

/// LLaMA (Touvron et al., arXiv 2302.13971, section 2.2), of which MobileLLaMA is a small one (arXiv 2312.16886, section
/// 3.3): pre-norm blocks of rotary attention and SwiGLU.
struct LanguageModel: Sendable {
    let c: LanguageConfiguration
    let embedding: Embedding  // model.embed_tokens.weight [V, H]; rows are taken as they are, unscaled
    private let rotary: RotaryEmbedding
    private let layers: [DecoderLayer]  // model.layers.N
    private let norm: RMSNorm  // model.norm
    private let head: Linear  // lm_head.weight [V, H], outside `model.`; or the embedding, where they are tied

    init(_ weights: ModelWeights, _ workers: Workers, _ c: LanguageConfiguration) throws {
        self.c = c
        let model = WeightScope(weights, workers, path: "model")
        embedding = try Embedding(model["embed_tokens"], count: c.vocabularySize, width: c.hiddenSize)
        rotary = RotaryEmbedding(c, pairing: weights.rotaryPairing)
        layers = try (0..<c.layerCount).map { try DecoderLayer(model["layers"]["\($0)"], c) }
        norm = try RMSNorm(model["norm"], width: c.hiddenSize, epsilon: c.rmsEpsilon)
        let headScope = c.tiedEmbeddings ? model["embed_tokens"] : WeightScope(weights, workers, path: "lm_head")
        head = try Linear(headScope, from: c.hiddenSize, to: c.vocabularySize, bias: false)
    }

    /// - Parameter embeddings: Rows of tokens and images, `[T, H]`; all are causal alike.
    /// - Returns: Logits, `[T, V]` or `[1, V]`.
    func callAsFunction(_ embeddings: Matrix, cache: KeyValueCache, logits: LogitRows, taps: Taps?) -> Matrix {
        taps?.record("llama.embeddings", embeddings)
        let angles = rotary.angles(at: cache.position..<cache.position + embeddings.rows)
        var h = embeddings
        for (n, layer) in layers.enumerated() {
            h = layer(h, cache: &cache.layers[n], rotary: rotary, angles: angles)
            taps?.record("llama.layer.\(n)", h)
        }
        cache.position += embeddings.rows
        h = norm(h)
        taps?.record("llama.norm", h)
        let result = head(logits == .last ? h.rows(h.rows - 1..<h.rows) : h)
        taps?.record("logits", result)
        return result
    }
}

/// A block: normalise, attend, add, normalise, feed forward, add.
private struct DecoderLayer: Sendable {
    private let inputNorm: RMSNorm  // input_layernorm
    private let attention: Attention  // self_attn
    private let postAttentionNorm: RMSNorm  // post_attention_layernorm
    private let feedForward: FeedForward  // mlp

    init(_ scope: WeightScope, _ c: LanguageConfiguration) throws {
        inputNorm = try RMSNorm(scope["input_layernorm"], width: c.hiddenSize, epsilon: c.rmsEpsilon)
        attention = try Attention(scope["self_attn"], c)
        postAttentionNorm = try RMSNorm(scope["post_attention_layernorm"], width: c.hiddenSize, epsilon: c.rmsEpsilon)
        feedForward = try FeedForward(scope["mlp"], c)
    }

    func callAsFunction(
        _ x: Matrix, cache: inout KeyValueCache.Layer, rotary: RotaryEmbedding, angles: RotaryEmbedding.Angles
    ) -> Matrix {
        let h = x + attention(inputNorm(x), cache: &cache, rotary: rotary, angles: angles)
        return h + feedForward(postAttentionNorm(h))
    }
}

/// Causal attention whose query heads share key and value heads in groups (Ainslie et al., arXiv 2305.13245); with as
/// many groups as heads it is plain multi-head attention (Vaswani et al., arXiv 1706.03762, section 3.2).
private struct Attention: Sendable {
    private let heads: Kernels.Heads
    private let q: Linear  // q_proj [NH * D, H], no biases anywhere
    private let k, v: Linear  // k_proj, v_proj [KV * D, H]
    private let out: Linear  // o_proj [H, NH * D]
    private let workers: Workers

    init(_ scope: WeightScope, _ c: LanguageConfiguration) throws {
        heads = c.heads
        let (H, queries, values) = (c.hiddenSize, c.headCount * c.headSize, c.keyValueHeadCount * c.headSize)
        q = try Linear(scope["q_proj"], from: H, to: queries, bias: false)
        k = try Linear(scope["k_proj"], from: H, to: values, bias: false)
        v = try Linear(scope["v_proj"], from: H, to: values, bias: false)
        out = try Linear(scope["o_proj"], from: queries, to: H, bias: false)
        workers = scope.workers
    }

    func callAsFunction(
        _ x: Matrix, cache: inout KeyValueCache.Layer, rotary: RotaryEmbedding, angles: RotaryEmbedding.Angles
    ) -> Matrix {
        let past = cache.keys.count / (heads.groups * heads.size)
        let q = rotary(q(x), by: angles)
        cache.keys += rotary(k(x), by: angles).elements
        cache.values += v(x).elements
        return out(
            Kernels.attend(q, keys: cache.keys, values: cache.values, heads: heads, past: past, on: workers))
    }
}

/// SwiGLU (Shazeer, arXiv 2002.05202): a SiLU gate times a linear layer.
private struct FeedForward: Sendable {
    private let gate, up: Linear  // gate_proj, up_proj [F, H]
    private let down: Linear  // down_proj [H, F]

    init(_ scope: WeightScope, _ c: LanguageConfiguration) throws {
        gate = try Linear(scope["gate_proj"], from: c.hiddenSize, to: c.feedForwardSize, bias: false)
        up = try Linear(scope["up_proj"], from: c.hiddenSize, to: c.feedForwardSize, bias: false)
        down = try Linear(scope["down_proj"], from: c.feedForwardSize, to: c.hiddenSize, bias: false)
    }

    // The activation belongs to the gate alone: gate and up have the same shape, and swapped they run just as well.
    func callAsFunction(_ x: Matrix) -> Matrix { down(gate(x, then: .silu) * up(x)) }
}
