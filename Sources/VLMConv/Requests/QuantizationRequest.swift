import Platform
import ByteIO
import Calibration
import Conversion
import Dialects
import GGUF
import MobileVLM
import Models
import Opening
import Tensors

/// `vlmconv quantize` as a call: a GGUF file in, one of other types out, as llama-quantize does it.
public struct QuantizationRequest: Sendable {
    public static let alreadyQuantized = Rule("quantize.already-quantized")
    /// Both files are GGUF's.
    public static let container = Rule("quantize.container")

    public var input: String
    public var output: String
    public var storage: StorageOptions
    /// Quantizes even what is quantized already; the errors add up.
    public var allowsRequantizing = false
    /// Rounds by what the layers compute; nil rounds every weight to its nearest level. For a language model.
    public var calibration: CalibrationOptions?

    public init(input: String, output: String, storage: StorageOptions) {
        self.input = input
        self.output = output
        self.storage = storage
    }

    public func run(
        cancellation: Cancellation? = nil,
        progress: @escaping @Sendable (ConversionProgress) -> Void = { _ in },
        calibrating: @escaping @Sendable (CalibrationProgress) -> Void = { _ in }
    ) throws -> ConversionReport {
        let start = ContinuousClock.now
        try storage.validate()
        try checkContainers()
        let source = try GGUFSplit(path: input)
        // What cannot be written is told before hours of calibration.
        if calibration != nil { try plan(source).check() }
        let calibration = try calibrationRun(source, cancellation, calibrating)
        let (request, budget) = try choosingTypes(source, calibration)
        var output = try request.plan(source)
        var calibrated: CalibrationRun.Outcome?
        if let calibration { (output, calibrated) = try calibrate(output, calibration) }
        let files = try OutputFile.write(
            [output], threads: storage.threads ?? Machine.processorCount, cancellation: cancellation,
            progress: { progress(ConversionProgress(done: $0, total: $1)) })
        calibrated?.finish()
        return ConversionReport(
            name: source.metadata["general.name"]?.text ?? Folder.lastComponent(input), configuration: nil,
            files: files, calibration: calibrated?.report, budget: budget, ledger: nil, notes: [], advice: [],
            seconds: (ContinuousClock.now - start).seconds, peakMemory: Machine.peakMemory)
    }

    private func checkContainers() throws {
        let other = MVLMDialect().fileEnding
        guard !output.lowercased().hasSuffix(other) else {
            throw InputError(
                Self.container, file: output, field: "output",
                problem: "quantize writes GGUF files, not \(other) files",
                remedy: "Name a .gguf file; convert writes \(other) files, of a checkpoint or of a GGUF pair.")
        }
        guard !input.lowercased().hasSuffix(other), Folder(input) == nil else {
            throw InputError(
                Self.container, file: input, field: "input", problem: "quantize takes a GGUF file, one of a pair",
                remedy:
                    "Convert the checkpoint with the type that you want: vlmconv convert CHECKPOINT \(output) --TYPE.")
        }
    }

    private func calibrationRun(
        _ source: GGUFSplit, _ cancellation: Cancellation?,
        _ progress: @escaping @Sendable (CalibrationProgress) -> Void
    ) throws -> CalibrationRun? {
        guard let calibration else { return nil }
        guard !isProjector(source) else {
            throw InputError(
                CalibrationRun.nothingToRound, file: input, field: "general.architecture",
                problem: "is a projector's, and quantize calibrates language models",
                remedy: "Quantize the projector without --calibrate, or convert the checkpoint.")
        }
        let model = try Model(ModelLocation(input))
        return try CalibrationRun(
            options: calibration, session: Session(model, arithmetic: .reference, threads: storage.threads),
            output: output, cancellation: cancellation, progress: progress)
    }

    private func isProjector(_ source: GGUFSplit) -> Bool {
        source.metadata["general.architecture"]?.text == GGUFProjectorMetadata.architecture
    }

    /// The same file with the bytes that calibration chose.
    private func calibrate(
        _ output: OutputFile, _ run: CalibrationRun
    ) throws -> (OutputFile, CalibrationRun.Outcome) {
        let model = run.session.model
        let (weights, pairing) = (model.weights, model.weights.rotaryPairing)
        var keys: [String: TensorSpecification] = [:]
        for tensor in model.configuration.languageTensors { keys[weights.storedName(tensor.key) ?? ""] = tensor }
        var types: [String: ElementType] = [:]
        for tensor in output.plan.tensors {
            if let key = keys[tensor.source.name]?.key { types[key] = tensor.target.type }
        }
        let outcome = try run(types: types)
        let tensors = try output.plan.tensors.map { tensor in
            guard let specification = keys[tensor.source.name] else { return tensor }
            let rows = try outcome.model.folded.rows(specification, pairing: pairing)
            guard let chosen = try outcome.model.chosenRows(specification, pairing: pairing) else {
                // Importance is of the source's columns.
                return try PlannedTensor(
                    rows: rows, target: tensor.target, part: tensor.part,
                    importance: run.order == nil ? tensor.importance : nil)
            }
            return try PlannedTensor(rows: rows, target: tensor.target, part: tensor.part, chosen: chosen)
        }
        let result = OutputFile(
            path: output.path, plan: ConversionPlan(metadata: output.plan.metadata, tensors: tensors),
            dialect: output.dialect, inputs: output.inputs, otherInputs: output.otherInputs,
            maximumBytes: output.maximumBytes,
            provenance: Provenance(
                plan: output.provenance.plan, sourceFiles: output.provenance.sourceFiles,
                digests: output.provenance.digests, calibration: outcome.record))
        return (result, outcome)
    }

    /// The same request with types chosen under the limit of size, if there is one.
    private func choosingTypes(
        _ source: GGUFSplit, _ calibration: CalibrationRun?
    ) throws -> (QuantizationRequest, BudgetReport?) {
        guard let budget = storage.budget else { return (self, nil) }
        guard !isProjector(source) else {
            throw InputError(
                SizeBudget.tooSmall, file: input, field: "general.architecture",
                problem: "is a projector's, and sizes are for language models",
                remedy: "Give a type, such as --q8_0.")
        }
        let isTied = source.info("output.weight") == nil
        let language = try GGUFLanguageMetadata.read(source.metadata, file: input, tiedEmbeddings: isTied)
        var keys: [String: String] = [:]
        if let model = calibration?.session.model {
            for tensor in model.configuration.languageTensors {
                if let name = model.weights.storedName(tensor.key) { keys[name] = tensor.key }
            }
        }
        let choice = BudgetChoice(
            budget: budget, blocks: language.layerCount, isTied: isTied,
            measured: try calibration?.sensitivities(), threads: storage.threads ?? Machine.processorCount)
        let (file, dialect) = (try plan(source), GGUFDialect())
        let open = try BudgetChoice.matrices(of: file, storage) { info in
            dialect.role(ofName: info.name, shape: info.shape, isProjector: false).map { role in
                (keys[info.name] ?? info.name, role)
            }
        }
        let chosen = try choice(file, open)
        var request = self
        request.storage.mix = chosen.types
        return (request, choice.report(chosen))
    }

    private func plan(_ source: GGUFSplit) throws -> OutputFile {
        let metadata = source.metadata
        let architecture: TypePolicy.Architecture
        var maximumBytes = storage.maximumFileBytes
        switch metadata["general.architecture"]?.text {
        case GGUFLanguageMetadata.architecture?:
            let language = try GGUFLanguageMetadata.read(
                metadata, file: input, tiedEmbeddings: source.info("output.weight") == nil)
            architecture = .language(
                blocks: language.layerCount, queriesPerKeyValueHead: language.headCount / language.keyValueHeadCount)
        case GGUFProjectorMetadata.architecture?:
            architecture = .projector
            // Never split: llama.cpp opens a projector file only whole.
            maximumBytes = nil
        case let other:
            throw InputError(
                GGUFLanguageMetadata.wrongKey, file: input, field: "general.architecture",
                problem: "is \"\(other ?? "(none)")\"; known are llama and clip")
        }
        let importance = try storage.readImportance()
        let dialect = GGUFDialect()
        let isProjector = isProjector(source)
        let order = dialect.choiceOrder(source.tensors.map(\.name))
        let types = try storage.policy(storage.preset, architecture, importance: importance).types(
            for: source.tensors.map { info in
                TypePolicy.Candidate(
                    name: info.name, role: dialect.role(ofName: info.name, shape: info.shape, isProjector: isProjector),
                    columns: info.columns)
            }, order: order)
        let tensors = try ConversionPlan.tensors(
            of: source, part: isProjector ? .tower : .language, types: types, order: order,
            importance: { importance?[$0] })
        if !allowsRequantizing,
            // Calibration rounds even what keeps its type.
            let tensor = tensors.first(where: {
                $0.source.type.isQuantized
                    && ($0.target.type != $0.source.type || calibration != nil && $0.target.type.isQuantized)
            })
        {
            throw InputError(
                Self.alreadyQuantized, file: input, field: tensor.source.name,
                problem: "is \(tensor.source.type.name) already, and quantizing it again adds to its error",
                remedy: "Convert the checkpoint instead, or insist with --allow-requantize.")
        }
        return OutputFile(
            path: output,
            plan: ConversionPlan(
                metadata: outputMetadata(metadata, tensors, importance: importance), tensors: tensors),
            dialect: dialect, inputs: source.files, otherInputs: storage.importance.map { [$0] } ?? [],
            maximumBytes: maximumBytes,
            provenance: Provenance(
                plan: storage.description(storage.preset), sourceFiles: source.files.map(Folder.lastComponent),
                // Hashing one file is one core's work however many there are, and would take longer than quantizing.
                digests: storage.digests ?? .tensors, calibration: try CalibrationRecord(metadata, file: input)))
    }

    /// All keys of the input, with version and file type at the end, as llama-quantize leaves them.
    private func outputMetadata(
        _ source: Metadata, _ tensors: [PlannedTensor], importance: ImportanceMatrix?
    ) -> Metadata {
        var metadata = source
        Provenance.remove(from: &metadata)
        metadata["general.quantization_version"] = nil
        metadata["general.file_type"] = nil
        metadata["general.quantization_version"] = .uint32(2)
        metadata["general.file_type"] = storage.preset.fileType.map { .uint32($0) }
        storage.recordImportance(importance, in: &metadata)
        return metadata
    }
}
