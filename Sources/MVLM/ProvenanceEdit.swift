import ByteIO
import JSON

extension MVLMFile {
    /// Writes a file anew with other members in its provenance, the last section; all others stay as they are. It has its old
    /// content or the new one, never half of either.
    /// - Parameter edit: Changes the provenance's members.
    /// - Throws: `InputError` for a file that is damaged, or whose last section is another.
    public static func editProvenance(of path: String, _ edit: (inout JSONObject) -> Void) throws {
        let file = try MVLMFile(path: path)
        guard let last = file.sections.last, last.name == MVLMFormat.provenance,
            case .object(var object)? = try file.provenance()
        else {
            throw InputError(
                MVLMRule.write, file: path, field: "last section",
                problem: "is not the provenance, so that nothing can be added to it",
                remedy: "`vlmconv convert` makes a file of it to which something can.")
        }
        edit(&object)
        let text = Array(JSONValue.object(object).serialized().utf8)
        let output = try AtomicFile(destination: path, size: last.range.lowerBound + text.count)
        do {
            try file.copy(to: output, upTo: last.range.lowerBound)
            try text.withUnsafeBytes { try output.write($0, at: last.range.lowerBound) }
            try file.head(provenance: text).withUnsafeBytes { try output.write($0, at: 0) }
            try output.commit { temporary in
                let written = try MVLMFile(path: temporary)
                guard written.sections.map(\.digest).dropLast() == file.sections.map(\.digest).dropLast(),
                    try written.provenance() == .object(object)
                else {
                    throw InputError(
                        MVLMRule.write, file: path, field: "written file", problem: "does not read back",
                        remedy: "The disk or its driver did not keep what was written; the file is as it was.")
                }
            }
        } catch {
            output.discard()
            throw error
        }
    }

    /// Copies the file's first bytes, a few at a time.
    private func copy(to output: AtomicFile, upTo end: Int) throws {
        let step = 8 << 20
        for start in stride(from: 0, to: end, by: step) {
            guard let part = slice(start..<min(start + step, end)) else { continue }
            try part.withUnsafeBytes { try output.write($0, at: start) }
            part.giveBackPages()
        }
    }

    /// Header and section table of the file with another provenance.
    private func head(provenance: [UInt8]) -> [UInt8] {
        let tableEnd = MVLMFormat.headerBytes + MVLMFormat.entryBytes * sections.count
        var head = slice(0..<tableEnd)?.withUnsafeBytes { Array($0) } ?? []
        let start = sections.last?.range.lowerBound ?? 0
        func put(_ number: UInt64, at offset: Int) {
            var bytes: [UInt8] = []
            bytes.append(little: number)
            head.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        }
        let entry = tableEnd - MVLMFormat.entryBytes
        put(UInt64(provenance.count), at: entry + 40)
        put(provenance.withUnsafeBytes { MVLMDigest.of($0) }, at: entry + 48)
        put(UInt64(start + provenance.count), at: 24)
        put(MVLMDigest.xxh64(Array(head[MVLMFormat.headerBytes...])), at: 40)
        put(MVLMDigest.xxh64(Array(head[..<120])), at: 120)
        return head
    }
}
