/// The checksums of a PNG's chunks, made right again after damage.
enum PNGChunks {
    static func repaired(_ bytes: [UInt8]) -> [UInt8] {
        var copy = bytes
        var start = 8
        while start + 12 <= copy.count {
            let length = copy[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
            guard length <= copy.count - start - 12 else { break }
            let end = start + 8 + length
            let checksum = crc(copy[start + 4..<end])
            for index in 0..<4 { copy[end + index] = UInt8(truncatingIfNeeded: checksum >> UInt32(24 - 8 * index)) }
            start = end + 4
        }
        return copy
    }

    static func crc(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var crc = ~UInt32(0)
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ 0xEDB8_8320 }
        }
        return ~crc
    }
}
