import ByteIO
import Crypto
import Dispatch
import Synchronization
import Tensors

/// SHA-256 of files and tensors, as 64 hexadecimal digits.
enum Digests {
    /// What stands in a header until the digest is known; as long as any digest.
    static let placeholder = String(repeating: "0", count: 64)

    static func file(_ path: String) throws -> String {
        var hash = SHA256()
        try FileChunks.read(path: path) { hash.update(bufferPointer: $0) }
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

/// Digests of files that are computed beside other work.
final class FileDigests: Sendable {
    private let group = DispatchGroup()
    private let results: Mutex<[Result<String, any Error>]>

    init(_ paths: [String]) {
        results = Mutex(paths.map { _ in .success(Digests.placeholder) })
        for (index, path) in paths.enumerated() {
            DispatchQueue.global().async(group: group) {
                let result = Result { try Digests.file(path) }
                self.results.withLock { $0[index] = result }
            }
        }
    }

    /// Waits for all of them.
    func finish() throws -> [String] {
        group.wait()
        return try results.withLock { $0 }.map { try $0.get() }
    }
}
