import Platform
import ByteIO
import Calibration
import Conversion
import Dialects
import GGUF
import MobileVLM
import Models
import Opening
import Quantization
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
    /// How the rows of matrices lie: as the kernels of the instruction sets read them that the file is made for, a copy of the
    /// matrices for each layout. Empty for `plain`; only .mvlm files can have others.
    public var layouts: [RowLayout] = []
    /// Most bytes of tensors per file of the language model; nil writes a single file.
    public var maximumFileBytes: Int?
    /// Nil for all where a checkpoint is converted, and those of tensors where a file is quantized.
    public var digests: RecordedDigests?
    /// Nil for as many as there are processors.
    public var threads: Int?
    /// A limit of size under which the types of the language model's matrices are chosen, with `Preset.mixed`.
    public var budget: SizeBudget?
    /// Types that were chosen so, by the container's names.
    var mix: [String: ElementType] = [:]

    public init(_ preset: Preset) { self.preset = preset }

    /// The layouts that the kernels of these read, in their order, each once.
    public static func layouts(for sets: [InstructionSet]) -> [RowLayout] {
        sets.map(\.layout).reduce(into: []) { layouts, layout in
            if !layouts.contains(layout) { layouts.append(layout) }
        }
    }

    /// The container does not hold the layouts that were asked for.
    public static let noLayouts = Rule("request.layouts")

    /// - Throws: `InputError` `request.argument` for a number that is not positive.
    func validate() throws {
        try Arguments.check(maximumFileBytes, atLeast: 1, "most bytes of a file")
        try Arguments.check(threads, in: Arguments.threads, "threads")
    }

    func policy(
        _ preset: Preset, _ architecture: TypePolicy.Architecture, importance: ImportanceMatrix?
    ) -> TypePolicy {
        var policy = TypePolicy(preset, architecture)
        policy.isPure = isPure
        policy.overrides = overrides
        policy.mix = mix
        policy.outputType = outputType
        policy.embeddingType = embeddingType
        policy.hasImportance = importance != nil
        return policy
    }

    /// The options as one line, for the file's metadata.
    func description(_ preset: Preset) -> String {
        var words = [preset.name]
        if preset == .mixed, let budget { words.append(budget.description) }
        if isPure { words.append("pure") }
        words += overrides.map { "\($0.pattern)=\($0.type.name)" }
        if let outputType { words.append("output=\(outputType.name)") }
        if let embeddingType { words.append("embedding=\(embeddingType.name)") }
        if layouts.contains(where: { $0 != .plain }) {
            words.append("layout=" + layouts.map(\.description).joined(separator: ","))
        }
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

/// `vlmconv convert` as a call: a checkpoint in, the files of a container out: for GGUF, a pair.
public struct ConversionRequest: Sendable {
    /// A checkpoint; or a file, of which the container is changed, with `Preset.stored` for all parts.
    public var checkpoint: ModelLocation
    /// The container goes by the name's ending.
    public var output: String
    /// How the language model is stored.
    public var storage: StorageOptions
    /// The preset of tower and projector.
    public var projectorPreset: Preset
    /// Where the projector file goes; nil for `mmproj-NAME` beside the output.
    public var projectorOutput: String?
    /// Leaves tower and projector out, for text-only use.
    public var languageOnly = false
    /// Rounds by what the layers compute; nil rounds every weight to its nearest level.
    public var calibration: CalibrationOptions?

    public init(checkpoint: ModelLocation, output: String, storage: StorageOptions, projectorPreset: Preset) {
        self.checkpoint = checkpoint
        self.output = output
        self.storage = storage
        self.projectorPreset = projectorPreset
    }

    /// Converts. All files appear whole and checked, or none.
    public func run(
        cancellation: Cancellation? = nil,
        progress: @escaping @Sendable (ConversionProgress) -> Void = { _ in },
        calibrating: @escaping @Sendable (CalibrationProgress) -> Void = { _ in }
    ) throws -> ConversionReport {
        let start = ContinuousClock.now
        let model = try open()
        let dialect = Dialects.writing(to: output)
        // What cannot be written is told before hours of calibration.
        if calibration != nil { for file in try plan(model, dialect) { try file.check() } }
        let calibration = try calibrationRun(model, cancellation, calibrating)
        let (request, budget) = try choosingTypes(model, dialect, calibration)
        let calibrated = try calibration.map { try $0(types: request.types(model, dialect)) }
        let files = try OutputFile.write(
            try request.plan(model, dialect, calibrated), threads: storage.threads ?? Machine.processorCount,
            cancellation: cancellation, progress: { progress(ConversionProgress(done: $0, total: $1)) })
        calibrated?.finish()
        return ConversionReport(
            name: model.configuration.name, configuration: model.configuration,
            files: files, calibration: calibrated?.report, budget: budget, ledger: model.ledger, notes: model.notes,
            advice: dialect.advice(model.configuration), seconds: (ContinuousClock.now - start).seconds,
            peakMemory: Machine.peakMemory)
    }

    /// Decides everything and writes nothing.
    public func plan() throws -> PlanReport {
        let model = try open()
        let dialect = Dialects.writing(to: output)
        // Types that are given are planned without calibrating.
        let (request, budget) = try choosingTypes(
            model, dialect, storage.budget == nil ? nil : calibrationRun(model))
        return try PlanReport(
            try request.plan(model, dialect), configuration: model.configuration, budget: budget)
    }

    private func calibrationRun(
        _ model: Model, _ cancellation: Cancellation? = nil,
        _ progress: @escaping @Sendable (CalibrationProgress) -> Void = { _ in }
    ) throws -> CalibrationRun? {
        try calibration.map {
            try CalibrationRun(
                options: $0, session: Session(model, arithmetic: .reference, threads: storage.threads), output: output,
                cancellation: cancellation, progress: progress)
        }
    }

    /// The same request with types chosen under the limit of size, if there is one.
    private func choosingTypes(
        _ model: Model, _ dialect: any Dialect, _ calibration: CalibrationRun?
    ) throws -> (ConversionRequest, BudgetReport?) {
        guard let budget = storage.budget,
            let file = try plan(model, dialect).first(where: { $0.plan.tensors.contains { $0.part == .language } })
        else { return (self, nil) }
        let configuration = model.configuration
        var matrices: [String: TensorSpecification] = [:]
        for specification in configuration.languageTensors {
            let columns = dialect.shape(of: specification).columns
            guard let name = dialect.name(of: specification, in: configuration),
                TypePolicy.Candidate(name: name, specification, columns: columns).role != nil
            else { continue }
            matrices[name] = specification
        }
        let choice = BudgetChoice(
            budget: budget, blocks: configuration.language.layerCount, isTied: configuration.language.tiedEmbeddings,
            measured: try calibration?.sensitivities(), threads: storage.threads ?? Machine.processorCount,
            layouts: storage.layouts)
        let open = try BudgetChoice.matrices(of: file, storage) { info in matrices[info.name].map { ($0.key, $0.role) }
        }
        let chosen = try choice(file, open)
        var request = self
        request.storage.mix = chosen.types
        return (request, choice.report(chosen))
    }

    private func open() throws -> Model {
        try storage.validate()
        let model = try Model(checkpoint, languageOnly: languageOnly)
        guard model.container == .checkpoint || storage.preset == .stored && projectorPreset == .stored else {
            throw InputError(
                Model.notAModel, file: checkpoint.path, field: "input", problem: "is \(model.container)",
                remedy:
                    "Of a file convert changes the container alone: leave out types. For a GGUF file in other types "
                    + "there is quantize.")
        }
        return model
    }

    /// The type that each tensor gets, by key.
    private func types(_ model: Model, _ dialect: any Dialect) throws -> [String: ElementType] {
        var planned: [ModelPart: [String: ElementType]] = [:]
        for tensor in try plan(model, dialect).flatMap(\.plan.tensors) {
            planned[tensor.part, default: [:]][tensor.target.name] = tensor.target.type
        }
        var types: [String: ElementType] = [:]
        for specification in model.configuration.tensors {
            guard let name = dialect.name(of: specification, in: model.configuration) else { continue }
            types[specification.key] = planned[specification.part]?[name]
        }
        return types
    }

    private func plan(
        _ model: Model, _ dialect: any Dialect, _ calibrated: CalibrationRun.Outcome? = nil
    ) throws -> [OutputFile] {
        let configuration = model.configuration
        // First, so that a projector that cannot be written is told as such and not as a tensor without a name.
        try dialect.check(configuration, file: checkpoint.path)
        guard storage.layouts.allSatisfy({ $0 == .plain }) || dialect.statesLayouts else {
            throw InputError(
                StorageOptions.noLayouts, file: output, field: "output",
                problem: "is \(dialect.name), whose rows lie one after the other",
                remedy: "Only .mvlm files are laid out for a processor: name one, or leave out --for.")
        }
        let importance = try storage.readImportance()
        let l = configuration.language
        let language = try tensors(
            configuration.languageTensors, model, dialect, storage.preset,
            .language(blocks: l.layerCount, queriesPerKeyValueHead: l.headCount / l.keyValueHeadCount), importance,
            calibrated)
        let vision = try tensors(
            configuration.towerTensors + configuration.projectorTensors, model, dialect, projectorPreset, .projector,
            importance, calibrated)
        let all = language + vision
        let parts = Set(all.map(\.part))
        let presets: [ModelPart: Preset] = [
            .language: storage.preset, .tower: projectorPreset, .projector: projectorPreset,
        ]
        let description = ModelDescription(
            configuration: configuration, vocabulary: model.tokenizer.vocabulary,
            legacyTokenizer: model.legacyTokenizer, chatTemplate: model.chatTemplate,
            fileTypes: presets.compactMapValues(\.fileType).merging(model.fileTypes) { chosen, _ in chosen },
            quantized: Set(all.filter { $0.target.type.isQuantized }.map(\.part)), gguf: model.gguf)
        let record = try calibrated?.record ?? CalibrationRecord(model.metadata, file: model.path)
        return try dialect.files(for: parts, output: output, projector: projectorOutput).map { file in
            var metadata = try dialect.metadata(description, parts: file.parts, file: checkpoint.path)
            if file.parts.contains(.language) { storage.recordImportance(importance, in: &metadata) }
            return OutputFile(
                path: file.path,
                plan: ConversionPlan(metadata: metadata, tensors: all.filter { file.parts.contains($0.part) }),
                dialect: dialect, inputs: model.files, otherInputs: storage.importance.map { [$0] } ?? [],
                maximumBytes: file.maySplit ? storage.maximumFileBytes : nil,
                provenance: Provenance(
                    plan: storage.description(file.parts.contains(.language) ? storage.preset : projectorPreset),
                    sourceFiles: model.files.map(Folder.lastComponent),
                    digests: storage.digests ?? .tensorsAndSources,
                    calibration: file.parts.contains(.language) ? record : nil))
        }
    }

    private func tensors(
        _ specifications: [TensorSpecification], _ model: Model, _ dialect: any Dialect, _ preset: Preset,
        _ architecture: TypePolicy.Architecture, _ importance: ImportanceMatrix?, _ calibrated: CalibrationRun.Outcome?
    ) throws -> [PlannedTensor] {
        let planned = try ConversionPlan.tensors(
            specifications, of: model.configuration, weights: calibrated?.model.folded ?? model.weights,
            dialect: dialect,
            policy: storage.policy(preset, architecture, importance: importance), layouts: storage.layouts,
            // Importance is of the source's columns.
            importance: { calibrated?.record.channels == nil ? importance?[$0] : nil })
        guard let calibrated else { return planned }
        return try zip(specifications, planned).map { specification, tensor in
            try calibrated.model.chosenRows(specification, pairing: dialect.rotaryPairing).map(tensor.choosing)
                ?? tensor
        }
    }
}

/// How far a conversion is, in bytes of input converted and digested.
public struct ConversionProgress: Sendable {
    public let done: Int
    public let total: Int
}

/// What a conversion did.
public struct ConversionReport: Sendable {
    public typealias File = WrittenFile

    /// The model's name.
    public let name: String
    /// Nil where a file was quantized whose model is not looked at.
    public let configuration: ModelConfiguration?
    public let files: [File]
    /// Nil where every weight is at its nearest level.
    public let calibration: CalibrationReport?
    /// Nil where the types were given.
    public let budget: BudgetReport?
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
