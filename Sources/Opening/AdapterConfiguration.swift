import ByteIO
import JSON

/// `adapter_config.json` of a low-rank adapter (LoRA), as PEFT writes it.
struct AdapterConfiguration: Sendable {
    static let fileName = "adapter_config.json"
    /// The config is no LoRA's, or a field of it is not what PEFT writes.
    static let wrongConfig = Rule("adapter.config")
    /// The adapter is of a kind whose sum with the weights is something else than `w + scale · B · A`.
    static let unsupported = Rule("adapter.kind")
    /// DoRA's update divides by the norm of the summed rows.
    static let dora = Rule("adapter.dora")

    private let alpha: Double
    private let usesRankStabilisation: Bool
    private let alphaPattern: [(pattern: ModulePattern, alpha: Double)]
    /// What the user should know.
    let notes: [String]

    init(_ json: JSONValue, file: String) throws {
        func wrong(_ field: String, _ problem: String) -> InputError {
            InputError(
                Self.wrongConfig, file: file, field: field, problem: problem,
                remedy: "Name the folder that PEFT's save_pretrained wrote.")
        }
        func refuse(_ field: String, _ problem: String, rule: Rule = Self.unsupported) -> InputError {
            InputError(
                rule, file: file, field: field, problem: problem,
                remedy: "Merge it where it was trained: model.merge_and_unload(), then save_pretrained().")
        }
        guard let object = json.object else { throw wrong("config", "is not a JSON object") }
        guard json["peft_type"]?.string == "LORA" else {
            throw refuse("peft_type", "is \(json["peft_type"]?.serialized() ?? "missing"); only \"LORA\" is known")
        }
        if json["use_dora"]?.bool == true {
            throw refuse("use_dora", "is true: DoRA also rescales the rows it changes", rule: Self.dora)
        }
        // These start from other base weights than the released ones: the sum with those would be wrong.
        if let start = json["init_lora_weights"]?.string?.lowercased(),
            ["pissa", "olora", "corda", "loftq"].contains(where: start.hasPrefix)
        {
            throw refuse("init_lora_weights", "is \"\(start)\", whose training changed the base weights too")
        }
        // PEFT's further kinds: each changes the sum, or which tokens it holds for.
        for field in [
            "layer_replication", "alora_invocation_tokens", "trainable_token_indices", "target_parameters",
            "arrow_config",
            "corda_config", "kasa_config", "lora_ga_config", "monteclora_config", "velora_config", "use_qalora",
            "use_bdlora",
        ] {
            if let value = object[field], value != .null, value.bool != false { throw refuse(field, "is set") }
        }
        if json["lora_bias"]?.bool == true { throw refuse("lora_bias", "is true; LLaMA's linear layers have no bias") }
        guard let rank = json["r"]?.int, rank > 0 else { throw wrong("r", "is not a whole number above 0") }
        guard let alpha = json["lora_alpha"]?.double, alpha.isFinite else {
            throw wrong("lora_alpha", "is not a number")
        }
        self.alpha = alpha
        usesRankStabilisation = json["use_rslora"]?.bool ?? false
        // Ranks are known from the tensors; a pattern that cannot be read could still hide another model.
        for (pattern, value) in json["rank_pattern"]?.object?.entries ?? [] {
            _ = try ModulePattern(pattern, field: "rank_pattern", file: file)
            guard value.int != nil else { throw wrong("rank_pattern.\(pattern)", "is not a whole number") }
        }
        alphaPattern = try (json["alpha_pattern"]?.object?.entries ?? []).map { pattern, value in
            guard let alpha = value.double, alpha.isFinite else {
                throw wrong("alpha_pattern.\(pattern)", "is not a number")
            }
            return (try ModulePattern(pattern, field: "alpha_pattern", file: file), alpha)
        }
        notes =
            json["fan_in_fan_out"]?.bool == true
            ? ["fan_in_fan_out is set aside, as PEFT does where the layers are Linear, as LLaMA's and CLIP's all are."]
            : []
    }

    /// What the product B · A of a module is multiplied by.
    /// - Parameters:
    ///   - module: Its name without PEFT's own levels, such as `model.layers.0.self_attn.q_proj`.
    ///   - rank: Columns of B.
    func scale(module: String, rank: Int) -> Float {
        let alpha = alphaPattern.first { $0.pattern.matches(module) }?.alpha ?? self.alpha
        let rank = Double(max(1, rank))
        return Float(alpha / (usesRankStabilisation ? rank.squareRoot() : rank))
    }
}

/// A key of PEFT's `rank_pattern` and `alpha_pattern`: the last levels of modules' names.
///
/// PEFT takes them for regular expressions. Almost all are plain names; others are refused, because a pattern from a file
/// can be made to take forever.
struct ModulePattern: Sendable {
    static let notPlain = Rule("adapter.pattern")

    private let levels: [Substring]
    private let isWhole: Bool

    init(_ pattern: String, field: String, file: String) throws {
        var text = Substring(pattern.split(separator: "\\.", omittingEmptySubsequences: false).joined(separator: "."))
        isWhole = text.hasPrefix("^")
        if isWhole { text.removeFirst() }
        if text.hasPrefix(".*.") { text.removeFirst(3) } else if text.hasPrefix(".*") { text.removeFirst(2) }
        if text.hasSuffix("$") { text.removeLast() }
        let isPlain = text.utf8.allSatisfy { byte in
            byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") || (0x30...0x39).contains(byte)
                || (0x41...0x5A).contains(byte & ~0x20)
        }
        guard isPlain, !text.isEmpty else {
            throw InputError(
                Self.notPlain, file: file, field: field, problem: "has the regular expression \"\(pattern)\"",
                remedy: "Only names of modules are read. Merge the adapter with PEFT's merge_and_unload().")
        }
        levels = text.split(separator: ".")
    }

    func matches(_ module: String) -> Bool {
        let own = module.split(separator: ".")
        return isWhole ? own == levels : own.suffix(levels.count) == levels[...]
    }
}
