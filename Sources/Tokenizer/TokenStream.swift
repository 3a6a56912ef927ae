/// Turns ids into text one at a time, as a model produces them.
///
/// Text comes out as soon as it is certain: a scalar that is spelt in byte pieces appears with its last byte. The
/// concatenation of all results is what `TextTokenizer.decode` gives for the ids together.
public struct TokenStream: Sendable {
    private let vocabulary: Vocabulary
    private let skipSpecial: Bool
    /// Bytes of a scalar that is not complete yet.
    private var pending: [UInt8] = []
    /// True until the first piece that is not a mark: there the dummy prefix is dropped.
    private var isAtStart = true

    /// - Parameter skipSpecial: Whether control and unknown pieces are left out rather than spelt.
    public init(vocabulary: Vocabulary, skipSpecial: Bool = true) {
        self.vocabulary = vocabulary
        self.skipSpecial = skipSpecial
    }

    /// The text that `id` completes, often empty. Ids outside the vocabulary have none.
    public mutating func append(_ id: Int) -> String {
        var text: [UInt8] = []
        append(id, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// The rest: bytes that no further byte has made a scalar, each as U+FFFD.
    public mutating func finish() -> String {
        var text: [UInt8] = []
        finish(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// As `append`, onto UTF-8.
    mutating func append(_ id: Int, to text: inout [UInt8]) {
        guard vocabulary.pieces.indices.contains(id) else { return }
        let piece = vocabulary.pieces[id]
        if case .byteLevel = vocabulary.contents.spelling {
            appendByteLevel(piece, vocabulary.kinds[id], to: &text)
            return
        }
        switch vocabulary.kinds[id] {
        case .byte:
            if let byte = Vocabulary.byte(of: piece) { pending.append(byte) }
            drain(to: &text, isLast: false)
            isAtStart = false
        case .control, .unknown:
            drain(to: &text, isLast: true)
            if !skipSpecial {
                text.append(contentsOf: piece.utf8)
                isAtStart = false
            }
        case .normal, .userDefined, .unused:
            drain(to: &text, isLast: true)
            let bytes = Array(piece.utf8)
            var position = 0
            if isAtStart, vocabulary.addDummyPrefix, bytes.starts(with: TextTokenizer.space) {
                position = TextTokenizer.space.count
            }
            isAtStart = false
            while position < bytes.count {
                if bytes[position...].starts(with: TextTokenizer.space) {
                    text.append(UInt8(ascii: " "))
                    position += TextTokenizer.space.count
                } else {
                    text.append(bytes[position])
                    position += 1
                }
            }
        }
    }

    /// Bytes that are no UTF-8 are replaced as one text with those of the next token, as Hugging Face's decoder does.
    private mutating func appendByteLevel(_ piece: String, _ kind: PieceKind, to text: inout [UInt8]) {
        switch kind {
        case .control, .unknown, .unused, .byte:
            if !skipSpecial { pending.append(contentsOf: piece.utf8) }
        case .userDefined: pending.append(contentsOf: piece.utf8)
        case .normal: pending.append(contentsOf: ByteAlphabet.bytes(of: piece) ?? Array(piece.utf8))
        }
        drain(to: &text, isLast: false)
    }

    mutating func finish(to text: inout [UInt8]) { drain(to: &text, isLast: true) }

    /// Moves what is decided out of `pending`. In SentencePiece's spelling every byte that belongs to no scalar becomes
    /// one U+FFFD; in the byte-level one the beginning of a scalar becomes one together.
    private mutating func drain(to text: inout [UInt8], isLast: Bool) {
        var rest = pending[...]
        loop: while !rest.isEmpty {
            switch UTF8Scalar(rest) {
            case .whole(let count):
                text.append(contentsOf: rest.prefix(count))
                rest = rest.dropFirst(count)
            case .begun where !isLast:
                break loop
            case .begun, .invalid:
                text.append(contentsOf: "\u{FFFD}".utf8)
                rest = rest.dropFirst(unitOfReplacement(rest))
            }
        }
        pending = Array(rest)
    }

    /// How many bytes at the start of `rest`, which starts no whole scalar, one U+FFFD stands for.
    private func unitOfReplacement(_ rest: ArraySlice<UInt8>) -> Int {
        guard case .byteLevel = vocabulary.contents.spelling else { return 1 }
        return (1...3).last { $0 <= rest.count && UTF8Scalar(rest.prefix($0)) == .begun } ?? 1
    }
}
