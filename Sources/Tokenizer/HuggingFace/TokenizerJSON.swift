import ByteIO
import JSON

extension Rule {
    /// A `tokenizer.json` whose model is not byte pair encoding, or asks for more than merging.
    public static let tokenizerModel = Rule("tokenizer.model")
}

/// What a `tokenizer.json` of Hugging Face's library says: byte pair encoding as LLaMA's relatives have it, in
/// SentencePiece's spelling with byte pieces or in the byte-level one.
public struct TokenizerJSON: Sendable {
    /// Pieces, merges and added tokens. Only the unknown piece's mark is known from the file; `addBOS` is true if a
    /// prompt begins with `templateBOS`.
    public let vocabulary: Vocabulary
    /// The token that its template puts in front of a text.
    public let templateBOS: Int?
    /// Whether the text behind an added token gets the space in front too, `legacy` of `tokenizer_config.json`.
    public let legacy: Bool
    /// What the user should know.
    public let notes: [String]

    /// Ids between those of the file that nothing has, and ids beyond, must not be many: memory follows the highest one.
    private static let mostGaps = 4096

    /// - Parameter file: Named in errors.
    public init(_ bytes: Bytes, file: String) throws {
        let tables = try TokenizerTables(bytes, file: file)
        let json = tables.rest
        try Self.checkModel(json["model"], file: file)
        let preparation = try TextPreparation(json, file: file)
        var notes = preparation.notes

        var contents = try Self.pieces(tables, file: file)
        let count = contents.pieces.count
        let model = json["model"]
        contents.prefix = preparation.prefix
        contents.splitsAtSpaces = preparation.splitsAtSpaces
        contents.fusesUnknown = model?["fuse_unk"]?.bool ?? false
        if preparation.isByteLevel {
            let ignoresMerges = model?["ignore_merges"]?.bool ?? false
            guard let preTokenizer = PreTokenizer(splitters: preparation.splitters, ignoresMerges: ignoresMerges) else {
                throw InputError(
                    .preTokenizer, file: file, field: "pre_tokenizer",
                    problem: "has steps that are known one by one, but together have no name in GGUF",
                    remedy: "Known are those of GPT-2, LLaMA-3, Qwen2 and SmolLM; see formats/tokenizers.md.")
            }
            contents.spelling = .byteLevel(preTokenizer)
        }
        let added = try Self.addedTokens(json, file: file)
        try Self.add(added, to: &contents, file: file)
        let index = try VocabularyCheck(file: file).index(contents.pieces)
        contents.setKinds(added, unknown: model?["unk_token"]?.string, hasBytes: model?["byte_fallback"]?.bool ?? false)
        contents.unk = contents.kinds.firstIndex(of: PieceKind.unknown.rawValue)
        contents.merges = try tables.merges.table(index, file: file) { [kinds = contents.kinds] in
            kinds[$0] == PieceKind.normal.rawValue
        }
        if !preparation.isByteLevel { notes += contents.setScoresByMerges(count: count, index: index) }
        if preparation.isByteLevel, contents.prefix != .none {
            notes.append(
                "The tokenizer puts a space in front of a text (add_prefix_space); llama.cpp's byte-level tokenizer does "
                    + "not, so the first token may differ there.")
        }
        templateBOS = Self.templateBOS(json, index: index)
        contents.bos = templateBOS
        contents.addBOS = templateBOS != nil
        vocabulary = try Vocabulary(contents, index: index, file: file)
        legacy = preparation.prefixesEverySegment
        self.notes = notes
    }

    /// The file without its two large tables, which are `{}` and `[]` in it: cheap where only the rest is wanted.
    public static func withoutTables(_ bytes: Bytes, file: String) throws -> JSONValue {
        try TokenizerTables(bytes, file: file).rest
    }

    private static func checkModel(_ model: JSONValue?, file: String) throws {
        func refuse(_ field: String, _ problem: String) -> InputError {
            InputError(
                .tokenizerModel, file: file, field: "model.\(field)", problem: problem,
                remedy: "Only byte pair encoding, as LLaMA's relatives have it, can be used.")
        }
        guard let model, model.object != nil else { throw refuse("type", "is missing") }
        if let type = model["type"]?.string, type != "BPE" { throw refuse("type", "is \"\(type)\"") }
        for field in ["continuing_subword_prefix", "end_of_word_suffix"] {
            if let text = model[field]?.string, !text.isEmpty { throw refuse(field, "is \"\(text)\"") }
        }
        if let dropout = model["dropout"]?.double, dropout != 0 { throw refuse("dropout", "is \(dropout)") }
    }

    /// The vocabulary by ids; ids that it leaves out are pieces that nothing reaches.
    private static func pieces(_ tables: TokenizerTables, file: String) throws -> VocabularyContents {
        let highest = tables.pieces.map(\.id).max() ?? -1
        guard highest < tables.pieces.count + mostGaps else {
            throw InputError(
                .vocabularyID, file: file, field: "model.vocab",
                problem: "has ids up to \(highest) for \(tables.pieces.count) pieces",
                remedy: "At most \(mostGaps) ids may be without a piece.")
        }
        var texts = [String?](repeating: nil, count: highest + 1)
        for (text, id) in tables.pieces {
            guard id >= 0 else {
                throw InputError(.vocabularyID, file: file, field: "\"\(text)\"", problem: "has the id \(id)")
            }
            if let other = texts[id] {
                throw InputError(
                    .vocabularyDuplicate, file: file, field: "id \(id)",
                    problem: "is given to \"\(other)\" and to \"\(text)\"",
                    remedy: "The tokenizer is damaged: fetch it again.")
            }
            texts[id] = text
        }
        var contents = VocabularyContents(pieces: [], scores: [], kinds: [])
        contents.pieces = texts.enumerated().map { id, text in text ?? VocabularyContents.placeholder(id) }
        contents.kinds = texts.map { ($0 == nil ? PieceKind.unused : .normal).rawValue }
        contents.scores = Array(repeating: 0, count: texts.count)
        return contents
    }

    /// What `added_tokens` lists.
    private static func addedTokens(_ json: JSONValue, file: String) throws -> [AddedToken] {
        try (json["added_tokens"]?.array ?? []).map { entry in
            guard let id = entry["id"]?.int, let text = entry["content"]?.string else {
                throw InputError(
                    .vocabularyAdded, file: file, field: "added_tokens",
                    problem: "has an entry without a whole number \"id\" or a text \"content\"",
                    remedy: "The tokenizer is damaged: fetch it again.")
            }
            return AddedToken(json: entry, id: id, text: text)
        }
    }

    /// Added tokens behind the vocabulary, with placeholders for ids between that nothing has.
    private static func add(_ added: [AddedToken], to contents: inout VocabularyContents, file: String) throws {
        let behind = added.filter { $0.id >= contents.pieces.count }
        guard let highest = behind.map(\.id).max() else {
            try contents.add(added, file: file)
            return
        }
        guard highest < contents.pieces.count + behind.count + mostGaps else {
            throw InputError(
                .vocabularyAdded, file: file, field: "added_tokens",
                problem: "go up to id \(highest) behind \(contents.pieces.count) pieces",
                remedy: "At most \(mostGaps) ids may be without a piece.")
        }
        let taken = Set(behind.map(\.id))
        let gaps = (contents.pieces.count...highest).filter { !taken.contains($0) }.map {
            AddedToken(id: $0, text: VocabularyContents.placeholder($0), kind: .unused)
        }
        try contents.add(added + gaps, file: file)
    }

    /// The token at the start of the template for one text, if that is how it starts.
    private static func templateBOS(_ json: JSONValue, index: PieceIndex) -> Int? {
        func templates(_ json: JSONValue?) -> [JSONValue] {
            guard let json, !json.isNull else { return [] }
            if json["type"]?.string == "Sequence" { return (json["processors"]?.array ?? []).flatMap(templates) }
            return json["type"]?.string == "TemplateProcessing" ? [json] : []
        }
        let first = templates(json["post_processor"]).first?["single"]?.array?.first
        guard let name = first?["SpecialToken"]?["id"]?.string else { return nil }
        let bytes = Array(name.utf8)
        return index.find(bytes, 0..<bytes.count)
    }
}

extension AddedToken {
    /// An entry of `added_tokens` or of `added_tokens_decoder`.
    public init(json: JSONValue, id: Int, text: String) {
        let isSpecial = json["special"]?.bool ?? false
        var rules: AddedTokenRules = []
        if json["lstrip"]?.bool ?? false { rules.insert(.stripsLeft) }
        if json["rstrip"]?.bool ?? false { rules.insert(.stripsRight) }
        if json["single_word"]?.bool ?? false { rules.insert(.singleWord) }
        if json["normalized"]?.bool ?? !isSpecial { rules.insert(.normalized) }
        self.init(id: id, text: text, kind: isSpecial ? .control : .userDefined, rules: rules)
    }
}

extension VocabularyContents {
    /// The text of an id that nothing has: a row of the embedding still needs a text of its own in GGUF.
    public static func placeholder(_ id: Int) -> String { "[PAD\(id)]" }

    /// What the pieces are for, which a `tokenizer.json` tells by their texts and by what was added.
    fileprivate mutating func setKinds(_ added: [AddedToken], unknown: String?, hasBytes: Bool) {
        for token in added where pieces.indices.contains(token.id) && pieces[token.id] == token.text {
            kinds[token.id] = token.kind.rawValue
        }
        for id in pieces.indices {
            if let unknown, pieces[id] == unknown {
                kinds[id] = PieceKind.unknown.rawValue
            } else if hasBytes, kinds[id] == PieceKind.normal.rawValue, Vocabulary.byte(of: pieces[id]) != nil {
                kinds[id] = PieceKind.byte.rawValue
            }
        }
    }
}
