import Foundation

/// An .mvlm file taken apart, to be put together again with something wrong: digests are right unless they are what is wrong.
public struct MVLMSketch {
    public struct Section {
        public var name: [UInt8]
        public var data: [UInt8]
        /// Instead of the place where it goes, its length, its digest, the reserved field.
        public var offset: UInt64?
        public var length: UInt64?
        public var digest: UInt64?
        public var reserved: UInt64 = 0

        public init(_ name: String, _ data: [UInt8]) {
            self.name = Array(name.utf8)
            self.data = data
        }
    }

    public var magic: [UInt8] = [0x89, 0x4D, 0x56, 0x4C, 0x4D, 0x0D, 0x0A, 0x1A]
    public var version: UInt32 = 1
    public var headerLength: UInt32 = 128
    public var features: UInt64 = 1
    public var fileLength: UInt64?
    public var sectionCount: UInt32?
    public var entryLength: UInt32 = 64
    public var tableDigest: UInt64?
    public var reserved: UInt8 = 0
    public var headerDigest: UInt64?
    public var sections: [Section] = []

    /// fixtures/mvlm/nano.mvlm.
    public static func nano() throws -> MVLMSketch { try reading(Fixtures.path("mvlm/nano.mvlm")) }

    /// The sections of a file; its features are to be set.
    public static func reading(_ path: String) throws -> MVLMSketch {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        func number(_ at: Int, _ count: Int) -> Int { (0..<count).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) } }
        var sketch = MVLMSketch()
        for entry in (0..<number(32, 4)).map({ 128 + 64 * $0 }) {
            let name = String(decoding: bytes[entry..<entry + 32].prefix { $0 != 0 }, as: UTF8.self)
            let start = number(entry + 32, 8)
            sketch.sections.append(Section(name, Array(bytes[start..<start + number(entry + 40, 8)])))
        }
        return sketch
    }

    /// The place of a section among the others.
    public func index(_ name: String) -> Int { sections.firstIndex { $0.name == Array(name.utf8) } ?? 0 }

    /// The manifest as JSON.
    public var manifest: [String: Any] {
        get {
            let object = try? JSONSerialization.jsonObject(with: Data(sections[index("manifest")].data))
            return object as? [String: Any] ?? [:]
        }
        set {
            let data = try? JSONSerialization.data(withJSONObject: newValue, options: [.sortedKeys])
            sections[index("manifest")].data = data.map { [UInt8]($0) } ?? []
        }
    }

    /// The manifest's text with a part replaced.
    public mutating func replace(_ part: String, with other: String) {
        let text = String(decoding: sections[index("manifest")].data, as: UTF8.self)
        sections[index("manifest")].data = Array(text.replacingOccurrences(of: part, with: other).utf8)
    }

    /// The tensors of the manifest.
    public var tensors: [[String: Any]] {
        get { manifest["tensors"] as? [[String: Any]] ?? [] }
        set { manifest["tensors"] = newValue }
    }

    /// Sets a member of one of the manifest's objects.
    public mutating func set(_ object: String, _ key: String, _ value: Any?) {
        var members = manifest[object] as? [String: Any] ?? [:]
        members[key] = value
        manifest[object] = members
    }

    /// Bytes of the tokenizer's section.
    public mutating func tokenizer(_ edit: (inout [UInt8]) -> Void) { edit(&sections[index("tokenizer")].data) }

    /// The file.
    public func bytes() -> [UInt8] {
        var table: [UInt8] = []
        var body: [UInt8] = []
        var end = 16384
        for section in sections {
            let offset = (end + 16383) / 16384 * 16384
            table += section.name.prefix(32) + Array(repeating: 0, count: max(0, 32 - section.name.count))
            table += Self.little(section.offset ?? UInt64(offset))
            table += Self.little(section.length ?? UInt64(section.data.count))
            table += Self.little(section.digest ?? Self.digest(section.data))
            table += Self.little(section.reserved)
            body += Array(repeating: 0, count: offset - 16384 - body.count) + section.data
            end = offset + section.data.count
        }
        var head = magic + Self.little(version) + Self.little(headerLength) + Self.little(features)
        head += Self.little(fileLength ?? UInt64(end)) + Self.little(sectionCount ?? UInt32(sections.count))
        head += Self.little(entryLength) + Self.little(tableDigest ?? XXH64.digest(table))
        head += Array(repeating: reserved, count: 72)
        head += Self.little(headerDigest ?? XXH64.digest(head))
        return head + table + Array(repeating: 0, count: max(0, 16384 - 128 - table.count)) + body
    }

    public static func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }

    /// A section's digest.
    public static func digest(_ data: [UInt8]) -> UInt64 {
        let pieces = stride(from: 0, to: data.count, by: 1 << 20).map { start in
            little(XXH64.digest(Array(data[start..<min(data.count, start + 1 << 20)])))
        }
        return XXH64.digest(pieces.flatMap { $0 })
    }
}
