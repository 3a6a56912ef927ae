/// XXH64 with seed 0, from its specification. Only for tests: plain and slow.
public enum XXH64 {
    private static let primes: [UInt64] = [
        0x9E37_79B1_85EB_CA87, 0xC2B2_AE3D_27D4_EB4F, 0x1656_67B1_9E37_79F9, 0x85EB_CA77_C2B2_AE63,
        0x27D4_EB2F_1656_67C5,
    ]

    /// The digest as 16 lower-case hexadecimal digits.
    public static func hex(_ message: [UInt8]) -> String {
        let digits = String(digest(message), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    public static func digest(_ message: [UInt8]) -> UInt64 {
        var rest = message[...]
        var hash = primes[4]
        if message.count >= 32 {
            var lanes = [primes[0] &+ primes[1], primes[1], 0, 0 &- primes[0]]
            while rest.count >= 32 {
                for lane in 0..<4 { lanes[lane] = round(lanes[lane], take(8, &rest)) }
            }
            hash = rotate(lanes[0], 1) &+ rotate(lanes[1], 7) &+ rotate(lanes[2], 12) &+ rotate(lanes[3], 18)
            for lane in lanes { hash = (hash ^ round(0, lane)) &* primes[0] &+ primes[3] }
        }
        hash &+= UInt64(message.count)
        while rest.count >= 8 {
            hash = rotate(hash ^ round(0, take(8, &rest)), 27) &* primes[0] &+ primes[3]
        }
        if rest.count >= 4 {
            hash = rotate(hash ^ (take(4, &rest) &* primes[0]), 23) &* primes[1] &+ primes[2]
        }
        while !rest.isEmpty { hash = rotate(hash ^ (take(1, &rest) &* primes[4]), 11) &* primes[0] }
        hash = (hash ^ (hash >> 33)) &* primes[1]
        hash = (hash ^ (hash >> 29)) &* primes[2]
        return hash ^ (hash >> 32)
    }

    private static func round(_ lane: UInt64, _ input: UInt64) -> UInt64 {
        rotate(lane &+ input &* primes[1], 31) &* primes[0]
    }

    private static func rotate(_ value: UInt64, _ bits: UInt64) -> UInt64 { value << bits | value >> (64 - bits) }

    /// The next `count` bytes as a little-endian number.
    private static func take(_ count: Int, _ bytes: inout ArraySlice<UInt8>) -> UInt64 {
        let value = bytes.prefix(count).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        bytes = bytes.dropFirst(count)
        return value
    }
}
