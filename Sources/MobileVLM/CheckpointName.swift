/// What the name of a tensor in a Hugging Face checkpoint means for the conversion.
public enum CheckpointName: Sendable, Equatable {
    /// The canonical key that `TensorSpecification` uses.
    case key(String)
    /// Never needed, for the reason given.
    case ignored(reason: String)

    private static let embeddedTower = "model.vision_tower.vision_tower."
    private static let projector = "model.mm_projector."

    /// Reads a name of the checkpoint folder itself.
    public init(checkpoint name: String) {
        if name.hasSuffix("rotary_emb.inv_freq") {
            self = .ignored(reason: "a buffer of older saves; computed from the rotary base")
        } else if name.hasPrefix(Self.embeddedTower) {
            self.init(tower: String(name.dropFirst(Self.embeddedTower.count)))
        } else if name.hasPrefix(Self.projector) {
            self = .key("mm_projector." + name.dropFirst(Self.projector.count))
        } else {
            self = .key(name)
        }
    }

    /// Reads a name of a CLIP folder. Re-saves by newer libraries lack the level `vision_model.`
    public init(tower name: String) {
        if name.hasSuffix("embeddings.position_ids") {
            self = .ignored(reason: "a buffer of older saves; the positions are 0, 1, 2, …")
        } else if name.hasPrefix("text_model.") || name.hasPrefix("text_projection") || name == "logit_scale"
            || name.hasPrefix("visual_projection")
        {
            self = .ignored(reason: "the text side of CLIP, which no MobileVLM uses")
        } else {
            self = .key(name.hasPrefix("vision_model.") ? name : "vision_model." + name)
        }
    }

    /// Why a tensor with this canonical key is not read by the graph of `configuration`; nil if there is no reason,
    /// which makes it an unknown tensor.
    public static func reasonToDrop(_ key: String, configuration: ModelConfiguration) -> String? {
        if key.hasPrefix("vision_model.post_layernorm.") {
            return "applied after the last block; the projector takes an earlier layer"
        }
        if let vision = configuration.multimodal?.vision, key.hasPrefix("vision_model.encoder.layers."),
            let layer = Int(key.dropFirst("vision_model.encoder.layers.".count).prefix { $0 != "." }),
            layer >= vision.featureLayer, layer < vision.layerCount
        {
            return "block \(layer) comes after the features are taken (hidden state \(vision.featureLayer))"
        }
        if key == "lm_head.weight", configuration.language.tiedEmbeddings {
            return "tied to the token embedding"
        }
        return nil
    }
}
