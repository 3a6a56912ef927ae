import Platform
import Synchronization

/// A regular file mapped read-only into memory.
///
/// The mapping is private and never written; nothing is read until it is touched.
public final class MappedFile: Sendable {
    public let path: String
    public let count: Int
    private nonisolated(unsafe) let base: UnsafeMutableRawPointer?

    /// Maps the file at `path`. Refuses folders, pipes and devices, which would block or never end.
    public init(path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let code = errno
            throw SystemError("open", path: path, code: code)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw SystemError("examine", path: path, code: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw InputError(
                Rule("file.regular"), file: path, field: "kind of file", problem: "not a regular file",
                remedy: "Name a file on disk, not a folder, pipe or device.")
        }
        self.path = path
        count = Int(status.st_size)
        guard count > 0 else {
            base = nil
            return
        }
        guard let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED else {
            throw SystemError("map", path: path, code: errno)
        }
        base = address
        let (start, end) = (UInt(bitPattern: address), UInt(bitPattern: address) + UInt(count))
        Self.mapped.withLock { $0[start] = (end, InputState(status, path: path)) }
    }

    deinit {
        guard let base else { return }
        Self.mapped.withLock { _ = $0.removeValue(forKey: UInt(bitPattern: base)) }
        munmap(base, count)
    }

    /// Every mapping of this process, by its first address.
    private static let mapped = Mutex<[UInt: (end: UInt, state: InputState)]>([:])

    /// The file that is mapped at an address, nil if none is.
    static func path(at address: UInt) -> String? {
        mapped.withLock { mapped in mapped.first { $0.key <= address && address < $0.value.end }?.value.state.path }
    }

    /// What the file at `path` was, each time that it was mapped and still is.
    static func states(of path: String) -> [InputState] {
        mapped.withLock { mapped in mapped.values.map(\.state).filter { $0.path == path } }
    }

    /// The whole file.
    public var bytes: Bytes {
        Bytes(owner: self, buffer: UnsafeRawBufferPointer(start: base, count: count))
    }

    /// A touch brings in up to as many bytes as this, from a multiple of it on: a huge page, where the system keeps the
    /// file in such.
    private static let faultBytes = 1 << 21

    /// Gives back every page that touching `buffer` may have brought in. Some may hold a neighbour's bytes; whoever needs
    /// those has them brought in again. Without them a file read in parts would slowly come to stay in memory.
    func giveBackPages(_ buffer: UnsafeRawBufferPointer) {
        guard let base, let start = buffer.baseAddress, !buffer.isEmpty else { return }
        let mapping = Int(bitPattern: base)
        let first = max(mapping, Int(bitPattern: start) / Self.faultBytes * Self.faultBytes)
        let end = Int(bitPattern: start) + buffer.count
        let last = min(mapping + count, (end + Self.faultBytes - 1) / Self.faultBytes * Self.faultBytes)
        madvise(UnsafeMutableRawPointer(bitPattern: first), last - first, Int32(MADV_DONTNEED))
    }
}
