import ByteIO
import Tensors
import Tokenizer

/// The `tokenizer.*` keys of a language model's GGUF file, written and read in one place: SentencePiece vocabularies
/// under the model name `llama`, byte-level ones under `gpt2`.
extension GGUFLanguageMetadata {
    /// Keys of our own; readers skip keys they do not know.
    private enum Own {
        /// Every token that ends an answer, where there are more than the three that llama.cpp has keys for.
        static let ends = "vlmconv.end_token_ids"
    }

    /// llama.cpp stops at each of these, whatever they are called.
    private static let endKeys = ["eos", "eot", "eom"].map { "tokenizer.ggml.\($0)_token_id" }

    static func writeVocabulary(_ vocabulary: Vocabulary, to m: inout Metadata) {
        let types = vocabulary.kinds.map { Int32($0.rawValue) }
        switch vocabulary.contents.spelling {
        case .sentencePiece:
            m["tokenizer.ggml.model"] = .string("llama")
            m["tokenizer.ggml.pre"] = .string("default")
            m["tokenizer.ggml.tokens"] = .strings(vocabulary.pieces)
            m["tokenizer.ggml.scores"] = .float32s(vocabulary.scores)
            m["tokenizer.ggml.token_type"] = .int32s(types)
        case .byteLevel(let preTokenizer):
            m["tokenizer.ggml.model"] = .string("gpt2")
            m["tokenizer.ggml.pre"] = .string(preTokenizer.name)
            m["tokenizer.ggml.tokens"] = .strings(vocabulary.pieces)
            m["tokenizer.ggml.token_type"] = .int32s(types)
            m["tokenizer.ggml.merges"] = .strings(vocabulary.mergeTexts)
        }
        if let bos = vocabulary.bos { m["tokenizer.ggml.bos_token_id"] = .uint32(UInt32(bos)) }
        for (key, id) in zip(endKeys, vocabulary.ends) { m[key] = .uint32(UInt32(id)) }
        if vocabulary.ends.count > endKeys.count { m[Own.ends] = .uint32s(vocabulary.ends.map { UInt32($0) }) }
        if let unk = vocabulary.unk { m["tokenizer.ggml.unknown_token_id"] = .uint32(UInt32(unk)) }
        if let pad = vocabulary.pad { m["tokenizer.ggml.padding_token_id"] = .uint32(UInt32(pad)) }
        m["tokenizer.ggml.add_bos_token"] = .bool(vocabulary.addBOS)
        m["tokenizer.ggml.add_eos_token"] = .bool(false)
        m["tokenizer.ggml.add_space_prefix"] = .bool(vocabulary.addDummyPrefix)
    }

    /// The vocabulary that the metadata states. Defaults are llama.cpp's for each tokenizer model.
    public static func readVocabulary(_ metadata: Metadata, file: String) throws -> Vocabulary {
        let fields = GGUFFields(metadata, file: file)
        guard let pieces = metadata["tokenizer.ggml.tokens"]?.texts else {
            throw fields.wrong("tokenizer.ggml.tokens", "is missing or no list of texts")
        }
        guard let kinds = metadata["tokenizer.ggml.token_type"]?.integers else {
            throw fields.wrong("tokenizer.ggml.token_type", "is missing or no list of whole numbers")
        }
        func id(_ name: String) throws -> Int? { try fields.optionalInteger("tokenizer.ggml.\(name)_token_id") }
        func setMarks(_ contents: inout VocabularyContents, bos: Int?, eos: Int?, unk: Int?) throws {
            contents.bos = try id("bos") ?? bos
            contents.eos = try id("eos") ?? eos
            contents.unk = try id("unknown") ?? unk
            contents.pad = try id("padding")
            let ends =
                try endKeys.dropFirst().compactMap { try fields.optionalInteger($0) }
                + (metadata[Own.ends]?.integers ?? [])
            for end in ends where end != contents.eos && !contents.otherEnds.contains(end) {
                contents.otherEnds.append(end)
            }
        }
        switch metadata["tokenizer.ggml.model"]?.text {
        case "llama":
            guard let scores = metadata["tokenizer.ggml.scores"]?.floats else {
                throw fields.wrong("tokenizer.ggml.scores", "is missing or no list of f32")
            }
            var contents = VocabularyContents(pieces: pieces, scores: scores, kinds: kinds)
            try setMarks(&contents, bos: 1, eos: 2, unk: 0)
            contents.addBOS = metadata["tokenizer.ggml.add_bos_token"]?.flag ?? true
            contents.prefix = metadata["tokenizer.ggml.add_space_prefix"]?.flag ?? true ? .always : .none
            return try Vocabulary(contents, file: file)
        case "gpt2":
            guard let merges = metadata["tokenizer.ggml.merges"]?.texts else {
                throw fields.wrong("tokenizer.ggml.merges", "is missing or no list of texts")
            }
            let name = metadata["tokenizer.ggml.pre"]?.text ?? "default"
            guard let preTokenizer = PreTokenizer(name: name) else {
                let known = PreTokenizer.known.map(\.name).joined(separator: ", ")
                throw fields.wrong("tokenizer.ggml.pre", "is \"\(name)\"; known are \(known)")
            }
            var contents = VocabularyContents(
                pieces: pieces, scores: Array(repeating: 0, count: pieces.count), kinds: kinds)
            contents.spelling = .byteLevel(preTokenizer)
            contents.prefix = .none
            let mark = pieces.count > 11 ? 11 : nil
            try setMarks(&contents, bos: mark, eos: mark, unk: nil)
            contents.addBOS = metadata["tokenizer.ggml.add_bos_token"]?.flag ?? preTokenizer.ignoresMerges
            return try Vocabulary(byteLevel: contents, merges: merges, file: file)
        case let model:
            throw fields.wrong(
                "tokenizer.ggml.model",
                "is \"\(model ?? "(none)")\"; known are \"llama\" (SentencePiece) and \"gpt2\" (byte-level)")
        }
    }
}
