import TestSupport

/// Makes damaged copies of a file: the same ones in every run.
struct Mutator {
    private var numbers: SeededGenerator

    init(seed: UInt64) { numbers = SeededGenerator(state: seed) }

    /// Integers at which sums, products, shifts and comparisons go wrong.
    static let extremes: [UInt64] = [
        0, 1, 2, 3, 4, 5, 7, 8, 13, 31, 32, 33, 64, 127, 128, 255, 256, 65_535, 65_536, 1 << 20, 1 << 30, (1 << 31) - 1,
        1 << 31, (1 << 32) - 1, 1 << 32, 1 << 40, (1 << 42) + 1, 1 << 48, (1 << 53) + 1, 1 << 61, 1 << 62,
        (1 << 62) + 1,
        (1 << 63) - 1, 1 << 63, (1 << 63) + 1, .max - 63, .max - 1, .max,
    ]

    /// The same as texts of JSON, and some that are no whole numbers.
    static let texts = [
        "0", "-1", "1", "2", "3", "64", "65536", "2147483647", "2147483648", "4294967296", "4611686018427387904",
        "9223372036854775807", "-9223372036854775808", "9223372036854775808", "18446744073709551615", "1e3", "1e308",
        "1e999", "-0", "0.5", "-1e-320", "null", "true", "\"\"", "\"7\"", "[]", "{}", "[[[[]]]]", "NaN", "01",
    ]

    /// A copy with one to three changes.
    mutating func bytes(_ original: [UInt8]) -> [UInt8] {
        var copy = original
        for _ in 0..<Int.random(in: 1...3, using: &numbers) { change(&copy) }
        return copy
    }

    /// A copy of a JSON text with one to three numbers, texts or marks replaced.
    mutating func text(_ original: [UInt8]) -> [UInt8] {
        var copy = original
        for _ in 0..<Int.random(in: 1...3, using: &numbers) {
            let words = Self.words(copy)
            guard let word = words.randomElement(using: &numbers), Int.random(in: 0..<8, using: &numbers) > 0 else {
                change(&copy)
                continue
            }
            copy.replaceSubrange(word, with: Self.texts.randomElement(using: &numbers).map { Array($0.utf8) } ?? [])
        }
        return copy
    }

    /// Numbers, names and quoted texts of a JSON text.
    private static func words(_ text: [UInt8]) -> [Range<Int>] {
        var words: [Range<Int>] = []
        var start: Int?
        var isQuoted = false
        for (index, byte) in text.enumerated() {
            if isQuoted {
                guard byte == UInt8(ascii: "\""), let first = start else { continue }
                words.append(first..<index + 1)
                (isQuoted, start) = (false, nil)
            } else if byte == UInt8(ascii: "\"") {
                (isQuoted, start) = (true, index)
            } else if byte > 0x20, !"{}[],:".utf8.contains(byte) {
                start = start ?? index
            } else if let first = start {
                words.append(first..<index)
                start = nil
            }
        }
        return words
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else {
            bytes = [UInt8.random(in: 0...255, using: &numbers)]
            return
        }
        // Mostly in the header, where the numbers are.
        let reach = Int.random(in: 0..<4, using: &numbers) > 0 ? min(bytes.count, 2048) : bytes.count
        let place = Int.random(in: 0..<reach, using: &numbers)
        switch Int.random(in: 0..<10, using: &numbers) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &numbers)
        case 1: bytes[place] = UInt8.random(in: 0...255, using: &numbers)
        case 2, 3: overwrite(&bytes, place, width: 4)
        case 4, 5: overwrite(&bytes, place, width: 8)
        case 6: bytes.removeSubrange(place...)
        case 7:
            let end = min(bytes.count, place + Int.random(in: 1...16, using: &numbers))
            bytes.removeSubrange(place..<end)
        case 8:
            let end = min(bytes.count, place + Int.random(in: 1...64, using: &numbers))
            bytes.insert(contentsOf: Array(bytes[place..<end]), at: place)
        default:
            let count = Int.random(in: 1...16, using: &numbers)
            bytes.insert(
                contentsOf: (0..<count).map { _ in UInt8.random(in: 0...255, using: &numbers) }, at: place)
        }
    }

    /// Puts an extreme integer at `place`, of either byte order.
    private mutating func overwrite(_ bytes: inout [UInt8], _ place: Int, width: Int) {
        guard let value = Self.extremes.randomElement(using: &numbers) else { return }
        let isBig = Int.random(in: 0..<4, using: &numbers) == 0
        for index in 0..<width where place + index < bytes.count {
            let shift = UInt64(8 * (isBig ? width - 1 - index : index))
            bytes[place + index] = UInt8(truncatingIfNeeded: value >> shift)
        }
    }
}
