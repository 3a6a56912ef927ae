import ByteIO
import Foundation
import MobileVLM
import Models
import Tensors
import Testing
import ModelSupport
import TestSupport
import Opening

/// Layouts of checkpoints that are understood, and what is said about those that are not.
struct CheckpointTests {
    /// Opens a checkpoint, with the folder of a tower if there is one.
    private func open<Result>(
        _ checkpoint: SmallCheckpoint, tower: SmallCheckpoint? = nil, change: (URL) throws -> Void = { _ in },
        _ body: (Model) throws -> Result
    ) throws -> Result {
        try withFolder { folder in
            let source = try checkpoint.write(to: folder.appendingPathComponent("tiny"))
            let towerFolder = try tower?.write(to: folder.appendingPathComponent("clip"))
            try change(source)
            return try body(Model(ModelLocation(source.path, visionTower: towerFolder?.path)))
        }
    }

    private func bytes(_ model: Model) throws -> [String: [UInt8]] {
        var result: [String: [UInt8]] = [:]
        for tensor in model.configuration.tensors {
            result[tensor.key] = try model.weights.tensor(tensor.key, shape: tensor.shape).bytes
                .withUnsafeBytes { Array($0) }
        }
        return result
    }

    @Test("one file, three shards, and a re-save without vision_model hold the same weights")
    func layouts() throws {
        let one = try open(SmallCheckpoint(), bytes)
        var sharded = SmallCheckpoint()
        sharded.shards = 3
        #expect(try open(sharded, bytes) == one)
        var resaved = SmallCheckpoint()
        for index in resaved.tensors.indices {
            let name = resaved.tensors[index].name
            resaved.tensors[index].name = name.replacingOccurrences(
                of: SmallCheckpoint.embeddedTower, with: "model.vision_tower.vision_tower.")
        }
        #expect(try open(resaved, bytes) == one)
        // V1's layout: the tower in a folder of its own, with and without the level vision_model.
        let bare = SmallCheckpoint(hasTower: false)
        #expect(try open(bare, tower: .clip(), bytes) == one)
        #expect(try open(bare, tower: .clip(prefix: ""), bytes) == one)
    }

    @Test("the configuration is read from config.json and the shapes")
    func configuration() throws {
        try open(SmallCheckpoint()) { model in
            #expect(model.configuration.name == "tiny")
            #expect(model.configuration.language.hiddenSize == 64)
            #expect(model.configuration.multimodal?.vision.featureLayer == 2)
            #expect(model.configuration.multimodal?.vision.imageSize == 56)
            #expect(model.configuration.multimodal?.vision.headCount == 2)
            #expect(model.configuration.multimodal?.projector == .ldpv2)
            #expect(model.container == .checkpoint)
        }
    }

    @Test("a language model without pictures opens as one")
    func languageAlone() throws {
        try open(SmallCheckpoint(nil)) { #expect($0.configuration.multimodal == nil) }
    }

    @Test("V1 without a tower asks for it by the option's name")
    func towerMissing() {
        expect(Rule("checkpoint.no-tower"), contains: "--vision-tower", "openai/clip-small") {
            try open(SmallCheckpoint(.ldpnet, hasTower: false)) { _ in }
        }
    }

    @Test("a tower's folder inside the checkpoint's is found by its name, and that is said")
    func towerInside() throws {
        try open(SmallCheckpoint(.ldpnet, hasTower: false)) {
            try SmallCheckpoint.clip().write(to: $0.appendingPathComponent("clip-small"))
        } _: { model in
            #expect(model.configuration.multimodal?.projector == .ldp)
            #expect(model.notes.contains { $0.contains("clip-small") })
        }
    }

    @Test("a tower that is named takes the place of the embedded one, and that is said")
    func towerReplaced() throws {
        let other = SmallCheckpoint.clip(seed: 5)
        let embedded = try open(SmallCheckpoint(), bytes)
        try open(SmallCheckpoint(), tower: other) { model in
            let found = try bytes(model)
            let key = "vision_model.encoder.layers.0.mlp.fc1.weight"
            #expect(found[key] != embedded[key])
            #expect(found[key] == other[key]?.bytes)
            #expect(found["model.norm.weight"] == embedded["model.norm.weight"])
            #expect(model.notes.contains { $0.contains("used instead") })
            let replaced = model.ledger?.dropped.filter { $0.reason.contains("replaced") }.count
            #expect(replaced == 3 + 2 + 3 * 16 + 2)
        }
    }

    @Test("every tensor is used or dropped for a reason")
    func ledger() throws {
        try open(SmallCheckpoint(hasTower: false), tower: .clip()) { model in
            let ledger = try #require(model.ledger)
            #expect(
                ledger.total == SmallCheckpoint(hasTower: false).tensors.count + SmallCheckpoint.clip().tensors.count)
            let reasons = ledger.reasons.map(\.reason)
            #expect(reasons.contains { $0.contains("text side") })
            #expect(reasons.contains { $0.contains("older saves") })
            #expect(reasons.contains { $0.contains("block 2") })
            #expect(reasons.contains { $0.contains("last block") })
        }
    }

    @Test("a tensor that nothing is known about stops the work")
    func unknownTensor() {
        for name in ["model.layers.2.mlp.up_proj.weight", "model.layers.0.self_attn.q_proj.bias", "extra"] {
            var checkpoint = SmallCheckpoint()
            checkpoint[name] = .init(name, [4], [1, 2, 3, 4])
            expect(Rule("checkpoint.unknown-tensor"), contains: name) { try open(checkpoint) { _ in } }
        }
    }

    @Test("two tensors for one place are not chosen between")
    func duplicate() {
        var checkpoint = SmallCheckpoint()
        let name = "model.vision_tower.vision_tower.pre_layrnorm.weight"
        checkpoint[name] = .init(name, [32], Array(repeating: 2, count: 32))
        expect(Rule("checkpoint.unknown-tensor"), contains: "pre_layrnorm.weight") { try open(checkpoint) { _ in } }
    }

    @Test("a missing tensor, and one of another shape, are named")
    func wrongTensor() {
        var missing = SmallCheckpoint()
        missing["model.layers.1.self_attn.o_proj.weight"] = nil
        expect(ModelWeights.missing, contains: "model.layers.1.self_attn.o_proj.weight") { try open(missing) { _ in } }
        var misshapen = SmallCheckpoint()
        misshapen["model.norm.weight"] = .init("model.norm.weight", [65], Array(repeating: 1, count: 65))
        expect(ModelWeights.misshapen, contains: "model.norm.weight", "[65]", "[64]") { try open(misshapen) { _ in } }
    }

    @Test("a config of other weights is refused")
    func otherConfig() {
        var narrow = SmallCheckpoint()
        narrow.config["hidden_size"] = 128
        expect(ModelWeights.misshapen, contains: "[500, 128]") { try open(narrow) { _ in } }
        var wrongName = SmallCheckpoint()
        wrongName.config["mm_projector_type"] = "ldpnet"
        expect(HuggingFaceConfiguration.field, contains: "ldpnet") { try open(wrongName) { _ in } }
        var text = SmallCheckpoint()
        text.config["num_hidden_layers"] = "2"
        expect(HuggingFaceConfiguration.field, contains: "num_hidden_layers", "config.json") { try open(text) { _ in } }
        var impossible = SmallCheckpoint()
        impossible.config["num_attention_heads"] = 3
        expect(ModelConfiguration.impossible, contains: "heads") { try open(impossible) { _ in } }
    }

    // MARK: Files

    @Test("a missing config, no weights, no tokenizer: each is named with what to do")
    func missingFiles() {
        for (name, rule) in [
            ("config.json", "checkpoint.missing-file"), ("model.safetensors", "checkpoint.missing-file"),
            ("tokenizer.model", "checkpoint.no-tokenizer"),
        ] {
            expect(Rule(rule), contains: "tiny", name) {
                try open(SmallCheckpoint()) {
                    try FileManager.default.removeItem(at: $0.appendingPathComponent(name))
                } _: { _ in
                }
            }
        }
    }

    @Test("a missing shard is named")
    func missingShard() {
        var checkpoint = SmallCheckpoint()
        checkpoint.shards = 3
        let name = SmallCheckpoint.shardName(1, of: 3)
        expect(Rule("checkpoint.missing-file"), contains: name, "shard") {
            try open(checkpoint) {
                try FileManager.default.removeItem(at: $0.appendingPathComponent(name))
            } _: { _ in
            }
        }
    }

    @Test("a shard that is cut short is named")
    func truncatedShard() throws {
        var checkpoint = SmallCheckpoint()
        checkpoint.shards = 2
        let name = SmallCheckpoint.shardName(0, of: 2)
        for kept in [4, 900, 30000] {
            let error = #expect(throws: (any Error).self) {
                try open(checkpoint) {
                    let path = $0.appendingPathComponent(name)
                    try Data(contentsOf: path).prefix(kept).write(to: path)
                } _: { _ in
                }
            }
            #expect("\(try #require(error))".contains(name))
        }
    }

    @Test("what stands in place of a shard is called by its name")
    func otherKinds() throws {
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n"
        for (text, expected) in [(pointer, "Git LFS"), ("<!DOCTYPE html><html></html>", "web page"), ("", "empty")] {
            let error = #expect(throws: (any Error).self) {
                try open(SmallCheckpoint()) {
                    try Data(text.utf8).write(to: $0.appendingPathComponent("model.safetensors"))
                } _: { _ in
                }
            }
            let message = "\(try #require(error))"
            #expect(message.contains("model.safetensors") && message.contains(expected), "\(message)")
        }
    }

    private func index(_ map: Any, in folder: URL) throws {
        try JSONSerialization.data(withJSONObject: ["weight_map": map])
            .write(to: folder.appendingPathComponent("model.safetensors.index.json"))
    }

    @Test("an index may name files of its own folder alone")
    func unsafeIndex() {
        for name in ["../x", "/etc/passwd", "sub/model.safetensors", "..", ".", ""] {
            expect(Rule("checkpoint.file-name"), contains: "model.safetensors.index.json", "\"\(name)\"") {
                try open(SmallCheckpoint()) {
                    try index(["lm_head.weight": name], in: $0)
                } _: { _ in
                }
            }
        }
    }

    @Test("an index that is empty, no object, or at odds with its shards is refused")
    func badIndex() {
        for map in [[:], [1], "x", ["lm_head.weight": 3], ["nowhere": "model.safetensors"]] as [Any] {
            expect(Rule("checkpoint.index"), contains: "model.safetensors.index.json") {
                try open(SmallCheckpoint()) {
                    try index(map, in: $0)
                } _: { _ in
                }
            }
        }
    }

    @Test("a tensor that lies in a shard without being listed is not used, and that is said")
    func unlisted() throws {
        var checkpoint = SmallCheckpoint(nil)
        checkpoint["stray"] = .init("stray", [2], [1, 2])
        try open(checkpoint) { folder in
            var map: [String: String] = [:]
            for tensor in checkpoint.tensors where tensor.name != "stray" { map[tensor.name] = "model.safetensors" }
            try index(map, in: folder)
        } _: { model in
            let dropped = try #require(model.ledger).dropped.first { $0.name == "stray" }
            #expect(dropped?.reason.contains("index") == true)
            #expect(model.ledger?.total == checkpoint.tensors.count)
        }
    }

    @Test(
        "JSON that is broken is named with its file",
        arguments: ["config.json", "tokenizer_config.json", "added_tokens.json"])
    func brokenJSON(name: String) throws {
        let error = #expect(throws: (any Error).self) {
            try open(SmallCheckpoint()) {
                try Data("{\"a\": ".utf8).write(to: $0.appendingPathComponent(name))
            } _: { _ in
            }
        }
        #expect("\(try #require(error))".contains(name))
    }

    // MARK: Vocabulary

    @Test("added tokens continue the vocabulary, and rows that no token reaches get texts of their own")
    func addedTokens() throws {
        var checkpoint = SmallCheckpoint(nil)
        for name in ["model.embed_tokens.weight", "lm_head.weight"] {
            checkpoint[name] = .init(name, [503, 64], Array(repeating: 0.5, count: 503 * 64))
        }
        checkpoint.files["added_tokens.json"] = Data(#"{"<im_end>": 501, "<im_start>": 500}"#.utf8)
        try open(checkpoint) { model in
            let vocabulary = model.tokenizer.vocabulary
            #expect(vocabulary.count == 503)
            #expect(Array(vocabulary.pieces.suffix(3)) == ["<im_start>", "<im_end>", "[PAD502]"])
            #expect(model.configuration.language.vocabularySize == 503)
            #expect(model.tokenIDs("<im_start>").contains(500))
        }
    }

    @Test("a tokenizer with more pieces than the embedding has rows is refused")
    func tokenizerTooLarge() {
        var checkpoint = SmallCheckpoint(nil)
        for name in ["model.embed_tokens.weight", "lm_head.weight"] {
            checkpoint[name] = .init(name, [400, 64], Array(repeating: 0.5, count: 400 * 64))
        }
        expect(Rule("checkpoint.no-tokenizer"), contains: "500", "400") { try open(checkpoint) { _ in } }
    }

    @Test("the flag legacy of tokenizer_config.json decides about the space after a special token; absent means true")
    func legacyFlag() throws {
        func ids(_ text: String?) throws -> [Int] {
            var checkpoint = SmallCheckpoint(nil)
            checkpoint.files["tokenizer_config.json"] = text.map { Data($0.utf8) }
            return try open(checkpoint) { $0.tokenIDs("a</s>b") }
        }
        let absent = try ids(nil)
        #expect(try ids(#"{"legacy": true}"#) == absent)
        #expect(try ids(#"{"legacy": false}"#) != absent)
    }
}
