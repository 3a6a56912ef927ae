/// Text to ids and back by a vocabulary: SentencePiece's byte pair encoding, which LLaMA and with it MobileVLM has, or
/// the byte-level one of GPT-2 and its heirs.
///
/// Of a SentencePiece model, ids are those of the SentencePiece library; with `parseSpecial` those of Hugging Face's slow
/// `LlamaTokenizer` without the marks that it puts around a prompt. Of a vocabulary that lists its merges they are those
/// of Hugging Face's `tokenizers`.
public struct TextTokenizer: Sendable {
    public let vocabulary: Vocabulary
    private let encoder: any SegmentEncoder
    private let specials: AddedTokenFinder
    /// Added tokens that text becomes even where special ones are spelt out.
    private let userDefined: AddedTokenFinder

    /// U+2581, which stands for a space inside pieces, as UTF-8.
    static let space: [UInt8] = [0xE2, 0x96, 0x81]

    public init(vocabulary: Vocabulary) {
        self.vocabulary = vocabulary
        specials = AddedTokenFinder(vocabulary, [.control, .unknown, .userDefined])
        userDefined = AddedTokenFinder(vocabulary, [.userDefined])
        switch (vocabulary.contents.spelling, vocabulary.contents.merges) {
        case (.byteLevel(let preTokenizer), let merges):
            encoder = ByteLevelEncoder(
                vocabulary, merges: merges ?? MergeTable(pairs: [], results: []), preTokenizer: preTokenizer)
        case (.sentencePiece, let merges?):
            encoder = PairEncoder(vocabulary, merges: merges)
        case (.sentencePiece, nil):
            encoder = ScoreEncoder(vocabulary)
        }
    }

    /// The ids of `text`, without BOS. Empty text has none.
    ///
    /// A space in front (the dummy prefix, if the vocabulary has it) comes before the text even if that starts with
    /// a space. Characters outside the vocabulary become byte pieces. U+2581 is taken for a space.
    /// - Parameters:
    ///   - parseSpecial: Whether `<s>`, `</s>`, `<unk>` and added tokens in the text become their ids and split
    ///     the text there. Otherwise they are spelt out like any text; text of a user must not be able to make them.
    ///   - legacy: With `parseSpecial`, whether the text behind such a token gets the dummy prefix as well:
    ///     `legacy` in `tokenizer_config.json`, true if absent. llama.cpp does as with true.
    public func encode(_ text: String, parseSpecial: Bool = false, legacy: Bool = true) -> [Int] {
        let bytes = Array(text.utf8)
        var ids: [Int] = []
        // Scores know user-defined pieces themselves, which are no border for the dummy prefix there.
        let knowsUserDefined = encoder is ScoreEncoder
        guard parseSpecial || !(knowsUserDefined || userDefined.isEmpty) else {
            encoder.append(bytes[...], isAtStart: true, to: &ids)
            return ids
        }
        let finder = parseSpecial ? specials : userDefined
        var isAtStart = true
        for segment in finder.segments(of: bytes) {
            switch segment {
            case .token(let id): ids.append(id)
            case .text(let range):
                encoder.append(bytes[range], isAtStart: isAtStart || legacy, to: &ids)
            }
            isAtStart = false
        }
        return ids
    }

    /// The text of `ids`: byte pieces put together (bytes that are not UTF-8 become U+FFFD), U+2581 as space, the
    /// dummy prefix dropped.
    /// - Parameter skipSpecial: Whether control and unknown pieces are left out rather than spelt.
    public func decode(_ ids: [Int], skipSpecial: Bool = true) -> String {
        var stream = TokenStream(vocabulary: vocabulary, skipSpecial: skipSpecial)
        var text: [UInt8] = []
        for id in ids { stream.append(id, to: &text) }
        stream.finish(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// The pieces as the vocabulary has them; for an id outside it, such as the image placeholder, `[id]`.
    public func pieces(_ ids: [Int]) -> [String] {
        ids.map { vocabulary.pieces.indices.contains($0) ? vocabulary.pieces[$0] : "[\($0)]" }
    }
}

/// Makes ids of text that holds no added token.
protocol SegmentEncoder: Sendable {
    /// - Parameter isAtStart: Whether the text may get the dummy prefix.
    func append(_ text: ArraySlice<UInt8>, isAtStart: Bool, to ids: inout [Int])
}

extension Vocabulary {
    /// Text with U+2581 for its spaces, and in front where there has to be one.
    func escape(_ text: ArraySlice<UInt8>, isAtStart: Bool) -> [UInt8] {
        let space = TextTokenizer.space
        var escaped: [UInt8] = []
        escaped.reserveCapacity(text.count + text.count / 4 + space.count)
        let startsWithSpace = text.first == UInt8(ascii: " ") || text.starts(with: space)
        if isAtStart, contents.prefix == .always || (contents.prefix == .unlessSpace && !startsWithSpace) {
            escaped.append(contentsOf: space)
        }
        for byte in text {
            if byte == UInt8(ascii: " ") { escaped.append(contentsOf: space) } else { escaped.append(byte) }
        }
        return escaped
    }
}

/// SentencePiece's own way: merging by the pieces' scores.
struct ScoreEncoder: SegmentEncoder {
    private let vocabulary: Vocabulary
    private let merger: PieceMerger

    init(_ vocabulary: Vocabulary) {
        self.vocabulary = vocabulary
        let userDefined = vocabulary.pieces.indices.filter { vocabulary.kinds[$0] == .userDefined }
        merger = PieceMerger(
            vocabulary: vocabulary, userDefined: PiecePrefixes(userDefined.map { (vocabulary.pieces[$0], $0) }))
    }

    func append(_ text: ArraySlice<UInt8>, isAtStart: Bool, to ids: inout [Int]) {
        guard !text.isEmpty else { return }
        merger.append(vocabulary.escape(text, isAtStart: isAtStart), to: &ids)
    }
}

/// SentencePiece's spelling with merges listed pair by pair, as `tokenizer.json` has them.
struct PairEncoder: SegmentEncoder {
    private let vocabulary: Vocabulary
    private let merges: MergeTable
    /// Whether a piece may come of text by itself.
    private let isText: [Bool]

    init(_ vocabulary: Vocabulary, merges: MergeTable) {
        self.vocabulary = vocabulary
        self.merges = merges
        isText = vocabulary.kinds.map { $0 == .normal || $0 == .unused }
    }

    func append(_ text: ArraySlice<UInt8>, isAtStart: Bool, to ids: inout [Int]) {
        guard !text.isEmpty else { return }
        let escaped = vocabulary.escape(text, isAtStart: isAtStart)
        var merger = PairMerger(merges)
        var start = 0
        while start < escaped.count {
            let end = vocabulary.contents.splitsAtSpaces ? endOfWord(escaped, from: start) : escaped.count
            merger.append(symbols(escaped[start..<end]), to: &ids)
            start = end
        }
    }

    /// Where the next space is behind the one that the word may start with.
    private func endOfWord(_ text: [UInt8], from start: Int) -> Int {
        var end = start + 1
        while end < text.count, !text[end...].starts(with: TextTokenizer.space) { end += 1 }
        return end
    }

    /// The pieces of single scalars that merging starts from.
    private func symbols(_ word: ArraySlice<UInt8>) -> [Int32] {
        let text = Array(word)
        var symbols: [Int32] = []
        symbols.reserveCapacity(text.count)
        var isAfterUnknown = false
        var start = 0
        while start < text.count {
            let end = min(start + UTF8Scalar.announcedLength(text[start]), text.count)
            if let id = vocabulary.index.find(text, start..<end), isText[id] {
                symbols.append(Int32(id))
                isAfterUnknown = false
            } else if !vocabulary.byteIDs.isEmpty {
                for byte in text[start..<end] { symbols.append(Int32(vocabulary.byteIDs[Int(byte)])) }
                isAfterUnknown = false
            } else if let unk = vocabulary.unk {
                if !isAfterUnknown || !vocabulary.contents.fusesUnknown { symbols.append(Int32(unk)) }
                isAfterUnknown = true
            }
            start = end
        }
        return symbols
    }
}

/// GPT-2's way: text is cut into words, their bytes become characters of an alphabet, and those are merged.
struct ByteLevelEncoder: SegmentEncoder {
    private let merges: MergeTable
    private let preTokenizer: PreTokenizer
    private let prefix: SpacePrefix
    private let index: PieceIndex
    /// The piece of each byte; of one that has none, the unknown piece or -1.
    private let byteIDs: [Int32]
    /// The alphabet's characters as UTF-8.
    private let spellings: [[UInt8]]

    init(_ vocabulary: Vocabulary, merges: MergeTable, preTokenizer: PreTokenizer) {
        self.merges = merges
        self.preTokenizer = preTokenizer
        prefix = vocabulary.contents.prefix
        index = vocabulary.index
        spellings = ByteAlphabet.characters.map { Array(String($0).utf8) }
        byteIDs = spellings.map {
            Int32(vocabulary.index.find($0, 0..<$0.count) ?? vocabulary.unk ?? -1)
        }
    }

    func append(_ text: ArraySlice<UInt8>, isAtStart: Bool, to ids: inout [Int]) {
        var bytes = Array(text)
        if isAtStart, prefix != .none, !bytes.isEmpty, bytes[0] != UInt8(ascii: " ") {
            bytes.insert(UInt8(ascii: " "), at: 0)
        }
        var merger = PairMerger(merges)
        var symbols: [Int32] = []
        for word in preTokenizer.words(bytes) {
            if preTokenizer.ignoresMerges, let id = piece(bytes[word]) {
                ids.append(id)
                continue
            }
            symbols.removeAll(keepingCapacity: true)
            for byte in bytes[word] where byteIDs[Int(byte)] >= 0 { symbols.append(byteIDs[Int(byte)]) }
            merger.append(symbols, to: &ids)
        }
    }

    /// The piece that is this whole word.
    private func piece(_ word: ArraySlice<UInt8>) -> Int? {
        guard word.count <= index.longest else { return nil }
        let spelt = word.flatMap { spellings[Int($0)] }
        return index.find(spelt, 0..<spelt.count)
    }
}
