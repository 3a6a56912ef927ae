import ByteIO

/// What a piece of a vocabulary is for. The numbers are those of the model file and of GGUF's
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
    /// A merge of something that is no piece, or to something that is none.
    public static let vocabularyMerge = Rule("tokenizer.merge")
    /// A way of cutting text into words that is not known.
    public static let preTokenizer = Rule("tokenizer.pre-tokenizer")
    /// Bytes that are no protocol buffer of a SentencePiece model.
    public static let sentencePieceFormat = Rule("tokenizer.protobuf")
    /// A SentencePiece model of a kind that is not byte pair encoding.
    public static let sentencePieceAlgorithm = Rule("tokenizer.algorithm")
    /// A SentencePiece model that asks for a normalisation of text other than LLaMA's.
    public static let sentencePieceNormalization = Rule("tokenizer.normalization")
}

/// The pieces of a tokenizer, by id, with all that encoding and decoding need to know of them.
///
/// Whatever way it was made, these hold: at least one piece; no piece empty, none twice; finite scores; all 256
/// byte pieces or none; every id within the vocabulary; and, in SentencePiece's spelling, a piece to fall back on for
/// text that no piece covers.
public struct Vocabulary: Sendable {
    /// The values that the rules have been checked of.
    public let contents: VocabularyContents
    public let kinds: [PieceKind]
    /// Id of the piece for each byte; empty if the vocabulary has none.
    let byteIDs: [Int]
    let index: PieceIndex

    /// Texts in the order of their ids.
    public var pieces: [String] { contents.pieces }
    /// Merging prefers the higher score, where it goes by scores.
    public var scores: [Float] { contents.scores }
    /// Ids of the marks for begin, end, unknown text and padding, where there are such.
    public var bos: Int? { contents.bos }
    public var eos: Int? { contents.eos }
    public var unk: Int? { contents.unk }
    public var pad: Int? { contents.pad }
    /// Every token that ends an answer, `eos` first.
    public var ends: [Int] { (contents.eos.map { [$0] } ?? []) + contents.otherEnds }
    /// Whether a prompt begins with `bos`. The tokenizer leaves this to the prompt's maker.
    public var addBOS: Bool { contents.addBOS }
    /// Whether encoding puts a space in front of the text.
    public var addDummyPrefix: Bool { contents.prefix != .none }

    public var count: Int { pieces.count }

    /// Checks values from a file and makes a vocabulary of them.
    /// - Parameter file: Named in errors.
    /// - Throws: `InputError` with one of the `tokenizer.*` rules.
    public init(_ contents: VocabularyContents, file: String) throws {
        try self.init(contents, index: VocabularyCheck(file: file).index(contents.pieces), file: file)
    }

    /// As above, for pieces whose UTF-8 lies one after another already, which need not be spelt out again.
    /// - Parameter ends: Where each piece ends in `texts`.
    package init(_ contents: VocabularyContents, texts: [UInt8], ends: [Int], file: String) throws {
        let index = try VocabularyCheck(file: file).index(contents.pieces, texts: (texts, ends))
        try self.init(contents, index: index, file: file)
    }

    /// As above, with an index of the pieces that has been made already.
    init(_ contents: VocabularyContents, index: PieceIndex, file: String) throws {
        let check = VocabularyCheck(file: file)
        kinds = try check.pieces(contents.pieces, scores: contents.scores, kinds: contents.kinds)
        self.index = index
        byteIDs = try check.byteIDs(contents.pieces, kinds: kinds)
        let ids = [
            ("bos", contents.bos), ("eos", contents.eos), ("unk", contents.unk), ("pad", contents.pad),
        ]
        for (name, id) in ids + contents.otherEnds.map({ ("end", $0) }) {
            try check.id(id, name: name, count: contents.pieces.count)
        }
        if case .byteLevel = contents.spelling {
        } else {
            try check.fallback(hasBytes: !byteIDs.isEmpty, unk: contents.unk)
        }
        self.contents = contents
    }

    /// Makes a SentencePiece vocabulary of values from a file, such as GGUF's `tokenizer.ggml.*`.
    /// - Parameters:
    ///   - kinds: Numbers of `PieceKind`.
    ///   - file: Named in errors.
    /// - Throws: `InputError` with one of the `tokenizer.*` rules.
    public init(
        pieces: [String], scores: [Float], kinds: [Int], bos: Int?, eos: Int?, unk: Int?, pad: Int?,
        addBOS: Bool = true, addDummyPrefix: Bool = true, file: String
    ) throws {
        var contents = VocabularyContents(pieces: pieces, scores: scores, kinds: kinds)
        (contents.bos, contents.eos, contents.unk, contents.pad) = (bos, eos, unk, pad)
        contents.addBOS = addBOS
        contents.prefix = addDummyPrefix ? .always : .none
        try self.init(contents, file: file)
    }

    /// The same vocabulary with tokens behind it, as `added_tokens.json` lists them.
    ///
    /// Ids below `count` may be listed again if they name the same text. The others must follow without a gap,
    /// in any order. Their score is -1000, the converters' choice; they take no part in merging.
    /// - Parameter tokens: `special` tokens become control pieces, others user-defined ones.
    public func adding(tokens: [(text: String, id: Int, special: Bool)], file: String) throws -> Vocabulary {
        let added = tokens.map {
            AddedToken(id: $0.id, text: $0.text, kind: $0.special ? .control : .userDefined)
        }
        return try adding(added, file: file)
    }

    /// As above, of tokens of any kind.
    public func adding(_ tokens: [AddedToken], file: String) throws -> Vocabulary {
        var contents = contents
        try contents.add(tokens, file: file)
        return try Vocabulary(contents, file: file)
    }

    /// The same vocabulary with other settings; the pieces must stay the same.
    public func changing(file: String, _ change: (inout VocabularyContents) -> Void) throws -> Vocabulary {
        var contents = contents
        change(&contents)
        return try Vocabulary(contents, index: index, file: file)
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
