import Tensors

/// Everything that `verify` found, and the verdict.
public struct VerificationReport: Sendable {
    /// One reason to call the file wrong.
    public struct Fault: Sendable, Equatable {
        /// The tensor, statement or measure it is about.
        public let subject: String
        public let problem: String

        public init(subject: String, problem: String) {
            self.subject = subject
            self.problem = problem
        }
    }

    public let prompts: [PromptResult]
    public let tensors: [TensorComparison]
    public let thresholds: Thresholds
    /// Over all prompts.
    public let logits: LogitComparison
    /// What was not compared, and why.
    public let remarks: [String]
    /// Empty if the file passes.
    public let faults: [Fault]

    public var passed: Bool { faults.isEmpty }

    /// - Parameters:
    ///   - differences: What the two models state differently of themselves; each is a fault.
    ///   - remarks: What was not compared, and why.
    public init(
        prompts: [PromptResult], tensors: [TensorComparison], thresholds: Thresholds, differences: [Fault] = [],
        remarks: [String] = []
    ) {
        self.remarks = remarks
        self.prompts = prompts
        self.tensors = tensors
        self.thresholds = thresholds
        var all = LogitComparison()
        for prompt in prompts { all.add(prompt.logits) }
        logits = all
        faults = differences + Self.weightFaults(tensors) + Self.resultFaults(all, prompts, thresholds)
    }

    /// Mean cosine of image features over the prompts that have pictures.
    public var featureCosine: Double? {
        let cosines = prompts.compactMap(\.featureCosine)
        return cosines.isEmpty ? nil : cosines.reduce(0, +) / Double(cosines.count)
    }

    /// Prompts that both models answered with the same tokens.
    public var sameAnswers: Int { prompts.filter { $0.referenceAnswer == $0.candidateAnswer }.count }

    /// How many tensors hold exactly the bytes that quantizing the source gives.
    public var reproduced: Int { tensors.filter(\.isReproduced).count }

    /// Every tensor is held to its type's bounds, reproduced or not: that the converter's own encoder gives the same
    /// bytes says nothing on whether the encoder is right.
    private static func weightFaults(_ tensors: [TensorComparison]) -> [Fault] {
        tensors.compactMap { tensor in
            problem(tensor, among: tensors).map { Fault(subject: tensor.name, problem: $0) }
        }
    }

    private static func problem(_ tensor: TensorComparison, among tensors: [TensorComparison]) -> String? {
        let (type, blocks) = (tensor.type, tensor.blocks)
        // Written so that NaN fails.
        let typical = Thresholds.typicalError(type, isCalibrated: tensor.isCalibrated)
        if !(blocks.typical <= typical) {
            return "differs from the checkpoint by \(percent(blocks.typical)) of its blocks' largest weights, rounding "
                + "to \(type.name) explains \(percent(typical))"
        }
        // Calibration gives up single weights for what a layer computes: no bound on one holds.
        if tensor.isCalibrated { return nil }
        let isPlain = !tensor.hasImportance && (tensor.isReproduced || areReproduced(tensors, besides: tensor))
        let limit = Thresholds.blockError(type, mayHaveImportance: !isPlain)
        if !(blocks.worst <= limit) {
            return
                "a block is off by \(percent(blocks.worst)) of its largest weight, rounding to \(type.name) explains "
                + percent(limit)
        }
        if isOddOneOut(tensor, among: tensors) {
            return "its bytes are not what quantizing the checkpoint to \(type.name) gives, while those of nearly all "
                + "other tensors are"
        }
        return nil
    }

    /// A file made without importance reproduces everywhere. Where nearly all tensors do, one that does not was damaged,
    /// even if only by a bit too small for any error bound.
    private static func isOddOneOut(_ tensor: TensorComparison, among tensors: [TensorComparison]) -> Bool {
        !tensor.isReproduced && areReproduced(tensors, besides: tensor)
    }

    /// Whether nearly all others hold exactly what quantizing gives.
    private static func areReproduced(_ tensors: [TensorComparison], besides tensor: TensorComparison) -> Bool {
        let others = tensors.filter { $0.name != tensor.name }
        return others.count >= 10 && others.filter(\.isReproduced).count * 10 >= others.count * 9
    }

    private static func resultFaults(
        _ logits: LogitComparison, _ prompts: [PromptResult], _ thresholds: Thresholds
    ) -> [Fault] {
        guard logits.positions > 0 else { return [Fault(subject: "prompts", problem: "no position was compared")] }
        var faults: [Fault] = []
        // Written so that NaN fails.
        if !(logits.meanDivergence <= thresholds.meanDivergence) {
            faults.append(
                Fault(
                    subject: "Mean KLD",
                    problem: "is \(logits.meanDivergence), allowed is \(thresholds.meanDivergence)"))
        }
        if !(logits.sureAgreement >= thresholds.topAgreement) {
            faults.append(
                Fault(
                    subject: "Same top p",
                    problem: "is \(percent(logits.sureAgreement)) where the checkpoint is sure, asked for is "
                        + percent(thresholds.topAgreement)))
        }
        for prompt in prompts {
            if let cosine = prompt.featureCosine, !(cosine >= thresholds.featureCosine) {
                faults.append(
                    Fault(
                        subject: "image features (\(prompt.name))",
                        problem: "mean cosine is \(cosine), asked for is \(thresholds.featureCosine)"))
            }
        }
        return faults
    }

    private static func percent(_ share: Double) -> String {
        guard share.isFinite else { return "infinitely much" }
        return "\((share * 10_000).rounded() / 100) %"
    }
}
