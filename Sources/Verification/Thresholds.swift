import Models
import Tensors

/// How far a converted file may be from its source before `verify` calls it wrong.
///
/// The values are several times what correct files of each type were measured to have (docs/numerics.md gives the
/// measurements and the reasons). They are no statement on quality: they tell a file that computes the checkpoint, up to
/// its type's rounding, from one that computes something else.
public struct Thresholds: Sendable, Equatable {
    /// Mean KL divergence over all positions, in nats.
    public var meanDivergence: Double
    /// Share of positions with the same most likely token, of those at which the reference is sure of it.
    public var topAgreement: Double
    /// Mean cosine of image features.
    public var featureCosine: Double

    public init(meanDivergence: Double, topAgreement: Double, featureCosine: Double) {
        self.meanDivergence = meanDivergence
        self.topAgreement = topAgreement
        self.featureCosine = featureCosine
    }

    /// The limits for files whose coarsest matrix type in the language model is `type`.
    public init(coarsest type: ElementType) {
        switch Self.counterpart(type) {
        case .f64, .f32, .f16: self.init(meanDivergence: 1e-4, topAgreement: 0.99, featureCosine: 0.9999)
        case .bf16: self.init(meanDivergence: 1e-3, topAgreement: 0.98, featureCosine: 0.999)
        case .q8_0: self.init(meanDivergence: 2e-3, topAgreement: 0.97, featureCosine: 0.999)
        case .q6_K: self.init(meanDivergence: 0.01, topAgreement: 0.95, featureCosine: 0.998)
        case .q5_0, .q5_1, .q5_K: self.init(meanDivergence: 0.05, topAgreement: 0.9, featureCosine: 0.99)
        case .q4_0, .q4_1, .q4_K, .iq4_NL, .iq4_XS:
            self.init(meanDivergence: 0.3, topAgreement: 0.75, featureCosine: 0.95)
        case .q3_K: self.init(meanDivergence: 0.5, topAgreement: 0.7, featureCosine: 0.9)
        default: self.init(meanDivergence: 1.5, topAgreement: 0.5, featureCosine: 0.8)
        }
    }

    /// The limits for a file with these tensors, by the coarsest matrices of the language model and of the tower. Norms
    /// and biases say nothing about a file's type.
    public init(_ tensors: [TensorComparison]) {
        func coarsest(_ part: ModelPart) -> ElementType {
            tensors.filter { tensor in
                guard tensor.part == part else { return false }
                return switch tensor.kind {
                case .matrix, .rotaryMatrix: true
                default: false
                }
            }.map(\.type).reduce(.f32, Self.coarser)
        }
        self.init(coarsest: coarsest(.language))
        featureCosine = Self(coarsest: coarsest(.tower)).featureCosine
    }

    /// The largest `BlockError.typical` that rounding to `type` makes, whatever the weights and their importance.
    /// - Parameter isCalibrated: Errors of several weights that make up for each other may each be larger.
    public static func typicalError(_ type: ElementType, isCalibrated: Bool = false) -> Double {
        typicalError(type) * (isCalibrated ? 3 : 1)
    }

    private static func typicalError(_ type: ElementType) -> Double {
        switch counterpart(type) {
        case _ where type.groupScales?.bits == 8: 0.005
        case .f64, .f32: 1e-6
        case .f16: 4e-4
        case .bf16: 3e-3
        case .q8_0: 0.004
        case .q6_K: 0.025
        case .q5_0, .q5_1, .q5_K: 0.055
        case .q4_0, .q4_1, .q4_K, .iq4_NL, .iq4_XS: 0.1
        case .q3_K: 0.17
        default: 0.2
        }
    }

    /// The largest `BlockError.worst` that rounding to `type` makes, whatever the weights. Importance lets a block's
    /// scale follow the columns that matter, and a weight that does not matter can then be off by half the block's range.
    public static func blockError(_ type: ElementType, mayHaveImportance: Bool = false) -> Double {
        let (plain, weighed) =
            switch counterpart(type) {
            // The scale is chosen by the squares of the errors, not by the largest weight as in Q8_0.
            case _ where type.groupScales?.bits == 8: (0.02, 0.1)
            case .f64, .f32: (1e-6, 1e-6)
            case .f16: (1e-3, 1e-3)
            case .bf16: (4e-3, 4e-3)
            case .q8_0: (0.01, 0.01)
            case .q6_K: (0.1, 0.45)
            case .q5_0, .q5_1, .q5_K: (0.15, 0.55)
            case .q4_0, .q4_1, .q4_K, .iq4_NL, .iq4_XS: (0.3, 0.65)
            case .q3_K: (0.6, 0.7)
            default: (0.9, 0.9)
            }
        return mayHaveImportance ? weighed : plain
    }

    /// The type by whose limits `type` is judged: of group scales ggml's with as many bits per level.
    private static func counterpart(_ type: ElementType) -> ElementType {
        switch type.groupScales?.bits {
        case nil: type
        case 8: .q8_0
        case 5: .q5_0
        default: .q4_0
        }
    }

    /// The coarser of two types: fewer bits per weight.
    public static func coarser(_ a: ElementType, _ b: ElementType) -> ElementType {
        a.bitsPerWeight <= b.bitsPerWeight ? a : b
    }
}
