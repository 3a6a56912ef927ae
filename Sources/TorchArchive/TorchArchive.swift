import ByteIO
import Tensors

/// A file that `torch.save` wrote of a dict of tensors: `pytorch_model-00001-of-00002.bin`, `mm_projector.bin`.
///
/// The pickle inside is read as data and never run; see `PickleMachine`. The file is mapped: a tensor that lies
/// contiguous in its storage is a view into the mapping, of no promised alignment; any other is gathered on request.
/// Specification: formats/torch-archive.md.
public struct TorchArchive: TensorSource {
    /// Every rule that a file is held to, besides `bytes.truncated`.
    public static let rules: [Rule] = [
        .torchKind, .torchZipEnd, .torchZipDirectory, .torchZipStored, .torchZipName, .torchZipLocal,
        .torchZipOverlap, .torchZipChecksum, .torchByteOrder, .torchPickleProtocol, .torchPickleSize,
        .torchPickleOpcode, .torchPickleStack, .torchPickleMemo, .torchPickleValue, .torchPickleGlobal,
        .torchPickleCall, .torchPickleEnd, .torchStorage, .torchTensor, .torchTensorRepeat, .torchRoot, .torchLegacy,
    ]

    public let path: String
    /// In the order of the dict.
    public let tensors: [TensorInfo]
    /// Where the state dict lies in a training checkpoint, such as `["module"]`; empty where the file holds nothing else.
    public let stateDictPath: [String]
    /// Keys beside the state dict in a training checkpoint, such as `epoch`. What is under them is not read.
    public let ignoredKeys: [String]
    public var files: [String] { [path] }

    private let entries: [StateDict.Entry]
    private let storages: [Bytes]
    private let positions: [String: Int]
    private let zip: ZipDirectory?
    private let file: Bytes

    /// True if the bytes begin as a zip archive or as the form before torch 1.6.
    public static func recognises(_ bytes: Bytes) -> Bool {
        bytes.withUnsafeBytes { $0.starts(with: "PK\u{3}\u{4}".utf8) } || LegacyFile.magicEnd(bytes) != nil
    }

    /// Maps the file and checks all of it but the tensors' values.
    /// - Throws: `InputError` with one of `rules`; `SystemError` if the file cannot be mapped.
    public init(path: String) throws {
        try self.init(MappedFile(path: path))
    }

    /// Checks a file that is mapped already.
    public init(_ file: MappedFile) throws { try self.init(file.bytes, path: file.path) }

    /// Checks a file that is mapped already.
    /// - Parameter path: Named in errors and in `files`.
    public init(_ file: Bytes, path: String) throws {
        let fault = Fault(torch: path)
        guard Self.recognises(file) else { throw Self.kindError(file, fault) }
        let pickle: PickleMachine
        if LegacyFile.magicEnd(file) != nil {
            let legacy = try LegacyFile(file, file: path)
            (zip, pickle, storages) = (nil, legacy.pickle, legacy.storages)
        } else {
            let archive = try ZipArchive(file, fault: fault)
            (zip, pickle, storages) = (archive.directory, archive.pickle, archive.storages)
        }
        let state = try StateDict(pickle, fault: fault)
        self.path = path
        self.file = file
        entries = state.entries
        stateDictPath = state.path
        ignoredKeys = state.ignored
        tensors = entries.map(\.info)
        // StateDict let no name pass twice.
        positions = Dictionary(tensors.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    public func info(_ name: String) -> TensorInfo? { positions[name].map { tensors[$0] } }

    public func bytes(of name: String) throws -> Bytes {
        guard let position = positions[name] else { throw Fault(torch: path)(.torchRoot, name, "is not in this file") }
        let entry = entries[position]
        guard let bytes = entry.view.bytes(in: storages[entry.storage], elementBytes: entry.info.type.blockBytes)
        else { throw Fault(torch: path)(.torchTensor, name, "leads outside its storage") }
        return bytes
    }

    public func rows(_ range: Range<Int>, of name: String) throws -> Bytes {
        guard let position = positions[name] else { throw Fault(torch: path)(.torchRoot, name, "is not in this file") }
        let entry = entries[position]
        guard
            let bytes = entry.view.rows(
                range, in: storages[entry.storage], elementBytes: entry.info.type.blockBytes)
        else { throw Fault(torch: path)(.torchTensor, name, "has no such rows, or leads outside its storage") }
        return bytes
    }

    /// What the archive's directory says of a member's bytes, and what they are.
    public struct Checksum: Sendable, Equatable {
        public let member: String
        public let recorded: UInt32
        public let found: UInt32
    }

    /// Reads every byte that the archive has a checksum of. Opening checks `data.pkl` alone, for a checkpoint of several
    /// gigabytes would be read once more. Empty for files before torch 1.6, and where torch was told to compute none.
    public func checksums() throws -> [Checksum] {
        try (zip?.members ?? []).compactMap { try ZipArchive.checksum($0, in: file, Fault(torch: path)) }
    }

    private static func kindError(_ file: Bytes, _ fault: Fault) -> InputError {
        let kind = FamiliarKind(of: file)
        return fault(
            .torchKind, "first bytes",
            kind.map { "this is \($0.phrase), not a file of torch.save" } ?? "are none that torch.save writes",
            kind == .pickle ? "Save the tensors with torch.save, not with pickle.dump." : kind?.remedy)
    }
}

/// The form since torch 1.6: a zip archive of `data.pkl` and one member per storage, below one folder.
private struct ZipArchive {
    let directory: ZipDirectory
    let pickle: PickleMachine
    /// The bytes of the heap's storages, in its order.
    let storages: [Bytes]

    init(_ file: Bytes, fault: Fault) throws {
        let directory = try ZipDirectory(file, file: fault.file)
        self.directory = directory
        let folder = try Self.folder(directory, fault)
        if let order = directory.member(folder + "byteorder") {
            guard try Self.contents(order, file, fault).withUnsafeBytes({ $0.elementsEqual("little".utf8) }) else {
                throw fault(.torchByteOrder, order.name, "is not \"little\"", bigEndianRemedy)
            }
        }
        guard let data = directory.member(folder + "data.pkl") else {
            throw fault(.torchKind, "data.pkl", "is not in the archive")
        }
        let contents = try Self.contents(data, file, fault)
        guard contents.count <= TorchLimits.pickleBytes else {
            throw fault(.torchPickleSize, data.name, "has \(contents.count) bytes, above \(TorchLimits.pickleBytes)")
        }
        try Self.verify(data, in: file, fault)
        let pickle = try PickleMachine(contents.withUnsafeBytes { Array($0) }, file: fault.file, name: data.name)
        guard pickle.end == contents.count else {
            throw fault(.torchPickleEnd, data.name, "goes on for \(contents.count - pickle.end) bytes behind STOP")
        }
        self.pickle = pickle
        storages = try pickle.heap.storages.map { storage in
            guard let member = directory.member("\(folder)data/\(storage.key)") else {
                throw fault(.torchStorage, "data/\(storage.key)", "is not in the archive")
            }
            let bytes = try Self.contents(member, file, fault)
            let (size, overflow) = storage.count.multipliedReportingOverflow(by: storage.type.blockBytes)
            guard !overflow, size == bytes.count else {
                throw fault(
                    .torchStorage, member.name,
                    "has \(bytes.count) bytes, not \(storage.count) elements of \(storage.type.name)")
            }
            return bytes
        }
    }

    /// The folder all members lie below, with its slash: the one that has `data.pkl`.
    private static func folder(_ directory: ZipDirectory, _ fault: Fault) throws -> String {
        let names = directory.members.map(\.name)
        let folders = names.filter { $0.hasSuffix("/data.pkl") && $0.split(separator: "/").count == 2 }
            .map { String($0.dropLast("data.pkl".count)) }
        guard folders.count == 1, let folder = folders.first else {
            throw fault(
                .torchKind, "archive", "has \(folders.isEmpty ? "no" : "more than one") data.pkl below a folder",
                "Name a file that torch.save wrote; other zip archives must be unpacked first.")
        }
        if let stray = names.first(where: { !$0.hasPrefix(folder) }) {
            throw fault(.torchZipName, stray, "does not lie below \(folder) like the rest")
        }
        if names.contains(where: { $0 == folder + "constants.pkl" || $0.hasPrefix(folder + "code/") }) {
            throw fault(
                .torchKind, "archive", "holds a TorchScript program",
                "Load it with torch.jit.load and save its state_dict() with torch.save.")
        }
        return folder
    }

    private static func contents(_ member: ZipDirectory.Member, _ file: Bytes, _ fault: Fault) throws -> Bytes {
        guard member.isStored, let contents = file.slice(member.place) else {
            throw fault(
                .torchZipStored, member.name, "is compressed or encrypted",
                "torch.save stores members as they are. Load the file with torch and save it again.")
        }
        return contents
    }

    /// Nil where there is none: torch writes 0 where it was told not to compute checksums.
    static func checksum(
        _ member: ZipDirectory.Member, in file: Bytes, _ fault: Fault
    ) throws -> TorchArchive.Checksum? {
        guard member.crc32 != 0, member.isStored else { return nil }
        return TorchArchive.Checksum(
            member: member.name, recorded: member.crc32, found: CRC32.of(try contents(member, file, fault)))
    }

    private static func verify(_ member: ZipDirectory.Member, in file: Bytes, _ fault: Fault) throws {
        if let checksum = try checksum(member, in: file, fault), checksum.found != checksum.recorded {
            throw fault(
                .torchZipChecksum, member.name, "does not have the checksum that the archive's directory tells",
                "The file is damaged: fetch it again.")
        }
    }
}
