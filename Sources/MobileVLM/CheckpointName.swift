/// What the name of a tensor in a Hugging Face checkpoint means for the conversion.
public enum CheckpointName: Sendable, Equatable {
    /// The canonical key that `TensorSpecification` uses.
    case key(String)
    /// Never needed, for the reason given.
    case ignored(reason: String)

    public var key: String? { if case .key(let key) = self { key } else { nil } }

    /// Levels that wrappers put before a model's own names (DataParallel and DeepSpeed, `torch.compile`, FSDP, PEFT,
    /// Lightning) or that differ between releases (`model.`, `language_model.`), alone or nested.
    private static let leadingLevels: Set<Substring> = [
        "module", "model", "base_model", "language_model", "_forward_module",
    ]
    /// Levels that wrappers of single modules put anywhere.
    private static let innerLevels: Set<Substring> = [
        "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module",
    ]

    /// Reads a name of the checkpoint folder itself.
    public init(checkpoint name: String) {
        if name.hasSuffix("rotary_emb.inv_freq") {
            self = .ignored(reason: "a buffer of older saves; computed from the rotary base")
            return
        }
        let own = Self.withoutWrappers(name)
        switch own.prefix(while: { $0 != "." }) {
        case "layers", "embed_tokens", "norm": self = .key("model." + own)
        case "vision_tower", "vision_model": self.init(tower: own)
        case "mm_projector", "multi_modal_projector": self.init(projector: own)
        case "lm_head": self = .key(own)
        default: self = .key(name)
        }
    }

    /// Reads a name of a CLIP folder. Re-saves by newer libraries lack the level `vision_model.`
    public init(tower name: String) {
        var own = Substring(Self.withoutWrappers(name))
        while own.hasPrefix("vision_tower.") { own = own.dropFirst("vision_tower.".count) }
        if own.hasSuffix("embeddings.position_ids") {
            self = .ignored(reason: "a buffer of older saves; the positions are 0, 1, 2, …")
        } else if own.hasPrefix("text_model.") || own.hasPrefix("text_projection") || own == "logit_scale"
            || own.hasPrefix("visual_projection")
        {
            self = .ignored(reason: "the text side of CLIP, which no MobileVLM uses")
        } else {
            self = .key(own.hasPrefix("vision_model.") ? String(own) : "vision_model." + own)
        }
    }

    /// Reads a name of a file that holds the projector alone, with or without its level.
    public init(projector name: String) {
        var parts = name.split(separator: ".", omittingEmptySubsequences: false)
        parts.removeAll { Self.innerLevels.contains($0) }
        if let level = parts.firstIndex(where: { $0 == "mm_projector" || $0 == "multi_modal_projector" }) {
            parts.removeFirst(level + 1)
        } else if parts.first == "module" {
            // Not `model`: V1's projector has such a level of its own.
            parts.removeFirst()
        }
        // Today's transformers count the two layers of LLaVA's projector; the releases number its modules.
        if let number = ["linear_1": "0", "linear_2": "2"][parts.first ?? ""] { parts[0] = Substring(number) }
        self = .key("mm_projector." + parts.joined(separator: "."))
    }

    /// The name without what wrappers put in.
    private static func withoutWrappers(_ name: String) -> String {
        var parts = name.split(separator: ".", omittingEmptySubsequences: false)
        parts.removeAll { innerLevels.contains($0) }
        let own = parts.firstIndex { !leadingLevels.contains($0) } ?? max(0, parts.count - 1)
        return parts[own...].joined(separator: ".")
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
