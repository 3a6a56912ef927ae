import Platform

/// A file that is read from start to end through one small buffer, for whoever needs every byte once and none again.
public final class SequentialFile: Sendable {
    /// Bytes of a chunk: large enough that the calls cost nothing, small enough to stay in the cache.
    public static let chunkBytes = 1 << 18

    private let path: String
    private let descriptor: Int32

    /// Opens the file at `path`.
    public init(path: String) throws {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError("open", path: path, code: errno) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Calls `body` with the next chunks, in order, until about `limit` bytes were read or the file ends.
    /// - Returns: How many bytes that was; 0 at the end.
    public func read(_ limit: Int, _ body: (UnsafeRawBufferPointer) -> Void) throws -> Int {
        try withUnsafeTemporaryAllocation(byteCount: Self.chunkBytes, alignment: 64) { buffer in
            var total = 0
            while total < limit {
                let count = readBytes(descriptor, buffer.baseAddress, buffer.count)
                if count < 0 {
                    if errno == EINTR { continue }
                    throw SystemError("read", path: path, code: errno)
                }
                guard count > 0 else { break }
                body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                total += count
            }
            return total
        }
    }
}
