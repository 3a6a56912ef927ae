import ByteIO
import CXXHash
import Tensors

/// The fixed parts of formats/mvlm.md.
enum MVLMFormat {
    static let magic: [UInt8] = [0x89, 0x4D, 0x56, 0x4C, 0x4D, 0x0D, 0x0A, 0x1A]
    static let version: UInt32 = 1
    static let headerBytes = 128
    static let entryBytes = 64
    static let nameBytes = 32
    static let mostSections = 200
    /// Where sections start: Apple's and Android's page.
    static let page = 16384
    static let tensorAlignment = 64
    static let largestManifest = 64 << 20
    static let mostElements = 1 << 48

    /// The file has tensors with group scales.
    static let groupScales: UInt64 = 1
    /// The file has tensors without a copy in the layout `plain`.
    static let withoutPlain: UInt64 = 2
    /// The language model's rotary embedding is scaled: the manifest has `language.rope_scaling`.
    static let scaledPositions: UInt64 = 4
    static let features = groupScales | withoutPlain | scaledPositions

    static let manifest = "manifest"
    static let tokenizer = "tokenizer"
    static let provenance = "provenance"

    static func isName(_ name: some Collection<UInt8>) -> Bool {
        (1..<nameBytes).contains(name.count)
            && name.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."),
                    UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    /// The type that a manifest calls `format`.
    static func type(_ format: String) -> ElementType? {
        guard let type = ElementType(rawValue: format), type.isReal, type != .f64 else { return nil }
        return type
    }

    static func aligned(_ offset: Int, to alignment: Int) -> Int { (offset + alignment - 1) / alignment * alignment }
}

/// Digests of sections: XXH64 of the XXH64s of their pieces.
public enum MVLMDigest {
    public static let pieceBytes = 1 << 20

    /// XXH64 with seed 0.
    public static func xxh64(_ bytes: UnsafeRawBufferPointer) -> UInt64 { XXH64(bytes.baseAddress, bytes.count, 0) }

    static func xxh64(_ bytes: [UInt8]) -> UInt64 { bytes.withUnsafeBytes { xxh64($0) } }

    /// The digest of a section whose pieces have these.
    public static func of(pieces: [UInt64]) -> UInt64 {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 * pieces.count)
        for piece in pieces { bytes.append(little: piece) }
        return xxh64(bytes)
    }

    /// The digest of a whole section.
    public static func of(_ section: UnsafeRawBufferPointer) -> UInt64 {
        of(
            pieces: stride(from: 0, to: section.count, by: pieceBytes).map { start in
                xxh64(
                    UnsafeRawBufferPointer(rebasing: section[start..<min(section.count, start + pieceBytes)]))
            })
    }

    static func of(_ section: Bytes) -> UInt64 { section.withUnsafeBytes { of($0) } }
}

extension [UInt8] {
    mutating func append<Number: FixedWidthInteger>(little number: Number) {
        for shift in stride(from: 0, to: Number.bitWidth, by: 8) { append(UInt8(truncatingIfNeeded: number >> shift)) }
    }
}
