import Platform

/// What a file was when work on it began, to tell at the end whether somebody changed it meanwhile.
public struct InputState: Sendable {
    /// A file that was changed while it was read.
    public static let changed = Rule("file.changed")

    let path: String
    private let size: Int
    private let inode: UInt64
    private let modified: timespec

    /// What is at `path`; of a file that is mapped, what it was when it was mapped, because that is what is read.
    /// - Throws: `SystemError` if nothing is at `path`.
    public init(path: String) throws {
        let now = try Self.current(path)
        // Of several mappings the one that is not of what is there now, so that the check finds it.
        self = MappedFile.states(of: path).first { !$0.isSame(as: now) } ?? now
    }

    init(_ status: stat, path: String) {
        self.path = path
        size = Int(status.st_size)
        inode = UInt64(status.st_ino)
        modified = status.modified
    }

    private static func current(_ path: String) throws -> InputState {
        var status = stat()
        guard stat(path, &status) == 0 else { throw SystemError("examine", path: path, code: errno) }
        return InputState(status, path: path)
    }

    private func isSame(as other: InputState) -> Bool {
        size == other.size && inode == other.inode && modified.tv_sec == other.modified.tv_sec
            && modified.tv_nsec == other.modified.tv_nsec
    }

    /// - Throws: `InputError` `file.changed` if the file at the path is another one now, or was written to.
    public func check() throws {
        let now = try Self.current(path)
        guard isSame(as: now) else {
            throw InputError(
                Self.changed, file: path, field: "file", problem: "was changed while it was read",
                remedy: "Nothing was left behind. Wait until whatever writes it is done, then start again.")
        }
    }
}
