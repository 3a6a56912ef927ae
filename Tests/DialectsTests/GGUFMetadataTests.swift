import ByteIO
import Dialects
import Foundation
import MobileVLM
import ModelSupport
import Tensors
import Testing
import TestSupport
import Tokenizer

/// The keys that are written, with their value types: llama.cpp refuses an integer of another width than it expects.
struct GGUFMetadataTests {
    /// The model of the recorded listings: sizes of golden mini-v2.
    static let mini = ModelConfiguration(
        name: "mini",
        language: LanguageConfiguration(
            hiddenSize: 256, feedForwardSize: 768, layerCount: 4, headCount: 4, keyValueHeadCount: 4, headSize: 64,
            vocabularySize: 32000, contextLength: 2048, rmsEpsilon: 1e-5, ropeBase: 10000, tiedEmbeddings: false),
        multimodal: .init(
            vision: VisionConfiguration(
                hiddenSize: 128, feedForwardSize: 512, layerCount: 5, headCount: 4, imageSize: 336, patchSize: 14,
                layerNormEpsilon: 1e-5, activation: .quickGELU, featureLayer: 4, projectionSize: 128,
                padsToSquare: true),
            projector: .ldpv2))

    static func vocabulary() throws -> Vocabulary {
        try Vocabulary(
            pieces: ["<unk>", "<s>", "</s>", "\u{2581}", "a"], scores: [0, 0, 0, -1, -2], kinds: [2, 3, 3, 1, 1],
            bos: 1, eos: 2, unk: 0, pad: 0, file: "test")
    }

    static func languageMetadata() throws -> Metadata {
        GGUFLanguageMetadata.write(mini, vocabulary: try vocabulary(), fileType: 1, isQuantized: false)
    }

    static func projectorMetadata(_ model: ModelConfiguration = mini) throws -> Metadata {
        try GGUFProjectorMetadata.write(
            model, #require(model.multimodal), fileType: 1, isQuantized: false, file: "checkpoint")
    }

    // MARK: Against the legacy converters

    /// Keys and types of the files that llama.cpp's legacy converters wrote for the same model.
    private struct Listing: Decodable {
        let kv: [String: Value]
        let kv_types: [String: String]

        enum Value: Decodable {
            case number(Double), flag(Bool), text(String)
            case array(of: String)

            private enum Key: CodingKey { case array_of }

            init(from decoder: any Decoder) throws {
                if let keyed = try? decoder.container(keyedBy: Key.self) {
                    self = .array(of: try keyed.decode(String.self, forKey: .array_of))
                    return
                }
                let single = try decoder.singleValueContainer()
                if let flag = try? single.decode(Bool.self) {
                    self = .flag(flag)
                } else if let number = try? single.decode(Double.self) {
                    self = .number(number)
                } else {
                    self = .text(try single.decode(String.self))
                }
            }
        }
    }

    /// What the legacy converters write otherwise, on purpose or for want of knowledge.
    private static let others = [
        "general.name", "general.organization", "general.size_label", "general.description",
    ]

    @Test("every key of the legacy converters' files is written with the same type and value")
    func legacy() throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: Fixtures.path("mini-quantize/legacy-keys.json")))
        let listings = try JSONDecoder().decode([String: Listing].self, from: data)
        for (file, metadata) in [
            ("llm-f16", try Self.languageMetadata()), ("mmproj-f16", try Self.projectorMetadata()),
        ] {
            let listing = try #require(listings[file])
            #expect(listing.kv.count == (file == "llm-f16" ? 23 : 19))
            for (key, expected) in listing.kv where !Self.others.contains(key) {
                let value = try #require(metadata[key], "\(key)")
                let (type, element) = typeName(value)
                #expect(type == listing.kv_types[key], "\(key)")
                switch expected {
                case .number(let number): #expect((value.real ?? value.integer.map(Double.init)) == number, "\(key)")
                case .flag(let flag): #expect(value.flag == flag, "\(key)")
                case .text(let text): #expect(value.text == text, "\(key)")
                case .array(let recorded): #expect(element == recorded, "\(key)")
                }
            }
        }
    }

    /// The type as GGUF's own tools print it, and an array's element type.
    private func typeName(_ value: MetadataValue) -> (String, element: String?) {
        switch value {
        case .uint32: ("UINT32", nil)
        case .int32: ("INT32", nil)
        case .float32: ("FLOAT32", nil)
        case .bool: ("BOOL", nil)
        case .string: ("STRING", nil)
        case .strings: ("ARRAY", "STRING")
        case .float32s: ("ARRAY", "FLOAT32")
        case .int32s: ("ARRAY", "INT32")
        case .uint32s: ("ARRAY", "UINT32")
        default: ("other", nil)
        }
    }

    private func list(_ metadata: Metadata) -> [String] {
        metadata.entries.map { key, value in
            let (type, element) = typeName(value)
            return "\(key) \(element.map { "[\($0)]" } ?? type)"
        }
    }

    // MARK: The whole list

    @Test("a language model has these keys, of these types, and no others")
    func languageKeys() throws {
        #expect(
            list(try Self.languageMetadata()) == [
                "general.architecture STRING", "general.type STRING", "general.name STRING",
                "general.size_label STRING", "llama.vocab_size UINT32", "llama.context_length UINT32",
                "llama.embedding_length UINT32", "llama.block_count UINT32", "llama.feed_forward_length UINT32",
                "llama.rope.dimension_count UINT32", "llama.attention.head_count UINT32",
                "llama.attention.head_count_kv UINT32", "llama.attention.layer_norm_rms_epsilon FLOAT32",
                "llama.rope.freq_base FLOAT32", "general.file_type UINT32", "tokenizer.ggml.model STRING",
                "tokenizer.ggml.pre STRING", "tokenizer.ggml.tokens [STRING]", "tokenizer.ggml.scores [FLOAT32]",
                "tokenizer.ggml.token_type [INT32]", "tokenizer.ggml.bos_token_id UINT32",
                "tokenizer.ggml.eos_token_id UINT32", "tokenizer.ggml.unknown_token_id UINT32",
                "tokenizer.ggml.padding_token_id UINT32", "tokenizer.ggml.add_bos_token BOOL",
                "tokenizer.ggml.add_eos_token BOOL", "tokenizer.ggml.add_space_prefix BOOL",
                "tokenizer.chat_template STRING",
            ])
    }

    @Test("a projector file has these keys, of these types, and no others; above all feature_layer")
    func projectorKeys() throws {
        let metadata = try Self.projectorMetadata()
        #expect(
            list(metadata) == [
                "general.architecture STRING", "general.type STRING", "general.name STRING",
                "general.description STRING", "general.file_type UINT32", "clip.has_text_encoder BOOL",
                "clip.has_vision_encoder BOOL", "clip.has_llava_projector BOOL", "clip.projector_type STRING",
                "clip.vision.image_size UINT32", "clip.vision.patch_size UINT32",
                "clip.vision.embedding_length UINT32", "clip.vision.feed_forward_length UINT32",
                "clip.vision.projection_dim UINT32", "clip.vision.attention.head_count UINT32",
                "clip.vision.attention.layer_norm_epsilon FLOAT32", "clip.vision.block_count UINT32",
                "clip.vision.feature_layer [INT32]", "clip.vision.image_mean [FLOAT32]",
                "clip.vision.image_std [FLOAT32]", "clip.use_gelu BOOL", "vlmconv.tower_activation STRING",
                "vlmconv.pads_to_square BOOL",
            ])
        #expect(metadata["clip.vision.block_count"] == .uint32(4))
        #expect(metadata["clip.vision.feature_layer"] == .int32s([4]))
        #expect(metadata["general.type"] == .string("mmproj"))
    }

    @Test("values that the legacy files lack")
    func ownValues() throws {
        let metadata = try Self.languageMetadata()
        #expect(metadata["general.type"] == .string("model"))
        #expect(metadata["llama.rope.freq_base"] == .float32(10000))
        #expect(metadata["tokenizer.ggml.tokens"] == .strings(["<unk>", "<s>", "</s>", "\u{2581}", "a"]))
        #expect(metadata["tokenizer.ggml.scores"] == .float32s([0, 0, 0, -1, -2]))
        #expect(metadata["tokenizer.ggml.token_type"] == .int32s([2, 3, 3, 1, 1]))
        #expect(metadata["tokenizer.ggml.add_space_prefix"] == .bool(true))
        #expect(metadata["general.quantization_version"] == nil)
        let quantized = GGUFLanguageMetadata.write(
            Self.mini, vocabulary: try Self.vocabulary(), fileType: 15, isQuantized: true)
        #expect(quantized["general.quantization_version"] == .uint32(2))
        #expect(quantized["general.file_type"] == .uint32(15))
    }

    @Test("projector types have llama.cpp's names; those that it cannot run are refused with a way out")
    func projectorTypes() throws {
        #expect(try GGUFProjectorMetadata.projectorType(.ldp, file: "") == "ldp")
        #expect(try GGUFProjectorMetadata.projectorType(.ldpv2, file: "") == "ldpv2")
        #expect(try GGUFProjectorMetadata.projectorType(.mlp(depth: 2), file: "") == "mlp")
        for kind in [ProjectorKind.linear, .mlp(depth: 1), .mlp(depth: 3)] {
            let error = #expect(throws: InputError.self) {
                try GGUFProjectorMetadata.projectorType(kind, file: "")
            }
            #expect(error?.rule == GGUFProjectorMetadata.inexpressible)
            #expect(error?.remedy?.contains("--language-only") == true)
        }
    }

    @Test(
        "sizes are spelt as model names spell them",
        arguments: [
            (1_364_297_728, "1.4B"), (2_701_560_320, "2.7B"), (6_738_415_616, "6.7B"), (20_000_000, "20M"),
            (9_940_000, "10M"), (9_449_999, "9.4M"), (950, "950"), (1000, "1.0K"), (13_015_864_320, "13B"),
        ])
    func sizeLabel(parameters: Int, label: String) {
        #expect(GGUFLanguageMetadata.sizeLabel(parameters: parameters) == label)
    }

    @Test("other readers' shortcomings are told where they matter")
    func advice() throws {
        var model = Self.mini
        #expect(GGUFProjectorMetadata.advice(model).isEmpty)
        model.multimodal?.vision.imageSize = 224
        #expect(GGUFProjectorMetadata.advice(model).first?.contains("16 x 16") == true)
        model.multimodal?.vision.padsToSquare = false
        model.multimodal?.vision.activation = .gelu
        model.conversation = .v1Marked
        #expect(GGUFProjectorMetadata.advice(model).count == 4)
    }

    // MARK: Reading back

    @Test("what is written reads back as the same model")
    func roundTrip() throws {
        let metadata = try Self.languageMetadata()
        let language = try GGUFLanguageMetadata.read(metadata, file: "", tiedEmbeddings: false)
        #expect(language == Self.mini.language)
        let vocabulary = try GGUFLanguageMetadata.readVocabulary(metadata, file: "")
        let expected = try Self.vocabulary()
        #expect(vocabulary.pieces == expected.pieces)
        #expect(vocabulary.scores == expected.scores)
        #expect(vocabulary.kinds == expected.kinds)
        #expect(vocabulary.pad == 0)

        for (kind, activation) in [(ProjectorKind.ldpv2, TowerActivation.quickGELU), (.ldp, .gelu)] {
            var model = Self.mini
            model.multimodal?.projector = kind
            model.multimodal?.vision.activation = activation
            model.multimodal?.vision.padsToSquare = false
            let read = try GGUFProjectorMetadata.read(
                Self.projectorMetadata(model), file: "", hasTensor: { _ in false })
            // The file holds only the blocks that run.
            model.multimodal?.vision.layerCount = 4
            #expect(read == model.multimodal)
        }
    }

    @Test("a conversation of its own is written to a pair, and reads back; the family's has no key")
    func conversation() throws {
        #expect(GGUFLanguageMetadata.conversation(try Self.languageMetadata()) == nil)
        var model = Self.mini
        model.conversation = Conversation(before: "Q: ", picture: "<image>", after: "\nA:")
        let metadata = GGUFLanguageMetadata.write(
            model, vocabulary: try Self.vocabulary(), fileType: 1, isQuantized: false)
        #expect(GGUFLanguageMetadata.conversation(metadata) == model.conversation)
        model.conversation = .v1Marked
        #expect(GGUFProjectorMetadata.marksPictures(try Self.projectorMetadata(model)))
        #expect(!GGUFProjectorMetadata.marksPictures(try Self.projectorMetadata()))
    }

    @Test("linear scaling of positions is written, and reads back; without it there is no key")
    func ropeScaling() throws {
        #expect(try Self.languageMetadata()["llama.rope.scaling.type"] == nil)
        var model = Self.mini
        model.language.ropeScaling = 4
        let metadata = GGUFLanguageMetadata.write(
            model, vocabulary: try Self.vocabulary(), fileType: 1, isQuantized: false)
        #expect(metadata["llama.rope.scaling.type"] == .string("linear"))
        #expect(metadata["llama.rope.scaling.factor"] == .float32(4))
        #expect(try GGUFLanguageMetadata.read(metadata, file: "", tiedEmbeddings: false) == model.language)
    }

    @Test("all tokens that end an answer are written under llama.cpp's three names, and more under one of our own")
    func ends() throws {
        for ends in [[2], [4, 2], [4, 2, 3], [4, 2, 3, 1, 0]] {
            let vocabulary = try Self.vocabulary().changing(file: "") {
                $0.eos = ends[0]
                $0.otherEnds = Array(ends.dropFirst())
            }
            let metadata = GGUFLanguageMetadata.write(
                Self.mini, vocabulary: vocabulary, fileType: 1, isQuantized: false)
            #expect(metadata["tokenizer.ggml.eos_token_id"] == .uint32(UInt32(ends[0])))
            #expect(metadata["tokenizer.ggml.eot_token_id"]?.integer == ends.dropFirst().first)
            #expect(try GGUFLanguageMetadata.readVocabulary(metadata, file: "").ends == ends)
        }
    }

    @Test("a checkpoint's own chat template takes the place of v1's")
    func chatTemplate() throws {
        let metadata = GGUFLanguageMetadata.write(
            Self.mini, vocabulary: try Self.vocabulary(), chatTemplate: "{{ own }}", fileType: 1, isQuantized: false)
        #expect(metadata["tokenizer.chat_template"] == .string("{{ own }}"))
    }

    @Test("a byte-level vocabulary is written as gpt2, and reads back with the same ids")
    func byteLevel() throws {
        let pieces = ["<|end|>", "a", "b", "Ġ", "ab", "Ġab", "1", "<sep>", "12"]
        var contents = VocabularyContents(
            pieces: pieces, scores: Array(repeating: 0, count: 9), kinds: [3, 1, 1, 1, 1, 1, 1, 4, 1])
        contents.spelling = .byteLevel(try #require(PreTokenizer(name: "smollm")))
        contents.prefix = .none
        contents.eos = 0
        contents.addBOS = false
        let vocabulary = try Vocabulary(byteLevel: contents, merges: ["a b", "Ġ ab"], file: "")
        let metadata = GGUFLanguageMetadata.write(Self.mini, vocabulary: vocabulary, fileType: 1, isQuantized: false)
        #expect(metadata["tokenizer.ggml.model"] == .string("gpt2"))
        #expect(metadata["tokenizer.ggml.pre"] == .string("smollm"))
        #expect(metadata["tokenizer.ggml.merges"] == .strings(["a b", "Ġ ab"]))
        #expect(metadata["tokenizer.ggml.scores"] == nil)
        let read = try GGUFLanguageMetadata.readVocabulary(metadata, file: "")
        #expect(read.kinds == vocabulary.kinds && !read.addBOS && read.eos == 0)
        let tokenizer = TextTokenizer(vocabulary: read)
        #expect(tokenizer.encode("ab ab<sep>1") == [4, 5, 7, 6] && tokenizer.decode([4, 5, 7, 6]) == "ab ab<sep>1")
        for (key, value) in [
            ("tokenizer.ggml.pre", MetadataValue.string("tekken")), ("tokenizer.ggml.merges", nil),
        ] {
            var wrong = metadata
            wrong[key] = value
            expect(GGUFLanguageMetadata.wrongKey, field: key) {
                _ = try GGUFLanguageMetadata.readVocabulary(wrong, file: "")
            }
        }
        var wrong = metadata
        wrong["tokenizer.ggml.merges"] = .strings(["a c"])
        expect(Rule.vocabularyMerge, field: "merge 0") { _ = try GGUFLanguageMetadata.readVocabulary(wrong, file: "") }
    }

    @Test("a key that is missing, of the wrong kind or contradictory is named")
    func wrongKeys() throws {
        func read(_ key: String, _ value: MetadataValue?) throws {
            var metadata = try Self.languageMetadata()
            metadata[key] = value
            _ = try GGUFLanguageMetadata.read(metadata, file: "model.gguf", tiedEmbeddings: false)
        }
        for (key, value) in [
            ("general.architecture", MetadataValue.string("clip")), ("general.architecture", nil),
            ("llama.embedding_length", nil), ("llama.embedding_length", .string("256")), ("llama.block_count", nil),
            ("llama.feed_forward_length", .float32(768)), ("llama.context_length", nil),
            ("llama.attention.head_count", nil), ("llama.attention.layer_norm_rms_epsilon", nil),
            ("llama.attention.layer_norm_rms_epsilon", .uint32(1)), ("llama.rope.dimension_count", .uint32(32)),
            ("llama.rope.scaling.type", .string("yarn")),
        ] {
            expect(GGUFLanguageMetadata.wrongKey, field: key) { try read(key, value) }
        }
        // Optional ones have llama.cpp's defaults.
        for key in ["llama.attention.head_count_kv", "llama.rope.freq_base", "llama.rope.dimension_count"] {
            try read(key, nil)
        }
    }

    @Test("a vocabulary of another kind, or without its lists, is named")
    func wrongVocabulary() throws {
        for (key, value) in [
            ("tokenizer.ggml.model", MetadataValue.string("bert")), ("tokenizer.ggml.tokens", nil),
            ("tokenizer.ggml.scores", .strings([])), ("tokenizer.ggml.token_type", nil),
        ] {
            var metadata = try Self.languageMetadata()
            metadata[key] = value
            expect(GGUFLanguageMetadata.wrongKey, field: key) {
                _ = try GGUFLanguageMetadata.readVocabulary(metadata, file: "model.gguf")
            }
        }
    }

    @Test("a vocabulary without the marks' ids has llama.cpp's")
    func vocabularyDefaults() throws {
        var metadata = try Self.languageMetadata()
        for key in ["bos_token_id", "eos_token_id", "unknown_token_id", "padding_token_id", "add_bos_token"] {
            metadata["tokenizer.ggml." + key] = nil
        }
        let vocabulary = try GGUFLanguageMetadata.readVocabulary(metadata, file: "")
        #expect(vocabulary.bos == 1)
        #expect(vocabulary.eos == 2)
        #expect(vocabulary.unk == 0)
        #expect(vocabulary.pad == nil)
        #expect(vocabulary.addBOS)
    }
}

/// Conventions of projector files that differ between their writers.
struct ProjectorConventionTests {
    private func read(
        hasTensor: @escaping (String) -> Bool = { _ in false }, _ change: (inout Metadata) -> Void
    ) throws -> ModelConfiguration.Multimodal {
        var metadata = try GGUFMetadataTests.projectorMetadata()
        change(&metadata)
        return try GGUFProjectorMetadata.read(metadata, file: "mmproj.gguf", hasTensor: hasTensor)
    }

    @Test("a legacy file without feature_layer runs every block that it holds")
    func legacy() throws {
        let found = try read {
            $0["clip.vision.feature_layer"] = nil
            $0["general.type"] = nil
            $0["clip.vision.block_count"] = .uint32(23)
        }
        #expect(found.vision.featureLayer == 23)
        // Either sign is enough.
        let kept = try read { $0["clip.vision.feature_layer"] = nil }
        #expect(kept.vision.featureLayer == 4)
    }

    @Test("a file of today's converter without feature_layer holds one block that does not run")
    func current() throws {
        let found = try read {
            $0["clip.vision.feature_layer"] = nil
            $0["clip.has_llava_projector"] = nil
            $0["clip.vision.block_count"] = .uint32(24)
        }
        #expect(found.vision.layerCount == 24)
        #expect(found.vision.featureLayer == 23)
    }

    @Test("feature_layer decides, the deepest if there are several")
    func featureLayer() throws {
        for value in [MetadataValue.int32s([23]), .uint32s([23]), .int32s([3, 23, 11])] {
            let found = try read {
                $0["clip.vision.feature_layer"] = value
                $0["clip.vision.block_count"] = .uint32(24)
            }
            #expect(found.vision.featureLayer == 23)
        }
    }

    @Test("the projector's type stands under either key, the first one first unless it is empty")
    func projectorType() throws {
        #expect(try read { $0["clip.projector_type"] = .string("ldp") }.projector == .ldp)
        for absent in [nil, MetadataValue.string("")] {
            let found = try read {
                $0["clip.projector_type"] = absent
                $0["clip.vision.projector_type"] = .string("ldp")
            }
            #expect(found.projector == .ldp)
        }
        let both = try read { $0["clip.vision.projector_type"] = .string("ldp") }
        #expect(both.projector == .ldpv2)
    }

    @Test("types that the graph does not have are refused")
    func unknownType() throws {
        for type in [nil, "", "resampler", "linear"] {
            expect(GGUFLanguageMetadata.wrongKey, field: "clip.projector_type") {
                _ = try read { $0["clip.projector_type"] = type.map(MetadataValue.string) }
            }
        }
        #expect(try read { $0["clip.projector_type"] = .string("mlp") }.projector == .mlp(depth: 2))
        // With mm.3 the readers run two norms that the graph does not have.
        expect(GGUFLanguageMetadata.wrongKey, field: "clip.projector_type") {
            _ = try read(hasTensor: { $0 == "mm.3.weight" }) { $0["clip.projector_type"] = .string("mlp") }
        }
    }

    @Test("a language model in place of a projector file is told so")
    func wrongFile() throws {
        expect(GGUFLanguageMetadata.wrongKey, field: "general.architecture") {
            _ = try GGUFProjectorMetadata.read(
                GGUFMetadataTests.languageMetadata(), file: "model.gguf", hasTensor: { _ in false })
        }
        let error = #expect(throws: InputError.self) {
            try GGUFLanguageMetadata.read(
                GGUFMetadataTests.projectorMetadata(), file: "mmproj.gguf", tiedEmbeddings: false)
        }
        #expect(error?.remedy?.contains("mmproj") == true)
    }
}
