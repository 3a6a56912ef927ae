/// SHA-256 (FIPS 180-4), for comparing large results with recorded digests. Only for tests: plain and slow.
public enum SHA256 {
    /// The digest as 64 lower-case hexadecimal digits.
    public static func hex(_ message: [UInt8]) -> String {
        let bitCount = UInt64(message.count) * 8
        var padded = message + [0x80]
        padded += Array(repeating: 0, count: (120 - padded.count % 64) % 64)
        padded += (0..<8).map { UInt8(truncatingIfNeeded: bitCount >> (56 - 8 * $0)) }
        var state = squareRoots
        let constants = cubeRoots
        var words = [UInt32](repeating: 0, count: 64)
        for start in stride(from: 0, to: padded.count, by: 64) {
            compress(padded, start, constants, &words, into: &state)
        }
        return state.map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }.joined()
    }

    private static func compress(
        _ bytes: [UInt8], _ start: Int, _ constants: [UInt32], _ words: inout [UInt32], into state: inout [UInt32]
    ) {
        for index in 0..<16 {
            let byte = start + 4 * index
            words[index] =
                UInt32(bytes[byte]) << 24 | UInt32(bytes[byte + 1]) << 16 | UInt32(bytes[byte + 2]) << 8
                | UInt32(bytes[byte + 3])
        }
        for index in 16..<64 {
            let x = words[index - 15]
            let y = words[index - 2]
            let small0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >> 3)
            let small1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >> 10)
            words[index] = words[index - 16] &+ small0 &+ words[index - 7] &+ small1
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for index in 0..<64 {
            let big1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
            let first = h &+ big1 &+ ((e & f) ^ (~e & g)) &+ constants[index] &+ words[index]
            let big0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
            let second = big0 &+ ((a & b) ^ (a & c) ^ (b & c))
            (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ second)
        }
        for (index, value) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= value }
    }

    private static func rotate(_ x: UInt32, _ count: UInt32) -> UInt32 { x >> count | x << (32 - count) }

    private static let primes = (2...311).filter { n in !(2..<n).contains { n % $0 == 0 } }

    /// The first 32 bits of the fractional parts of the square roots of the first 8 primes.
    private static let squareRoots = primes.prefix(8).map { fraction(of: Double($0).squareRoot()) }

    /// The same of the cube roots of the first 64 primes; Newton's steps, exact to the last bit of 52.
    private static let cubeRoots = primes.prefix(64).map { prime in
        var root = Double(prime) / 2
        for _ in 0..<60 { root -= (root * root * root - Double(prime)) / (3 * root * root) }
        return fraction(of: root)
    }

    private static func fraction(of x: Double) -> UInt32 { UInt32((x - x.rounded(.down)) * 4_294_967_296) }
}
