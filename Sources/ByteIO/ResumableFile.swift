import Platform
import Synchronization

/// A file that is written from start to end and may be gone on with after an interruption: until it is whole it lies
/// beside its destination, as `NAME.unfinished`.
public final class ResumableFile: Sendable {
    public let destination: String
    /// Where the file lies until it is whole.
    public let unfinished: String

    /// Where a file is kept until it is whole.
    public static func unfinished(_ destination: String) -> String { destination + ".unfinished" }

    private let descriptor: Int32
    private let isOpen = Mutex(true)

    /// Opens what an interrupted run left, or an empty file.
    /// - Parameter inputs: Files being read; a destination that is one of them is refused.
    public init(destination: String, inputs: [String] = []) throws {
        try AtomicFile.refuse(destination, inputs: inputs)
        self.destination = destination
        unfinished = Self.unfinished(destination)
        try AtomicFile.refuse(unfinished, inputs: inputs)
        descriptor = open(unfinished, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw SystemError(
                "create a file in its folder", path: unfinished, code: errno,
                remedy: "Check that the folder exists and may be written to.")
        }
    }

    deinit { closeOnce() }

    /// Bytes that are there.
    public func count() throws -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw SystemError("examine", path: unfinished, code: errno) }
        return Int(status.st_size)
    }

    /// Forgets what lies behind `count` bytes.
    public func truncate(to count: Int) throws {
        guard ftruncate(descriptor, off_t(count)) == 0 else {
            throw SystemError("shorten", path: unfinished, code: errno)
        }
    }

    public func write(_ buffer: UnsafeRawBufferPointer, at offset: Int) throws {
        var rest = buffer
        var position = offset
        while let start = rest.baseAddress, !rest.isEmpty {
            let written = pwrite(descriptor, start, rest.count, off_t(position))
            if written < 0 {
                if errno == EINTR { continue }
                throw SystemError(
                    "write", path: unfinished, code: errno,
                    remedy: "Free some space, then run the same command again: it goes on where it stopped.")
            }
            position += written
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
    }

    /// Syncs the file and gives it its name.
    public func publish() throws {
        guard fsync(descriptor) == 0 else { throw SystemError("sync", path: unfinished, code: errno) }
        closeOnce()
        guard rename(unfinished, destination) == 0 else {
            throw SystemError("put in place", path: destination, code: errno)
        }
    }

    /// Removes what there is.
    public func discard() {
        closeOnce()
        unlink(unfinished)
    }

    private func closeOnce() {
        isOpen.withLock { isOpen in
            if isOpen { close(descriptor) }
            isOpen = false
        }
    }
}
