/// One Unicode scalar at the start of UTF-8 bytes.
enum UTF8Scalar: Equatable {
    /// A scalar of so many bytes.
    case whole(Int)
    /// The beginning of one; more bytes could complete it.
    case begun
    /// No scalar starts with these bytes.
    case invalid

    /// What `bytes`, which are not empty, start with. Surrogates, overlong forms and scalars past U+10FFFF are
    /// invalid (The Unicode Standard, table 3-7).
    init(_ bytes: ArraySlice<UInt8>) {
        guard let first = bytes.first else {
            self = .begun
            return
        }
        let count = Self.announcedLength(first)
        guard first < 0x80 || (0xC2...0xF4).contains(first) else {
            self = .invalid
            return
        }
        // The second byte's range is narrower behind some first ones; all others are 80...BF.
        let seconds: ClosedRange<UInt8> =
            switch first {
            case 0xE0: 0xA0...0xBF
            case 0xED: 0x80...0x9F
            case 0xF0: 0x90...0xBF
            case 0xF4: 0x80...0x8F
            default: 0x80...0xBF
            }
        for (position, byte) in bytes.prefix(count).enumerated().dropFirst() {
            guard (position == 1 ? seconds : 0x80...0xBF).contains(byte) else {
                self = .invalid
                return
            }
        }
        self = bytes.count >= count ? .whole(count) : .begun
    }

    /// The number of bytes of a scalar with this first byte, 1 for bytes that start none.
    static func announcedLength(_ first: UInt8) -> Int {
        switch first {
        case 0xC0...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF7: 4
        default: 1
        }
    }
}
