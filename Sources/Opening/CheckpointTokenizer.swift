import ByteIO
import JSON
import MobileVLM
import Tokenizer

/// A checkpoint's tokenizer as a whole: the vocabulary, one piece for each row of the embedding, with every mark that
/// the folder's files name, and the checkpoint's own chat template.
package struct CheckpointTokenizer: Sendable {
    package let vocabulary: Vocabulary
    /// Whether text behind a special token gets a leading space again.
    package let legacy: Bool
    /// The checkpoint's own chat template, never run; nil where it has none.
    package let chatTemplate: String?
    package let notes: [String]

    /// - Parameter rows: Rows of the embedding.
    init(_ folder: Folder, rows: Int, config: HuggingFaceConfiguration) throws {
        let files = try TokenizerFiles(folder)
        let base = try files.base()
        var notes: [String] = []
        if case .json(let json) = base {
            notes.append("tokenizer.model is missing; the tokenizer is read from tokenizer.json.")
            notes += json.notes
        }
        var contents = base.vocabulary.contents
        try Self.add(try files.addedTokens(besides: base, notes: &notes), to: &contents, rows: rows, notes: &notes)
        try Self.fit(&contents, rows: rows, file: folder.path, notes: &notes)
        try Self.setMarks(&contents, files, config, base, notes: &notes)
        vocabulary = try Vocabulary(contents, file: folder.path)

        switch base {
        case .sentencePiece: legacy = files.settings?["legacy"]?.bool ?? true
        case .json(let json): legacy = json.legacy
        }
        chatTemplate = try files.template(notes: &notes)
        if let chatTemplate, chatTemplate != ConversationV1.jinja {
            notes.append(
                "The checkpoint has a chat template of its own. It is kept in the file as it is, for programs that run such "
                    + "templates; prompts made here follow v1 (\"USER: … ASSISTANT:\"). If they differ, write the prompt out "
                    + "and use --raw.")
        }
        self.notes = notes
    }

    /// Puts added tokens in their places: over a piece of the base, behind it, or, where the embedding has no row for
    /// them, nowhere.
    private static func add(
        _ tokens: [AddedToken], to contents: inout VocabularyContents, rows: Int, notes: inout [String]
    ) throws {
        let count = contents.pieces.count
        var beyond: [String] = []
        for token in tokens {
            if token.id < 0 || token.id >= rows {
                beyond.append(token.text)
            } else if token.id < count {
                let old = contents.pieces[token.id]
                if old != token.text {
                    notes.append(
                        "Token \(token.id), \"\(old)\" in the vocabulary, was made \"\(token.text)\" by an added token."
                    )
                    contents.pieces[token.id] = token.text
                    contents.kinds[token.id] = token.kind.rawValue
                } else if contents.kinds[token.id] == PieceKind.normal.rawValue {
                    contents.kinds[token.id] = token.kind.rawValue
                }
                if token.rules.isEmpty {
                    contents.addedRules[token.id] = nil
                } else {
                    contents.addedRules[token.id] = token.rules
                }
            }
        }
        let behind = tokens.filter { (count..<max(count, rows)).contains($0.id) }
        if let last = behind.last?.id {
            let taken = Set(behind.map(\.id))
            let gaps = (count...last).filter { !taken.contains($0) }.map(Self.placeholder)
            try contents.add(behind + gaps, file: "added tokens")
            if !gaps.isEmpty { notes.append(Self.note(placeholders: gaps.count, first: gaps[0].id)) }
        }
        if !beyond.isEmpty {
            let shown = beyond.prefix(3).map { "\"\($0)\"" }.joined(separator: ", ") + (beyond.count > 3 ? ", …" : "")
            notes.append(
                "\(beyond.count == 1 ? "The added token \(shown) has" : "\(beyond.count) added tokens (\(shown)) have") no row in "
                    + "the embedding of \(rows); left out.")
        }
    }

    /// One piece for each row: placeholders where the embedding is longer than the tokenizer, an error where pieces of
    /// the base have no row.
    private static func fit(
        _ contents: inout VocabularyContents, rows: Int, file: String, notes: inout [String]
    ) throws {
        let count = contents.pieces.count
        guard count <= rows else {
            throw InputError(
                TokenizerFiles.noTokenizer, file: file, field: "number of pieces",
                problem: "is \(count), but the embedding has \(rows) rows",
                remedy: "The tokenizer belongs to another model.")
        }
        guard count < rows else { return }
        try contents.add((count..<rows).map(Self.placeholder), file: file)
        notes.append(Self.note(placeholders: rows - count, first: count))
    }

    /// A row of the embedding that no token reaches still needs a text of its own in GGUF.
    private static func placeholder(_ id: Int) -> AddedToken {
        AddedToken(id: id, text: VocabularyContents.placeholder(id), kind: .unused)
    }

    private static func note(placeholders count: Int, first: Int) -> String {
        count == 1
            ? "Row \(first) of the embedding has no token; it is called [PAD\(first)]."
            : "\(count) rows of the embedding, from \(first) on, have no token; they are called [PAD\(first)] and so on."
    }

    // MARK: Marks

    private static func setMarks(
        _ contents: inout VocabularyContents, _ files: TokenizerFiles, _ config: HuggingFaceConfiguration,
        _ base: TokenizerFiles.Base, notes: inout [String]
    ) throws {
        /// The id of a mark by its text in the tokenizer's files.
        func named(_ name: String) -> Int? {
            guard let text = files.mark(name, notes: &notes) else { return nil }
            let id = contents.pieces.firstIndex { $0.utf8.elementsEqual(text.utf8) }
            if id == nil { notes.append("\(name) is \"\(text)\", which is no token; not used.") }
            return id
        }
        func valid(_ id: Int, _ place: String) -> Bool {
            // Some configs write -1 for none.
            if id >= contents.pieces.count {
                notes.append("\(place) names the token \(id), but there are \(contents.pieces.count); not used.")
            }
            return contents.pieces.indices.contains(id)
        }
        let begin = named("bos_token")
        let configBegin = config.ids("bos_token_id").first.flatMap {
            valid($0, "bos_token_id in config.json") ? $0 : nil
        }
        if let begin, let configBegin, begin != configBegin {
            notes.append(
                "The tokenizer begins a prompt with token \(begin) (\"\(contents.pieces[begin])\"), config.json says "
                    + "\(configBegin); the tokenizer's is used.")
        }
        contents.bos = begin ?? contents.bos ?? configBegin
        contents.unk = named("unk_token") ?? contents.unk
        let padding = config.ids("pad_token_id").first.flatMap { valid($0, "pad_token_id in config.json") ? $0 : nil }
        contents.pad = contents.pad ?? padding ?? named("pad_token")

        setEnds(
            &contents, tokenizer: named("eos_token"),
            generation: HuggingFaceConfiguration.ids(files.generation, "eos_token_id").filter {
                valid($0, "eos_token_id in generation_config.json")
            },
            config: config.ids("eos_token_id").filter { valid($0, "eos_token_id in config.json") }, notes: &notes)

        if let flag = files.settings?["add_bos_token"]?.bool {
            contents.addBOS = flag
        } else if case .sentencePiece = base {
            contents.addBOS = true
        }
        if contents.bos == nil { contents.addBOS = false }
    }

    /// Answers end at any token that one of the files names. Which of them comes first matters to programs that know
    /// one alone: where the files disagree it is the one that is not simply the vocabulary's own.
    private static func setEnds(
        _ contents: inout VocabularyContents, tokenizer: Int?, generation: [Int], config: [Int], notes: inout [String]
    ) {
        let places: [(file: String, ids: [Int])] = [
            ("generation_config.json", generation), ("config.json", config),
            ("the tokenizer", tokenizer.map { [$0] } ?? []),
        ].filter { !$0.ids.isEmpty }
        var ends: [Int] = []
        for id in places.flatMap(\.ids) where !ends.contains(id) { ends.append(id) }
        guard !ends.isEmpty else { return }
        if !places.contains(where: { Set($0.ids) == Set(ends) }) {
            let said = places.map { "\($0.file): \($0.ids.map(String.init).joined(separator: ", "))" }
            notes.append(
                "The files disagree on the token that ends an answer (\(said.joined(separator: "; "))); answers end at any of "
                    + "them.")
            let own = contents.eos
            ends = ends.filter { $0 != own } + ends.filter { $0 == own }
        }
        contents.eos = ends[0]
        contents.otherEnds = Array(ends.dropFirst())
    }
}
