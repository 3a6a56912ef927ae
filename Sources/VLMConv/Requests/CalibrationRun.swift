import ByteIO
import Calibration
import Conversion
import MobileVLM
import Models
import Opening
import Platform
import Tensors
import Verification

/// Calibrates a model that is about to be written: what `convert` and `quantize` share.
struct CalibrationRun {
    static let nothingToRound = Rule("calibrate.no-levels")

    let options: CalibrationOptions
    let session: Session
    /// The file that is to be written; finished steps are kept beside it.
    let output: String
    let cancellation: Cancellation?
    let progress: @Sendable (CalibrationProgress) -> Void
    /// In which the model's channels are measured and calibrated; nil for their own.
    let order: ChannelOrder?

    init(
        options: CalibrationOptions, session: Session, output: String, cancellation: Cancellation?,
        progress: @escaping @Sendable (CalibrationProgress) -> Void
    ) throws {
        self.options = options
        self.session = session
        self.output = output
        self.cancellation = cancellation
        self.progress = progress
        order = try ChannelOrder(session.model.configuration, session.model.weights, threads: session.executor.threads)
    }

    /// The model's weights in that order.
    func weights() throws -> ModelWeights {
        let model = session.model
        return try order.map { try model.weights.reordered($0, model.configuration) } ?? model.weights
    }

    /// What came of it, until the output is whole.
    struct Outcome {
        let model: CalibratedModel
        let report: CalibrationReport
        let record: CalibrationRecord
        /// Removes what was kept for going on after an interruption.
        let finish: () -> Void
    }

    /// - Parameter types: The type that each tensor is to have, by key.
    func callAsFunction(types: [String: ElementType]) throws -> Outcome {
        guard types.values.contains(where: { WeightStorage($0).hasLevels }) else {
            throw InputError(
                Self.nothingToRound, file: output, field: "type",
                problem: "none of the types that were asked for has levels to choose",
                remedy: "Leave out --calibrate, or ask for a quantized type such as --q4_0.")
        }
        if let advice = session.advice { options.notice(advice) }
        let start = ContinuousClock.now
        let channels = try recordedChannels()
        let material = try CalibrationMaterial(options)
        let (sequences, notes) = try material.sequences(session, effort: options.effort)
        var calibration = ModelCalibration(
            configuration: session.model.configuration, weights: try weights(), types: types)
        calibration.effort = options.effort
        calibration.threads = session.executor.threads
        let store = try CalibrationStore(
            output: output, work: calibration.work(sequences, files: session.model.files, version: VLMConvVersion.text),
            inputs: session.model.files)
        calibration.store = store
        var (plain, calibrated) = (LogitComparison(), LogitComparison())
        let model = try calibration.run(
            sequences, heldOut: CalibrationMaterial.heldOut(session), cancellation: cancellation,
            judge: { logits in
                for row in 0..<logits.whole.rows where !logits.isPicture[row] {
                    plain.add(reference: logits.whole[row: row], candidate: logits.plain[row: row])
                    calibrated.add(reference: logits.whole[row: row], candidate: logits.calibrated[row: row])
                }
            }, progress: progress)
        let summary = model.summary
        return Outcome(
            model: model,
            report: CalibrationReport(
                summary: summary, plain: plain, calibrated: calibrated,
                seconds: (ContinuousClock.now - start).seconds,
                notes: Picture.summary(notes)),
            record: CalibrationRecord(
                method: options.effort.description, effort: options.effort.rawValue, input: material.names,
                textRows: summary.textRows, pictureRows: summary.pictureRows, folds: summary.folds,
                channels: channels),
            finish: { store.remove() })
    }

    /// The output's channels by those of the model that was calibrated first: a source may have been reordered before.
    private func recordedChannels() throws -> [Int]? {
        let earlier = try CalibrationRecord(session.model.metadata, file: session.model.path)?.channels
        // A model in blocks keeps its order.
        guard let order, let earlier else { return order?.channels ?? earlier }
        guard let both = ChannelOrder(earlier).flatMap(order.following) else {
            throw CalibrationRecord.wrongChannels(session.model.path)
        }
        return both.channels
    }
}

/// What calibration did, and what it is worth.
public struct CalibrationReport: Sendable {
    public let summary: CalibrationSummary
    /// On prompts that were kept from the calibration: the source as plain rounding stores it, against the source.
    public let plain: LogitComparison
    /// The same of what was written.
    public let calibrated: LogitComparison
    public let seconds: Double
    /// What the user should know of how pictures were read.
    public let notes: [String]
}
