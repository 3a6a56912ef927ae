import MobileVLM
import Tensors

/// Decides the type of every tensor of a GGUF file as `llama-quantize` does (src/llama-quant.cpp), with overrides.
public struct TypePolicy: Sendable {
    public let preset: Preset
    /// The default type everywhere, but for rows that it does not divide.
    public var isPure = false
    /// Instead of the rule for `output.weight`.
    public var outputType: ElementType?
    /// Instead of the default for `token_embd.weight`.
    public var embeddingType: ElementType?
    /// Patterns on GGUF names, searched anywhere in the name; the first match wins over the table.
    public var overrides: [Override] = []
    /// True if tensors are quantized with importance, which changes some choices.
    public var hasImportance = false

    public init(_ preset: Preset) { self.preset = preset }

    /// A type for every tensor whose name matches.
    public struct Override: Sendable, Hashable {
        /// A regular expression, searched anywhere in the GGUF name.
        public let pattern: String
        public let type: ElementType

        /// - Throws: If the pattern is no regular expression.
        public init(pattern: String, type: ElementType) throws {
            _ = try Regex(pattern)
            self.pattern = pattern
            self.type = type
        }
    }

    /// What the policy looks at.
    public struct Candidate {
        public let name: String
        public let shape: Shape

        public init(name: String, shape: Shape) {
            self.name = name
            self.shape = shape
        }
    }

    /// The model's numbers that the table depends on. A projector file has no blocks of its own kind: `.projector`.
    public enum Architecture: Sendable {
        case language(blocks: Int, queriesPerKeyValueHead: Int)
        case projector
    }

    /// The target type of each candidate; nil where the policy leaves a tensor to its kind (norms, biases, tables).
    public func types(for candidates: [Candidate], architecture: Architecture) throws -> [ElementType?] {
        let patterns = try overrides.map { (try Regex($0.pattern), $0.type) }
        var result = [ElementType?](repeating: nil, count: candidates.count)
        var counters = Counters(values: candidates.count { $0.name.contains("attn_v.weight") })
        let isTied = !candidates.contains { $0.name == "output.weight" }
        for index in Self.processingOrder(candidates) {
            let candidate = candidates[index]
            guard Self.isConsidered(candidate, architecture: architecture) else { continue }
            let chosen: ElementType
            if let (_, type) = try patterns.first(where: { try $0.0.firstMatch(in: candidate.name) != nil }) {
                chosen = type
            } else if !preset.isQuantized {
                chosen = preset.defaultType
            } else {
                chosen = tableChoice(candidate, isTied: isTied, architecture: architecture, counters: &counters)
            }
            result[index] = Self.fallback(chosen, columns: candidate.shape.columns)
        }
        return result
    }

    /// Tensors whose type is up to the preset: weights of at least two dimensions that are no norm and no table.
    private static func isConsidered(_ candidate: Candidate, architecture: Architecture) -> Bool {
        guard candidate.shape.rank >= 2, candidate.name.hasSuffix("weight"), !candidate.name.hasSuffix("_norm.weight")
        else { return false }
        guard case .projector = architecture else { return true }
        return !candidate.name.contains(".position_embd") && !candidate.name.contains(".patch_embd")
    }

    /// Names without a block first, then blocks by number, in byte order within each. The projector file's `v.blk.N`
    /// does not count as a block there: its names sort as text, block 10 before block 2.
    static func processingOrder(_ candidates: [Candidate]) -> [Int] {
        candidates.indices.sorted {
            let (left, right) = (candidates[$0].name, candidates[$1].name)
            let (leftBlock, rightBlock) = (blockNumber(left), blockNumber(right))
            return leftBlock == rightBlock ? left.utf8.lexicographicallyPrecedes(right.utf8) : leftBlock < rightBlock
        }
    }

    private static func blockNumber(_ name: String) -> Int {
        guard name.hasPrefix("blk.") else { return -1 }
        return Int(name.dropFirst(4).prefix { $0 != "." }) ?? -1
    }

    /// How many tensors of a kind have been seen; llama.cpp's `i`.
    private struct Counters {
        /// Of all value matrices: what llama.cpp counts them against, also in a projector file.
        let values: Int
        var attentionValue = 0
        var feedForwardDown = 0
    }

    private func tableChoice(
        _ candidate: Candidate, isTied: Bool, architecture: Architecture, counters: inout Counters
    ) -> ElementType {
        let base = preset.defaultType
        let name = candidate.name
        if name == "output.weight" || (name == "token_embd.weight" && isTied) {
            if let outputType, name == "output.weight" { return outputType }
            if let embeddingType, name == "token_embd.weight" { return embeddingType }
            if isPure { return base }
            return base == .q8_0 || candidate.shape.columns % base.blockLength != 0 ? .q8_0 : .q6_K
        }
        if name == "token_embd.weight" { return embeddingType ?? base }
        if isPure { return base }

        let (blocks, queriesPerHead): (Int, Int) =
            switch architecture {
            case .language(let blocks, let ratio): (blocks, ratio)
            case .projector: (0, 1)
            }
        if name.contains("attn_v.weight") {
            defer { counters.attentionValue += 1 }
            return attentionValueType(counters.attentionValue, of: counters.values, queriesPerHead: queriesPerHead)
        }
        if name.contains("attn_output.weight") {
            switch preset.name {
            case "q2_k": return .q3_K
            case "q3_k_m": return .q4_K
            case "q3_k_l": return .q5_K
            default: return base
            }
        }
        if name.contains("ffn_down") {
            defer { counters.feedForwardDown += 1 }
            return feedForwardDownType(counters.feedForwardDown, blocks: blocks)
        }
        return base
    }

    /// The first and last eighth of the blocks and every third between.
    private static func deservesMore(_ i: Int, of blocks: Int) -> Bool {
        i < blocks / 8 || i >= 7 * blocks / 8 || (i - blocks / 8) % 3 == 2
    }

    private func attentionValueType(_ i: Int, of values: Int, queriesPerHead: Int) -> ElementType {
        switch preset.name {
        case "q2_k": queriesPerHead >= 4 ? .q4_K : .q3_K
        case "q2_k_s" where queriesPerHead >= 4: .q4_K
        case "q3_k_m": i < 2 ? .q5_K : .q4_K
        case "q3_k_l": .q5_K
        case "q4_k_s" where i < 4: .q5_K
        case "q4_k_m", "q5_k_m": Self.deservesMore(i, of: values) ? .q6_K : preset.defaultType
        case "iq4_nl" where queriesPerHead >= 4, "iq4_xs" where queriesPerHead >= 4: .q5_K
        default: preset.defaultType
        }
    }

    private func feedForwardDownType(_ i: Int, blocks: Int) -> ElementType {
        let isEarly = i < blocks / 8
        return switch preset.name {
        case "q2_k": .q3_K
        case "q2_k_s" where isEarly: .q4_K
        case "q3_k_m": i < blocks / 16 ? .q5_K : .q4_K
        case "q3_k_l": .q5_K
        case "q4_k_s" where isEarly: .q5_K
        case "q4_k_m", "q5_k_m": Self.deservesMore(i, of: blocks) ? .q6_K : preset.defaultType
        case "iq4_nl" where isEarly && !hasImportance, "iq4_xs" where isEarly && !hasImportance: .q5_K
        case "q4_0" where isEarly && hasImportance: .q4_1
        case "q5_0" where isEarly && hasImportance: .q5_1
        default: preset.defaultType
        }
    }

    /// A type whose blocks divide the row: the nearest larger one with blocks of 32, or F16.
    static func fallback(_ type: ElementType, columns: Int) -> ElementType {
        guard columns % type.blockLength != 0 else { return type }
        let smaller: ElementType =
            switch type {
            case .q2_K, .q3_K: .q4_0
            case .q4_K: .q5_0
            case .q5_K: .q5_1
            case .q6_K: .q8_0
            case .iq4_XS: .iq4_NL
            default: .f16
            }
        return columns % smaller.blockLength == 0 ? smaller : .f16
    }
}
