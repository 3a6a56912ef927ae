import Models
import Tensors

/// Decides the type of every tensor as `llama-quantize` does (src/llama-quant.cpp), with overrides.
///
/// It goes by what tensors are to the model; only overrides look at names.
public struct TypePolicy: Sendable {
    public let preset: Preset
    public var architecture: Architecture
    /// The default type everywhere, but for rows that it does not divide.
    public var isPure = false
    /// Instead of the rule for the output head.
    public var outputType: ElementType?
    /// Instead of the default for the token embedding.
    public var embeddingType: ElementType?
    /// Patterns on the container's names, searched anywhere in the name; the first match wins over the table.
    public var overrides: [Override] = []
    /// Types by the container's names, instead of the table where no override matches.
    public var mix: [String: ElementType] = [:]
    /// True if tensors are quantized with importance, which changes some choices.
    public var hasImportance = false

    public init(_ preset: Preset, _ architecture: Architecture) {
        self.preset = preset
        self.architecture = architecture
    }

    /// A type for every tensor whose name matches.
    public struct Override: Sendable, Hashable {
        /// A regular expression, searched anywhere in the container's name.
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
    public struct Candidate: Sendable {
        /// In the container: what overrides are matched against.
        public let name: String
        /// Nil where the type is not up to the preset: norms, biases, tables, kernels.
        public let role: TensorRole?
        /// Length of a row.
        public let columns: Int

        public init(name: String, role: TensorRole?, columns: Int) {
            self.name = name
            self.role = role
            self.columns = columns
        }

        /// A tensor of the model.
        public init(name: String, _ specification: TensorSpecification, columns: Int) {
            let role: TensorRole? =
                switch specification.kind {
                case .vector, .positionTable, .patchKernel, .depthwiseKernel: nil
                case .matrix, .rotaryMatrix, .tokenEmbedding, .outputHead, .pointwiseKernel: specification.role
                }
            self.init(name: name, role: role, columns: columns)
        }
    }

    /// The model's numbers that the table depends on.
    public enum Architecture: Sendable {
        case language(blocks: Int, queriesPerKeyValueHead: Int)
        /// Tower and projector, of whose blocks and heads llama-quantize takes no notice.
        case projector
    }

    /// The target type of each candidate; nil where the policy leaves a tensor to its kind.
    /// - Parameter order: The order in which types are chosen: positions of all candidates.
    public func types(for candidates: [Candidate], order: [Int]) throws -> [ElementType?] {
        let patterns = try overrides.map { (try Regex($0.pattern), $0.type) }
        var result = [ElementType?](repeating: nil, count: candidates.count)
        var counters = Counters(values: candidates.count { $0.role == .values })
        let isTied = !candidates.contains { $0.role == .outputHead }
        for index in order {
            let candidate = candidates[index]
            guard let role = candidate.role else { continue }
            let chosen: ElementType
            if let (_, type) = try patterns.first(where: { try $0.0.firstMatch(in: candidate.name) != nil }) {
                chosen = type
            } else if let type = mix[candidate.name] {
                chosen = type
            } else if !preset.isQuantized {
                chosen = preset.defaultType
            } else {
                chosen = tableChoice(role, columns: candidate.columns, isTied: isTied, counters: &counters)
            }
            result[index] = Self.fallback(chosen, columns: candidate.columns)
        }
        return result
    }

    /// How many tensors of a kind have been seen; llama.cpp's `i`.
    private struct Counters {
        /// Of all value matrices: what llama.cpp counts them against, also in a projector file.
        let values: Int
        var attentionValue = 0
        var feedForwardDown = 0
    }

    private func tableChoice(
        _ role: TensorRole, columns: Int, isTied: Bool, counters: inout Counters
    ) -> ElementType {
        let base = preset.defaultType
        if role == .outputHead || (role == .tokenEmbedding && isTied) {
            if let outputType, role == .outputHead { return outputType }
            if let embeddingType, role == .tokenEmbedding { return embeddingType }
            if isPure { return base }
            if let format = base.groupScales { return Self.headType(format) }
            return base == .q8_0 || columns % base.blockLength != 0 ? .q8_0 : .q6_K
        }
        if role == .tokenEmbedding, let embeddingType { return embeddingType }
        if isPure { return base }
        // A token looks up one row: finer ones cost size alone (formats/quantized-blocks.md, "Presets").
        if role == .tokenEmbedding { return base.groupScales.map { $0.bits == 8 ? base : .q6_K } ?? base }

        let (blocks, queriesPerHead): (Int, Int) =
            switch architecture {
            case .language(let blocks, let ratio): (blocks, ratio)
            case .projector: (0, 1)
            }
        switch (role, architecture) {
        case (.values, _):
            defer { counters.attentionValue += 1 }
            return attentionValueType(counters.attentionValue, of: counters.values, queriesPerHead: queriesPerHead)
        // A tower's is not singled out.
        case (.attentionOutput, .language):
            switch preset.name {
            case "q2_k": return .q3_K
            case "q3_k_m": return .q4_K
            case "q3_k_l": return .q5_K
            default: return base
            }
        case (.down, _):
            defer { counters.feedForwardDown += 1 }
            return feedForwardDownType(counters.feedForwardDown, blocks: blocks)
        default: return base
        }
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

    /// The head under group scales: as llama-quantize's, it is finer than the rest.
    private static func headType(_ format: GroupScaleFormat) -> ElementType {
        format.bits == 8 ? .s8g32 : .q6_K
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
            case .s4g64, .s4g128: .s4g32
            case .s5g64, .s5g128: .s5g32
            case .s8g64, .s8g128: .s8g32
            case .a4g64, .a4g128: .a4g32
            case .a5g64, .a5g128: .a5g32
            case .a8g64, .a8g128: .a8g32
            default: .f16
            }
        return columns % smaller.blockLength == 0 ? smaller : .f16
    }
}
