import Execution
import MobileVLM
import Models
import Platform
import Tensors

/// The walk through one model: where both streams are, and what was decided on the way.
struct ModelWalk {
    let calibration: ModelCalibration
    let executor: Executor
    let cancellation: Cancellation?
    let progress: (CalibrationProgress) -> Void

    var folded: ModelWeights
    var rounded: ModelWeights
    var streams = Streams()
    var judged = Streams()
    /// What plain rounding makes of the rows that are judged.
    var plain: [Matrix] = []
    var chosen: Set<String> = []
    var pictureShares: [Double] = []
    var summary: CalibrationSummary
    var steps = (done: 0, resumed: 0)

    init(
        _ calibration: ModelCalibration, cancellation: Cancellation?,
        progress: @escaping (CalibrationProgress) -> Void
    ) throws {
        self.calibration = calibration
        self.cancellation = cancellation
        self.progress = progress
        executor = try Executor(
            configuration: calibration.configuration, weights: calibration.weights, threads: calibration.threads)
        folded = calibration.weights
        rounded = calibration.weights
        summary = CalibrationSummary(effort: calibration.effort)
    }

    var configuration: ModelConfiguration { calibration.configuration }
    var source: ModelWeights { calibration.weights }
    var group: GroupCalibration {
        GroupCalibration(
            source: source, types: calibration.types, effort: calibration.effort, threads: calibration.threads)
    }

    var layerCount: Int { configuration.language.layerCount }

    func tell(_ stage: String, _ part: Double) {
        let total = Double(layerCount + 1 + towerSteps + embeddingSteps)
        progress(
            CalibrationProgress(
                stage: stage, done: (Double(steps.done) + part) / total, resumed: Double(steps.resumed) / total))
    }

    // MARK: Input

    /// Refuses weights that no type can store before any work goes into others.
    func checkWeights() throws {
        tell("checking the weights", 0)
        let reading = MatrixReading(weights: source, threads: calibration.threads)
        for tensor in configuration.tensors where calibration.types[tensor.key] != nil {
            try cancellation?.check()
            try reading.check(tensor)
        }
    }

    /// Embeds all sequences in both models.
    mutating func begin(_ sequences: [CalibrationSequence], heldOut: [CalibrationSequence]) throws {
        tell("reading the input", 0)
        // What sees tokens and pictures as the output will, and as plain rounding would.
        let others = configuration.tensors.filter { $0.part != .language || $0.kind == .tokenEmbedding }
        let eye = try Executor(
            configuration: configuration,
            weights: rounded(plainly: others.filter { !chosen.contains($0.key) }, of: rounded),
            threads: calibration.threads)
        for sequence in sequences {
            try add(sequence, try executor.images(sequence, cancellation), to: &streams, eye: eye)
        }
        if !heldOut.isEmpty {
            let plainEye = try Executor(
                configuration: configuration, weights: rounded(plainly: others, of: source),
                threads: calibration.threads)
            for sequence in heldOut {
                let images = try executor.images(sequence, cancellation)
                try add(sequence, images, to: &judged, eye: eye)
                plain.append(try rows(sequence, images, by: plainEye))
            }
        }
        summary.pictures = sequences.reduce(0) { $0 + $1.pictures.count }
        summary.pictureRows = streams.isPicture.joined().count { $0 }
        summary.textRows = streams.rows - summary.pictureRows
    }

    /// - Parameters:
    ///   - images: What the whole model makes of its pictures.
    ///   - eye: Sees what the quantized model is given.
    private func add(
        _ sequence: CalibrationSequence, _ images: [Matrix], to streams: inout Streams, eye: Executor
    ) throws {
        try cancellation?.check()
        let (whole, isText) = try executor.blockInput(sequence, images: images)
        streams.whole.append(whole)
        streams.quantized.append(try rows(sequence, images, by: eye))
        streams.isPicture.append(isText.map { !$0 })
    }

    /// What the first block of a model with other weights is given.
    private func rows(_ sequence: CalibrationSequence, _ images: [Matrix], by eye: Executor) throws -> Matrix {
        try eye.blockInput(sequence, images: isTowerKept ? images : eye.images(sequence, cancellation)).rows
    }

    /// True if no output rounds tower or projector: pictures need to be encoded only once.
    private var isTowerKept: Bool {
        !configuration.tensors.contains { $0.part != .language && calibration.types[$0.key]?.isQuantized ?? false }
    }

    // MARK: Steps

    mutating func block(_ number: Int) throws {
        let plan = BlockPlan(configuration, .language, number, types: calibration.types)
        var rows = streams
        streams = Streams()
        try round(plan, name: "language \(number)", stage: "layer \(number + 1) of \(layerCount)", &rows)
        streams = rows
        try judge(plan)
    }

    /// Rounds one block of either stack, or takes what an interrupted run made of it.
    mutating func round(_ plan: BlockPlan, name: String, stage: String, _ rows: inout Streams) throws {
        let block = BlockCalibration(
            plan: plan, executor: executor, group: group, cancellation: cancellation,
            progress: { [self] in tell(stage, $0) })
        let result: RoundedTensors
        if let known = calibration.store?.take(name) {
            result = known
            try block.pass(&rows, known)
            steps.resumed += 1
        } else {
            var shares: [Double] = []
            result = try block.round(&rows, pictureShares: &shares)
            if plan.stack == .language { pictureShares += shares }
            try calibration.store?.keep(name, result)
        }
        try finish(result, plan.tensors, plan.couplings)
        steps.done += 1
    }

    /// The last norm and the head, and what the whole model makes of what is judged.
    mutating func head(_ judge: (HeldOutLogits) -> Void) throws {
        tell("output head", 0)
        let vectors = configuration.tensors.filter { $0.key == "model.norm.weight" }
        if let head = BlockPlan.head(configuration) {
            let couplings = head.coupling.map { [$0] } ?? []
            var result = RoundedTensors()
            if let known = calibration.store?.take("head") {
                result = known
                steps.resumed += 1
            } else {
                let norm = try executor.headSteps(weights: source)
                let share = try group.round(
                    head, couplings: couplings, quantized: streams.quantized.map(norm.input),
                    whole: streams.whole.map(norm.input), streams, choosesScales: true, &result)
                if let share { pictureShares.append(share) }
                try calibration.store?.keep("head", result)
            }
            try finish(result, head.tensors + vectors, couplings)
        }
        if summary.pictureRows > 0, summary.textRows > 0, !pictureShares.isEmpty {
            summary.pictureShare = pictureShares.reduce(0, +) / Double(pictureShares.count)
        }
        steps.done += 1
        guard !judged.whole.isEmpty else { return }
        try judgeHead(judge)
    }

    mutating func finish(
        _ result: RoundedTensors, _ tensors: [TensorSpecification], _ couplings: [Coupling]
    ) throws {
        try result.place(
            tensors, couplings, types: calibration.types, source: source, folded: &folded, rounded: &rounded)
        chosen.formUnion(result.bytes.keys)
        summary.matrices += result.bytes.count
        summary.folds += result.scales.count
    }

    var result: CalibratedModel {
        var summary = summary
        summary.resumed = steps.resumed
        return CalibratedModel(folded: folded, rounded: rounded, chosen: chosen, summary: summary)
    }
}
