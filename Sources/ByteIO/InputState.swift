import Platform

/// What a file was when work on it began, to tell at the end whether somebody changed it meanwhile.
public struct InputState: Sendable {
    /// A file that was changed while it was read.
    public static let changed = Rule("file.changed")

    private let path: String
    private let size: Int
    private let inode: UInt64
    private let modified: timespec

    /// - Throws: `SystemError` if nothing is at `path`.
    public init(path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0 else { throw SystemError("examine", path: path, code: errno) }
        self.path = path
        size = Int(status.st_size)
        inode = UInt64(status.st_ino)
        modified = status.modified
    }

    /// - Throws: `InputError` `file.changed` if the file at the path is another one now, or was written to.
    public func check() throws {
        let now = try InputState(path: path)
        guard now.size == size, now.inode == inode, now.modified.tv_sec == modified.tv_sec,
            now.modified.tv_nsec == modified.tv_nsec
        else {
            throw InputError(
                Self.changed, file: path, field: "file", problem: "was changed while it was read",
                remedy: "Nothing was left behind. Wait until whatever writes it is done, then start again.")
        }
    }
}
