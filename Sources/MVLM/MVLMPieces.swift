import ByteIO
import Platform

/// The pieces of a section, each of which is digested on its own.
public struct MVLMPieces: Sendable {
    private let bytes: Bytes

    public init(_ bytes: Bytes) { self.bytes = bytes }

    public var count: Int { (bytes.count + MVLMDigest.pieceBytes - 1) / MVLMDigest.pieceBytes }

    public func range(_ piece: Int) -> Range<Int> {
        piece * MVLMDigest.pieceBytes..<min(bytes.count, (piece + 1) * MVLMDigest.pieceBytes)
    }

    /// The section's digest.
    public func digest(threads: Int) throws -> UInt64 {
        let pieces = try Parallel.map(count, threads: threads) { piece -> UInt64 in
            guard let part = bytes.slice(range(piece)) else { return 0 }
            defer { part.giveBackPages() }
            return part.withUnsafeBytes { MVLMDigest.xxh64($0) }
        }
        return MVLMDigest.of(pieces: pieces)
    }
}
