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
        switch type {
        case .f64, .f32: self.init(meanDivergence: 1e-6, topAgreement: 0.999, featureCosine: 0.9999)
        case .f16: self.init(meanDivergence: 1e-4, topAgreement: 0.99, featureCosine: 0.9999)
        case .bf16: self.init(meanDivergence: 2e-3, topAgreement: 0.97, featureCosine: 0.999)
        case .q8_0: self.init(meanDivergence: 5e-3, topAgreement: 0.96, featureCosine: 0.999)
        case .q6_K: self.init(meanDivergence: 0.02, topAgreement: 0.93, featureCosine: 0.998)
        case .q5_0, .q5_1, .q5_K: self.init(meanDivergence: 0.06, topAgreement: 0.90, featureCosine: 0.99)
        case .q4_0, .q4_1, .q4_K, .iq4_NL, .iq4_XS:
            self.init(meanDivergence: 0.3, topAgreement: 0.75, featureCosine: 0.98)
        case .q3_K: self.init(meanDivergence: 1.0, topAgreement: 0.6, featureCosine: 0.95)
        default: self.init(meanDivergence: 2.5, topAgreement: 0.4, featureCosine: 0.9)
        }
    }

    /// The largest relative error (RMS of the error over RMS of the weights) that rounding to `type` makes in a tensor
    /// of weights, whatever their distribution within reason.
    public static func tensorError(_ type: ElementType) -> Double {
        switch type {
        case .f64, .f32: 1e-6
        case .f16: 1e-3
        case .bf16: 4e-3
        case .q8_0: 0.015
        case .q6_K: 0.05
        case .q5_0, .q5_1, .q5_K: 0.1
        case .q4_0, .q4_1, .q4_K, .iq4_NL, .iq4_XS: 0.2
        case .q3_K: 0.35
        default: 0.6
        }
    }

    /// The largest error of a weight, relative to the largest weight of its 32, that rounding to `type` makes.
    public static func blockError(_ type: ElementType) -> Double {
        switch type {
        case .f64, .f32: 1e-6
        case .f16: 1e-3
        case .bf16: 4e-3
        case .q8_0: 0.01
        case .q6_K: 0.1
        case .q5_0, .q5_1, .q5_K: 0.15
        case .q4_0, .q4_1, .q4_K, .iq4_NL, .iq4_XS: 0.3
        case .q3_K: 0.6
        default: 1.0
        }
    }

    /// The coarser of two types: fewer bits per weight.
    public static func coarser(_ a: ElementType, _ b: ElementType) -> ElementType {
        a.bitsPerWeight <= b.bitsPerWeight ? a : b
    }
}
