import Platform
import ByteIO
import Conversion
import GGUF
import MVLM
import Opening
import Tensors
import TorchArchive

/// `vlmconv inspect --check` as a call: are a file's contents, and the files it was made of, still what they were?
public struct IntegrityCheck: Sendable {
    public static let notRecorded = Rule("check.not-recorded")

    public enum Outcome: String, Sendable {
        case same
        case differs
        /// A source file that is not where it was looked for.
        case missing
    }

    public struct Row: Sendable {
        /// A tensor or a source file.
        public let name: String
        public let outcome: Outcome
        /// The digest in the metadata.
        public let recorded: String
        /// The digest of what is there; nil where nothing is.
        public let found: String?
    }

    public let tensors: [Row]
    /// The members of PyTorch archives, by the checksums of their directories.
    public let members: [Row]
    /// Empty unless a folder with the sources was given.
    public let sources: [Row]

    /// True if nothing differs. A missing source says nothing about the file.
    public var passed: Bool { (tensors + members + sources).allSatisfy { $0.outcome != .differs } }

    /// - Parameters:
    ///   - path: An .mvlm file; a GGUF file that vlmconv wrote, or the first part of a split one; a PyTorch archive, or a
    ///     folder with such.
    ///   - sourceFolder: Where the checkpoint's files lie; nil to leave them out.
    /// - Throws: `check.not-recorded` if nothing there holds digests.
    public init(path: String, sourceFolder: String? = nil, threads: Int? = nil) throws {
        try Arguments.check(threads, in: Arguments.threads, "threads")
        if let folder = Folder(path) {
            try self.init(archives: folder.names().map(folder.file).filter { Folder($0) == nil }, path: path)
            return
        }
        let sniffed = try SniffedFile(path: path)
        let mapped = sniffed.mapped
        if MVLMFile.recognises(mapped.bytes) || sniffed.isOnlyNamed(".mvlm") {
            try self.init(mvlm: MVLMFile(mapped), threads: threads ?? Machine.processorCount)
            return
        }
        if TorchArchive.recognises(mapped.bytes) {
            try self.init(archives: [path], path: path)
            return
        }
        try self.init(gguf: path, sourceFolder: sourceFolder, threads: threads)
    }

    private init(mvlm file: MVLMFile, threads: Int) throws {
        (tensors, members, sources) = (try Self.sections(file, threads: threads), [], [])
    }

    private init(gguf path: String, sourceFolder: String?, threads: Int?) throws {
        let file = try GGUFSplit(path: path)
        members = []
        let recorded = Provenance.tensors(file.metadata)
        guard recorded.count == file.tensors.count, !recorded.isEmpty else {
            throw InputError(
                Self.notRecorded, file: path, field: "vlmconv.tensor.xxh64",
                problem: "holds \(recorded.count) digests for \(file.tensors.count) tensors",
                remedy: "Only files that vlmconv wrote with digests can be checked.")
        }
        let stored = try file.tensors.map { StoredTensor(info: $0, bytes: try file.bytes(of: $0.name)) }
        let found = try TensorDigest.of(stored, threads: threads ?? Machine.processorCount)
        tensors = zip(file.tensors, zip(recorded, found)).map { info, digests in
            Row(
                name: info.name, outcome: digests.0 == digests.1 ? .same : .differs, recorded: digests.0,
                found: digests.1)
        }
        guard let sourceFolder else {
            sources = []
            return
        }
        guard let folder = Folder(sourceFolder) else {
            throw SystemError("open", path: sourceFolder, code: 2, remedy: "--source takes a folder.")
        }
        sources = try Provenance.sources(file.metadata).map { source in
            try folder.checkPlain(source.file, statedBy: path)
            guard folder.has(source.file) else {
                return Row(name: source.file, outcome: .missing, recorded: source.digest, found: nil)
            }
            let digest = try FileDigest.of(folder.file(source.file))
            return Row(
                name: source.file, outcome: digest == source.digest ? .same : .differs, recorded: source.digest,
                found: digest)
        }
    }

    /// The sections of an .mvlm file, each of which has a digest; what lies between them has to be zero.
    private static func sections(_ file: MVLMFile, threads: Int) throws -> [Row] {
        let found = try file.digests(threads: threads)
        return zip(file.sections, found).map { section, digest in
            Row(
                name: "section \(section.name)", outcome: digest == section.digest ? .same : .differs,
                recorded: hexadecimal(section.digest), found: hexadecimal(digest))
        }
    }

    /// Checks those of `paths` that are PyTorch archives. Other formats of checkpoints have no checksums.
    private init(archives paths: [String], path: String) throws {
        var rows: [Row] = []
        for path in paths {
            let bytes = try MappedFile(path: path).bytes
            guard TorchArchive.recognises(bytes) else { continue }
            rows += try TorchArchive(bytes, path: path).checksums().map { checksum in
                Row(
                    name: "\(Folder.lastComponent(path)): \(checksum.member)",
                    outcome: checksum.found == checksum.recorded ? .same : .differs,
                    recorded: Self.hexadecimal(checksum.recorded), found: Self.hexadecimal(checksum.found))
            }
        }
        guard !rows.isEmpty else {
            throw InputError(
                Self.notRecorded, file: path, field: "checksums", problem: "nothing here has any",
                remedy: "GGUF files that vlmconv wrote with digests, and files of torch.save, can be checked.")
        }
        (tensors, members, sources) = ([], rows, [])
    }

    private static func hexadecimal(_ value: some FixedWidthInteger) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: value.bitWidth / 4 - digits.count) + digits
    }
}
