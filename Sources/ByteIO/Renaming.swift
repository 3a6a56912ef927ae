import Platform

/// Gives several files their names at once, as far as a file system can: one after the other, and back if one fails.
enum Renaming {
    /// Renames each `from` to its `to`. The old files keep a second name until all new ones are in place.
    /// - Throws: `SystemError`; then every `to` is what it was before.
    static func all(_ files: [(from: String, to: String)]) throws {
        var done: [(to: String, old: OldFile?)] = []
        do {
            for (from, to) in files {
                let old = try OldFile(to, beside: from)
                guard rename(from, to) == 0 else {
                    let code = errno
                    old?.restore()
                    throw SystemError(
                        "put in place", path: to, code: code,
                        remedy: "Nothing was replaced, and nothing was left behind.")
                }
                done.append((to, old))
            }
            for folder in Set(files.map { folder(of: $0.to) }).sorted() { try sync(folder) }
        } catch {
            for (to, old) in done.reversed() {
                if let old { old.restore() } else { unlink(to) }
            }
            throw error
        }
        for case let old? in done.map(\.old) { old.forget() }
    }

    /// What is at a path that is about to be replaced, under a second name.
    private struct OldFile {
        private let path: String
        private let secondName: String
        /// Locked, so that no other run takes the second name for rubbish.
        private let descriptor: Int32

        /// Nil if nothing is at `path`.
        init?(_ path: String, beside temporary: String) throws {
            var status = stat()
            guard lstat(path, &status) == 0 else { return nil }
            guard status.st_mode & S_IFMT != S_IFDIR else {
                throw SystemError("replace", path: path, code: EISDIR, remedy: "Name another output file.")
            }
            self.path = path
            descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
            if descriptor >= 0 { _ = flock(descriptor, LOCK_SH | LOCK_NB) }
            let stem = temporary.hasSuffix(".partial") ? String(temporary.dropLast(".partial".count)) : temporary
            if link(path, stem + "0.partial") == 0 {
                secondName = stem + "0.partial"
            } else if rename(path, stem + ".old") == 0 {
                // Without hard links the file has one name only, which nobody may remove after a crash.
                secondName = stem + ".old"
            } else {
                let code = errno
                if descriptor >= 0 { close(descriptor) }
                throw SystemError("keep the old file", path: path, code: code, remedy: "Nothing was replaced.")
            }
        }

        /// Puts it back.
        func restore() {
            // Of two names of one file, rename leaves both.
            if rename(secondName, path) == 0 { unlink(secondName) }
            if descriptor >= 0 { close(descriptor) }
        }

        func forget() {
            unlink(secondName)
            if descriptor >= 0 { close(descriptor) }
        }
    }

    private static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    }

    /// Has the system store the names. File systems that cannot sync a folder have no more to offer.
    private static func sync(_ folder: String) throws {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        if fsync(descriptor) != 0, errno == EIO || errno == ENOSPC || errno == EDQUOT {
            throw SystemError("store the names in its folder", path: folder, code: errno)
        }
    }
}
