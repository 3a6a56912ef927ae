import MobileVLM
import Models
import Tensors

/// The names of llama.cpp for the tensors of this family, from and to.
enum GGUFNames {
    private static let language = [
        "lm_head.weight": "output.weight",
        "model.norm.weight": "output_norm.weight",
        "model.embed_tokens.weight": "token_embd.weight",
    ]

    private static let languageBlock = [
        "self_attn.k_proj": "attn_k", "input_layernorm": "attn_norm", "self_attn.o_proj": "attn_output",
        "self_attn.q_proj": "attn_q", "self_attn.v_proj": "attn_v", "mlp.down_proj": "ffn_down",
        "mlp.gate_proj": "ffn_gate", "post_attention_layernorm": "ffn_norm", "mlp.up_proj": "ffn_up",
    ]

    private static let tower = [
        "embeddings.class_embedding": "v.class_embd",
        "embeddings.patch_embedding.weight": "v.patch_embd.weight",
        "embeddings.position_embedding.weight": "v.position_embd.weight",
        "pre_layrnorm.weight": "v.pre_ln.weight",  // the checkpoints' own spelling
        "pre_layrnorm.bias": "v.pre_ln.bias",
    ]

    private static let towerBlock = [
        "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
        "self_attn.out_proj": "attn_out", "layer_norm1": "ln1", "layer_norm2": "ln2",
        // Current naming: up is fc1. The legacy scripts had the two the other way round.
        "mlp.fc1": "ffn_up", "mlp.fc2": "ffn_down",
    ]

    /// The name of the tensor under a canonical key; nil where GGUF has none.
    static func name(_ key: String, projector: ProjectorKind?) -> String? {
        if let name = language[key] { return name }
        if let rest = key.after("model.layers.") { return block(rest, "blk.", languageBlock) }
        if let rest = key.after("vision_model.encoder.layers.") { return block(rest, "v.blk.", towerBlock) }
        if let rest = key.after("vision_model.") { return tower[String(rest)] }
        guard let rest = key.after("mm_projector.") else { return nil }
        switch projector {
        case .ldp: return "mm." + rest
        case .ldpv2:
            return rest.after("mlp.mlp.").map { "mm.model.mlp." + $0 } ?? rest.after("peg.").map { "mm.model." + $0 }
        // llama.cpp's `mlp` is exactly two layers; no other depth can be written.
        case .mlp(depth: 2): return "mm." + rest
        case .mlp, .linear, nil: return nil
        }
    }

    /// `3.mlp.up_proj.weight` by a table of middle parts: `blk.3.ffn_up.weight`.
    private static func block(_ rest: Substring, _ prefix: String, _ table: [String: String]) -> String? {
        guard let first = rest.firstIndex(of: "."), let last = rest.lastIndex(of: "."), first < last,
            let name = table[String(rest[rest.index(after: first)..<last])]
        else { return nil }
        return "\(prefix)\(rest[..<first]).\(name)\(rest[last...])"
    }

    /// What a tensor is to llama-quantize, which goes by names alone: nil for one whose type is not up to the preset.
    static func role(ofName name: String, shape: Shape, isProjector: Bool) -> TensorRole? {
        guard shape.rank >= 2, name.hasSuffix("weight"), !name.hasSuffix("_norm.weight") else { return nil }
        if isProjector, name.has(".position_embd") || name.has(".patch_embd") { return nil }
        if name == "output.weight" { return .outputHead }
        if name == "token_embd.weight" { return .tokenEmbedding }
        if name.has("attn_v.weight") { return .values }
        if name.has("attn_output.weight") { return .attentionOutput }
        if name.has("ffn_down") { return .down }
        // To llama-quantize these are like any other.
        for (part, role) in plainRoles where name.has(part) { return role }
        return .other
    }

    private static let plainRoles: [(StaticString, TensorRole)] = [
        ("attn_q.weight", .queries), ("attn_k.weight", .keys), ("ffn_gate.weight", .gate), ("ffn_up.weight", .up),
    ]

    /// Names without a block first, then blocks by number, in byte order within each. The projector file's `v.blk.N`
    /// does not count as a block there: its names sort as text, block 10 before block 2.
    static func quantizationOrder(_ names: [String]) -> [Int] {
        names.indices.sorted {
            let (left, right) = (names[$0], names[$1])
            let (leftBlock, rightBlock) = (blockNumber(left), blockNumber(right))
            return leftBlock == rightBlock ? left.utf8.lexicographicallyPrecedes(right.utf8) : leftBlock < rightBlock
        }
    }

    private static func blockNumber(_ name: String) -> Int {
        name.after("blk.").flatMap { Int($0.prefix { $0 != "." }) } ?? -1
    }
}

extension StringProtocol where SubSequence == Substring {
    /// What follows `prefix`, or nil if the text does not start with it.
    fileprivate func after(_ prefix: String) -> Substring? { hasPrefix(prefix) ? dropFirst(prefix.count) : nil }
}
