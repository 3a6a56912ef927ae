import ByteIO

/// Reads the header and the section table.
struct MVLMHeader {
    let path: String
    let bytes: Bytes

    private func number<Number: FixedWidthInteger>(_ offset: Int, as: Number.Type) -> Number {
        bytes.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self)) }
    }

    private func digest(_ range: Range<Int>) -> UInt64 {
        bytes.withUnsafeBytes { MVLMDigest.xxh64(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }

    private func isZero(_ range: Range<Int>) -> Bool {
        bytes.withUnsafeBytes { $0[range].allSatisfy { $0 == 0 } }
    }

    private func refuse(_ rule: Rule, _ field: String, _ problem: String) -> InputError {
        InputError(rule, file: path, field: field, problem: problem, remedy: MVLMRule.damaged)
    }

    /// Which features the file requires, one bit each; to be asked for once `sections` has looked at the header.
    var features: UInt64 { number(16, as: UInt64.self) }

    /// The sections, in the order of the file.
    func sections() throws -> [MVLMFile.Section] {
        let count = try header()
        let end = MVLMFormat.headerBytes + MVLMFormat.entryBytes * count
        guard end <= bytes.count else { throw refuse(MVLMRule.size, "section table", "does not fit into the file") }
        guard number(40, as: UInt64.self) == digest(MVLMFormat.headerBytes..<end) else {
            throw refuse(MVLMRule.sectionTable, "section table", "is not what the file was written with")
        }
        return try sections(count, end: end)
    }

    /// - Returns: The number of sections.
    private func header() throws -> Int {
        guard MVLMFile.recognises(bytes) else {
            let familiar = FamiliarKind(of: bytes)
            throw InputError(
                MVLMRule.magic, file: path, field: "magic",
                problem: "is not that of an .mvlm file" + (familiar.map { "; this is \($0.phrase)" } ?? ""),
                remedy: familiar?.remedy ?? MVLMRule.damaged)
        }
        guard bytes.count >= MVLMFormat.headerBytes else {
            throw refuse(MVLMRule.size, "header", "the file ends after \(bytes.count) bytes")
        }
        let version = number(8, as: UInt32.self)
        guard version == MVLMFormat.version else {
            throw InputError(
                MVLMRule.version, file: path, field: "version", problem: "is \(version); this program reads 1",
                remedy: version > MVLMFormat.version ? "A newer vlmconv reads it." : MVLMRule.damaged)
        }
        guard number(12, as: UInt32.self) == UInt32(MVLMFormat.headerBytes),
            number(36, as: UInt32.self) == UInt32(MVLMFormat.entryBytes), isZero(48..<120)
        else { throw refuse(MVLMRule.header, "header", "has sizes or reserved fields of a kind that is not known") }
        guard number(120, as: UInt64.self) == digest(0..<120) else {
            throw refuse(MVLMRule.headerDigest, "header", "is not what the file was written with")
        }
        let features = features & ~MVLMFormat.features
        guard features == 0 else {
            throw InputError(
                MVLMRule.features, file: path, field: "features",
                problem: "the file needs features that this program lacks (bits \(String(features, radix: 2)))",
                remedy: "A newer vlmconv reads it.")
        }
        let size = number(24, as: UInt64.self)
        guard size == UInt64(bytes.count) else {
            throw refuse(MVLMRule.size, "length", "is \(size) by the header, but the file has \(bytes.count) bytes")
        }
        let count = number(32, as: UInt32.self)
        guard (1...UInt32(MVLMFormat.mostSections)).contains(count) else {
            throw refuse(MVLMRule.sectionCount, "sections", "are \(count); 1 to 200 are allowed")
        }
        return Int(count)
    }

    private func sections(_ count: Int, end tableEnd: Int) throws -> [MVLMFile.Section] {
        var sections: [MVLMFile.Section] = []
        var end = tableEnd
        for index in 0..<count {
            let entry = MVLMFormat.headerBytes + MVLMFormat.entryBytes * index
            let field = "section \(index)"
            let stored = bytes.withUnsafeBytes { Array($0[entry..<entry + MVLMFormat.nameBytes]) }
            let text = stored.prefix { $0 != 0 }
            guard MVLMFormat.isName(text), stored[text.count...].allSatisfy({ $0 == 0 }) else {
                throw refuse(MVLMRule.sectionName, field, "has a name that is none")
            }
            let name = String(decoding: text, as: UTF8.self)
            guard !sections.contains(where: { $0.name == name }) else {
                throw refuse(MVLMRule.sectionName, field, "has the name of another, \(name)")
            }
            guard let offset = Int(exactly: number(entry + 32, as: UInt64.self)),
                let size = Int(exactly: number(entry + 40, as: UInt64.self)), offset % MVLMFormat.page == 0,
                offset >= end, offset <= bytes.count, size <= bytes.count - offset,
                let content = bytes.slice(offset..<offset + size)
            else {
                throw refuse(
                    MVLMRule.sectionOffset, "section \(name)",
                    "does not start on a page after the section before it, or ends outside the file")
            }
            guard number(entry + 56, as: UInt64.self) == 0 else {
                throw refuse(MVLMRule.header, "section \(name)", "has something in its reserved field")
            }
            end = offset + size
            sections.append(
                MVLMFile.Section(
                    name: name, bytes: content, range: offset..<end, digest: number(entry + 48, as: UInt64.self)))
        }
        guard end == bytes.count else {
            throw refuse(MVLMRule.sectionEnd, "last section", "ends at \(end) of \(bytes.count) bytes")
        }
        return sections
    }
}
