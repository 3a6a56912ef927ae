import Models

extension ModelConfiguration {
    /// Where scales may move between the tensors of this model, in the order of the graph.
    ///
    /// Not listed is what the graph forbids: GELU lies between `fc1` and `fc2` and between the projector's layers, and the
    /// last norm's gain moves into the head only where that is not the embedding as well.
    public var couplings: [Coupling] { languageCouplings + towerCouplings }

    private var languageCouplings: [Coupling] {
        let l = language
        var list: [Coupling] = []
        for n in 0..<l.layerCount {
            let key = "model.layers.\(n)."
            func attention(_ name: String) -> String { "\(key)self_attn.\(name)_proj.weight" }
            func feedForward(_ name: String) -> String { "\(key)mlp.\(name)_proj.weight" }
            list += [
                Coupling(
                    .norm, producers: ["\(key)input_layernorm.weight"], consumers: ["q", "k", "v"].map(attention),
                    channelCount: l.hiddenSize),
                Coupling(
                    .attention, producers: [attention("v")], consumers: [attention("o")],
                    channelCount: l.keyValueHeadCount * l.headSize, columnCount: l.headCount * l.headSize,
                    run: l.headSize),
                Coupling(
                    .norm, producers: ["\(key)post_attention_layernorm.weight"],
                    consumers: ["gate", "up"].map(feedForward), channelCount: l.hiddenSize),
                Coupling(
                    .gated, producers: [feedForward("up")], consumers: [feedForward("down")],
                    channelCount: l.feedForwardSize),
            ]
        }
        if !l.tiedEmbeddings {
            list.append(
                Coupling(
                    .norm, producers: ["model.norm.weight"], consumers: ["lm_head.weight"], channelCount: l.hiddenSize))
        }
        return list
    }

    private var towerCouplings: [Coupling] {
        guard let v = multimodal?.vision else { return [] }
        return (0..<v.featureLayer).flatMap { n -> [Coupling] in
            let key = "vision_model.encoder.layers.\(n)."
            func pair(_ name: String) -> [String] { ["\(key)\(name).weight", "\(key)\(name).bias"] }
            return [
                Coupling(
                    .norm, producers: pair("layer_norm1"),
                    consumers: ["q", "k", "v"].map { "\(key)self_attn.\($0)_proj.weight" }, channelCount: v.hiddenSize),
                Coupling(
                    .attention, producers: pair("self_attn.v_proj"), consumers: ["\(key)self_attn.out_proj.weight"],
                    channelCount: v.hiddenSize),
                Coupling(
                    .norm, producers: pair("layer_norm2"), consumers: ["\(key)mlp.fc1.weight"],
                    channelCount: v.hiddenSize),
            ]
        }
    }
}
