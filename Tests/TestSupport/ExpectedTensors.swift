import Foundation

/// A tensor as its format's reference library loads it, from the listings in fixtures/containers.
public struct ExpectedTensor: Decodable, Sendable {
    public let name: String
    public let dtype: String
    public let shape: [Int]
    private let hex: String?
    private let crc32: UInt32?

    /// The listing `fixtures/containers/NAME`: file names and their tensors in order.
    public static func listing(_ name: String) throws -> [String: [ExpectedTensor]] {
        let data = try Data(contentsOf: URL(fileURLWithPath: Fixtures.path("containers/" + name)))
        return try JSONDecoder().decode([String: [ExpectedTensor]].self, from: data)
    }

    /// True if these are the tensor's bytes, or have their checksum where the listing has only that.
    public func matches(_ bytes: some Sequence<UInt8>) -> Bool {
        if let hex {
            return hex == bytes.map { String(format: "%02x", $0) }.joined()
        }
        return crc32 == Self.crc32(bytes)
    }

    /// CRC-32 bit by bit, as its definition has it.
    public static func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
        let table = (0..<256).map { (0..<8).reduce(UInt32($0)) { crc, _ in crc >> 1 ^ (crc & 1) * 0xEDB8_8320 } }
        return ~bytes.reduce(~UInt32(0)) { crc, byte in crc >> 8 ^ table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] }
    }
}
