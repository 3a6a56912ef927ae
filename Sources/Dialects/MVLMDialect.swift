import ByteIO
import JSON
import MVLM
import MobileVLM
import Models
import Quantization
import Tensors

/// Our own mapped file: everything in one, under the canonical keys.
public struct MVLMDialect: Dialect {
    public init() {}

    public var name: String { ".mvlm" }
    public var fileEnding: String { ".mvlm" }
    public var statesLayouts: Bool { true }
    /// As GGUF has it, so that bytes and logits are those of a pair with the same weights.
    public var rotaryPairing: RotaryPairing { .neighbours }

    public func recognises(_ bytes: Bytes) -> Bool { MVLMFile.recognises(bytes) }

    public func open(_ file: MappedFile, _ location: ModelLocation, languageOnly: Bool) throws -> DialectModel {
        try Self.open(MVLMFile(file, preferring: InstructionSet.current.layout), languageOnly: languageOnly)
    }

    package static func open(_ file: MVLMFile, languageOnly: Bool) throws -> DialectModel {
        var (configuration, pairing, template) = try MVLMManifest.read(file.manifest, file: file.path)
        guard let tables = try file.checked("tokenizer") else {
            throw InputError(
                MVLMRule.sectionMissing, file: file.path, field: "section tokenizer", problem: "is missing")
        }
        let (vocabulary, legacy) = try MVLMTokenizer.read(tables, file: file.path)
        guard vocabulary.count == configuration.language.vocabularySize else {
            throw InputError(
                MVLMRule.modelSize, file: file.path, field: "language.vocabulary_size",
                problem: "is \(configuration.language.vocabularySize), and the tokenizer has \(vocabulary.count) pieces"
            )
        }
        let isLanguagePart = languageOnly && configuration.multimodal != nil
        if languageOnly { configuration.multimodal = nil }
        var weights = ModelWeights(rotaryPairing: pairing, origin: file.path)
        let tensors = MVLMTensors(file)
        for tensor in configuration.tensors {
            weights.place(tensor.key, in: tensors, name: tensor.key)
            do {
                _ = try weights.check(tensor.key, shape: tensor.shape)
            } catch let error as InputError {
                throw InputError(MVLMRule.modelTensor, file: file.path, field: error.field, problem: error.problem)
            }
        }
        let stated = try file.provenance() ?? .null
        let provenance = MVLMProvenance.read(stated)
        return DialectModel(
            configuration: configuration, weights: weights, vocabulary: vocabulary, legacyTokenizer: legacy,
            chatTemplate: template, metadata: provenance, files: file.files, isLanguagePart: isLanguagePart,
            fileTypes: Dictionary(
                uniqueKeysWithValues: ModelPart.allCases.compactMap { part in
                    provenance[MVLMProvenance.fileType(part)]?.integer.flatMap { UInt32(exactly: $0) }.map {
                        (part, $0)
                    }
                }),
            gguf: MVLMProvenance.gguf(stated))
    }

    // MARK: Tensors

    /// Every projector can be written.
    public func check(_ configuration: ModelConfiguration, file: String) throws {}

    /// GGUF's where it has one: those who choose types, by patterns or an importance matrix, go by these names.
    public func name(of tensor: TensorSpecification, in configuration: ModelConfiguration) -> String? {
        GGUFDialect().name(of: tensor, in: configuration) ?? tensor.key
    }

    public func shape(of tensor: TensorSpecification) -> Shape { GGUFDialect().shape(of: tensor) }

    public func type(for kind: TensorKind, chosen: ElementType?, base: ElementType) -> ElementType {
        GGUFDialect().type(for: kind, chosen: chosen, base: base)
    }

    public func choiceOrder(_ names: [String]) -> [Int] { GGUFDialect().choiceOrder(names) }

    // MARK: Writing

    public func files(for parts: Set<ModelPart>, output: String, projector: String?) throws -> [DialectFile] {
        guard projector == nil else {
            throw InputError(
                GGUFDialect.sameOutput, file: output, field: "output", problem: "takes tower and projector too",
                remedy: "An .mvlm file is whole: leave out --mmproj.")
        }
        return [DialectFile(path: output, parts: parts, maySplit: false)]
    }

    /// Keys that `create` takes out again: what goes into other sections than the provenance.
    private enum Key {
        static let manifest = "mvlm.manifest"
        static let tokenizer = "mvlm.tokenizer"
        static func gguf(_ part: ModelPart) -> String { "mvlm.\(MVLMProvenance.foreign(part))" }
    }

    public func metadata(_ contents: ModelDescription, parts: Set<ModelPart>, file: String) throws -> Metadata {
        var metadata = Metadata()
        let manifest = MVLMManifest.write(contents.configuration, chatTemplate: contents.chatTemplate)
        metadata[Key.manifest] = .string(JSONValue.object(manifest).serialized())
        metadata[Key.tokenizer] = .uint8s(
            try MVLMTokenizer.write(contents.vocabulary, legacy: contents.legacyTokenizer, file: file))
        for part in ModelPart.allCases {
            guard let type = contents.fileTypes[part] else { continue }
            metadata[MVLMProvenance.fileType(part)] = .uint32(type)
        }
        // A model that GGUF cannot hold came from no pair.
        for (part, stated) in contents.gguf.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            guard let own = try? GGUFDialect().ownMetadata(contents, parts: [part], file: file) else { continue }
            let foreign = GGUFForeignKeys.of(stated, besides: own)
            guard !foreign.entries.isEmpty else { continue }
            metadata[Key.gguf(part)] = .string(GGUFForeignKeys.write(foreign).serialized())
        }
        return metadata
    }

    public func advice(_ configuration: ModelConfiguration) -> [String] { [] }

    public func size(_ contents: FileContents, path: String) throws -> Int {
        try layout(contents, path: path).layout.fileSize
    }

    public func create(
        _ contents: FileContents, path: String, inputs: [String], maximumBytes: Int?
    ) throws -> any ModelSink {
        let (layout, order) = try layout(contents, path: path)
        return try MVLMSink(
            MVLMWriter(destination: path, inputs: inputs, layout: layout), order: order, path: path,
            metadata: contents.metadata)
    }

    /// Small sections first, copies in other layouts last: each in a section of its own, so that a device that has no use for
    /// them never reads them. Tensors go under their canonical keys.
    /// - Returns: Also the place of each tensor of the contents among those of the layout.
    private func layout(_ contents: FileContents, path: String) throws -> (layout: MVLMLayout, order: [Int]) {
        let manifest = try JSONValue(
            parsing: Bytes(Array((contents.metadata[Key.manifest]?.text ?? "{}").utf8)), file: path)
        guard case .uint8s(let tokenizer)? = contents.metadata[Key.tokenizer] else {
            throw InputError(MVLMRule.write, file: path, field: "tokenizer", problem: "was not given")
        }
        let sections = contents.tensors.map { tensor in
            MVLMProvenance.section(tensor.part) + (tensor.isCopy ? ".\(tensor.info.layout)" : "")
        }
        let parts: [ModelPart] = [.projector, .tower, .language]
        let order = ([nil] + RowLayout.all.map { $0 }).flatMap { layout in
            parts.map { MVLMProvenance.section($0) + (layout.map { ".\($0)" } ?? "") }
        }
        let sorted = order.flatMap { section in sections.indices.filter { sections[$0] == section } }
        var places = [Int](repeating: 0, count: contents.tensors.count)
        for (place, number) in sorted.enumerated() { places[number] = place }
        let (configuration, _, _) = try MVLMManifest.read(manifest, file: path)
        let keys = Dictionary(
            configuration.tensors.map { (name(of: $0, in: configuration) ?? $0.key, $0.key) },
            uniquingKeysWith: { first, _ in first })
        let entries = try sorted.map { number in
            let info = contents.tensors[number].info
            guard
                let keyed = TensorInfo(
                    name: keys[info.name] ?? info.name, type: info.type, shape: info.shape, layout: info.layout)
            else {
                throw InputError(
                    MVLMRule.tensorShape, file: path, field: info.name, problem: "has the shape \(info.shape)")
            }
            return MVLMLayout.Entry(keyed, section: sections[number])
        }
        let layout = try MVLMLayout(
            manifest: manifest.object ?? JSONObject(), tokenizer: tokenizer, tensors: entries, file: path)
        return (layout, places)
    }

    /// The section `provenance`.
    static func provenance(_ metadata: Metadata, file: String) throws -> JSONValue {
        var rest = metadata
        rest[Key.manifest] = nil
        rest[Key.tokenizer] = nil
        for part in ModelPart.allCases { rest[Key.gguf(part)] = nil }
        guard case .object(var object) = MVLMProvenance.write(rest) else { return .null }
        for part in ModelPart.allCases {
            guard let text = metadata[Key.gguf(part)]?.text else { continue }
            object[MVLMProvenance.foreign(part)] = try JSONValue(parsing: Bytes(Array(text.utf8)), file: file)
        }
        return .object(object)
    }
}

/// The writer of an .mvlm file behind the order of the plan.
private final class MVLMSink: ModelSink {
    private let writer: MVLMWriter
    private let order: [Int]
    let paths: [String]

    init(_ writer: MVLMWriter, order: [Int], path: String, metadata: Metadata) throws {
        self.writer = writer
        self.order = order
        paths = [path]
        try replaceMetadata(metadata)
    }

    private func place(_ tensor: Int) -> Int { order.indices.contains(tensor) ? order[tensor] : -1 }

    func write(_ bytes: UnsafeRawBufferPointer, tensor: Int, offset: Int) throws {
        try writer.write(bytes, tensor: place(tensor), offset: offset)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, tensor: Int, offset: Int) throws {
        try writer.read(into: buffer, tensor: place(tensor), offset: offset)
    }

    func replaceMetadata(_ metadata: Metadata) throws {
        writer.set(provenance: try MVLMDialect.provenance(metadata, file: writer.file.destination))
    }

    func finish() throws { try writer.finish() }
    func seal() throws { try writer.seal() }
    var files: [AtomicFile] { [writer.file] }
}
