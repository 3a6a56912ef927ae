import ByteIO
import Conversion
import GGUF
import MobileVLM
import Tensors

/// `vlmconv convert` as a call: a checkpoint in, a GGUF pair out.
public struct ConversionRequest: Sendable {
    public var checkpoint: String
    public var output: String
    /// The preset of the language model, such as `q4_0`.
    public var preset: Preset
    /// The preset of tower and projector.
    public var projectorPreset: Preset
    /// Where the projector file goes; nil for `mmproj-NAME` beside the output.
    public var projectorOutput: String?
    public var visionTower: String?
    /// Leaves tower and projector out, for text-only use.
    public var languageOnly = false
    /// Nil for as many as there are processors.
    public var threads: Int?

    public init(checkpoint: String, output: String, preset: Preset, projectorPreset: Preset) {
        self.checkpoint = checkpoint
        self.output = output
        self.preset = preset
        self.projectorPreset = projectorPreset
    }
}

/// What a conversion did.
public struct ConversionReport: Sendable {
    public struct File: Sendable {
        public let path: String
        public let bytes: Int
        public let tensors: Int
        public let parameters: Int
        public let bitsPerWeight: Double
        /// Number of tensors of each type, most bytes first.
        public let types: [(type: ElementType, count: Int)]
    }

    public let configuration: ModelConfiguration
    public let files: [File]
    public let ledger: TensorLedger
    /// How the checkpoint was opened.
    public let notes: [String]
    /// What other readers of the files will not do right.
    public let advice: [String]
    public let seconds: Double
    /// Largest resident set of this process so far, in bytes.
    public let peakMemory: Int
}

extension ConversionRequest {
    /// Which part of the work is going on, for a progress line.
    public struct Progress: Sendable {
        public let file: String
        public let done: Int
        public let total: Int
    }

    /// Converts. Both files appear together, whole and checked, or not at all.
    public func run(progress: @escaping @Sendable (Progress) -> Void = { _ in }) throws -> ConversionReport {
        let clock = ContinuousClock()
        let start = clock.now
        let model = try Model(path: checkpoint, visionTower: visionTower)
        guard model.container == .checkpoint, let ledger = model.ledger else {
            throw InputError(
                Model.notAModel, file: checkpoint, field: "input", problem: "is \(model.container.rawValue)",
                remedy: "convert takes the folder of a checkpoint.")
        }
        let outputs = try plan(model)
        // Both are planned, opened and given their space before the first tensor is read.
        let writers = try outputs.map { output in
            try GGUFWriter(
                destination: output.path, inputs: model.files, metadata: output.plan.metadata,
                tensors: output.plan.tensors.map(\.target))
        }
        for (output, writer) in zip(outputs, writers) {
            let pipeline = Pipeline(
                plan: output.plan, weights: model.weights, threads: threads ?? Machine.processorCount
            ) { progress(Progress(file: output.path, done: $0, total: $1)) }
            try pipeline.run(into: writer)
        }
        for writer in writers { try writer.finish() }

        return ConversionReport(
            configuration: model.configuration,
            files: outputs.map { output in
                ConversionReport.File(
                    path: output.path, bytes: Folder.size(output.path) ?? 0, tensors: output.plan.tensors.count,
                    parameters: output.plan.parameterCount, bitsPerWeight: output.plan.bitsPerWeight,
                    types: Self.typeCounts(output.plan))
            },
            ledger: ledger, notes: model.notes,
            advice: languageOnly ? [] : model.configuration.multimodal.map(GGUFProjectorMetadata.advice) ?? [],
            seconds: (clock.now - start).seconds, peakMemory: Machine.peakMemory)
    }

    private struct Output {
        let path: String
        let plan: ConversionPlan
    }

    private func plan(_ model: Model) throws -> [Output] {
        let configuration = model.configuration
        let l = configuration.language
        let language = try ConversionPlan.tensors(
            configuration.languageTensors, weights: model.weights, policy: TypePolicy(preset),
            architecture: .language(
                blocks: l.layerCount, queriesPerKeyValueHead: l.headCount / l.keyValueHeadCount))
        let metadata = GGUFLanguageMetadata.write(
            configuration, vocabulary: model.tokenizer.vocabulary, fileType: preset.fileType,
            isQuantized: preset.isQuantized)
        var outputs = [Output(path: output, plan: ConversionPlan(metadata: metadata, tensors: language))]

        guard let multimodal = configuration.multimodal, !languageOnly else { return outputs }
        let tower = try ConversionPlan.tensors(
            configuration.towerTensors + configuration.projectorTensors, weights: model.weights,
            policy: TypePolicy(projectorPreset), architecture: .projector)
        let path = projectorOutput ?? Model.projectorPath(for: output)
        let towerMetadata = try GGUFProjectorMetadata.write(
            configuration, multimodal, fileType: projectorPreset.fileType, isQuantized: projectorPreset.isQuantized,
            file: checkpoint)
        outputs.append(Output(path: path, plan: ConversionPlan(metadata: towerMetadata, tensors: tower)))
        return outputs
    }

    private static func typeCounts(_ plan: ConversionPlan) -> [(type: ElementType, count: Int)] {
        ElementType.allCases.compactMap { type in
            let matching = plan.tensors.filter { $0.target.type == type }
            guard !matching.isEmpty else { return nil }
            return (type, matching.count, matching.reduce(0) { $0 + $1.target.byteCount })
        }
        .sorted { (left: (ElementType, Int, Int), right) in left.2 > right.2 }
        .map { ($0.0, $0.1) }
    }
}
