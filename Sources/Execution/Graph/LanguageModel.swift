import ByteIO
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

    init(_ weights: ModelWeights, _ context: ExecutionContext, _ c: LanguageConfiguration) throws {
        self.c = c
        let model = WeightScope(weights, context, path: "model")
        embedding = try Embedding(model["embed_tokens"], count: c.vocabularySize, width: c.hiddenSize)
        rotary = RotaryEmbedding(c, pairing: weights.rotaryPairing)
        layers = try (0..<c.layerCount).map { try DecoderLayer(model["layers"]["\($0)"], c) }
        norm = try RMSNorm(model["norm"], width: c.hiddenSize, epsilon: c.rmsEpsilon)
        head = try Self.head(weights, context, c)
    }

    static func head(_ weights: ModelWeights, _ context: ExecutionContext, _ c: LanguageConfiguration) throws -> Linear
    {
        let path = c.tiedEmbeddings ? "model.embed_tokens" : "lm_head"
        return try Linear(
            WeightScope(weights, context, path: path), from: c.hiddenSize, to: c.vocabularySize, bias: false)
    }

    /// - Parameters:
    ///   - embeddings: Rows of tokens and images, `[T, H]`; all are causal alike.
    ///   - logits: For which of the T rows logits are computed.
    /// - Returns: Logits, `[T, V]` or as many rows as were asked for; nil if none were.
    /// - Throws: `CancellationError`; the cache is then as before.
    func callAsFunction(
        _ embeddings: consuming Rows, cache: KeyValueCache, logits: LogitRows, taps: Taps?, cancellation: Cancellation?
    ) throws -> Rows? {
        taps?.record("llama.embeddings", embeddings)
        let angles = rotary.angles(at: cache.position..<cache.position + embeddings.rows, embeddings.context)
        let count = embeddings.rows
        // What nobody looks at need not leave the last block; it only has to be remembered.
        let isWatched = taps != nil || embeddings.context.observer != nil
        let wanted = !isWatched && (logits == .last || logits == .none) ? count - 1..<count : 0..<count
        var h = embeddings
        for (n, layer) in layers.enumerated() {
            try cancellation?.check()
            h = layer(
                h, cache.layers[n], at: cache.position, rotary: rotary, angles: angles,
                wanted: n == layers.count - 1 ? wanted : 0..<count)
            taps?.record("llama.layer.\(n)", h)
        }
        cache.position += count
        return self.logits(h, of: logits, taps: taps)
    }

    /// Block `n` alone, on a sequence that begins with the cache layer's first position.
    func run(layer n: Int, on x: borrowing Rows, _ memory: KeyValueCache.Layer) -> Rows {
        layers[n](
            x, memory, at: 0, rotary: rotary, angles: rotary.angles(at: 0..<x.rows, x.context), wanted: 0..<x.rows)
    }

    /// The norm and the head on what the last block gave.
    func logits(_ x: borrowing Rows, of logits: LogitRows, taps: Taps?) -> Rows? {
        let chosen: [Int]
        switch logits {
        case .none: return nil
        case .last: chosen = [x.rows - 1]
        case .at(let rows): chosen = rows
        case .all: chosen = []
        }
        let h = chosen.isEmpty || taps != nil ? norm(x) : norm(Kernels.select(chosen, of: x))
        taps?.record("llama.norm", h)
        let result = chosen.isEmpty || taps == nil ? head(h) : head(Kernels.select(chosen, of: h))
        taps?.record("logits", result)
        return result
    }
}

/// A block: normalise, attend, add, normalise, feed forward, add.
struct DecoderLayer: Sendable {
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

    /// - Parameter wanted: The last rows, as many as are of interest.
    func callAsFunction(
        _ x: borrowing Rows, _ memory: KeyValueCache.Layer, at position: Int, rotary: RotaryEmbedding,
        angles: borrowing RotaryEmbedding.Angles, wanted: Range<Int>
    ) -> Rows {
        let h = x +^ attention(inputNorm(x), memory, at: position, rotary: rotary, angles: angles, wanted: wanted)
        return h + feedForward(postAttentionNorm(h))
    }

    // The same in steps, on a sequence that begins with the memory's first position.

    func attentionInput(_ x: borrowing Rows) -> Rows { inputNorm(x) }

    func attend(_ a: borrowing Rows, _ memory: KeyValueCache.Layer, rotary: RotaryEmbedding) -> Rows {
        attention.mix(
            a, memory, at: 0, rotary: rotary, angles: rotary.angles(at: 0..<a.rows, a.context), wanted: 0..<a.rows)
    }

    func addAttention(_ mixed: borrowing Rows, to x: borrowing Rows) -> Rows { x + attention.out(mixed) }
    func feedForwardInput(_ h: borrowing Rows) -> Rows { postAttentionNorm(h) }
    func widen(_ c: borrowing Rows) -> Rows { feedForward.gated(c) }
    func addFeedForward(_ wide: borrowing Rows, to h: borrowing Rows) -> Rows { h + feedForward.down(wide) }
}

/// Causal attention whose query heads share key and value heads in groups (Ainslie et al., arXiv 2305.13245); with as
/// many groups as heads it is plain multi-head attention (Vaswani et al., arXiv 1706.03762, section 3.2).
private struct Attention: Sendable {
    private let qkv: LinearGroup  // q_proj [NH * D, H], k_proj and v_proj [KV * D, H], no biases anywhere
    let out: Linear  // o_proj [H, NH * D]

    init(_ scope: WeightScope, _ c: LanguageConfiguration) throws {
        let (H, queries, values) = (c.hiddenSize, c.heads.queryWidth, c.heads.keyWidth)
        qkv = try LinearGroup(
            [scope["q_proj"], scope["k_proj"], scope["v_proj"]], from: H, to: [queries, values, values], bias: false)
        out = try Linear(scope["o_proj"], from: queries, to: H, bias: false)
    }

    func callAsFunction(
        _ x: borrowing Rows, _ memory: KeyValueCache.Layer, at position: Int, rotary: RotaryEmbedding,
        angles: borrowing RotaryEmbedding.Angles, wanted: Range<Int>
    ) -> Rows {
        out(mix(x, memory, at: position, rotary: rotary, angles: angles, wanted: wanted))
    }

    /// The values that each head mixed, side by side.
    func mix(
        _ x: borrowing Rows, _ memory: KeyValueCache.Layer, at position: Int, rotary: RotaryEmbedding,
        angles: borrowing RotaryEmbedding.Angles, wanted: Range<Int>
    ) -> Rows {
        let qkv = rotary(qkv(x), by: angles)
        memory.append(qkv, at: position)
        return memory.attend(qkv, rows: wanted, at: position)
    }
}

/// SwiGLU (Shazeer, arXiv 2002.05202): a SiLU gate times a linear layer.
private struct FeedForward: Sendable {
    private let gateUp: LinearGroup  // gate_proj, up_proj [F, H]
    let down: Linear  // down_proj [H, F]

    init(_ scope: WeightScope, _ c: LanguageConfiguration) throws {
        let (H, F) = (c.hiddenSize, c.feedForwardSize)
        gateUp = try LinearGroup([scope["gate_proj"], scope["up_proj"]], from: H, to: [F, F], bias: false)
        down = try Linear(scope["down_proj"], from: F, to: H, bias: false)
    }

    // The activation belongs to the gate alone: gate and up have the same shape, and swapped they run just as well.
    func gated(_ x: borrowing Rows) -> Rows { Kernels.gate(gateUp(x)) }

    func callAsFunction(_ x: borrowing Rows) -> Rows { down(gated(x)) }
}
