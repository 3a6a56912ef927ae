import ByteIO
import MVLM
import Platform

/// `vlmconv pack` and `unpack`: an .mvlm file as frames of zstd, which any program for zstd unpacks too.
///
/// A frame holds at most 8 MiB and never parts of two sections, so that all cores work at both ends, and what was unpacked
/// before an interruption need not be unpacked again.
public enum Packing {
    static let frameBytes = 8 << 20

    /// How far it is, in bytes of the .mvlm file.
    public typealias Progress = @Sendable (_ done: Int, _ total: Int) -> Void

    public struct Result: Sendable {
        public let path: String
        public let bytes: Int
        public let unpackedBytes: Int
        /// For each section its length and what it takes packed; the header's pages count as one without a name.
        public let sections: [(name: String, bytes: Int, packed: Int)]
    }

    /// Packs the file at `path` into `output`.
    /// - Parameter level: 1 to 19; zstd's own scale.
    public static func pack(
        _ path: String, to output: String, level: Int, threads: Int, progress: Progress = { _, _ in }
    ) throws -> Result {
        let file = try MVLMFile(path: path)
        let mapped = try MappedFile(path: path)
        let pieces = pieces(of: file)
        let target = try AtomicFile(destination: output, inputs: [path])
        var table = SeekTable()
        var packed: [String: Int] = [:]
        try inOrder(pieces.count, threads: threads) { number -> [UInt8] in
            let part = mapped.bytes.slice(pieces[number].range) ?? Bytes([])
            defer { part.giveBackPages() }
            return try Zstandard.compress(part, level: level)
        } take: { number, frame in
            try frame.withUnsafeBytes { try target.write($0) }
            table.append(packed: frame.count, content: pieces[number].range.count)
            packed[pieces[number].section, default: 0] += frame.count
            progress(pieces[number].range.upperBound, mapped.count)
        }
        try table.bytes.withUnsafeBytes { try target.write($0) }
        try target.commit { written in
            // Frames that fail to unpack are found by whoever unpacks; here the table is read back.
            _ = try SeekTable(MappedFile(path: written).bytes, path: output)
        }
        let names = [""] + file.sections.map(\.name)
        return Result(
            path: output, bytes: target.count, unpackedBytes: mapped.count,
            sections: names.map { name in
                (name, file.section(name)?.bytes.count ?? file.sections[0].range.lowerBound, packed[name] ?? 0)
            })
    }

    private static func pieces(of file: MVLMFile) -> [(section: String, range: Range<Int>)] {
        var pieces: [(section: String, range: Range<Int>)] = []
        var start = 0
        // What lies before a section, header or padding, goes with the section before it.
        let ends = file.sections.map(\.range.lowerBound) + [file.sections.last?.range.upperBound ?? 0]
        for (name, end) in zip([""] + file.sections.map(\.name), ends) {
            while start < end {
                let stop = min(end, start + frameBytes)
                pieces.append((name, start..<stop))
                start = stop
            }
        }
        return pieces
    }

    /// Unpacks the file at `path` into `output`, which appears whole and with every digest compared, or not at all. What an
    /// interrupted run left is gone on with.
    public static func unpack(
        _ path: String, to output: String, threads: Int, progress: Progress = { _, _ in }
    ) throws -> Result {
        let mapped = try MappedFile(path: path)
        let table = try SeekTable(mapped.bytes, path: path)
        let target = try ResumableFile(destination: output, inputs: [path])
        let there = try target.count()
        let first = table.frames.firstIndex { $0.content.upperBound > there } ?? table.frames.count
        try target.truncate(to: first == 0 ? 0 : table.frames[first - 1].content.upperBound)
        progress(first == 0 ? 0 : table.frames[first - 1].content.upperBound, table.contentSize)
        do {
            try inOrder(table.frames.count - first, threads: threads) { number -> [UInt8] in
                let frame = table.frames[first + number]
                let part = mapped.bytes.slice(frame.packed) ?? Bytes([])
                defer { part.giveBackPages() }
                return try Zstandard.decompress(part, size: frame.content.count)
            } take: { number, content in
                let frame = table.frames[first + number]
                try content.withUnsafeBytes { try target.write($0, at: frame.content.lowerBound) }
                progress(frame.content.upperBound, table.contentSize)
            }
            try check(
                target.unfinished,
                blaming: Fault(
                    file: path,
                    remedy: first == 0
                        ? "Fetch the file again."
                        : "What an interrupted run had left is removed: unpack once more, and if this comes again, fetch the "
                            + "file again."),
                threads: threads)
        } catch let error as SystemError {
            // A full disk, say: what is there stays, to go on from.
            throw error
        } catch {
            target.discard()
            throw (error as? Zstandard.Failure).map {
                InputError(
                    DeliveryRule.packed, file: path, field: "a frame", problem: "does not unpack: \($0.message)",
                    remedy: "Fetch the file again.")
            } ?? error
        }
        try target.publish()
        return Result(path: output, bytes: mapped.count, unpackedBytes: table.contentSize, sections: [])
    }

    /// Compares all digests of a file that is about to get its name.
    /// - Parameter source: Makes the errors of the file that it was made from: this one goes, that one is there to mend.
    static func check(_ path: String, blaming source: Fault, threads: Int) throws {
        do {
            for section in try MVLMFile(path: path).check(threads: threads) where !section.isSame {
                throw InputError(
                    MVLMRule.sectionDigest, file: path, field: "section \(section.section)",
                    problem: "its bytes are not those that the file was written with")
            }
        } catch let error as InputError where error.file == path {
            throw source(error.rule, "content: \(error.field)", error.problem)
        }
    }
}
