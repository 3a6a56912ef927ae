import Execution
import MobileVLM
import Models
import Tensors

/// What a calibration gives: a model that computes what the source does, with scales moved, and the bytes that its matrices
/// are to be stored in.
public struct CalibratedModel: Sendable {
    /// Every tensor, not rounded; those that a scale moved through as floats.
    public let folded: ModelWeights
    /// The same, with chosen bytes where there are any.
    let rounded: ModelWeights
    private let chosen: Set<String>
    public let summary: CalibrationSummary

    init(folded: ModelWeights, rounded: ModelWeights, chosen: Set<String>, summary: CalibrationSummary) {
        self.folded = folded
        self.rounded = rounded
        self.chosen = chosen
        self.summary = summary
    }

    /// The chosen rows of a tensor, in its target's type; nil where rounding is the encoder's.
    /// - Parameter pairing: The order in which the rows of queries and keys are wanted.
    public func chosenRows(_ tensor: TensorSpecification, pairing: RotaryPairing) throws -> (any TensorRows)? {
        guard chosen.contains(tensor.key) else { return nil }
        return try rounded.rows(tensor, pairing: pairing)
    }
}

/// What a calibration did.
public struct CalibrationSummary: Sendable {
    public internal(set) var effort: CalibrationEffort
    /// Rows of text and of pictures that the language model was given.
    public internal(set) var textRows = 0
    public internal(set) var pictureRows = 0
    public internal(set) var pictures = 0
    /// Pictures' share of the sums of squares of what the language model's layers read, before both kinds were given
    /// equal weight; nil where there was but one kind.
    public internal(set) var pictureShare: Double?
    /// Matrices whose bytes were chosen.
    public internal(set) var matrices = 0
    /// Places where scales were moved.
    public internal(set) var folds = 0
    /// Steps that an interrupted run had done.
    public internal(set) var resumed = 0
}

/// How far a calibration is.
public struct CalibrationProgress: Sendable {
    /// Such as `layer 3 of 24`.
    public let stage: String
    /// From 0 to 1, by the work.
    public let done: Double
    /// Of that, what an interrupted run had done.
    public let resumed: Double
}

/// Logits for what was kept from the calibration, `[T, V]` each: of the source, of the source as plain rounding stores it, and
/// of the calibrated model.
public struct HeldOutLogits: Sendable {
    public let whole, plain, calibrated: Matrix
    /// Which rows are a picture's.
    public let isPicture: [Bool]
}
