import ByteIO
import JSON
import MobileVLM
import Tokenizer

/// What the small files of a checkpoint's folder say of its tokenizer, each as it stands there.
///
/// `tokenizer.model` (or, where it is missing, `tokenizer.json`) has the pieces; up to five other files add tokens to
/// them, name the marks, or repeat what another says. Nothing is fetched and no template is run.
struct TokenizerFiles {
    static let noTokenizer = Rule("checkpoint.no-tokenizer")
    static let chatTemplate = Rule("checkpoint.chat-template")

    static let names = [
        "tokenizer.model", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
        "generation_config.json", "chat_template.jinja", "chat_template.json",
    ]

    let folder: Folder
    let settings: JSONValue?
    let specialTokensMap: JSONValue?
    let generation: JSONValue?

    init(_ folder: Folder) throws {
        self.folder = folder
        settings = try folder.json("tokenizer_config.json")
        specialTokensMap = try folder.json("special_tokens_map.json")
        generation = try folder.json("generation_config.json")
    }

    // MARK: Pieces

    /// The vocabulary before any tokens were added by other files.
    enum Base {
        case sentencePiece(Vocabulary)
        case json(TokenizerJSON)

        var vocabulary: Vocabulary {
            switch self {
            case .sentencePiece(let vocabulary): vocabulary
            case .json(let json): json.vocabulary
            }
        }
    }

    func base() throws -> Base {
        if let mapped = try map("tokenizer.model") {
            return .sentencePiece(try Vocabulary(sentencePieceModel: mapped.bytes, file: mapped.path))
        }
        if let mapped = try map("tokenizer.json") {
            return .json(try TokenizerJSON(mapped.bytes, file: mapped.path))
        }
        throw InputError(
            Self.noTokenizer, file: folder.path, field: "tokenizer",
            problem: "neither tokenizer.model nor tokenizer.json is there",
            remedy:
                "Fetch the SentencePiece model of the release (LLaMA's, 499,723 bytes) or its tokenizer.json into the "
                + "same folder.")
    }

    /// The file, or nil if it is not there; one that only stands for it is an error.
    private func map(_ name: String) throws -> MappedFile? {
        guard folder.has(name) else { return nil }
        let mapped = try MappedFile(path: folder.file(name))
        if let kind = FamiliarKind(of: mapped.bytes), kind != .json || name != "tokenizer.json" {
            throw InputError(
                Self.noTokenizer, file: mapped.path, field: "file", problem: "this is \(kind.phrase)",
                remedy: kind == .json ? "Name the file tokenizer.json if it is one." : kind.remedy)
        }
        return mapped
    }

    // MARK: Added tokens

    /// The tokens that the files add, by id; of two files that say different things of an id the newer kind counts.
    func addedTokens(besides base: Base, notes: inout [String]) throws -> [AddedToken] {
        var lists: [(file: String, tokens: [AddedToken])] = []
        if let decoder = settings?["added_tokens_decoder"]?.object {
            lists.append(
                (
                    "tokenizer_config.json",
                    decoder.entries.compactMap { entry in
                        guard let id = Int(entry.key), let text = entry.value["content"]?.string else { return nil }
                        return AddedToken(json: entry.value, id: id, text: text)
                    }
                ))
        }
        if case .sentencePiece = base, let added = try smallTokenizerJSON()?["added_tokens"]?.array {
            lists.append(
                (
                    "tokenizer.json",
                    added.compactMap { entry in
                        guard let id = entry["id"]?.int, let text = entry["content"]?.string else { return nil }
                        return AddedToken(json: entry, id: id, text: text)
                    }
                ))
        }
        if let added = try folder.json("added_tokens.json")?.object {
            let special = specialTexts
            lists.append(
                (
                    "added_tokens.json",
                    added.entries.compactMap { text, id in
                        // This file does not say what is special. What the map lists is, and the family's own marks.
                        let isSpecial = special.contains(text) || ImageMarks.all.contains(text)
                        return id.int.map { AddedToken(id: $0, text: text, kind: isSpecial ? .control : .userDefined) }
                    }
                ))
        }
        var byID: [Int: (token: AddedToken, file: String)] = [:]
        for (file, tokens) in lists {
            for token in tokens {
                guard let known = byID[token.id] else {
                    byID[token.id] = (token, file)
                    continue
                }
                if known.token.text != token.text {
                    notes.append(
                        "Token \(token.id) is \"\(known.token.text)\" in \(known.file) and \"\(token.text)\" in \(file); "
                            + "the former is used.")
                }
            }
        }
        return byID.values.map(\.token).sorted { $0.id < $1.id }
    }

    /// `tokenizer.json` without its large tables; nil if it is missing or no whole file of that kind.
    private func smallTokenizerJSON() throws -> JSONValue? {
        guard folder.has("tokenizer.json") else { return nil }
        let mapped = try MappedFile(path: folder.file("tokenizer.json"))
        // It only repeats what other files say, so that a broken one is no reason to give up.
        return try? TokenizerJSON.withoutTables(mapped.bytes, file: mapped.path)
    }

    /// The texts that `special_tokens_map.json` and `tokenizer_config.json` call special.
    private var specialTexts: Set<String> {
        var texts: Set<String> = []
        for json in [settings, specialTokensMap] {
            for (key, value) in json?.object?.entries ?? [] where key.hasSuffix("_token") {
                if let text = Self.content(value) { texts.insert(text) }
            }
            texts.formUnion((json?["additional_special_tokens"]?.array ?? []).compactMap(Self.content))
        }
        return texts
    }

    // MARK: Marks

    /// The text of a mark such as `eos_token`, which is written as a text or as an object with one.
    func mark(_ name: String, notes: inout [String]) -> String? {
        let inSettings = settings?[name].flatMap(Self.content)
        let inMap = specialTokensMap?[name].flatMap(Self.content)
        if let inSettings, let inMap, inSettings != inMap {
            notes.append(
                "\(name) is \"\(inSettings)\" in tokenizer_config.json and \"\(inMap)\" in special_tokens_map.json; the former "
                    + "is used.")
        }
        return inSettings ?? inMap
    }

    private static func content(_ value: JSONValue) -> String? { value.string ?? value["content"]?.string }

    // MARK: Conversation

    /// A chat template is a page of text; the longest that are known have some 20 kB.
    private static let longestTemplate = 1 << 20

    /// The checkpoint's own chat template. It is kept as text and never run.
    func template(notes: inout [String]) throws -> String? {
        let inSettings = settings?["chat_template"].flatMap(Self.template)
        let inFile = try folder.json("chat_template.json")?["chat_template"].flatMap(Self.template)
        var own: String?
        if let mapped = folder.has("chat_template.jinja")
            ? try MappedFile(path: folder.file("chat_template.jinja")) : nil
        {
            guard mapped.bytes.count <= Self.longestTemplate else {
                throw InputError(
                    Self.chatTemplate, file: mapped.path, field: "size", problem: "is \(mapped.bytes.count) bytes",
                    remedy: "A chat template may have \(Self.longestTemplate) bytes. Remove the file if it is none.")
            }
            var reader = ByteReader(mapped.bytes, file: mapped.path)
            own = try reader.text(count: reader.remaining, "text")
        }
        let places = [
            ("chat_template.jinja", own), ("chat_template.json", inFile), ("tokenizer_config.json", inSettings),
        ].compactMap { place in place.1.map { (file: place.0, text: $0) } }
        guard let first = places.first else { return nil }
        if let other = places.first(where: { $0.text != first.text }) {
            notes.append("The chat templates in \(first.file) and \(other.file) differ; the former is kept.")
        }
        guard first.text.utf8.count <= Self.longestTemplate else {
            throw InputError(
                Self.chatTemplate, file: folder.file(first.file), field: "chat_template",
                problem: "has \(first.text.utf8.count) bytes",
                remedy: "A chat template may have \(Self.longestTemplate) bytes.")
        }
        return first.text
    }

    /// A template, or the one called "default" of several.
    private static func template(_ value: JSONValue) -> String? {
        if let text = value.string { return text }
        return value.array?.first { $0["name"]?.string == "default" }?["template"]?.string
    }
}
