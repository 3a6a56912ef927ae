/// Turns ids into text one at a time, as a model produces them.
///
/// Text comes out as soon as it is certain: a scalar that is spelt in byte pieces appears with its last byte. The
/// concatenation of all results is what `SentencePieceTokenizer.decode` gives for the ids together.
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
            if isAtStart, vocabulary.addDummyPrefix, bytes.starts(with: SentencePieceTokenizer.space) {
                position = SentencePieceTokenizer.space.count
            }
            isAtStart = false
            while position < bytes.count {
                if bytes[position...].starts(with: SentencePieceTokenizer.space) {
                    text.append(UInt8(ascii: " "))
                    position += SentencePieceTokenizer.space.count
                } else {
                    text.append(bytes[position])
                    position += 1
                }
            }
        }
    }

    mutating func finish(to text: inout [UInt8]) { drain(to: &text, isLast: true) }

    /// Moves what is decided out of `pending`. A byte that starts no scalar becomes one U+FFFD, as SentencePiece
    /// has it, not one for a run of them.
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
                rest = rest.dropFirst()
            }
        }
        pending = Array(rest)
    }
}
