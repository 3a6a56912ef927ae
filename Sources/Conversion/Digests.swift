import Platform
import ByteIO
import CXXHash
import Crypto
import Synchronization
import Tensors

/// SHA-256 of a file, which says whether somebody else's copy is the same. Computed in steps, between other work.
package final class FileDigest: Sendable {
    /// What stands in a header until the digest is known; as long as any digest.
    static let placeholder = String(repeating: "0", count: 64)

    /// Bytes of a step: some milliseconds of work.
    private static let stepBytes = 1 << 24

    private let file: SequentialFile
    private let hash = Mutex(SHA256())

    init(_ path: String) throws { file = try SequentialFile(path: path) }

    /// Takes in some more of the file.
    /// - Returns: How many bytes; 0 when all of it is in.
    func step() throws -> Int {
        try hash.withLock { hash in try file.read(Self.stepBytes) { hash.update(bufferPointer: $0) } }
    }

    /// The digest of what was taken in, as 64 hexadecimal digits.
    var hexadecimal: String {
        let digits = Array("0123456789abcdef")
        return String(hash.withLock { $0 }.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    /// The digest of the whole file at `path`.
    package static func of(_ path: String) throws -> String {
        let digest = try FileDigest(path)
        while try digest.step() > 0 {}
        return digest.hexadecimal
    }
}

/// XXH64 of tensors, which lies in the same file as they do and so can only tell damage, not malice. SHA-256 would tell no
/// more and take longer than quantizing; `llama-gguf-hash` computes XXH64 too.
package enum TensorDigest {
    /// What stands in a header until the digest is known; as long as any digest.
    static let placeholder = String(repeating: "0", count: 16)

    /// The digest of a tensor of `byteCount` bytes that was just written, read back from the file.
    static func of(_ number: Int, byteCount: Int, in sink: any ModelSink) throws -> String {
        try withUnsafeTemporaryAllocation(byteCount: SequentialFile.chunkBytes, alignment: 64) { buffer in
            let hash = XXHash64()
            for offset in stride(from: 0, to: byteCount, by: buffer.count) {
                let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, byteCount - offset)])
                try sink.read(into: part, tensor: number, offset: offset)
                hash.update(UnsafeRawBufferPointer(part))
            }
            return hash.hexadecimal
        }
    }

    /// The digests of the stored bytes of `tensors`, several at a time.
    package static func of(_ tensors: [StoredTensor], threads: Int) throws -> [String] {
        try Parallel.map(tensors.count, threads: threads) { index in
            let bytes = tensors[index].bytes
            let hash = XXHash64()
            for start in stride(from: 0, to: bytes.count, by: window) {
                guard let part = bytes.slice(start..<min(start + window, bytes.count)) else { continue }
                part.withUnsafeBytes { hash.update($0) }
                part.giveBackPages()
            }
            return hash.hexadecimal
        }
    }

    /// Bytes of a mapping that are held at a time.
    private static let window = 1 << 22
}

/// XXH64 with seed 0, over parts that come one after the other.
private final class XXHash64 {
    private let state = XXH64_createState()

    init() { XXH64_reset(state, 0) }

    deinit { XXH64_freeState(state) }

    func update(_ bytes: UnsafeRawBufferPointer) { XXH64_update(state, bytes.baseAddress, bytes.count) }

    /// 16 digits, the most significant first.
    var hexadecimal: String {
        let digits = String(XXH64_digest(state), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// Digests of tensors, made by several threads, each into its own place.
final class DigestList: Sendable {
    private let digests: Mutex<[String]>

    /// Until they are made they are those of no bytes: nobody comes by to digest a tensor without any.
    init(count: Int) { digests = Mutex(Array(repeating: XXHash64().hexadecimal, count: count)) }

    subscript(_ index: Int) -> String {
        get { digests.withLock { $0[index] } }
        set { digests.withLock { $0[index] = newValue } }
    }

    var all: [String] { digests.withLock { $0 } }
}
