/// Text to ids and back by a SentencePiece BPE vocabulary, as LLaMA and with it MobileVLM has one.
///
/// Ids are those of the SentencePiece library; with `parseSpecial` those of Hugging Face's slow `LlamaTokenizer`
/// without the marks that it puts around a prompt.
public struct SentencePieceTokenizer: Sendable {
    public let vocabulary: Vocabulary
    private let merger: PieceMerger
    private let specials: PiecePrefixes

    /// U+2581, which stands for a space inside pieces, as UTF-8.
    static let space: [UInt8] = [0xE2, 0x96, 0x81]

    public init(vocabulary: Vocabulary) {
        self.vocabulary = vocabulary
        func prefixes(_ kinds: Set<PieceKind>) -> PiecePrefixes {
            PiecePrefixes(
                vocabulary.pieces.indices
                    .filter { kinds.contains(vocabulary.kinds[$0]) }
                    .map { (vocabulary.pieces[$0], $0) })
        }
        merger = PieceMerger(vocabulary: vocabulary, userDefined: prefixes([.userDefined]))
        specials = prefixes([.control, .unknown, .userDefined])
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
        var start = 0
        var position = 0
        while parseSpecial, position < bytes.count {
            guard let special = specials.longest(in: bytes, at: position) else {
                position += 1
                continue
            }
            encode(bytes[start..<position], hasPrefix: legacy || start == 0, to: &ids)
            ids.append(special.id)
            position += special.count
            start = position
        }
        encode(bytes[start...], hasPrefix: legacy || start == 0, to: &ids)
        return ids
    }

    /// The ids of text without special tokens.
    private func encode(_ text: ArraySlice<UInt8>, hasPrefix: Bool, to ids: inout [Int]) {
        guard !text.isEmpty else { return }
        var escaped: [UInt8] = []
        escaped.reserveCapacity(text.count + text.count / 4 + 3)
        if hasPrefix, vocabulary.addDummyPrefix { escaped.append(contentsOf: Self.space) }
        for byte in text {
            if byte == UInt8(ascii: " ") { escaped.append(contentsOf: Self.space) } else { escaped.append(byte) }
        }
        merger.append(escaped, to: &ids)
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
