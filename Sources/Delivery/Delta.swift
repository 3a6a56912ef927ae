import ByteIO
import JSON
import MVLM

/// `vlmconv delta` and `patch`: what turns one .mvlm file into another.
///
/// A section that both have is named and not stored. Of the others each piece is a frame of zstd that may refer to the old
/// section's bytes around the same place, so that tensors that did not change cost next to nothing.
public enum Delta {
    private static let pieceBytes = 16 << 20
    /// How much farther than the piece the old bytes reach, at both ends.
    private static let slack = 8 << 20
    /// The first of zstd's skippable frames; its content is the index.
    private static let magic: [UInt8] = [0x50, 0x2A, 0x4D, 0x18]
    private static let largestIndex = 16 << 20

    /// A stretch of the new file.
    private struct Part {
        let new: Range<Int>
        /// Of the old file: the same bytes if there is no frame, else what the frame refers to.
        let old: Range<Int>?
        var frame: Int?

        var json: JSONValue {
            var object: JSONObject = JSONObject()
            object["new"] = [.integer(Int64(new.lowerBound)), .integer(Int64(new.count))]
            if let old { object["old"] = [.integer(Int64(old.lowerBound)), .integer(Int64(old.count))] }
            if let frame { object["frame"] = .integer(Int64(frame)) }
            return .object(object)
        }

        init(new: Range<Int>, old: Range<Int>?) {
            self.new = new
            self.old = old
        }

        init?(_ json: JSONValue) {
            func range(_ key: String) -> Range<Int>? {
                guard let numbers = json[key]?.array?.compactMap(\.int), numbers.count == 2, numbers[0] >= 0,
                    numbers[1] >= 0, numbers[0] < 1 << 50, numbers[1] < 1 << 50
                else { return nil }
                return numbers[0]..<numbers[0] + numbers[1]
            }
            guard let new = range("new") else { return nil }
            self.init(new: new, old: range("old"))
            frame = json["frame"]?.int
            guard json["old"] == nil || old != nil, frame != nil || old?.count == new.count,
                frame.map({ $0 > 0 && $0 < 1 << 40 && new.count <= pieceBytes }) ?? true
            else { return nil }
        }
    }

    /// A file's identity: its length and the digest of its head, which has the digests of all else.
    private static func identity(_ file: MappedFile, _ model: MVLMFile) -> JSONValue {
        let head = file.bytes.slice(0..<model.sections[0].range.lowerBound) ?? Bytes([])
        let digest = head.withUnsafeBytes { MVLMDigest.xxh64($0) }
        return ["bytes": .integer(Int64(file.count)), "head": .string(String(digest, radix: 16))]
    }

    /// Writes to `output` what turns `old` into `new`.
    /// - Returns: Bytes of the delta and of the new file.
    public static func make(
        old: String, new: String, to output: String, level: Int, threads: Int,
        progress: Packing.Progress = { _, _ in }
    ) throws -> (bytes: Int, newBytes: Int) {
        let (oldModel, newModel) = (try MVLMFile(path: old), try MVLMFile(path: new))
        let (oldFile, newFile) = (try MappedFile(path: old), try MappedFile(path: new))
        var parts = parts(from: oldModel, to: newModel)
        let stored = parts.indices.filter { isStored(parts[$0], oldFile, newFile) }
        let target = try AtomicFile(destination: output, inputs: [old, new])
        var frames: [[UInt8]] = []
        let plan = parts
        try inOrder(stored.count, threads: threads) { number -> [UInt8] in
            let part = plan[stored[number]]
            let content = newFile.bytes.slice(part.new) ?? Bytes([])
            return try Zstandard.compress(content, level: level, prefix: part.old.flatMap { oldFile.bytes.slice($0) })
        } take: { number, frame in
            parts[stored[number]].frame = frame.count
            frames.append(frame)
            progress(parts[stored[number]].new.upperBound, newFile.count)
        }
        let index: JSONValue = [
            "delta": 1, "old": identity(oldFile, oldModel), "new": identity(newFile, newModel),
            "parts": .array(parts.map(\.json)),
        ]
        let text = Array(index.serialized().utf8)
        var head = magic
        for shift in [0, 8, 16, 24] { head.append(UInt8(truncatingIfNeeded: text.count >> shift)) }
        for bytes in [head, text] + frames { try bytes.withUnsafeBytes { try target.write($0) } }
        try target.commit()
        return (target.count, newFile.count)
    }

    private static func parts(from old: MVLMFile, to new: MVLMFile) -> [Part] {
        var parts: [Part] = []
        var end = 0
        for section in new.sections {
            if end < section.range.lowerBound { parts.append(Part(new: end..<section.range.lowerBound, old: nil)) }
            end = section.range.upperBound
            let before = old.section(section.name)
            if let before, before.digest == section.digest, before.bytes.count == section.bytes.count {
                if !section.range.isEmpty { parts.append(Part(new: section.range, old: before.range)) }
                continue
            }
            for start in stride(from: section.range.lowerBound, to: section.range.upperBound, by: pieceBytes) {
                let piece = start..<min(section.range.upperBound, start + pieceBytes)
                let offset = start - section.range.lowerBound
                let around = before.map { before in
                    let low = min(before.bytes.count, max(0, offset - slack))
                    let high = min(before.bytes.count, offset + piece.count + slack)
                    return before.range.lowerBound + low..<before.range.lowerBound + max(low, high)
                }
                parts.append(Part(new: piece, old: around.flatMap { $0.isEmpty ? nil : $0 }))
            }
        }
        return parts
    }

    /// False for a part whose bytes are the old file's. Equal digests alone are not taken for equal bytes.
    private static func isStored(_ part: Part, _ old: MappedFile, _ new: MappedFile) -> Bool {
        guard let range = part.old, range.count == part.new.count, let before = old.bytes.slice(range),
            let after = new.bytes.slice(part.new)
        else { return true }
        return before.withUnsafeBytes { before in after.withUnsafeBytes { !before.elementsEqual($0) } }
    }

    /// Writes to `output` the file that `delta` makes of `old`; it appears whole and with every digest compared, or not at
    /// all.
    /// - Returns: Its bytes.
    public static func apply(
        _ delta: String, to old: String, output: String, threads: Int, progress: Packing.Progress = { _, _ in }
    ) throws -> Int {
        @Sendable func refuse(_ rule: Rule, _ field: String, _ problem: String, _ remedy: String) -> InputError {
            InputError(rule, file: delta, field: field, problem: problem, remedy: remedy)
        }
        let file = try MappedFile(path: delta)
        let (index, start) = try readIndex(file)
        let oldModel = try MVLMFile(path: old)
        let oldFile = try MappedFile(path: old)
        guard index["old"] == identity(oldFile, oldModel) else {
            throw refuse(
                DeliveryRule.deltaBase, "old", "was made from another file than \(old)",
                "Name the file that the delta was made from, or fetch the new one whole.")
        }
        let broken = refuse(
            DeliveryRule.delta, "parts", "are not those of a whole file", "Fetch the delta again.")
        let parts = (index["parts"]?.array ?? []).compactMap(Part.init)
        guard parts.count == index["parts"]?.array?.count, let size = parts.last?.new.upperBound,
            zip(parts, parts.dropFirst()).allSatisfy({ $0.new.upperBound == $1.new.lowerBound }),
            parts.first?.new.lowerBound == 0, index["new"]?["bytes"]?.int == size
        else { throw broken }
        var frames: [Range<Int>] = []
        for part in parts {
            let from = frames.last?.upperBound ?? start
            frames.append(from..<from + (part.frame ?? 0))
            guard part.old.map({ $0.upperBound <= oldFile.count }) ?? true else { throw broken }
        }
        guard frames.last?.upperBound == file.count else { throw broken }

        let target = try AtomicFile(destination: output, inputs: [delta, old], size: size)
        let places = frames
        try inOrder(parts.count, threads: threads) { number -> Bytes in
            let part = parts[number]
            let before = part.old.flatMap { oldFile.bytes.slice($0) }
            guard part.frame != nil else { return before ?? Bytes([]) }
            guard let frame = file.bytes.slice(places[number]) else { throw broken }
            do {
                return Bytes(try Zstandard.decompress(frame, size: part.new.count, prefix: before))
            } catch let error as Zstandard.Failure {
                throw refuse(
                    DeliveryRule.delta, "a frame", "does not unpack: \(error.message)", "Fetch the delta again.")
            }
        } take: { number, content in
            try content.withUnsafeBytes { try target.write($0, at: parts[number].new.lowerBound) }
            content.giveBackPages()
            progress(parts[number].new.upperBound, size)
        }
        try target.commit {
            try Packing.check($0, blaming: Fault(file: delta, remedy: "Fetch the delta again."), threads: threads)
        }
        return size
    }

    private static func readIndex(_ file: MappedFile) throws -> (index: JSONValue, end: Int) {
        let size = file.bytes.withUnsafeBytes { bytes -> Int? in
            guard bytes.count >= 8, bytes.starts(with: magic) else { return nil }
            let size = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
            return size <= bytes.count - 8 && size <= largestIndex ? size : nil
        }
        guard let size, let text = file.bytes.slice(8..<8 + size),
            let index = try? JSONValue(parsing: text, file: file.path), index["delta"]?.int == 1
        else {
            throw InputError(
                DeliveryRule.delta, file: file.path, field: "index", problem: "is not that of a delta",
                remedy: "patch takes what delta wrote.")
        }
        return (index, 8 + size)
    }
}
