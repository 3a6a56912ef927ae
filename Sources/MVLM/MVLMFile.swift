import ByteIO
import JSON
import Tensors

/// An .mvlm file, mapped: header, sections, manifest and tensors checked, weights not yet read.
public struct MVLMFile: TensorSource {
    public struct Section: Sendable {
        public let name: String
        public let bytes: Bytes
        /// Where it lies in the file.
        public let range: Range<Int>
        /// As the file's table has it.
        public let digest: UInt64
    }

    public let path: String
    public let sections: [Section]
    /// The model's sizes and settings; the tensors among them.
    public let manifest: JSONValue
    /// Each once, in the manifest's order.
    public let tensors: [TensorInfo]
    /// All copies of them, in the layouts that are known.
    public let copies: [TensorInfo]
    private let places: [String: Place]
    private let contents: Bytes

    private struct Place: Sendable {
        let number: Int
        let bytes: Bytes
        let section: String
    }

    public var files: [String] { [path] }

    /// True if `bytes` begin as such a file does.
    public static func recognises(_ bytes: Bytes) -> Bool {
        bytes.withUnsafeBytes { $0.starts(with: MVLMFormat.magic) }
    }

    /// Maps the file at `path`, and reads header, manifest and nothing else.
    /// - Throws: `InputError` with the rule that is broken.
    public init(path: String) throws { try self.init(MappedFile(path: path)) }

    /// The same for a file that is mapped already.
    public init(_ mapped: MappedFile, preferring layout: RowLayout = .plain) throws {
        try self.init(mapped.bytes, path: mapped.path, preferring: layout)
    }

    /// The same for the bytes of a file.
    /// - Parameters:
    ///   - path: Named in errors.
    ///   - layout: Of several copies of a tensor the one in this layout is taken, else the plain one, else the first.
    public init(_ bytes: Bytes, path: String, preferring layout: RowLayout = .plain) throws {
        self.path = path
        contents = bytes
        let reader = MVLMHeader(path: path, bytes: bytes)
        sections = try reader.sections()
        guard let manifestSection = sections.first(where: { $0.name == MVLMFormat.manifest }),
            sections.contains(where: { $0.name == MVLMFormat.tokenizer })
        else {
            throw InputError(
                MVLMRule.sectionMissing, file: path, field: "section table",
                problem: "has no manifest, or no tokenizer", remedy: MVLMRule.damaged)
        }
        manifest = try Self.json(manifestSection, path: path)
        let list = try MVLMTensorList(
            manifest, sections: sections, mayLackPlain: reader.features & MVLMFormat.withoutPlain != 0,
            preferring: layout, path: path)
        tensors = list.tensors.map(\.info)
        copies = list.copies
        places = Dictionary(
            uniqueKeysWithValues: list.tensors.enumerated().map { number, tensor in
                (tensor.info.name, Place(number: number, bytes: tensor.bytes, section: tensor.section))
            })
    }

    /// The section of that name, or nil.
    public func section(_ name: String) -> Section? { sections.first { $0.name == name } }

    public func info(_ name: String) -> TensorInfo? { places[name].map { tensors[$0.number] } }

    /// The section that a tensor lies in.
    public func section(of tensor: String) -> String? { places[tensor]?.section }

    public func bytes(of name: String) throws -> Bytes {
        guard let place = places[name] else {
            throw InputError(
                MVLMRule.modelTensor, file: path, field: "tensor \(name)", problem: "is not in the file",
                remedy: MVLMRule.damaged)
        }
        return place.bytes
    }

    /// The file's own bytes, or nil outside.
    func slice(_ range: Range<Int>) -> Bytes? { contents.slice(range) }

    /// The bytes of a small section, whose digest is compared.
    public func checked(_ name: String) throws -> Bytes? {
        guard let section = section(name) else { return nil }
        try Self.check(section, path: path)
        return section.bytes
    }

    /// Where the file came from; nil if it does not say.
    public func provenance() throws -> JSONValue? {
        try section(MVLMFormat.provenance).map { try Self.json($0, path: path) }
    }

    private static func check(_ section: Section, path: String) throws {
        guard MVLMDigest.of(section.bytes) == section.digest else { throw wrongDigest(section.name, path: path) }
    }

    static func wrongDigest(_ section: String, path: String) -> InputError {
        InputError(
            MVLMRule.sectionDigest, file: path, field: "section \(section)",
            problem: "its bytes are not those that the file was written with", remedy: "Fetch or make the file again.")
    }

    private static func json(_ section: Section, path: String) throws -> JSONValue {
        try check(section, path: path)
        var limits = JSONLimits()
        limits.bytes = MVLMFormat.largestManifest
        limits.depth = 16
        do {
            let value = try JSONValue(parsing: section.bytes, file: path, limits: limits)
            try MVLMNumbers.check(section.bytes)
            guard MVLMEscapes.areWhole(section.bytes) else { throw MVLMNumbers.Refused() }
            guard value.object != nil, isNarrow(value) else { throw MVLMNumbers.Refused() }
            return value
        } catch let error as InputError {
            throw InputError(
                MVLMRule.json, file: path, field: "section \(section.name), \(error.field)", problem: error.problem,
                remedy: MVLMRule.damaged)
        } catch {
            throw InputError(
                MVLMRule.json, file: path, field: "section \(section.name)",
                problem: "is no object, or has an object of more than 256 members or a number that is not exact",
                remedy: MVLMRule.damaged)
        }
    }

    /// True if no object has more members than readers take.
    private static func isNarrow(_ value: JSONValue) -> Bool {
        switch value {
        case .object(let object): object.count <= 256 && object.entries.allSatisfy { isNarrow($0.value) }
        case .array(let elements): elements.allSatisfy(isNarrow)
        default: true
        }
    }

    /// Digests of all sections, in their order, piece by piece; padding has to be zero.
    /// - Throws: `mvlm.padding`.
    public func digests(threads: Int) throws -> [UInt64] {
        var end = MVLMFormat.headerBytes + MVLMFormat.entryBytes * sections.count
        for section in sections {
            let gap = contents.slice(end..<section.range.lowerBound)
            guard gap?.withUnsafeBytes({ $0.allSatisfy { $0 == 0 } }) ?? false else {
                throw InputError(
                    MVLMRule.padding, file: path, field: "byte \(end) to \(section.range.lowerBound)",
                    problem: "holds something where nothing is laid out", remedy: MVLMRule.damaged)
            }
            end = section.range.upperBound
        }
        return try sections.map { try MVLMPieces($0.bytes).digest(threads: threads) }
    }

    /// The same, compared with those that the file was written with.
    public func check(threads: Int = 1) throws -> [(section: String, isSame: Bool)] {
        zip(sections, try digests(threads: threads)).map { ($0.name, $0.digest == $1) }
    }
}
