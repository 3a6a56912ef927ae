import ByteIO
import JSON

/// How `tokenizer.json` says that text is changed and cut before merging: `normalizer` and `pre_tokenizer`.
struct TextPreparation {
    /// Whether spaces become U+2581, which SentencePiece's spelling is recognised by.
    private(set) var escapesSpaces = false
    private(set) var prefix = SpacePrefix.none
    /// Whether the text behind an added token gets the space in front too.
    private(set) var prefixesEverySegment = true
    /// Whether a word ends in front of every space, so that no piece spans two.
    private(set) var splitsAtSpaces = false
    private(set) var isByteLevel = false
    private(set) var splitters: [WordSplitter] = []
    private(set) var notes: [String] = []

    private let file: String

    init(_ json: JSONValue, file: String) throws {
        self.file = file
        for step in Self.steps(json["normalizer"], "normalizers") { try normalize(step) }
        for step in Self.steps(json["pre_tokenizer"], "pretokenizers") { try cut(step) }
        guard isByteLevel != escapesSpaces, isByteLevel || splitters.isEmpty else {
            throw refuse(
                "pre_tokenizer",
                isByteLevel || !escapesSpaces
                    ? "is neither SentencePiece's (spaces become U+2581) nor byte-level" : "cuts at patterns")
        }
    }

    /// The steps of a sequence, or the one step that stands alone.
    private static func steps(_ json: JSONValue?, _ name: String) -> [JSONValue] {
        guard let json, !json.isNull else { return [] }
        guard json["type"]?.string == "Sequence" else { return [json] }
        return (json[name]?.array ?? []).flatMap { steps($0, name) }
    }

    private func refuse(_ field: String, _ problem: String) -> InputError {
        InputError(
            .preTokenizer, file: file, field: field, problem: problem,
            remedy:
                "Known are LLaMA's SentencePiece spelling and the byte-level tokenizers of GPT-2, LLaMA-3, Qwen2 and "
                + "SmolLM; see formats/tokenizers.md.")
    }

    private mutating func normalize(_ step: JSONValue) throws {
        switch step["type"]?.string {
        case "Prepend" where step["prepend"]?.string == "\u{2581}": prefix = .always
        case "Replace"
        where step["pattern"]?["String"]?.string == " " && step["content"]?.string == "\u{2581}":
            escapesSpaces = true
        case "NFC":
            notes.append(
                "tokenizer.json composes characters first (NFC); here, as in llama.cpp, text is taken as it is. Only text "
                    + "with decomposed letters gets other ids.")
        case let type: throw refuse("normalizer", "has the step \"\(type ?? "?")\"")
        }
    }

    private mutating func cut(_ step: JSONValue) throws {
        guard !isByteLevel else { throw refuse("pre_tokenizer", "goes on behind ByteLevel") }
        switch step["type"]?.string {
        case "Metaspace" where step["replacement"]?.string ?? "\u{2581}" == "\u{2581}":
            escapesSpaces = true
            let scheme = step["prepend_scheme"]?.string ?? (step["add_prefix_space"]?.bool ?? true ? "always" : "never")
            guard ["always", "first", "never"].contains(scheme) else {
                throw refuse("pre_tokenizer.prepend_scheme", "is \"\(scheme)\"")
            }
            prefix = scheme == "never" ? .none : .unlessSpace
            prefixesEverySegment = scheme == "always"
            splitsAtSpaces = step["split"]?.bool ?? true
        case "Digits": splitters.append(step["individual_digits"]?.bool ?? false ? .singleNumbers : .numbers)
        case "Split":
            let pattern = step["pattern"]?["Regex"]?.string ?? step["pattern"]?["String"]?.string ?? "?"
            guard let splitter = Self.patterns[pattern] else {
                throw refuse("pre_tokenizer", "cuts at the pattern \"\(pattern)\", which is not known")
            }
            let isInverted = step["invert"]?.bool ?? false
            let behaviour = step["behavior"]?.string ?? "?"
            // The patterns cover any text, so that removing what is between their matches removes nothing.
            guard behaviour == "Isolated" && !isInverted || behaviour == "Removed" && isInverted else {
                throw refuse("pre_tokenizer", "cuts at a pattern with the behavior \"\(behaviour)\"")
            }
            splitters.append(splitter)
        case "ByteLevel":
            isByteLevel = true
            if step["add_prefix_space"]?.bool ?? true {
                guard splitters.isEmpty else {
                    throw refuse("pre_tokenizer.add_prefix_space", "is true behind another step")
                }
                prefix = .unlessSpace
            }
            if step["use_regex"]?.bool ?? true { splitters.append(.gpt2) }
        case let type: throw refuse("pre_tokenizer", "has the step \"\(type ?? "?")\"")
        }
    }

    /// Regular expressions, as files spell them.
    private static let patterns: [String: WordSplitter] = [
        #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#: .gpt2,
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#:
            .llama3(digits: 3),
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#:
            .llama3(digits: 1),
        #"\p{N}"#: .singleNumbers,
        #"\p{N}+"#: .numbers,
        #"[0-9][0-9][0-9]"#: .threeDigits,
    ]
}
