import ByteIO

/// What a piece of a SentencePiece vocabulary is for. The numbers are those of the model file and of GGUF's
/// `tokenizer.ggml.token_type`.
public enum PieceKind: Int, Sendable {
    /// Text.
    case normal = 1
    /// Stands for text that no piece covers.
    case unknown = 2
    /// A mark such as `<s>`, which text never becomes by itself.
    case control = 3
    /// Text that is always kept in one piece.
    case userDefined = 4
    /// Text that is only a step on the way to others, and is split again when left over.
    case unused = 5
    /// One byte of UTF-8, written `<0x41>`.
    case byte = 6
}

extension Rule {
    /// A vocabulary without pieces, or with more than ids can number.
    public static let vocabularySize = Rule("tokenizer.size")
    /// Pieces, scores and kinds of unequal number.
    public static let vocabularyLengths = Rule("tokenizer.lengths")
    /// A piece without text.
    public static let vocabularyEmptyPiece = Rule("tokenizer.piece")
    /// Two pieces with the same bytes.
    public static let vocabularyDuplicate = Rule("tokenizer.duplicate")
    /// A score that is NaN or infinite.
    public static let vocabularyScore = Rule("tokenizer.score")
    /// A kind outside 1...6.
    public static let vocabularyKind = Rule("tokenizer.kind")
    /// Byte pieces that are misspelt, or not all of the 256.
    public static let vocabularyBytes = Rule("tokenizer.bytes")
    /// The id of BOS, EOS, unknown or padding outside the vocabulary, or none for unknown.
    public static let vocabularyID = Rule("tokenizer.id")
    /// Added tokens whose ids do not continue those of the vocabulary.
    public static let vocabularyAdded = Rule("tokenizer.added")
    /// Bytes that are no protocol buffer of a SentencePiece model.
    public static let sentencePieceFormat = Rule("tokenizer.protobuf")
    /// A SentencePiece model of a kind that is not byte pair encoding.
    public static let sentencePieceAlgorithm = Rule("tokenizer.algorithm")
    /// A SentencePiece model that asks for a normalisation of text other than LLaMA's.
    public static let sentencePieceNormalization = Rule("tokenizer.normalization")
}

/// The pieces of a SentencePiece BPE tokenizer, by id, with all that encoding and decoding need to know of them.
///
/// Whatever way it was made, these hold: at least one piece; no piece empty, none twice; finite scores; all 256
/// byte pieces or none; and a piece to fall back on for text that no piece covers.
public struct Vocabulary: Sendable {
    /// Texts in the order of their ids. A space is U+2581.
    public let pieces: [String]
    /// Merging prefers the higher score.
    public let scores: [Float]
    public let kinds: [PieceKind]
    /// Ids of the marks for begin, end, unknown text and padding, where there are such.
    public let bos: Int?
    public let eos: Int?
    public let unk: Int?
    public let pad: Int?
    /// Whether a prompt begins with `bos`. The tokenizer leaves this to the prompt's maker.
    public let addBOS: Bool
    /// Whether encoding puts a space in front of the text.
    public let addDummyPrefix: Bool
    /// Id of the piece for each byte; empty if the vocabulary has none.
    let byteIDs: [Int]
    let index: PieceIndex

    public var count: Int { pieces.count }

    /// Makes a vocabulary of values from a file, such as GGUF's `tokenizer.ggml.*`.
    /// - Parameters:
    ///   - kinds: Numbers of `PieceKind`.
    ///   - file: Named in errors.
    /// - Throws: `InputError` with one of the `tokenizer.*` rules.
    public init(
        pieces: [String], scores: [Float], kinds: [Int], bos: Int?, eos: Int?, unk: Int?, pad: Int?,
        addBOS: Bool = true, addDummyPrefix: Bool = true, file: String
    ) throws {
        let check = VocabularyCheck(file: file)
        self.kinds = try check.pieces(pieces, scores: scores, kinds: kinds)
        index = try check.index(pieces)
        byteIDs = try check.byteIDs(pieces, kinds: self.kinds)
        for (name, id) in [("bos", bos), ("eos", eos), ("unk", unk), ("pad", pad)] {
            try check.id(id, name: name, count: pieces.count)
        }
        try check.fallback(hasBytes: !byteIDs.isEmpty, unk: unk)
        self.pieces = pieces
        self.scores = scores
        self.bos = bos
        self.eos = eos
        self.unk = unk
        self.pad = pad
        self.addBOS = addBOS
        self.addDummyPrefix = addDummyPrefix
    }

    /// The same vocabulary with tokens behind it, as `added_tokens.json` lists them.
    ///
    /// Ids below `count` may be listed again if they name the same text. The others must follow without a gap,
    /// in any order. Their score is -1000, the converters' choice; they take no part in merging.
    /// - Parameter tokens: `special` tokens become control pieces, others user-defined ones.
    public func adding(tokens: [(text: String, id: Int, special: Bool)], file: String) throws -> Vocabulary {
        var pieces = pieces
        var kinds = kinds.map(\.rawValue)
        for token in tokens.sorted(by: { $0.id < $1.id }) {
            if token.id >= 0, token.id < count, self.pieces[token.id].utf8.elementsEqual(token.text.utf8) { continue }
            guard token.id == pieces.count else {
                throw InputError(
                    .vocabularyAdded, file: file, field: "\"\(token.text)\"",
                    problem: "has id \(token.id) where \(pieces.count) comes next",
                    remedy: "Added tokens must continue the ids of the vocabulary's \(count) pieces without a gap.")
            }
            pieces.append(token.text)
            kinds.append((token.special ? PieceKind.control : .userDefined).rawValue)
        }
        let scores = scores + Array(repeating: -1000, count: pieces.count - count)
        return try Vocabulary(
            pieces: pieces, scores: scores, kinds: kinds, bos: bos, eos: eos, unk: unk, pad: pad,
            addBOS: addBOS, addDummyPrefix: addDummyPrefix, file: file)
    }

    /// The same vocabulary with another id for padding.
    public func padding(with pad: Int, file: String) throws -> Vocabulary {
        try Vocabulary(
            pieces: pieces, scores: scores, kinds: kinds.map(\.rawValue), bos: bos, eos: eos, unk: unk, pad: pad,
            addBOS: addBOS, addDummyPrefix: addDummyPrefix, file: file)
    }

    /// The id of the piece with exactly these bytes, or nil. Spaces are U+2581.
    public func id(of piece: String) -> Int? {
        let bytes = Array(piece.utf8)
        return index.find(bytes, 0..<bytes.count)
    }

    /// The byte that a byte piece stands for.
    static func byte(of piece: String) -> UInt8? {
        let text = Array(piece.utf8)
        guard text.count == 6, text.starts(with: "<0x".utf8), text[5] == UInt8(ascii: ">"),
            let high = digit(text[3]), let low = digit(text[4])
        else { return nil }
        return high << 4 | low
    }

    /// Upper case only, as every model has it.
    private static func digit(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
