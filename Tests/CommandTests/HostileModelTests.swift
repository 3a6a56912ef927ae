import Foundation
import GGUF
import TestSupport
import Tensors
import Testing

/// Models with one thing wrong, given to the tool: each ends with the rule that names its fault, and leaves nothing behind.
///
/// Damage inside a container is tried in that container's own tests; here are whole folders and pairs.
struct HostileModelTests {
    /// One thing wrong.
    struct Case: Sendable, CustomTestStringConvertible {
        let what: String
        /// The rule, or the text that must be said where the system refuses.
        let rule: String
        let family: String
        /// `{}` stands for the folder.
        var command = ["tokenize", "{}/tiny", "x"]
        /// What is wrong with the folder's `tiny`.
        let make: @Sendable (URL) throws -> Void

        var testDescription: String { "\(family): \(what)" }
    }

    private func check(_ trial: Case) throws {
        try Workshop.with(nil) { shop in
            try trial.make(shop.folder)
            let before = try Self.listing(shop.folder)
            let command = trial.command.map { $0.replacingOccurrences(of: "{}", with: shop.folder.path) }
            let result = try Tool.run(command)
            #expect([65, 66, 69, 74].contains(result.status), "\(trial.what): \(result.status)\n\(result.errors)")
            #expect(result.errors.contains(trial.rule), "\(trial.what): \(result.errors)")
            #expect(try Self.listing(shop.folder) == before, "\(trial.what) left something behind")
            HostileFiles.keep(
                family: trial.family, what: trial.what, rule: trial.rule, command: trial.command, make: trial.make)
        }
    }

    private static func listing(_ folder: URL) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
    }

    @Test("a hostile configuration is refused by rule", arguments: configurations)
    func refusedConfiguration(trial: Case) throws { try check(trial) }

    @Test("a hostile index is refused by rule", arguments: indices)
    func refusedIndex(trial: Case) throws { try check(trial) }

    @Test("a hostile adapter is refused by rule", arguments: adapters)
    func refusedAdapter(trial: Case) throws { try check(trial) }

    @Test("a GGUF model whose keys cannot be is refused by rule", arguments: languageKeys + projectorKeys + pairs)
    func refusedKeys(trial: Case) throws { try check(trial) }

    @Test("a hostile picture is refused by rule", arguments: pictures)
    func refusedPicture(trial: Case) throws { try check(trial) }

    @Test("a hostile tokenizer is refused", arguments: tokenizers)
    func refusedTokenizer(trial: Case) throws { try check(trial) }

    @Test("a hostile importance file is refused by rule", arguments: importance)
    func refusedImportance(trial: Case) throws { try check(trial) }

    @Test("an output that must not be written is refused, and the input stays", arguments: outputs)
    func refusedOutput(trial: Case) throws { try check(trial) }

    // MARK: Configurations

    private static func config(
        _ what: String, _ rule: String = "config.field", _ change: @escaping @Sendable (inout [String: Any]) -> Void
    ) -> Case {
        Case(what: what, rule: "[\(rule)]", family: "config") { folder in
            var checkpoint = SmallCheckpoint()
            change(&checkpoint.config)
            try checkpoint.write(to: folder.appendingPathComponent("tiny"))
        }
    }

    private static func configText(_ what: String, _ rule: String, _ text: String) -> Case {
        Case(what: what, rule: "[\(rule)]", family: "config") { folder in
            let place = try SmallCheckpoint().write(to: folder.appendingPathComponent("tiny"))
            try Data(text.utf8).write(to: place.appendingPathComponent("config.json"))
        }
    }

    static let configurations: [Case] = {
        let sizes = [
            "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads",
        ]
        var list: [Case] = []
        for key in sizes + ["max_position_embeddings", "vocab_size"] {
            list.append(config("\(key) as a text") { $0[key] = "64" })
            list.append(config("\(key) with a fraction") { $0[key] = 64.5 })
        }
        for key in sizes {
            list.append(config("\(key) 0", "model.configuration") { $0[key] = 0 })
            list.append(config("\(key) negative", "model.configuration") { $0[key] = -1 })
            list.append(config("\(key) 2^62", "model.configuration") { $0[key] = 1 << 62 })
        }
        list += [
            config("more layers than there are", "model.missing-tensor") { $0["num_hidden_layers"] = 3 },
            config("10^9 layers", "model.configuration") { $0["num_hidden_layers"] = 1_000_000_000 },
            config("heads that do not divide", "model.configuration") { $0["num_attention_heads"] = 3 },
            config("more key heads than query heads", "model.configuration") { $0["num_key_value_heads"] = 4 },
            config("another width than the tensors'", "model.tensor-shape") { $0["hidden_size"] = 128 },
            config("context 0", "model.configuration") { $0["max_position_embeddings"] = 0 },
            config("epsilon 0", "model.configuration") { $0["rms_norm_eps"] = 0 },
            config("epsilon negative", "model.configuration") { $0["rms_norm_eps"] = -1e-5 },
            config("epsilon as a text") { $0["rms_norm_eps"] = "1e-5" },
            config("rotary base 0", "model.configuration") { $0["rope_theta"] = 0 },
            config("another activation", "config.unsupported") { $0["hidden_act"] = "relu" },
            config("another model", "config.unsupported") { $0["model_type"] = "gpt2" },
            config("an unknown projector", "config.unsupported") { $0["mm_projector_type"] = "qformer" },
            config("another projector than the tensors", "config.field") { $0["mm_projector_type"] = "ldpnet" },
            config("a select layer outside") { $0["mm_vision_select_layer"] = -9 },
            config("the class token's feature", "config.unsupported") { $0["mm_vision_select_feature"] = "cls_patch" },
            config("a tower without patches", "config.unsupported") {
                $0["vision_config"] = ["model_type": "clip_vision_model", "hidden_act": "relu"]
            },
            configText("empty", "json.syntax", ""),
            configText("an array", "config.field", "[]"),
            configText("null", "config.field", "null"),
            configText("cut short", "json.syntax", "{\"model_type\": \"llama\""),
            configText("a key twice", "json.duplicate", "{\"a\": 1, \"a\": 2}"),
            configText("NaN", "json.syntax", "{\"rms_norm_eps\": NaN}"),
            configText("an infinite number", "json.number", "{\"rms_norm_eps\": 1e400}"),
            configText("10,000 levels", "json.depth", String(repeating: "{\"a\":", count: 10_000)),
            configText("300,000 objects", "json.size", "[" + String(repeating: "{},", count: 300_000) + "{}]"),
            configText("a byte order mark in the middle", "json.syntax", "{\u{FEFF}}"),
            configText("a Git LFS pointer", "json.kind", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n"),
            configText("a web page", "json.kind", "<!DOCTYPE html><html></html>"),
            Case(what: "no config", rule: "[checkpoint.missing-file]", family: "config") { folder in
                let place = try SmallCheckpoint().write(to: folder.appendingPathComponent("tiny"))
                try FileManager.default.removeItem(at: place.appendingPathComponent("config.json"))
            },
            Case(what: "a pipe as config", rule: "[file.regular]", family: "config") { folder in
                let place = try SmallCheckpoint().write(to: folder.appendingPathComponent("tiny"))
                let path = place.appendingPathComponent("config.json").path
                try FileManager.default.removeItem(atPath: path)
                mkfifo(path, 0o600)
            },
        ]
        for tower in ["https://example.org/clip", "/etc", "../..", "~/clip", ".", ".."] {
            // Never fetched, never opened outside: the tower is simply not there.
            list.append(
                Case(what: "a tower at \(tower)", rule: "[checkpoint.no-tower]", family: "config") { folder in
                    var checkpoint = SmallCheckpoint(.ldpnet, hasTower: false)
                    checkpoint.config["mm_vision_tower"] = tower
                    try checkpoint.write(to: folder.appendingPathComponent("tiny"))
                })
        }
        return list
    }()

    // MARK: Indices

    private static func indexCase(_ what: String, _ rule: String, _ make: @escaping @Sendable (URL) throws -> Void)
        -> Case
    {
        Case(what: what, rule: rule.contains(" ") ? rule : "[\(rule)]", family: "index") { folder in
            var checkpoint = SmallCheckpoint(nil)
            checkpoint.shards = 2
            try make(try checkpoint.write(to: folder.appendingPathComponent("tiny")))
        }
    }

    private static func index(_ what: String, _ rule: String, _ json: String) -> Case {
        indexCase(what, rule) {
            try Data(json.utf8).write(to: $0.appendingPathComponent("model.safetensors.index.json"))
        }
    }

    private static func shard(
        _ what: String, _ rule: String, _ make: @escaping @Sendable (_ path: String) throws -> Void
    ) -> Case {
        indexCase(what, rule) { folder in
            let path = folder.appendingPathComponent(SmallCheckpoint.shardName(1, of: 2)).path
            try FileManager.default.removeItem(atPath: path)
            try make(path)
        }
    }

    static let indices: [Case] =
        ["../../etc/passwd", "/etc/passwd", "sub/model.safetensors", "..", ".", "", "./model.safetensors"].map { name in
            index("names \"\(name)\"", "checkpoint.file-name", "{\"weight_map\": {\"lm_head.weight\": \"\(name)\"}}")
        } + [
            index("a name with NUL", "json.text", #"{"weight_map": {"a": "b\u0000c"}}"#),
            index("a name with a newline", "checkpoint.missing-file", #"{"weight_map": {"a": "b\nc"}}"#),
            index(
                "a name of 300 bytes", "checkpoint.missing-file",
                "{\"weight_map\": {\"a\": \"\(String(repeating: "x", count: 300))\"}}"),
            index("a tensor twice", "json.duplicate", #"{"weight_map": {"a": "x", "a": "y"}}"#),
            index("an array", "checkpoint.index", "[]"),
            index("no map", "checkpoint.index", "{}"),
            index("an empty map", "checkpoint.index", #"{"weight_map": {}}"#),
            index("a map of numbers", "checkpoint.index", #"{"weight_map": {"a": 1}}"#),
            index("a map of arrays", "checkpoint.index", #"{"weight_map": {"a": ["x"]}}"#),
            index(
                "a tensor that is not there", "checkpoint.index",
                "{\"weight_map\": {\"nowhere\": \"\(SmallCheckpoint.shardName(0, of: 2))\"}}"),
            index(
                "a shard that is not there", "checkpoint.missing-file", #"{"weight_map": {"a": "model-3.safetensors"}}"#
            ),
            index("cut short", "json.syntax", #"{"weight_map": {"#),
            index("a web page", "json.kind", "<html></html>"),
            shard("a pipe as shard", "file.regular") { mkfifo($0, 0o600) },
            shard("a device as shard", "file.regular") {
                try FileManager.default.createSymbolicLink(atPath: $0, withDestinationPath: "/dev/zero")
            },
            shard("a folder as shard", "file.regular") {
                try FileManager.default.createDirectory(atPath: $0, withIntermediateDirectories: false)
            },
            shard("a link to itself as shard", "checkpoint.missing-file") {
                try FileManager.default.createSymbolicLink(atPath: $0, withDestinationPath: $0)
            },
            shard("an empty shard", "safetensors.kind") { try Data().write(to: URL(fileURLWithPath: $0)) },
            shard("a Git LFS pointer as shard", "safetensors.kind") {
                try Data("version https://git-lfs.github.com/spec/v1\n".utf8).write(to: URL(fileURLWithPath: $0))
            },
        ]

    // MARK: Adapters

    private static func adapterCase(
        _ what: String, _ rule: String, config: String = #"{"peft_type": "LORA", "r": 1, "lora_alpha": 1}"#,
        tensors: [SmallCheckpoint.Tensor]? = nil, isBaseNamed: Bool = true
    ) -> Case {
        var trial = Case(what: what, rule: "[\(rule)]", family: "adapter") { folder in
            try SmallCheckpoint(nil).write(to: folder.appendingPathComponent("tiny"))
            let adapter = folder.appendingPathComponent("adapter")
            try FileManager.default.createDirectory(at: adapter, withIntermediateDirectories: true)
            try Data(config.utf8).write(to: adapter.appendingPathComponent("adapter_config.json"))
            if let tensors {
                try SmallCheckpoint.safetensors(tensors).write(
                    to: adapter.appendingPathComponent("adapter_model.safetensors"))
            }
        }
        trial.command = ["tokenize", "{}/adapter", "x"] + (isBaseNamed ? ["--base", "{}/tiny"] : [])
        return trial
    }

    static let adapters: [Case] = {
        let q = "base_model.model.model.layers.0.self_attn.q_proj."
        func zeros(_ name: String, _ shape: [Int]) -> SmallCheckpoint.Tensor {
            .init(name, shape, Array(repeating: 0, count: shape.reduce(1, *)), dtype: "F32")
        }
        let good = [zeros(q + "lora_A.weight", [1, 64]), zeros(q + "lora_B.weight", [64, 1])]
        func config(_ fields: String) -> String { #"{"peft_type": "LORA", "r": 1, "lora_alpha": 1, "# + fields + "}" }
        return [
            adapterCase("alone", "checkpoint.adapter-alone", tensors: good, isBaseNamed: false),
            adapterCase("without weights", "checkpoint.missing-file"),
            adapterCase("config an array", "adapter.config", config: "[]", tensors: good),
            adapterCase("config empty", "json.syntax", config: "", tensors: good),
            adapterCase("config of another kind", "adapter.kind", config: #"{"peft_type": "IA3"}"#, tensors: good),
            adapterCase(
                "rank 0", "adapter.config", config: #"{"peft_type": "LORA", "r": 0, "lora_alpha": 1}"#, tensors: good),
            adapterCase("no alpha", "adapter.config", config: #"{"peft_type": "LORA", "r": 1}"#, tensors: good),
            adapterCase("DoRA", "adapter.dora", config: config(#""use_dora": true"#), tensors: good),
            adapterCase("PiSSA", "adapter.kind", config: config(#""init_lora_weights": "pissa""#), tensors: good),
            adapterCase(
                "a pattern that takes forever", "adapter.pattern", config: config(#""alpha_pattern": {"(a+)+b": 1}"#),
                tensors: good),
            adapterCase(
                "a rank that is no number", "adapter.config", config: config(#""rank_pattern": {"q_proj": "x"}"#),
                tensors: good),
            adapterCase("half a factor", "adapter.tensor", tensors: [good[0]]),
            adapterCase(
                "a factor of no rows", "adapter.tensor",
                tensors: [zeros(q + "lora_A.weight", [0, 64]), zeros(q + "lora_B.weight", [64, 0])]),
            adapterCase(
                "factors that do not fit", "adapter.tensor", tensors: [good[0], zeros(q + "lora_B.weight", [64, 2])]),
            adapterCase(
                "a product of another shape", "adapter.tensor",
                tensors: [good[0], zeros(q + "lora_B.weight", [63, 1])]),
            adapterCase(
                "a factor that is a vector", "adapter.tensor", tensors: [zeros(q + "lora_A.weight", [64]), good[1]]),
            adapterCase(
                "a layer that is not there", "adapter.target",
                tensors: [
                    zeros("model.layers.9.self_attn.q_proj.lora_A.weight", [1, 64]),
                    zeros("model.layers.9.self_attn.q_proj.lora_B.weight", [64, 1]),
                ]),
            adapterCase("a bias", "checkpoint.unknown-tensor", tensors: good + [zeros(q + "bias", [64])]),
        ]
    }()

    // MARK: GGUF keys

    /// A pair that the tool wrote, with changed keys in one of its files.
    private static func pair(
        _ what: String, _ rule: String, file: String, _ change: @escaping @Sendable (inout Metadata) -> Void
    ) -> Case {
        var trial = Case(what: what, rule: "[\(rule)]", family: "GGUF keys") { folder in
            try Self.makePair(folder)
            let path = folder.appendingPathComponent(file).path
            let source = try GGUFFile(path: path)
            var metadata = source.metadata
            change(&metadata)
            let writer = try GGUFWriter(destination: path + ".new", metadata: metadata, tensors: source.tensors)
            for (number, info) in source.tensors.enumerated() {
                try source.bytes(of: info.name).withUnsafeBytes { try writer.write($0, tensor: number, offset: 0) }
            }
            try writer.finish()
            _ = rename(path + ".new", path)
        }
        trial.command = ["tokenize", "{}/m.gguf", "x"]
        return trial
    }

    private static func makePair(_ folder: URL) throws {
        let source = try SmallCheckpoint().write(to: folder.appendingPathComponent("tiny"))
        let result = try Tool.run("convert", source.path, folder.appendingPathComponent("m.gguf").path, "--f16")
        try #require(result.status == 0, "\(result.errors)")
    }

    static let languageKeys: [Case] = {
        func key(_ what: String, _ rule: String, _ name: String, _ value: MetadataValue?) -> Case {
            pair(what, rule, file: "m.gguf") { metadata in
                // It is held against two of the others, and would be refused first.
                metadata["llama.rope.dimension_count"] = nil
                metadata[name] = value
            }
        }
        let counts = [
            "llama.embedding_length", "llama.feed_forward_length", "llama.block_count", "llama.attention.head_count",
            "llama.context_length",
        ]
        var list: [Case] = []
        for name in counts {
            list.append(key("\(name) missing", "gguf.model-key", name, nil))
            list.append(key("\(name) as a text", "gguf.model-key", name, .string("64")))
            list.append(key("\(name) 0", "model.configuration", name, .uint32(0)))
            list.append(key("\(name) 2^31", "gguf.model-key", name, .uint32(1 << 31)))
        }
        let ids = "tokenizer.ggml.bos_token_id"
        return list + [
            key("one block more than there are", "model.missing-tensor", "llama.block_count", .uint32(3)),
            key("heads that do not divide", "model.configuration", "llama.attention.head_count", .uint32(3)),
            key("no key heads", "model.configuration", "llama.attention.head_count_kv", .uint32(0)),
            key("more key heads than query heads", "model.configuration", "llama.attention.head_count_kv", .uint32(8)),
            key("rotary base 0", "model.configuration", "llama.rope.freq_base", .float32(0)),
            key("rotary base NaN", "model.configuration", "llama.rope.freq_base", .float32(.nan)),
            key("epsilon 0", "model.configuration", "llama.attention.layer_norm_rms_epsilon", .float32(0)),
            key("epsilon negative", "model.configuration", "llama.attention.layer_norm_rms_epsilon", .float32(-1)),
            key("epsilon NaN", "model.configuration", "llama.attention.layer_norm_rms_epsilon", .float32(.nan)),
            key("another architecture", "gguf.model-key", "general.architecture", .string("falcon")),
            key("no architecture", "gguf.model-key", "general.architecture", nil),
            key("fewer tokens than rows", "tokenizer.lengths", "tokenizer.ggml.tokens", .strings(["a"])),
            key("no tokens", "gguf.model-key", "tokenizer.ggml.tokens", nil),
            key("tokens as numbers", "gguf.model-key", "tokenizer.ggml.tokens", .uint32s([1, 2])),
            key("fewer scores than tokens", "tokenizer.lengths", "tokenizer.ggml.scores", .float32s([0])),
            key("fewer kinds than tokens", "tokenizer.lengths", "tokenizer.ggml.token_type", .int32s([1])),
            key(
                "a kind that is none", "tokenizer.kind", "tokenizer.ggml.token_type",
                .int32s(Array(repeating: 77, count: 500))),
            key(
                "a score that is NaN", "tokenizer.score", "tokenizer.ggml.scores",
                .float32s(Array(repeating: .nan, count: 500))),
            key("BOS beyond the tokens", "tokenizer.id", ids, .uint32(500)),
            key("BOS 2^32-1", "gguf.model-key", ids, .uint32(.max)),
        ]
    }()

    static let projectorKeys: [Case] = {
        func key(_ what: String, _ rule: String, _ name: String, _ value: MetadataValue?) -> Case {
            pair(what, rule, file: "mmproj-m.gguf") { $0[name] = value }
        }
        var list: [Case] = []
        for name in [
            "image_size", "patch_size", "embedding_length", "feed_forward_length", "block_count",
            "attention.head_count",
        ] {
            let name = "clip.vision." + name
            list.append(key("\(name) missing", "gguf.model-key", name, nil))
            list.append(key("\(name) as a text", "gguf.model-key", name, .string("64")))
            if !name.hasSuffix("block_count") { list.append(key("\(name) 0", "model.configuration", name, .uint32(0))) }
            list.append(key("\(name) 2^31", "gguf.model-key", name, .uint32(1 << 31)))
        }
        return list + [
            key("patches that do not divide", "model.configuration", "clip.vision.patch_size", .uint32(15)),
            key(
                "heads that do not divide the tower", "model.configuration", "clip.vision.attention.head_count",
                .uint32(5)),
            key("a smaller picture than the positions", "model.tensor-shape", "clip.vision.image_size", .uint32(28)),
            key("a layer outside the tower", "model.configuration", "clip.vision.feature_layer", .int32s([99])),
            key("a negative layer", "model.configuration", "clip.vision.feature_layer", .int32s([-5])),
            key("two means", "model.configuration", "clip.vision.image_mean", .float32s([0.5, 0.5])),
            key(
                "means as numbers of another kind", "model.configuration", "clip.vision.image_mean", .int32s([0, 0, 0])),
            key("a deviation of 0", "model.configuration", "clip.vision.image_std", .float32s([0, 1, 1])),
            key("a mean that is NaN", "model.configuration", "clip.vision.image_mean", .float32s([.nan, 0, 0])),
            key("an unknown projector", "gguf.model-key", "clip.projector_type", .string("resampler")),
            key("no projector", "gguf.model-key", "clip.projector_type", nil),
            key("another projector than the tensors", "model.missing-tensor", "clip.projector_type", .string("ldp")),
            key("tower epsilon NaN", "model.configuration", "clip.vision.attention.layer_norm_epsilon", .float32(.nan)),
        ]
    }()

    static let pairs: [Case] = {
        func with(_ what: String, _ rule: String, _ command: [String]) -> Case {
            var trial = Case(what: what, rule: "[\(rule)]", family: "GGUF keys") { try Self.makePair($0) }
            trial.command = command
            return trial
        }
        return [
            with("a projector as model", "gguf.model-key", ["tokenize", "{}/mmproj-m.gguf", "x"]),
            with("a model as projector", "gguf.model-key", ["tokenize", "{}/m.gguf", "x", "--mmproj", "{}/m.gguf"]),
            with("a model to fix", "fix.kind", ["fix", "{}/m.gguf", "{}/fixed.gguf"]),
            with("a whole file to fix", "fix.nothing", ["fix", "{}/mmproj-m.gguf", "{}/fixed.gguf"]),
        ]
    }()

    // MARK: Tokenizers, importance, pictures

    private static func tokenizer(_ what: String, _ rule: String, _ bytes: [UInt8]) -> Case {
        Case(what: what, rule: rule, family: "tokenizer") { folder in
            let place = try SmallCheckpoint(nil).write(to: folder.appendingPathComponent("tiny"))
            try Data(bytes).write(to: place.appendingPathComponent("tokenizer.model"))
        }
    }

    static let tokenizers: [Case] = {
        let whole =
            (try? Data(contentsOf: URL(fileURLWithPath: Fixtures.path("tokenizer/plain.model")))).map(Array.init) ?? []
        return [
            tokenizer("empty", "tokenizer", []),
            tokenizer(
                "a Git LFS pointer", "tokenizer",
                Array("version https://git-lfs.github.com/spec/v1\noid sha256:0\n".utf8)),
            tokenizer("a web page", "tokenizer", Array("<!DOCTYPE html><html></html>".utf8)),
            tokenizer("JSON", "tokenizer", Array("{\"model\": {}}".utf8)),
            tokenizer("cut short", "tokenizer", Array(whole.dropLast(3))),
            tokenizer("half", "tokenizer", Array(whole.prefix(whole.count / 2))),
            tokenizer("a varint of 11 bytes", "tokenizer", [0x0A] + [UInt8](repeating: 0x80, count: 10) + [1]),
            tokenizer("a piece longer than the file", "tokenizer", [0x0A, 0xFF, 0xFF, 0xFF, 0x7F]),
            tokenizer("groups a million deep", "tokenizer", [UInt8](repeating: 0x7B, count: 1_000_000)),
            tokenizer("twice itself", "tokenizer", whole + whole),
        ]
    }()

    private static func importance(_ what: String, _ rule: String, _ bytes: [UInt8]) -> Case {
        var trial = Case(what: what, rule: rule, family: "importance") { folder in
            try SmallCheckpoint(nil).write(to: folder.appendingPathComponent("tiny"))
            try Data(bytes).write(to: folder.appendingPathComponent("imatrix"))
        }
        trial.command = ["convert", "{}/tiny", "{}/out.gguf", "--q4_k_m", "--imatrix", "{}/imatrix"]
        return trial
    }

    static let importance: [Case] = {
        func le(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        func entry(_ name: String, calls: UInt32 = 1, count: UInt32, values: [UInt8]) -> [UInt8] {
            le(UInt32(name.utf8.count)) + Array(name.utf8) + le(calls) + le(count) + values
        }
        let nan = le(Float.nan.bitPattern)
        return [
            importance("empty", "imatrix", []),
            importance("a text", "imatrix", Array("an importance matrix".utf8)),
            importance("2^31 entries", "imatrix", le(1 << 31)),
            importance("negative entries", "imatrix", le(.max)),
            importance("a name of 2^31 bytes", "imatrix", le(1) + le(1 << 31)),
            importance("2^31 values", "imatrix", le(1) + entry("a", count: 1 << 31, values: [])),
            importance("values cut short", "[", le(1) + entry("a", count: 4, values: le(0))),
            importance("a value that is NaN", "imatrix", le(1) + entry("a", count: 1, values: nan)),
            importance(
                "an entry twice", "imatrix",
                le(2) + entry("a", count: 1, values: le(0)) + entry("a", count: 1, values: le(0))),
            importance(
                "a GGUF file of something else", "imatrix",
                Array((try? Data(contentsOf: URL(fileURLWithPath: Fixtures.path("gguf/types.gguf")))) ?? Data())),
        ]
    }()

    private static func picture(_ what: String, _ rule: String, _ bytes: [UInt8]) -> Case {
        // Where only "image" is given, any of the pictures' rules will do.
        var trial = Case(what: what, rule: rule == "image" ? "[image." : "[\(rule)]", family: "picture") { folder in
            try SmallCheckpoint().write(to: folder.appendingPathComponent("tiny"))
            try Data(bytes).write(to: folder.appendingPathComponent("picture"))
        }
        trial.command = ["run", "{}/tiny", "--prompt", "x", "--max-tokens", "1", "--image", "{}/picture"]
        return trial
    }

    static let pictures: [Case] = {
        func be(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
        let crcTable = (0..<256).map { (0..<8).reduce(UInt32($0)) { c, _ in c >> 1 ^ (c & 1) * 0xEDB8_8320 } }
        func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
            let body = Array(type.utf8) + data
            let crc = ~body.reduce(~UInt32(0)) { $0 >> 8 ^ crcTable[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] }
            return be(UInt32(data.count)) + body + be(crc)
        }
        func png(_ width: UInt32, _ height: UInt32, depth: UInt8 = 8, color: UInt8 = 2, interlace: UInt8 = 0) -> [UInt8]
        {
            [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
                + chunk("IHDR", be(width) + be(height) + [depth, color, 0, 0, interlace])
                + chunk("IDAT", [0x78, 0x9C, 3, 0])
                + chunk("IEND", [])
        }
        func jpeg(_ width: UInt16, _ height: UInt16, components: UInt8 = 1) -> [UInt8] {
            [
                0xFF, 0xD8, 0xFF, 0xC0, 0, 8 + 3 * components, 8, UInt8(height >> 8), UInt8(height & 255),
                UInt8(width >> 8), UInt8(width & 255), components,
            ]
                + (0..<components).flatMap { [$0 + 1, 0x11, 0] } + [0xFF, 0xD9]
        }
        return [
            picture("empty", "image.format", []),
            picture("a text", "image.format", Array("a picture".utf8)),
            picture("a web page", "image.format", Array("<html></html>".utf8)),
            picture("PPM with a negative size", "image.format", Array("P6\n-1 -1\n255\n".utf8)),
            picture("only PNG's signature", "image.truncated", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]),
            picture("PNG 0 x 0", "image.damaged", png(0, 0)),
            picture("PNG 65535 x 65535", "image.size", png(65535, 65535)),
            picture("PNG 1 x 20,000,000", "image.size", png(1, 20_000_000)),
            picture("PNG 20,000,000 x 1", "image.size", png(20_000_000, 1)),
            picture("PNG 40,000,000 wide, interlaced", "image.size", png(40_000_000, 1, interlace: 1)),
            picture("PNG 2^31 wide", "image", png(1 << 31, 1)),
            picture("PNG of bit depth 3", "image.damaged", png(4, 4, depth: 3)),
            picture("PNG of colour type 9", "image.damaged", png(4, 4, color: 9)),
            picture("PNG without pixels", "image", png(64, 64)),
            picture("JPEG 0 x 0", "image", jpeg(0, 0)),
            picture("JPEG 65535 x 65535", "image", jpeg(65535, 65535)),
            picture("JPEG of 5 components", "image", jpeg(8, 8, components: 5)),
            picture("JPEG without pixels", "image", jpeg(64, 64)),
            picture("only JPEG's first bytes", "image", [0xFF, 0xD8, 0xFF]),
        ]
    }()

    // MARK: Outputs

    static let outputs: [Case] = {
        func output(
            _ what: String, _ rule: String, _ path: String = "{}/out.gguf", more: [String] = [],
            _ make: @escaping @Sendable (URL) throws -> Void = { _ in }
        ) -> Case {
            var trial = Case(what: what, rule: rule, family: "output") { folder in
                try SmallCheckpoint(nil).write(to: folder.appendingPathComponent("tiny"))
                try make(folder)
            }
            trial.command = ["convert", "{}/tiny", path, "--q8_0"] + more
            return trial
        }
        let input = "{}/tiny/model.safetensors"
        return [
            output("onto the input", "[output.input]", input),
            output("onto the input by another path", "[output.input]", "{}/tiny/../tiny/model.safetensors"),
            output("onto the input's config", "[output.input]", "{}/tiny/config.json"),
            output("onto the input by a symbolic link", "[output.input]") {
                try FileManager.default.createSymbolicLink(
                    atPath: $0.path + "/out.gguf", withDestinationPath: "tiny/model.safetensors")
            },
            output("onto the input by a hard link", "[output.input]") {
                try FileManager.default.linkItem(
                    atPath: $0.path + "/tiny/model.safetensors", toPath: $0.path + "/out.gguf")
            },
            output("onto a folder", "[output.kind]") {
                try FileManager.default.createDirectory(
                    atPath: $0.path + "/out.gguf", withIntermediateDirectories: false)
            },
            output("onto a pipe", "[output.kind]") { mkfifo($0.path + "/out.gguf", 0o600) },
            output("onto a device", "[output.kind]", "/dev/null"),
            output("into a folder that is not there", "No such file or directory", "{}/nowhere/out.gguf"),
            output("below a file", "Not a directory", "{}/tiny/config.json/out.gguf"),
            output("under a name of 300 bytes", "File name too long", "{}/" + String(repeating: "x", count: 300)),
        ]
    }()
}
