import ByteIO
import Dialects
import Models

extension ModelLocation {
    /// True if it names a file that holds a model; a file of a checkpoint stands for its folder.
    public var isModelFile: Bool {
        guard let meaning = try? PathMeaning(path), case .file = meaning.kind else { return false }
        return true
    }
}

/// What a path names, once it is clear what its user meant.
struct PathMeaning {
    enum Kind {
        case folder(Folder)
        /// A file that holds a model, in the container that it starts as.
        case file(MappedFile, any Dialect)
    }

    let kind: Kind
    /// What was made of the path, where that is not the path itself.
    let notes: [String]

    init(_ path: String) throws {
        if let folder = Folder(path) {
            (kind, notes) = try Self.inside(folder)
            return
        }
        guard Folder.exists(path) else { throw Self.absent(path) }
        let file = try SniffedFile(path: path)
        if case .model(let dialect) = file.kind {
            (kind, notes) = (.file(file.mapped, dialect), [])
            return
        }
        let parent = Folder.parent(of: path)
        let isWeights = file.kind != .unknown
        if isWeights || path.hasSuffix(".json"), let folder = Folder(parent),
            folder.has("config.json") || Adapter.isOne(folder)
        {
            (kind, notes) = (
                .folder(folder), ["\(path) belongs to the checkpoint in \(folder.path), which is read whole."]
            )
            return
        }
        if file.isOnlyNamed(".mvlm") {
            (kind, notes) = (.file(file.mapped, MVLMDialect()), [])
            return
        }
        let familiar = FamiliarKind(of: file.mapped.bytes)
        throw InputError(
            Model.notAModel, file: path, field: "file",
            problem: isWeights
                ? "is one file of weights without its configuration"
                : familiar.map { "is \($0.phrase)" } ?? "is no model file that is known",
            remedy: isWeights || familiar == nil || familiar == .json
                ? "Name the folder of a checkpoint, a .gguf or an .mvlm file." : familiar?.remedy)
    }

    /// A folder itself; of a hub cache's folder the one snapshot that it holds.
    private static func inside(_ folder: Folder) throws -> (Kind, [String]) {
        guard !folder.has("config.json"), let snapshots = folder.folder("snapshots"), folder.has("blobs") else {
            return (.folder(folder), [])
        }
        let names = try snapshots.names()
        guard names.count == 1, let snapshot = snapshots.folder(names[0]) else {
            throw InputError(
                Model.notAModel, file: folder.path, field: "snapshots",
                problem:
                    "a hub cache's folder with \(names.count) snapshots: \(names.prefix(4).joined(separator: ", "))",
                remedy: "Name one of the folders in \(snapshots.path).")
        }
        return (.folder(snapshot), ["The one snapshot in the hub's cache is read: \(snapshot.path)."])
    }

    private static func absent(_ path: String) -> any Error {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let isPlain = path.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & ~0x20) || "-_./".utf8.contains(byte)
        }
        if parts.count == 2, isPlain, parts.allSatisfy({ !$0.isEmpty && !$0.hasPrefix(".") }),
            !path.hasSuffix(".gguf")
        {
            return InputError(
                Model.notAModel, file: path, field: "path",
                problem: "is not there; it looks like a model's name on a hub, and nothing is ever fetched",
                remedy: "Download it first (`hf download \(path) --local-dir DIR`) and name its folder.")
        }
        return SystemError("open", path: path, code: 2)
    }
}
