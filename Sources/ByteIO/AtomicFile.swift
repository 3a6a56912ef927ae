import CSystemShims
import Platform
import Synchronization

/// A file that appears whole or not at all.
///
/// Bytes go to a temporary file in the destination's folder. `commit` syncs it, lets the caller check what was
/// written, and renames it over the destination. A file that is dropped without `commit` leaves nothing behind. Files
/// that belong together get their names together: `publish(_:)`.
public final class AtomicFile: Sendable {
    public let destination: String
    let temporary: String
    /// Open, and with it locked, until the file has its name: the lock tells other runs that somebody owns the file.
    private let descriptor: Int32
    private let state = Mutex(State(stage: .open, count: 0))

    private enum Stage { case open, sealed, ended }

    private struct State {
        var stage: Stage
        /// End of the farthest write.
        var count: Int
        /// Bytes written since the system was last told to begin storing them.
        var waiting = 0
    }

    /// Bytes that wait at most: few calls, and little is left to store when the file is synced.
    private static let writebackBytes = 32 << 20

    /// Length of the file so far: the end of the farthest write.
    public var count: Int { state.withLock { $0.count } }

    /// Opens a temporary file beside `destination`.
    /// - Parameters:
    ///   - inputs: Files being read; writing onto one of them, by whatever name, is refused.
    ///   - size: The final size in bytes where it is known; the space is reserved, so that a full disk shows at once.
    public init(destination: String, inputs: [String] = [], size: Int? = nil) throws {
        try Self.refuse(destination, inputs: inputs)
        self.destination = destination
        (temporary, descriptor) = try Self.unfinished.withLock { paths in
            // Under the lock, so that an interrupt cannot come between the file and its being noted.
            let created = try TemporaryFile.create(beside: destination)
            paths.insert(created.path)
            return created
        }
        if let size, size > 0 { try reserve(size) }
    }

    deinit { discard() }

    /// Writes at the end.
    public func write(_ buffer: UnsafeRawBufferPointer) throws {
        try write(buffer, at: count)
    }

    /// Writes at `offset`. Bytes that nobody writes are zero. Disjoint ranges may be written from several threads.
    public func write(_ buffer: UnsafeRawBufferPointer, at offset: Int) throws {
        try requireOpen("write")
        var rest = buffer
        var position = offset
        while let start = rest.baseAddress, !rest.isEmpty {
            let written = pwrite(descriptor, start, rest.count, off_t(position))
            if written < 0 {
                if errno == EINTR { continue }
                throw SystemError(
                    "write", path: destination, code: errno,
                    remedy: "Nothing was left behind. Free some space or choose another place.")
            }
            position += written
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
        let isLate = state.withLock { state in
            state.count = max(state.count, position)
            state.waiting += buffer.count
            guard state.waiting >= Self.writebackBytes else { return false }
            state.waiting = 0
            return true
        }
        if isLate { vlmc_begin_writeback(descriptor) }
    }

    /// Reads bytes that were written before, as the system holds them, to fill `buffer`.
    public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws {
        try requireOpen("read back")
        var filled = 0
        while let start = buffer.baseAddress, filled < buffer.count {
            let count = pread(descriptor, start + filled, buffer.count - filled, off_t(offset + filled))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw SystemError(
                    "read back", path: destination, code: count < 0 ? errno : EIO,
                    remedy: "Nothing was left behind. The disk or its driver did not keep what was written.")
            }
            filled += count
        }
    }

    /// Makes the file at least `length` bytes long, with zeros.
    public func extend(to length: Int) {
        state.withLock { $0.count = max($0.count, length) }
    }

    private func requireOpen(_ operation: String) throws {
        guard state.withLock({ $0.stage == .open }) else {
            throw SystemError(
                operation, path: destination, code: EBADF,
                remedy: "The file was closed already: this is a fault of the program.")
        }
    }

    /// Syncs the file, has it checked, and gives it its name.
    /// - Parameter check: Called with the temporary file's path; what it throws discards the file.
    public func commit(check: (String) throws -> Void = { _ in }) throws {
        try seal(check: check)
        try publish()
    }

    /// Syncs the file and has it checked. Nothing more can be written; only its name is missing.
    public func seal(check: (String) throws -> Void = { _ in }) throws {
        try requireOpen("sync")
        do {
            guard ftruncate(descriptor, off_t(count)) == 0, fsync(descriptor) == 0 else {
                throw SystemError("sync", path: destination, code: errno, remedy: "Nothing was left behind.")
            }
            state.withLock { $0.stage = .sealed }
            try check(temporary)
        } catch {
            discard()
            throw error
        }
    }

    /// Gives a sealed file its name.
    public func publish() throws { try Self.publish([self]) }

    /// Gives sealed files their names: all of them, or, if one cannot have its name, none. Files that had those names
    /// before are then as they were, and the new ones are gone.
    public static func publish(_ files: [AtomicFile]) throws {
        try unfinished.withLock { paths in
            // Under the lock, so that an interrupt comes before the first name or after the last.
            do {
                for file in files where !file.state.withLock({ $0.stage == .sealed }) {
                    throw SystemError(
                        "put in place", path: file.destination, code: EBADF,
                        remedy: "The file was not finished: this is a fault of the program.")
                }
                try Renaming.all(files.map { ($0.temporary, $0.destination) })
            } catch {
                for file in files where paths.remove(file.temporary) != nil {
                    unlink(file.temporary)
                    file.end()
                }
                throw error
            }
            for file in files {
                paths.remove(file.temporary)
                file.end()
            }
        }
    }

    /// Removes the temporary file. Does nothing after `commit`.
    public func discard() {
        let mine = Self.unfinished.withLock { $0.remove(temporary) != nil }
        if mine { unlink(temporary) }
        end()
    }

    private func end() {
        let wasOpen = state.withLock { state in
            defer { state.stage = .ended }
            return state.stage != .ended
        }
        if wasOpen { close(descriptor) }
    }

    /// Removes every unfinished file of this process; for the way out after an interrupt.
    /// - Parameter end: Ends the process, while no thread can begin another file.
    public static func discardAll(then end: () -> Void = {}) {
        unfinished.withLock { paths in
            for path in paths { unlink(path) }
            paths.removeAll()
            end()
        }
    }

    private static let unfinished = Mutex<Set<String>>([])

    private func reserve(_ size: Int) throws {
        #if os(Linux)
            let code = posix_fallocate(descriptor, 0, off_t(size))
            // A file system that cannot reserve is no reason to refuse; one that is full is.
            if code == ENOSPC || code == EFBIG || code == EDQUOT {
                throw SystemError(
                    "reserve \(size) bytes", path: destination, code: code,
                    remedy: "Free some space or choose another place; nothing was left behind.")
            }
        #endif
    }

    /// Refuses a destination that is no regular file, or that is one of `inputs` by whatever name. A link is none: the new file
    /// would take its place, not that of the file that it leads to.
    public static func refuse(_ destination: String, inputs: [String]) throws {
        var (target, named) = (stat(), stat())
        let isLink = lstat(destination, &named) == 0 && named.st_mode & S_IFMT == S_IFLNK
        guard stat(destination, &target) == 0 else {
            if isLink { throw link(destination) }
            return
        }
        guard target.st_mode & S_IFMT == S_IFREG else {
            throw InputError(
                Rule("output.kind"), file: destination, field: "output",
                problem: "exists and is not a regular file", remedy: "Name another output file.")
        }
        for input in inputs {
            var source = stat()
            if stat(input, &source) == 0, source.st_dev == target.st_dev, source.st_ino == target.st_ino {
                throw InputError(
                    Rule("output.input"), file: destination, field: "output",
                    problem: "is the same file as the input \(input)", remedy: "Name another output file.")
            }
        }
        if isLink { throw link(destination) }
    }

    private static func link(_ destination: String) -> InputError {
        InputError(
            Rule("output.kind"), file: destination, field: "output", problem: "is a symbolic link",
            remedy: "Name the file that it leads to, or another output file.")
    }
}
