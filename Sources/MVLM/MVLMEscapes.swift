import ByteIO

/// What a JSON section may not say although lenient readers take it (formats/mvlm.md, `mvlm.json`): a byte order mark in
/// front, and an escape of half a surrogate pair, which no UTF-8 text can hold.
enum MVLMEscapes {
    /// True if neither occurs. The text is JSON already, so a backslash stands inside a string only.
    static func areWhole(_ json: Bytes) -> Bool {
        json.withUnsafeBytes { text in
            if text.starts(with: [0xEF, 0xBB, 0xBF]) { return false }
            var index = 0
            while index < text.count {
                guard text[index] == UInt8(ascii: "\\") else {
                    index += 1
                    continue
                }
                guard let unit = unit(text, at: index) else {
                    index += 2
                    continue
                }
                index += 6
                guard (0xD800..<0xE000).contains(unit) else { continue }
                guard unit < 0xDC00, let low = Self.unit(text, at: index), (0xDC00..<0xE000).contains(low) else {
                    return false
                }
                index += 6
            }
            return true
        }
    }

    /// The code unit of the four-digit escape at `index`, nil where none begins.
    private static func unit(_ text: UnsafeRawBufferPointer, at index: Int) -> UInt32? {
        guard index + 6 <= text.count, text[index] == UInt8(ascii: "\\"), text[index + 1] == UInt8(ascii: "u") else {
            return nil
        }
        return UInt32(String(decoding: text[(index + 2)..<(index + 6)], as: UTF8.self), radix: 16)
    }
}
