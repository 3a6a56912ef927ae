#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Reads a file from start to end through one small buffer, for whoever needs every byte once and none again.
public enum FileChunks {
    /// Bytes of a chunk: large enough that the calls cost nothing, small enough to stay in the cache.
    public static let size = 1 << 18

    /// Calls `body` with one chunk after the other.
    public static func read(path: String, _ body: (UnsafeRawBufferPointer) -> Void) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError("open", path: path, code: errno) }
        defer { close(descriptor) }
        try withUnsafeTemporaryAllocation(byteCount: size, alignment: 64) { buffer in
            while true {
                #if canImport(Darwin)
                    let count = Darwin.read(descriptor, buffer.baseAddress, buffer.count)
                #else
                    let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                #endif
                if count < 0 {
                    if errno == EINTR { continue }
                    throw SystemError("read", path: path, code: errno)
                }
                guard count > 0 else { return }
                body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        }
    }
}
