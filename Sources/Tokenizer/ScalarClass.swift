/// What the patterns of pre-tokenizers ask of a character: `\p{L}`, `\p{N}`, `\s`, `\p{P}`, or none of them.
enum ScalarClass: UInt8 {
    case other, letter, number, space, punctuation

    init(_ scalar: Unicode.Scalar) {
        if scalar.isASCII {
            self = Self.ascii[Int(scalar.value)]
        } else {
            self.init(properties: scalar.properties)
        }
    }

    /// The classes of ASCII, which nearly all text is made of.
    private static let ascii = (0..<128).map { Self(properties: Unicode.Scalar(UInt8($0)).properties) }

    private init(properties: Unicode.Scalar.Properties) {
        if properties.isWhitespace {
            self = .space
            return
        }
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: self = .letter
        case .decimalNumber, .letterNumber, .otherNumber: self = .number
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            self = .punctuation
        default: self = .other
        }
    }

    /// `[^\s\p{L}\p{N}]`.
    var isSymbol: Bool { self == .other || self == .punctuation }
}

/// UTF-8 text cut into scalars with their classes, so that a pattern can be followed in both directions.
struct ClassifiedText {
    let bytes: [UInt8]
    /// Where each scalar starts in `bytes`, and at the end where the text ends.
    let starts: [Int]
    let classes: [ScalarClass]

    /// - Parameter bytes: Valid UTF-8, as a `String` has it.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var starts: [Int] = []
        var classes: [ScalarClass] = []
        starts.reserveCapacity(bytes.count + 1)
        classes.reserveCapacity(bytes.count)
        var decoder = UTF8()
        var source = bytes.makeIterator()
        var position = 0
        while case .scalarValue(let scalar) = decoder.decode(&source) {
            starts.append(position)
            classes.append(ScalarClass(scalar))
            position += UTF8.width(scalar)
        }
        starts.append(position)
        self.starts = starts
        self.classes = classes
    }

    var count: Int { classes.count }

    /// The ASCII character at a scalar, or 0 for any other.
    func ascii(_ index: Int) -> UInt8 {
        let byte = bytes[starts[index]]
        return byte < 0x80 ? byte : 0
    }
}
