import Platform
import ByteIO
import Conversion
import Dialects
import GGUF
import MobileVLM
import Models
import Opening
import Tensors

/// How tensors are stored, whatever they come from.
public struct StorageOptions: Sendable {
    /// The preset, such as `q4_0`.
    public var preset: Preset
    /// The preset's type everywhere, but for rows that it does not divide.
    public var isPure = false
    /// Types for tensors whose names match; the first match wins, before the preset's table.
    public var overrides: [TypePolicy.Override] = []
    public var outputType: ElementType?
    public var embeddingType: ElementType?
    /// An importance matrix, in llama.cpp's GGUF form or the older `.dat`.
    public var importance: String?
    /// Most bytes of tensors per file of the language model; nil writes a single file.
    public var maximumFileBytes: Int?
    /// Nil for all where a checkpoint is converted, and those of tensors where a file is quantized.
    public var digests: RecordedDigests?
    /// Nil for as many as there are processors.
    public var threads: Int?

    public init(_ preset: Preset) { self.preset = preset }

    func policy(_ preset: Preset, importance: ImportanceMatrix?) -> TypePolicy {
        var policy = TypePolicy(preset)
        policy.isPure = isPure
        policy.overrides = overrides
        policy.outputType = outputType
        policy.embeddingType = embeddingType
        policy.hasImportance = importance != nil
        return policy
    }

    /// The options as one line, for the file's metadata.
    func description(_ preset: Preset) -> String {
        var words = [preset.name]
        if isPure { words.append("pure") }
        words += overrides.map { "\($0.pattern)=\($0.type.name)" }
        if let outputType { words.append("output=\(outputType.name)") }
        if let embeddingType { words.append("embedding=\(embeddingType.name)") }
        if let importance { words.append("imatrix=\(Folder.lastComponent(importance))") }
        return words.joined(separator: " ")
    }

    /// The keys by which llama-quantize records that a file was made with importance.
    func recordImportance(_ matrix: ImportanceMatrix?, in metadata: inout Metadata) {
        guard let matrix else { return }
        metadata["quantize.imatrix.file"] = .string(Folder.lastComponent(matrix.fileName))
        if let dataset = matrix.datasets.first {
            metadata["quantize.imatrix.dataset"] = .string(Folder.lastComponent(dataset))
        }
        metadata["quantize.imatrix.entries_count"] = .uint32(UInt32(clamping: matrix.names.count))
        if let chunks = matrix.chunkCount {
            metadata["quantize.imatrix.chunks_count"] = .uint32(UInt32(clamping: chunks))
        }
    }

    func readImportance() throws -> ImportanceMatrix? { try importance.map { try ImportanceMatrix(path: $0) } }
}

/// `vlmconv convert` as a call: a checkpoint in, a GGUF pair out.
public struct ConversionRequest: Sendable {
    /// Language model and projector must not go into one file.
    public static let sameOutput = Rule("output.twice")

    public var checkpoint: String
    public var output: String
    /// How the language model is stored.
    public var storage: StorageOptions
    /// The preset of tower and projector.
    public var projectorPreset: Preset
    /// Where the projector file goes; nil for `mmproj-NAME` beside the output.
    public var projectorOutput: String?
    /// What belongs to the model in other places.
    public var parts = ModelParts()
    /// Leaves tower and projector out, for text-only use.
    public var languageOnly = false

    public init(checkpoint: String, output: String, storage: StorageOptions, projectorPreset: Preset) {
        self.checkpoint = checkpoint
        self.output = output
        self.storage = storage
        self.projectorPreset = projectorPreset
    }

    /// Converts. Both files appear whole and checked, or not at all.
    public func run(
        progress: @escaping @Sendable (ConversionProgress) -> Void = { _ in }
    ) throws -> ConversionReport {
        let start = ContinuousClock.now
        let model = try open()
        let outputs = try plan(model)
        let files = try OutputFile.write(outputs, threads: storage.threads, progress: progress)
        return ConversionReport(
            name: model.configuration.name, configuration: model.configuration,
            files: files, ledger: model.ledger, notes: model.notes,
            advice: model.configuration.multimodal.map(GGUFProjectorMetadata.advice) ?? [],
            seconds: (ContinuousClock.now - start).seconds, peakMemory: Machine.peakMemory)
    }

    /// Decides everything and writes nothing.
    public func plan() throws -> PlanReport {
        let model = try open()
        return try PlanReport(try plan(model), configuration: model.configuration)
    }

    private func open() throws -> Model {
        let model = try Model(path: checkpoint, parts: parts, languageOnly: languageOnly)
        guard model.container == .checkpoint else {
            throw InputError(
                Model.notAModel, file: checkpoint, field: "input", problem: "is \(model.container.rawValue)",
                remedy: "convert takes the folder of a checkpoint; for a GGUF file there is quantize.")
        }
        return model
    }

    private func plan(_ model: Model) throws -> [OutputFile] {
        let configuration = model.configuration
        let multimodal = configuration.multimodal
        // First, so that a projector that cannot be written is told as such and not as a tensor without a name.
        if let multimodal { _ = try GGUFProjectorMetadata.projectorType(multimodal.projector, file: checkpoint) }
        let projectorPath = projectorOutput ?? Model.projectorPath(for: output)
        guard multimodal == nil || !Folder.isSamePlace(projectorPath, output) else {
            throw InputError(
                Self.sameOutput, file: output, field: "output", problem: "is named for both files of the pair",
                remedy: "Name another place for tower and projector.")
        }
        let l = configuration.language
        let importance = try storage.readImportance()
        let language = try ConversionPlan.tensors(
            configuration.languageTensors, weights: model.weights,
            policy: storage.policy(storage.preset, importance: importance),
            architecture: .language(
                blocks: l.layerCount, queriesPerKeyValueHead: l.headCount / l.keyValueHeadCount),
            importance: { importance?[$0] })
        var metadata = GGUFLanguageMetadata.write(
            configuration, vocabulary: model.tokenizer.vocabulary, fileType: storage.preset.fileType,
            isQuantized: language.contains { $0.target.type.isQuantized })
        storage.recordImportance(importance, in: &metadata)
        var outputs = [
            output(model, output, metadata, language, storage.preset, maximumBytes: storage.maximumFileBytes)
        ]

        guard let multimodal else { return outputs }
        let tower = try ConversionPlan.tensors(
            configuration.towerTensors + configuration.projectorTensors, weights: model.weights,
            policy: storage.policy(projectorPreset, importance: importance), architecture: .projector,
            importance: { importance?[$0] })
        let towerMetadata = try GGUFProjectorMetadata.write(
            configuration, multimodal, fileType: projectorPreset.fileType,
            isQuantized: tower.contains { $0.target.type.isQuantized }, file: checkpoint)
        // Never split: llama.cpp opens a projector file only whole.
        outputs.append(
            output(model, projectorPath, towerMetadata, tower, projectorPreset, maximumBytes: nil))
        return outputs
    }

    private func output(
        _ model: Model, _ path: String, _ metadata: Metadata, _ tensors: [PlannedTensor], _ preset: Preset,
        maximumBytes: Int?
    ) -> OutputFile {
        OutputFile(
            path: path, plan: ConversionPlan(metadata: metadata, tensors: tensors), weights: model.weights,
            inputs: model.files, maximumBytes: maximumBytes,
            provenance: Provenance(
                plan: storage.description(preset), sourceFiles: model.files.map(Folder.lastComponent),
                digests: storage.digests ?? .tensorsAndSources))
    }
}

/// How far a conversion is, in bytes of input converted and digested.
public struct ConversionProgress: Sendable {
    public let done: Int
    public let total: Int
}

/// What a conversion did.
public struct ConversionReport: Sendable {
    public struct File: Sendable {
        public let path: String
        /// The files that it was cut into; the path itself where it is whole.
        public let parts: [String]
        public let bytes: Int
        public let tensors: Int
        public let parameters: Int
        public let bitsPerWeight: Double
        /// Number of tensors of each type, most bytes first.
        public let types: [(type: ElementType, count: Int)]
    }

    /// The model's name.
    public let name: String
    /// Nil where a file was quantized whose model is not looked at.
    public let configuration: ModelConfiguration?
    public let files: [File]
    /// What became of the checkpoint's tensors; nil for a GGUF input, of which every tensor is kept.
    public let ledger: TensorLedger?
    /// How the checkpoint was opened.
    public let notes: [String]
    /// What other readers of the files will not do right.
    public let advice: [String]
    public let seconds: Double
    /// Largest resident set of this process so far, in bytes.
    public let peakMemory: Int
}
