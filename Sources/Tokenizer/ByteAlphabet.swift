/// The characters by which byte-level tokenizers (GPT-2's and its heirs') write the 256 bytes in their pieces.
///
/// Printable ASCII and Latin-1 stand for themselves; the other 68 bytes are U+0100 and up, in their order: a space is
/// U+0120 (Ġ), a newline U+010A (Ċ).
enum ByteAlphabet {
    /// The character of each byte.
    static let characters: [Unicode.Scalar] = {
        var next: UInt32 = 0x100
        return (0..<256).map { byte in
            if (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || (0xAE...0xFF).contains(byte) {
                return Unicode.Scalar(UInt8(byte))
            }
            defer { next += 1 }
            return Unicode.Scalar(next) ?? " "
        }
    }()

    /// The byte of each scalar below U+0144; nil for those that stand for none.
    private static let bytes: [UInt8?] = {
        var table = [UInt8?](repeating: nil, count: 0x144)
        for (byte, character) in characters.enumerated() { table[Int(character.value)] = UInt8(byte) }
        return table
    }()

    /// The byte that a character stands for.
    static func byte(of character: Unicode.Scalar) -> UInt8? {
        character.value < UInt32(bytes.count) ? bytes[Int(character.value)] : nil
    }

    /// The bytes that a piece stands for; nil if it has a character that stands for none.
    static func bytes(of piece: String) -> [UInt8]? {
        var result: [UInt8] = []
        result.reserveCapacity(piece.utf8.count)
        for character in piece.unicodeScalars {
            guard let byte = byte(of: character) else { return nil }
            result.append(byte)
        }
        return result
    }
}
