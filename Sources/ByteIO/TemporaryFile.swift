import Platform

/// Files under construction: `.NAME.PID-NUMBER.partial` beside their destination.
///
/// Whoever makes one holds a lock on it (`flock`) for as long as he is at it. A lock ends with its process, however that
/// ends, so a file without one is rubbish, which the next run in that folder removes. The process id in the name only keeps
/// names apart: it says nothing in another container or on another host.
enum TemporaryFile {
    private static let suffix = ".partial"

    /// Opens and locks a file that nobody else has: two writers of one destination do not mix, and a link that somebody
    /// laid there is not followed. Removes what killed runs left in the folder.
    static func create(beside destination: String) throws -> (path: String, descriptor: Int32) {
        let slash = destination.lastIndex(of: "/")
        let folder = slash.map { String(destination[...$0]) } ?? ""
        var name = slash.map { String(destination[destination.index(after: $0)...]) } ?? destination
        // File systems take names of 255 bytes, and the pid and counter need some of them.
        while name.utf8.count > 200 { name.removeLast() }
        removeAbandoned(in: folder.isEmpty ? "." : folder)
        var code = EEXIST
        for attempt in 0..<1000 where code == EEXIST {
            let path = "\(folder).\(name).\(getpid())-\(attempt)\(suffix)"
            let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else {
                code = errno
                continue
            }
            // Where a file system knows no locks, files are only told apart by their names.
            let isLocked = flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK
            var status = stat()
            if isLocked, fstat(descriptor, &status) == 0, status.st_nlink > 0 { return (path, descriptor) }
            // Between its making and its lock another run took it for rubbish.
            close(descriptor)
        }
        throw SystemError(
            "create a file in its folder", path: destination, code: code,
            remedy: "Check that the folder exists and may be written to.")
    }

    /// Removes files of this kind that no living process has locked.
    static func removeAbandoned(in folder: String) {
        guard let stream = opendir(folder) else { return }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: $0.pointee)) {
                    String(cString: $0)
                }
            }
            if isTemporary(name) { removeIfAbandoned("\(folder)/\(name)") }
        }
    }

    /// Whether `name` is one that `create` gives.
    static func isTemporary(_ name: String) -> Bool {
        guard name.hasPrefix("."), name.hasSuffix(suffix) else { return false }
        let number = name.dropLast(suffix.count).split(separator: ".").last?.split(
            separator: "-", omittingEmptySubsequences: false)
        guard let number, number.count == 2 else { return false }
        return number.allSatisfy {
            !$0.isEmpty && $0.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        }
    }

    private static func removeIfAbandoned(_ path: String) {
        let descriptor = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var (held, named) = (stat(), stat())
        guard fstat(descriptor, &held) == 0, held.st_mode & S_IFMT == S_IFREG,
            flock(descriptor, LOCK_EX | LOCK_NB) == 0,
            lstat(path, &named) == 0, named.st_ino == held.st_ino, named.st_dev == held.st_dev
        else { return }
        unlink(path)
    }
}
