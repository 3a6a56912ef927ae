import Platform

/// A folder of files, such as a checkpoint's. Names that come from files never lead out of it.
package struct Folder: Sendable {
    package static let missing = Rule("checkpoint.missing-file")
    package static let unsafeName = Rule("checkpoint.file-name")

    package let path: String

    /// The folder at `path`, or nil if there is none.
    package init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return nil }
        var trimmed = Substring(path)
        while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
        self.path = String(trimmed)
    }

    /// The last component of the path, with `.` and `..` resolved.
    package var name: String { Folder.lastComponent(Folder.resolved(path) ?? path) }

    /// The path of something that exists without `.`, `..` and links.
    private static func resolved(_ path: String) -> String? {
        realpath(path, nil).map { pointer in
            defer { free(pointer) }
            return String(cString: pointer)
        }
    }

    /// True if a file at `a` and a file at `b` would be one file, whether or not they are there yet.
    package static func isSamePlace(_ a: String, _ b: String) -> Bool {
        func place(_ path: String) -> [String] {
            let name = lastComponent(path)
            let folder = String(path.dropLast(name.count))
            return [resolved(folder.isEmpty ? "." : folder) ?? folder, name]
        }
        return place(a) == place(b)
    }

    package static func lastComponent(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    /// The folder that a path lies in, `.` for a bare name.
    package static func parent(of path: String) -> String {
        let folder = path.dropLast(lastComponent(path).count)
        return folder.isEmpty ? "." : String(folder)
    }

    package func file(_ name: String) -> String { "\(path)/\(name)" }

    package func has(_ name: String) -> Bool { Folder.exists(file(name)) }

    /// Size of the file at `path` in bytes, nil if there is none.
    package static func size(_ path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }

    package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// The names in the folder, sorted, so that nothing depends on the disk's order.
    package func names() throws -> [String] {
        guard let stream = opendir(path) else { throw SystemError("list", path: path, code: errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: $0.pointee)) {
                        String(cString: $0)
                    }
                })
        }
        return names.filter { $0 != "." && $0 != ".." }.sorted()
    }

    package func folder(_ name: String) -> Folder? { Folder(file(name)) }

    /// Refuses a name that a file states and that is not the name of a file right here.
    package func checkPlain(_ name: String, statedBy file: String) throws {
        guard !name.isEmpty, !name.contains("/"), name != ".", name != "..", !name.utf8.contains(0) else {
            throw InputError(
                Self.unsafeName, file: file, field: "file name \"\(name)\"", problem: "is not a plain file name",
                remedy: "An index may only name files of its own folder.")
        }
    }
}
