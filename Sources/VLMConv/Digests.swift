import ByteIO
import Conversion
import Crypto
import Dispatch
import GGUF
import Synchronization
import Tensors

/// SHA-256 of files and tensors, as 64 hexadecimal digits.
enum Digests {
    /// What stands in a header until the digest is known; as long as any digest.
    static let placeholder = String(repeating: "0", count: 64)

    /// - Parameter advance: Called with the size of each part that is done.
    static func file(_ path: String, advance: (Int) -> Void = { _ in }) throws -> String {
        var hash = SHA256()
        try FileChunks.read(path: path) {
            hash.update(bufferPointer: $0)
            advance($0.count)
        }
        return hex(hash.finalize())
    }

    /// The digest of a tensor of `byteCount` bytes that was just written, read back from the file.
    static func tensor(_ number: Int, byteCount: Int, in writer: GGUFSplitWriter) throws -> String {
        var hash = SHA256()
        try withUnsafeTemporaryAllocation(byteCount: FileChunks.size, alignment: 64) { buffer in
            for offset in stride(from: 0, to: byteCount, by: buffer.count) {
                let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, byteCount - offset)])
                try writer.read(into: part, tensor: number, offset: offset)
                hash.update(bufferPointer: UnsafeRawBufferPointer(part))
            }
        }
        return hex(hash.finalize())
    }

    /// The digests of the stored bytes of `tensors`, several at a time.
    static func tensors(_ tensors: [StoredTensor], threads: Int) -> [String] {
        let digests = Mutex([String](repeating: placeholder, count: tensors.count))
        let next = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: max(1, threads)) { _ in
            while true {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < tensors.count else { return }
                let bytes = tensors[index].bytes
                var hash = SHA256()
                for start in stride(from: 0, to: bytes.count, by: window) {
                    guard let part = bytes.slice(start..<min(start + window, bytes.count)) else { continue }
                    part.withUnsafeBytes { hash.update(bufferPointer: $0) }
                    part.giveBackPages()
                }
                let digest = hex(hash.finalize())
                digests.withLock { $0[index] = digest }
            }
        }
        return digests.withLock { $0 }
    }

    /// Bytes of a mapping that are held at a time.
    private static let window = 1 << 22

    private static func hex(_ digest: SHA256.Digest) -> String {
        let digits = Array("0123456789abcdef")
        return String(digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}

/// Digests that are made by several threads, each into its own place.
final class DigestList: Sendable {
    private let digests: Mutex<[String]>

    init(count: Int) { digests = Mutex(Array(repeating: Digests.placeholder, count: count)) }

    subscript(_ index: Int) -> String {
        get { digests.withLock { $0[index] } }
        set { digests.withLock { $0[index] = newValue } }
    }

    var all: [String] { digests.withLock { $0 } }
}
