import ByteIO

/// The checksum of zip: CRC-32 with the reflected polynomial 0xEDB88320 (ISO 3309).
enum CRC32 {
    /// Bytes of a mapping that are held at a time.
    private static let window = 1 << 22

    /// The checksum of `bytes`, which need not fit into memory.
    static func of(_ bytes: Bytes) -> UInt32 {
        var crc = ~UInt32(0)
        for start in stride(from: 0, to: bytes.count, by: window) {
            guard let part = bytes.slice(start..<min(start + window, bytes.count)) else { continue }
            crc = advance(crc, over: part)
            if bytes.count > window { part.giveBackPages() }
        }
        return ~crc
    }

    private static func advance(_ start: UInt32, over bytes: Bytes) -> UInt32 {
        bytes.withUnsafeBytes { buffer in
            // Eight bytes at a time, each by its own table: a checkpoint is read as fast as a disk delivers it.
            var crc = start
            var offset = 0
            while offset + 8 <= buffer.count {
                let word = UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                let mixed = word ^ UInt64(crc)
                crc = 0
                for byte in 0..<8 {
                    crc ^= tables[(7 - byte) << 8 | Int(truncatingIfNeeded: mixed >> (8 * UInt64(byte))) & 0xFF]
                }
                offset += 8
            }
            for byte in buffer[offset...] { crc = crc >> 8 ^ tables[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] }
            return crc
        }
    }

    /// `tables[n << 8 | b]`: what byte b does to the checksum n bytes later.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            tables[byte] = (0..<8).reduce(UInt32(byte)) { crc, _ in crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ 0xEDB8_8320 }
        }
        for index in 256..<tables.count {
            let shorter = tables[index - 256]
            tables[index] = shorter >> 8 ^ tables[Int(shorter & 0xFF)]
        }
        return tables
    }()
}
