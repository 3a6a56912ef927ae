import ByteIO
import Dialects
import GGUF
import JSON
import MVLM
import MobileVLM
import Models
import Opening
import Safetensors
import Tensors

/// `vlmconv inspect` as a call: what is inside a file or folder.
public struct Inspection: Sendable {
    public struct Row: Sendable {
        public let info: TensorInfo
        /// What the tensor is to a model, or why it is not used; empty where nothing is known.
        public let note: String
    }

    public let path: String
    public let kind: String
    /// Facts in the order in which they are shown.
    public let facts: [(name: String, value: String)]
    /// Keys and values of the container.
    public let metadata: [(key: String, value: String)]
    public let tensors: [Row]
    public let warnings: [String]

    public var totalBytes: Int { tensors.reduce(0) { $0 + $1.info.byteCount } }
    public var parameterCount: Int {
        tensors.reduce(0) { $0 + ($1.info.type.isReal ? $1.info.elementCount : 0) }
    }

    /// Looks into `path` by what is in it, whatever its name.
    public init(_ location: ModelLocation) throws {
        let path = location.path
        if Folder(path) != nil {
            try self.init(checkpoint: Model(location))
            return
        }
        let sniffed = try SniffedFile(path: path)
        if MVLMFile.recognises(sniffed.mapped.bytes) || sniffed.isOnlyNamed(".mvlm") {
            try self.init(mvlm: MVLMFile(sniffed.mapped), Model(location))
            return
        }
        var isModel = sniffed.isOnlyNamed(".gguf")
        if case .model = sniffed.kind { isModel = true }
        if isModel {
            try self.init(gguf: GGUFFile(sniffed.mapped), path: path)
            return
        }
        let weights = try sniffed.weights()
        let metadata = (weights as? SafetensorsFile)?.metadata.entries ?? []
        self.init(
            path: path, kind: weights is SafetensorsFile ? "safetensors" : "PyTorch archive", facts: [],
            metadata: metadata.map { (key: $0.key, value: Self.text($0.value)) },
            tensors: weights.tensors.map { Row(info: $0, note: "") }, warnings: [])
    }

    private init(
        path: String, kind: String, facts: [(name: String, value: String)], metadata: [(key: String, value: String)],
        tensors: [Row], warnings: [String]
    ) {
        self.path = path
        self.kind = kind
        self.facts = facts
        self.metadata = metadata
        self.tensors = tensors
        self.warnings = warnings
    }

    private init(checkpoint model: Model) throws {
        let configuration = model.configuration
        let rows = try configuration.tensors.map { specification in
            Row(
                info: try model.weights.check(specification.key, shape: specification.shape),
                note: specification.part.rawValue)
        }
        let reasons = (model.ledger?.reasons ?? []).map { "\($0.count) not used: \($0.reason)" }
        self.init(
            path: model.path, kind: "\(model.container)",
            facts: Self.facts(configuration)
                + [("files", model.files.map(Folder.lastComponent).joined(separator: ", "))],
            metadata: [], tensors: rows, warnings: reasons + model.notes)
    }

    private init(mvlm file: MVLMFile, _ model: Model) throws {
        let provenance = try file.provenance()?.object?.entries ?? []
        self.init(
            path: file.path, kind: ".mvlm",
            facts: Self.facts(model.configuration)
                + file.sections.map { section in
                    ("section \(section.name)", "\(section.bytes.count) bytes from \(section.range.lowerBound)")
                },
            metadata: provenance.map { ($0.key, String($0.value.serialized().prefix(100))) },
            tensors: file.tensors.map { Row(info: $0, note: file.section(of: $0.name) ?? "") }, warnings: [])
    }

    private init(gguf file: GGUFFile, path: String) throws {
        let metadata = file.metadata
        var facts: [(name: String, value: String)] = [
            ("version", "\(file.version)"), ("alignment", "\(file.alignment)"),
        ]
        var warnings: [String] = []
        switch metadata["general.architecture"]?.text {
        case GGUFLanguageMetadata.architecture?:
            let language = try GGUFLanguageMetadata.read(
                metadata, file: path, tiedEmbeddings: file.info("output.weight") == nil)
            facts += Self.facts(language)
        case GGUFProjectorMetadata.architecture?:
            let repair = GGUFProjectorRepair(metadata, tensors: file.tensors)
            warnings += repair.findings.map { "\($0.field) \($0.problem)\($0.repair == nil ? "" : " (fix mends it)")." }
            // As it would be read once mended, so that a file with faults can be looked at.
            let multimodal = try GGUFProjectorMetadata.read(
                repair.metadata, file: path, hasTensor: { file.info($0) != nil })
            facts += Self.facts(multimodal)
            if repair.canRepair { warnings.append("`vlmconv fix \(path) OUT` writes a mended file.") }
        default: break
        }
        self.init(
            path: path, kind: "GGUF", facts: facts,
            metadata: metadata.entries.map { ($0.key, Self.text($0.value)) },
            tensors: file.tensors.map { Row(info: $0, note: "") }, warnings: warnings)
    }

    private static func facts(_ configuration: ModelConfiguration) -> [(name: String, value: String)] {
        facts(configuration.language) + (configuration.multimodal.map(facts) ?? [])
    }

    private static func facts(_ l: LanguageConfiguration) -> [(name: String, value: String)] {
        [
            (
                "language model",
                "\(l.layerCount) layers, width \(l.hiddenSize), feed-forward \(l.feedForwardSize), "
                    + "\(l.headCount) heads (\(l.keyValueHeadCount) for keys and values), "
                    + "vocabulary \(l.vocabularySize), context \(l.contextLength)"
            ),
            ("constants", "RMS epsilon \(l.rmsEpsilon), rotary base \(l.ropeBase)"),
        ]
    }

    private static func facts(_ m: ModelConfiguration.Multimodal) -> [(name: String, value: String)] {
        let v = m.vision
        return [
            (
                "vision tower",
                "\(v.featureLayer) of \(v.layerCount) blocks run, width \(v.hiddenSize), \(v.headCount) heads, "
                    + "\(v.imageSize) pixels in patches of \(v.patchSize) (\(v.gridSide) x \(v.gridSide))"
            ),
            ("projector", "\(m.projector), \(m.imageTokenCount) tokens per picture"),
            ("pictures", v.padsToSquare ? "padded to a square" : "cropped to the centre"),
        ]
    }

    /// A value as one line; long arrays are cut.
    static func text(_ value: MetadataValue) -> String {
        func list(_ elements: some Collection<some CustomStringConvertible>) -> String {
            let shown = elements.prefix(6).map { "\($0)" }.joined(separator: ", ")
            return elements.count > 6 ? "[\(shown), …] (\(elements.count))" : "[\(shown)]"
        }
        return switch value {
        case .uint8(let v): "\(v)"
        case .int8(let v): "\(v)"
        case .uint16(let v): "\(v)"
        case .int16(let v): "\(v)"
        case .uint32(let v): "\(v)"
        case .int32(let v): "\(v)"
        case .uint64(let v): "\(v)"
        case .int64(let v): "\(v)"
        case .float32(let v): "\(v)"
        case .float64(let v): "\(v)"
        case .bool(let v): "\(v)"
        case .string(let v): v.count > 120 ? "\(v.prefix(117))…".debugDescription : v.debugDescription
        case .uint8s(let v): list(v)
        case .int8s(let v): list(v)
        case .uint16s(let v): list(v)
        case .int16s(let v): list(v)
        case .uint32s(let v): list(v)
        case .int32s(let v): list(v)
        case .uint64s(let v): list(v)
        case .int64s(let v): list(v)
        case .float32s(let v): list(v)
        case .float64s(let v): list(v)
        case .bools(let v): list(v)
        case .strings(let v): list(v.map(\.debugDescription))
        }
    }
}
