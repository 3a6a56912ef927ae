/// How much work goes into a calibration.
public enum CalibrationEffort: String, Sendable, CaseIterable {
    case quick, normal, best

    /// Rows of input, text and pictures together, that suffice.
    public var rows: Int {
        switch self {
        case .quick: 3072
        case .normal: 8192
        case .best: 49152
        }
    }

    /// Passes of coordinate descent after the feedback.
    package var descent: Descent {
        switch self {
        case .quick: .none
        case .normal: Descent(strict: 2)
        case .best: Descent(relaxed: 64, strict: 2)
        }
    }

    /// How strongly inputs' curvature is damped: the fewer rows it is of, the less it tells of others.
    var damping: Curvature.Damping {
        let share: Float = self == .best ? 0.005 : 0.02
        return Curvature.Damping(ofEach: share, ofMean: share)
    }

    /// The exponents of which a fold is made, beside none.
    var exponents: [Float] { self == .quick ? [0.25] : [0.125, 0.25, 0.375, 0.5] }

    /// How far targets go towards what the unquantized model computes: 0 keeps the layer's own outputs.
    public var targetWeight: Float { self == .quick ? 0 : 0.5 }

    /// Rows of a matrix on which exponents are tried.
    var sampledRows: Int { self == .quick ? 64 : 128 }

    /// Rows of input by which those folds are chosen that come before their consumers' own input is known.
    var foldInputRows: Int { self == .quick ? 1024 : 2048 }

    /// One line for a file's metadata.
    public var description: String {
        var words = ["error feedback", "folded scales"]
        let passes = descent.relaxed + descent.strict
        if passes > 0 { words.append("\(passes) passes of descent") }
        if targetWeight > 0 { words.append("targets of the unquantized model by \(targetWeight)") }
        return words.joined(separator: ", ")
    }
}
