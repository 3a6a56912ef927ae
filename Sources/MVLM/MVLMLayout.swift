import ByteIO
import JSON
import Tensors

/// Where everything in an .mvlm file to be written will lie, but for the provenance, which comes last.
public struct MVLMLayout: Sendable {
    /// A tensor and the section that holds it.
    public struct Entry: Sendable {
        public let info: TensorInfo
        public let section: String

        public init(_ info: TensorInfo, section: String) {
            self.info = info
            self.section = section
        }
    }

    /// A section before the provenance.
    struct Section: Sendable {
        let name: String
        /// What is known before any tensor; nil for tensors.
        let content: [UInt8]?
        let range: Range<Int>
    }

    let sections: [Section]
    /// For each tensor where it lies in the file.
    let offsets: [Int]
    let sizes: [Int]
    let features: UInt64
    /// Where the provenance begins.
    let end: Int

    /// - Parameters:
    ///   - tensors: In the order in which they are numbered. Sections get theirs in that order.
    ///   - manifest: All members but the tensors.
    ///   - file: Named in errors.
    /// - Throws: `InputError` with the rule that an argument breaks.
    public init(manifest: JSONObject, tokenizer: [UInt8], tensors: [Entry], file: String) throws {
        var ends: [String: Int] = [:]
        var inSection: [Int] = []
        var order: [String] = []
        for tensor in tensors {
            guard MVLMFormat.type(tensor.info.type.name) != nil else {
                throw InputError(
                    MVLMRule.tensorFormat, file: file, field: tensor.info.name,
                    problem: "\(tensor.info.type.name) cannot stand in an .mvlm file")
            }
            let info = tensor.info
            guard MVLMFormat.isName(tensor.section.utf8), (1...4).contains(info.shape.rank), info.byteCount > 0 else {
                throw InputError(
                    MVLMRule.tensorShape, file: file, field: info.name, problem: "has the shape \(info.shape)")
            }
            if ends[tensor.section] == nil { order.append(tensor.section) }
            let start = MVLMFormat.aligned(ends[tensor.section] ?? 0, to: MVLMFormat.tensorAlignment)
            inSection.append(start)
            ends[tensor.section] = start + info.byteCount
        }
        var complete = manifest
        complete["tensors"] = .array(zip(tensors, inSection).map(Self.describe))
        let text = Array(JSONValue.object(complete).serialized().utf8)
        do { try MVLMNumbers.check(Bytes(text)) } catch {
            throw InputError(
                MVLMRule.json, file: file, field: "manifest",
                problem: "a number of the model has more digits or a larger exponent than the format's readers take")
        }

        var sections: [Section] = []
        var end = MVLMFormat.page
        func add(_ name: String, _ content: [UInt8]?, _ size: Int) {
            let start = MVLMFormat.aligned(end, to: MVLMFormat.page)
            end = start + size
            sections.append(Section(name: name, content: content, range: start..<end))
        }
        add(MVLMFormat.manifest, text, text.count)
        add(MVLMFormat.tokenizer, tokenizer, tokenizer.count)
        for name in order { add(name, nil, ends[name] ?? 0) }
        self.sections = sections
        offsets = zip(tensors, inSection).map { tensor, offset in
            (sections.first { $0.name == tensor.section }?.range.lowerBound ?? 0) + offset
        }
        sizes = tensors.map(\.info.byteCount)
        features =
            (tensors.contains { $0.info.type.groupScales != nil } ? MVLMFormat.groupScales : 0)
            | (Self.haveAllPlain(tensors) ? 0 : MVLMFormat.withoutPlain)
            | (manifest["language"]?["rope_scaling"] == nil ? 0 : MVLMFormat.scaledPositions)
        self.end = MVLMFormat.aligned(end, to: MVLMFormat.page)
    }

    private static func haveAllPlain(_ tensors: [Entry]) -> Bool {
        let plain = Set(tensors.filter { $0.info.layout == .plain }.map(\.info.name))
        return tensors.allSatisfy { plain.contains($0.info.name) }
    }

    /// Bytes of the file without the provenance, whose length nobody knows before.
    public var fileSize: Int { end }

    private static func describe(_ tensor: Entry, offset: Int) -> JSONValue {
        [
            "name": .string(tensor.info.name), "format": .string(tensor.info.type.name),
            "layout": .string(tensor.info.layout.description),
            "shape": .array(tensor.info.shape.dimensions.map { .integer(Int64($0)) }),
            "section": .string(tensor.section), "offset": .integer(Int64(offset)),
            "bytes": .integer(Int64(tensor.info.byteCount)),
        ]
    }

    /// Header and section table.
    /// - Parameters:
    ///   - digests: One per section.
    ///   - provenance: Its length and digest.
    func head(digests: [UInt64], provenance: (size: Int, digest: UInt64)) -> [UInt8] {
        var table: [UInt8] = []
        func add(_ name: String, _ range: Range<Int>, _ digest: UInt64) {
            table += Array(name.utf8) + Array(repeating: 0, count: MVLMFormat.nameBytes - name.utf8.count)
            table.append(little: UInt64(range.lowerBound))
            table.append(little: UInt64(range.count))
            table.append(little: digest)
            table.append(little: UInt64(0))
        }
        for (section, digest) in zip(sections, digests) { add(section.name, section.range, digest) }
        add(MVLMFormat.provenance, end..<end + provenance.size, provenance.digest)
        var head = MVLMFormat.magic
        head.append(little: MVLMFormat.version)
        head.append(little: UInt32(MVLMFormat.headerBytes))
        head.append(little: features)
        head.append(little: UInt64(end + provenance.size))
        head.append(little: UInt32(sections.count + 1))
        head.append(little: UInt32(MVLMFormat.entryBytes))
        head.append(little: MVLMDigest.xxh64(table))
        head += Array(repeating: 0, count: 72)
        head.append(little: MVLMDigest.xxh64(head))
        return head + table
    }
}
