import ByteIO
import MobileVLM
import Models
import Tensors
import Tokenizer

/// The `llama.*` and `tokenizer.*` keys of a language model's GGUF file, written and read in one place.
///
/// llama.cpp refuses a key with another integer width than it expects, so the widths here are part of the format.
public enum GGUFLanguageMetadata {
    public static let architecture = "llama"
    public static let wrongKey = Rule("gguf.model-key")

    /// The metadata of a converted language model.
    /// - Parameters:
    ///   - chatTemplate: The checkpoint's own; nil for v1's.
    ///   - fileType: llama.cpp's number for the preset, `general.file_type`; nil where types follow none.
    public static func write(
        _ configuration: ModelConfiguration, vocabulary: Vocabulary, chatTemplate: String? = nil, fileType: UInt32?,
        isQuantized: Bool
    ) -> Metadata {
        let l = configuration.language
        var m = Metadata()
        m["general.architecture"] = .string(architecture)
        m["general.type"] = .string("model")
        m["general.name"] = .string(configuration.name)
        m["general.size_label"] = .string(
            sizeLabel(parameters: configuration.languageTensors.compactMap(\.shape.elementCount).reduce(0, +)))
        m["llama.vocab_size"] = .uint32(UInt32(l.vocabularySize))
        m["llama.context_length"] = .uint32(UInt32(l.contextLength))
        m["llama.embedding_length"] = .uint32(UInt32(l.hiddenSize))
        m["llama.block_count"] = .uint32(UInt32(l.layerCount))
        m["llama.feed_forward_length"] = .uint32(UInt32(l.feedForwardSize))
        m["llama.rope.dimension_count"] = .uint32(UInt32(l.headSize))
        m["llama.attention.head_count"] = .uint32(UInt32(l.headCount))
        m["llama.attention.head_count_kv"] = .uint32(UInt32(l.keyValueHeadCount))
        m["llama.attention.layer_norm_rms_epsilon"] = .float32(l.rmsEpsilon)
        m["llama.rope.freq_base"] = .float32(l.ropeBase)
        if l.ropeScaling != 1 {
            m["llama.rope.scaling.type"] = .string("linear")
            m["llama.rope.scaling.factor"] = .float32(l.ropeScaling)
        }
        m["general.file_type"] = fileType.map { .uint32($0) }
        if isQuantized { m["general.quantization_version"] = .uint32(2) }
        writeVocabulary(vocabulary, to: &m)
        m["tokenizer.chat_template"] = .string(chatTemplate ?? ConversationV1.jinja)
        if configuration.conversation != .v1, configuration.conversation != .v1Marked {
            let texts = configuration.conversation
            m[ownConversation] = .strings([texts.before, texts.picture, texts.after])
        }
        return m
    }

    /// Written where a model's conversation is not the family's: `before`, `picture` and `after`.
    private static let ownConversation = "vlmconv.conversation"

    /// The conversation that a file states for us; nil where it is the family's.
    package static func conversation(_ metadata: Metadata) -> Conversation? {
        guard let texts = metadata[ownConversation]?.texts, texts.count == 3 else { return nil }
        return Conversation(before: texts[0], picture: texts[1], after: texts[2])
    }

    /// The configuration that the metadata of a `llama` file states, validated.
    /// - Throws: `InputError` `gguf.model-key` for a key that is missing or of another type, `model.configuration` for
    ///   sizes that no model has.
    public static func read(_ metadata: Metadata, file: String, tiedEmbeddings: Bool) throws -> LanguageConfiguration {
        let fields = GGUFFields(metadata, file: file)
        try fields.require(architecture: architecture)
        let hidden = try fields.integer("llama.embedding_length")
        let heads = try fields.integer("llama.attention.head_count")
        let headSize =
            try fields.optionalInteger("llama.attention.key_length") ?? (heads > 0 ? hidden / heads : 0)
        if let rotated = try fields.optionalInteger("llama.rope.dimension_count"), rotated != headSize {
            throw fields.wrong("llama.rope.dimension_count", "is \(rotated), not the head size \(headSize)")
        }
        let scaling = metadata["llama.rope.scaling.type"]?.text ?? "none"
        guard scaling == "none" || scaling == "linear" else {
            throw fields.wrong("llama.rope.scaling.type", "is \"\(scaling)\"; known are none and linear")
        }
        // A factor of 0 stands for none in llama.cpp, too.
        let factor = scaling == "linear" ? metadata["llama.rope.scaling.factor"]?.real.map { Float($0) } ?? 0 : 0
        let configuration = LanguageConfiguration(
            hiddenSize: hidden,
            feedForwardSize: try fields.integer("llama.feed_forward_length"),
            layerCount: try fields.integer("llama.block_count"),
            headCount: heads,
            keyValueHeadCount: try fields.optionalInteger("llama.attention.head_count_kv") ?? heads,
            headSize: headSize,
            vocabularySize: try fields.optionalInteger("llama.vocab_size")
                ?? metadata["tokenizer.ggml.tokens"]?.texts?.count ?? 0,
            contextLength: try fields.integer("llama.context_length"),
            rmsEpsilon: try fields.real("llama.attention.layer_norm_rms_epsilon"),
            ropeBase: metadata["llama.rope.freq_base"]?.real.map { Float($0) } ?? 10_000,
            ropeScaling: factor == 0 ? 1 : factor, tiedEmbeddings: tiedEmbeddings)
        try configuration.validate(file: file)
        return configuration
    }

    /// The size as model names spell it: one decimal if the rounded number has a single digit, e.g. `1.4B`.
    public static func sizeLabel(parameters: Int) -> String {
        for (unit, scale) in [("T", 1e12), ("B", 1e9), ("M", 1e6), ("K", 1e3)] where Double(parameters) >= scale {
            let value = Double(parameters) / scale
            guard value.rounded() < 10 else { return "\(Int(value.rounded()))\(unit)" }
            let tenths = Int((value * 10).rounded())
            return "\(tenths / 10).\(tenths % 10)\(unit)"
        }
        return "\(parameters)"
    }
}

/// Typed access to the keys of a model file, with errors that name file and key.
struct GGUFFields {
    let metadata: Metadata
    let file: String

    init(_ metadata: Metadata, file: String) {
        self.metadata = metadata
        self.file = file
    }

    func wrong(_ key: String, _ problem: String) -> InputError {
        InputError(GGUFLanguageMetadata.wrongKey, file: file, field: key, problem: problem)
    }

    func require(architecture: String) throws {
        let found = metadata["general.architecture"]?.text ?? "(none)"
        guard found == architecture else {
            throw InputError(
                GGUFLanguageMetadata.wrongKey, file: file, field: "general.architecture",
                problem: "is \"\(found)\", not \"\(architecture)\"",
                remedy: found == "clip"
                    ? "This is the projector file of a pair (mmproj); name the language model's file instead."
                    : "Only GGUF files of MobileVLM and its LLaMA relatives can be opened as a model.")
        }
    }

    /// Sizes and ids are 32 bits wide at most in every reader, so that sums and products of two cannot overflow here.
    private static let range = 0...Int(Int32.max)

    func optionalInteger(_ key: String) throws -> Int? {
        guard let value = metadata[key] else { return nil }
        guard let number = value.integer else { throw wrong(key, "is not a whole number") }
        guard Self.range.contains(number) else {
            throw wrong(key, "is \(number), must be 0 to \(Self.range.upperBound)")
        }
        return number
    }

    func integer(_ key: String) throws -> Int {
        guard let number = try optionalInteger(key) else { throw wrong(key, "is missing") }
        return number
    }

    func real(_ key: String) throws -> Float {
        guard let value = metadata[key]?.real else { throw wrong(key, "is missing or not a number") }
        return Float(value)
    }
}
