import Tensors

/// A target of a conversion, by the name that `llama-quantize` gives it: a default type and a policy around it.
///
/// This is the one table of them: the command line's flags come from it.
public struct Preset: Sendable, Hashable {
    /// Lower case, as on the command line: `q4_k_m`.
    public let name: String
    /// `general.file_type` in GGUF; nil for one that llama.cpp does not know.
    public let fileType: UInt32?
    /// The type of every matrix that the policy does not single out.
    public let defaultType: ElementType

    private init(_ name: String, _ fileType: UInt32?, _ defaultType: ElementType) {
        self.name = name
        self.fileType = fileType
        self.defaultType = defaultType
    }

    public var isQuantized: Bool { defaultType.isQuantized }

    /// llama-quantize's presets, from exact to smallest.
    public static let all: [Preset] = [
        Preset("f32", 0, .f32), Preset("f16", 1, .f16), Preset("bf16", 32, .bf16),
        Preset("q8_0", 7, .q8_0), Preset("q6_k", 18, .q6_K),
        Preset("q5_k_m", 17, .q5_K), Preset("q5_k_s", 16, .q5_K), Preset("q5_1", 9, .q5_1), Preset("q5_0", 8, .q5_0),
        Preset("q4_k_m", 15, .q4_K), Preset("q4_k_s", 14, .q4_K), Preset("q4_1", 3, .q4_1), Preset("q4_0", 2, .q4_0),
        Preset("iq4_nl", 25, .iq4_NL), Preset("iq4_xs", 30, .iq4_XS),
        Preset("q3_k_l", 13, .q3_K), Preset("q3_k_m", 12, .q3_K), Preset("q3_k_s", 11, .q3_K),
        Preset("q2_k", 10, .q2_K), Preset("q2_k_s", 21, .q2_K),
    ]

    /// Group scales, which only .mvlm files hold.
    public static let groupScales = GroupScaleFormat.allCases.compactMap { format in
        ElementType(rawValue: format.description).map { Preset(format.description, nil, $0) }
    }

    /// All that can be asked for.
    public static let choices = all + groupScales

    /// Every tensor as it is in the input: for a change of the container alone.
    public static let stored = Preset("stored", nil, .f32)

    /// Whatever type serves each matrix best under a limit of size; readers call the file by what most of it is.
    public static let mixed = Preset("mixed", nil, .q4_K)

    /// What most people want: small, small and closer, hardly changed.
    public static let usual = ["q4_0", "q4_k_m", "q8_0"]

    /// The preset of that name. Upper case and the short names `q3_k`, `q4_k`, `q5_k` (their `_m` variant) are understood.
    public init?(named name: String) {
        let lower = name.lowercased()
        let full = ["q3_k", "q4_k", "q5_k"].contains(lower) ? lower + "_m" : lower
        guard let match = Self.choices.first(where: { $0.name == full }) else { return nil }
        self = match
    }
}
