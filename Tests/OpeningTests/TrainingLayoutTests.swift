import ByteIO
import Foundation
import MobileVLM
import ModelSupport
import Models
import TestSupport
import Testing
import Opening

/// Checkpoints as trainings and other tools leave them: each holds the weights of the release, or says what it is.
struct TrainingLayoutTests {
    typealias Tensor = SmallCheckpoint.Tensor

    /// Opens what `make` lays out in a fresh folder, and gives the weights by key.
    private func weights(
        _ make: (URL) throws -> ModelLocation
    ) throws -> (bytes: [String: [UInt8]], notes: [String]) {
        try withFolder { folder in
            let model = try Model(make(folder))
            var bytes: [String: [UInt8]] = [:]
            for tensor in model.configuration.tensors {
                bytes[tensor.key] = try model.weights.tensor(tensor.key, shape: tensor.shape).bytes
                    .withUnsafeBytes { Array($0) }
            }
            return (bytes, model.notes)
        }
    }

    private func weights(_ checkpoint: SmallCheckpoint) throws -> (bytes: [String: [UInt8]], notes: [String]) {
        try weights { ModelLocation(try checkpoint.write(to: $0.appendingPathComponent("tiny")).path) }
    }

    private func plain() throws -> [String: [UInt8]] { try weights(SmallCheckpoint()).bytes }

    private func renamed(_ checkpoint: SmallCheckpoint, _ name: (String) -> String) -> SmallCheckpoint {
        var result = checkpoint
        for index in result.tensors.indices { result.tensors[index].name = name(result.tensors[index].name) }
        return result
    }

    private func write(_ tensors: [Tensor], _ folder: URL, _ name: String) throws {
        try SmallCheckpoint.safetensors(tensors).write(to: folder.appendingPathComponent(name))
    }

    private func error(_ make: (URL) throws -> ModelLocation) throws -> InputError {
        try #require(#expect(throws: InputError.self) { _ = try weights(make) })
    }

    // MARK: Names

    @Test(
        "wrappers' prefixes, alone or nested, change no weight",
        arguments: [
            "module.", "_orig_mod.", "base_model.model.", "module._orig_mod.", "_forward_module.module.", "model.",
        ])
    func wrappers(prefix: String) throws {
        #expect(try weights(renamed(SmallCheckpoint()) { prefix + $0 }).bytes == plain())
    }

    @Test("the names of today's transformers, with and without the root, change no weight", arguments: ["model.", ""])
    func modernNames(root: String) throws {
        let modern = renamed(SmallCheckpoint()) { name in
            if let range = name.range(of: "vision_tower.vision_tower.") {
                return root + "vision_tower." + name[range.upperBound...]
            }
            if let range = name.range(of: "mm_projector.") {
                return root + "multi_modal_projector." + name[range.upperBound...]
            }
            if name.hasPrefix("model.") {
                return (root.isEmpty ? "language_model.model." : "model.language_model.") + name.dropFirst(6)
            }
            return root.isEmpty ? "language_model." + name : name
        }
        #expect(try weights(modern).bytes == plain())
    }

    @Test("LLaVA's two layers by today's names are the release's")
    func modernProjector() throws {
        let release = SmallCheckpoint(.mlp)
        let modern = renamed(release) { name in
            name.replacingOccurrences(of: "model.mm_projector.0.", with: "model.multi_modal_projector.linear_1.")
                .replacingOccurrences(of: "model.mm_projector.2.", with: "model.multi_modal_projector.linear_2.")
        }
        #expect(try weights(modern).bytes == weights(release).bytes)
    }

    @Test("a head that is not there is tied where the config does not deny it, and that is said")
    func untoldHead() throws {
        var untold = SmallCheckpoint()
        untold["lm_head.weight"] = nil
        untold.config["tie_word_embeddings"] = nil
        let (bytes, notes) = try weights(untold)
        var expected = try plain()
        expected["lm_head.weight"] = nil
        #expect(bytes == expected)
        #expect(notes.contains { $0.contains("tied") })
        untold.config["tie_word_embeddings"] = false
        let denied = untold
        #expect(throws: InputError.self) { _ = try weights(denied) }
    }

    // MARK: Parts in other places

    private func split(_ isPart: (String) -> Bool) -> (rest: SmallCheckpoint, part: [Tensor]) {
        var rest = SmallCheckpoint()
        let part = rest.tensors.filter { isPart($0.name) }
        rest.tensors.removeAll { isPart($0.name) }
        return (rest, part)
    }

    @Test(
        "a projector in its own file is found beside the weights, by whatever names it has inside",
        arguments: ["mm_projector.bin", "mm_projector.safetensors"],
        ["model.mm_projector.", "mm_projector.", "", "module."])
    func projectorBeside(file: String, prefix: String) throws {
        let (rest, part) = split { $0.contains("mm_projector") }
        let bare = part.map { tensor in
            var tensor = tensor
            tensor.name = prefix + tensor.name.dropFirst("model.mm_projector.".count)
            return tensor
        }
        let (bytes, notes) = try weights { folder in
            let place = try rest.write(to: folder.appendingPathComponent("tiny"))
            try write(bare, place, file)
            return ModelLocation(place.path)
        }
        #expect(try bytes == plain())
        #expect(notes.contains { $0.contains(file) })
    }

    @Test("a projector's file that is named takes the place of the weights' own; one that only lies there does not")
    func projectorNamed() throws {
        var other = SmallCheckpoint(seed: 7)
        other.tensors.removeAll { !$0.name.contains("mm_projector") }
        let tensors = other.tensors
        let own = try plain()
        func open(_ isNamed: Bool) throws -> (bytes: [String: [UInt8]], notes: [String]) {
            try weights { folder in
                let place = try SmallCheckpoint().write(to: folder.appendingPathComponent("tiny"))
                try write(tensors, place, "mm_projector.bin")
                return ModelLocation(place.path, projector: isNamed ? place.path + "/mm_projector.bin" : nil)
            }
        }
        let found = try open(false)
        #expect(found.bytes == own && found.notes.contains { $0.contains("--projector") })
        let named = try open(true).bytes
        for (key, bytes) in named { #expect((bytes == own[key]) != key.hasPrefix("mm_projector."), "\(key)") }
        for tensor in tensors { #expect(named[String(tensor.name.dropFirst("model.".count))] == tensor.bytes) }
    }

    @Test("a folder with a projector alone needs its base, and says so")
    func projectorAlone() throws {
        let (rest, part) = split { $0.contains("mm_projector") }
        func lay(_ folder: URL) throws -> (alone: URL, base: URL) {
            let base = try rest.write(to: folder.appendingPathComponent("base"))
            let alone = folder.appendingPathComponent("llava-pretrain")
            try FileManager.default.createDirectory(at: alone, withIntermediateDirectories: true)
            try FileManager.default.copyItem(
                at: base.appendingPathComponent("config.json"), to: alone.appendingPathComponent("config.json"))
            try write(part, alone, "mm_projector.bin")
            return (alone, base)
        }
        #expect(
            try weights { folder in
                let (alone, base) = try lay(folder)
                return ModelLocation(alone.path, base: base.path)
            }.bytes == plain())
        let failure = try error { ModelLocation(try lay($0).alone.path) }
        #expect(failure.rule == Rule("checkpoint.projector-alone") && failure.description.contains("--base"))
    }

    @Test("what was trained beside an adapter takes the base's place: non_lora_trainables.bin")
    func nonLoraTrainables() throws {
        let trained = SmallCheckpoint(seed: 9).tensors.filter { $0.name.contains("mm_projector") }
        let (bytes, notes) = try weights { folder in
            let base = try SmallCheckpoint().write(to: folder.appendingPathComponent("base"))
            let adapter = folder.appendingPathComponent("llava-lora")
            try FileManager.default.createDirectory(at: adapter, withIntermediateDirectories: true)
            try Data(#"{"peft_type": "LORA", "r": 1, "lora_alpha": 2}"#.utf8).write(
                to: adapter.appendingPathComponent("adapter_config.json"))
            let q = "base_model.model.model.layers.0.self_attn.q_proj."
            try write(
                [
                    Tensor(q + "lora_A.weight", [1, 64], Array(repeating: 0.5, count: 64), dtype: "F32"),
                    Tensor(q + "lora_B.weight", [64, 1], Array(repeating: 0, count: 64), dtype: "F32"),
                ], adapter, "adapter_model.bin")
            try write(
                trained.map {
                    Tensor("base_model.model." + $0.name, $0.shape, (0..<$0.shape.reduce(1, *)).map { _ in 0.25 })
                },
                adapter, "non_lora_trainables.bin")
            return ModelLocation(adapter.path, base: base.path)
        }
        for (key, old) in try plain() {
            if key.hasPrefix("mm_projector.") {
                #expect(bytes[key] == Tensor("", [1], Array(repeating: 0.25, count: old.count / 2)).bytes)
            } else {
                #expect(bytes[key] == old, "\(key)")  // B is 0: nothing else changes
            }
        }
        #expect(notes.contains { $0.contains("non_lora_trainables.bin") })
    }

    @Test("two towers are compared, and it is said which is used")
    func twoTowers() throws {
        func notes(_ seed: UInt64) throws -> [String] {
            try weights { folder in
                let place = try SmallCheckpoint().write(to: folder.appendingPathComponent("tiny"))
                let tower = try SmallCheckpoint.clip(seed: seed).write(to: folder.appendingPathComponent("clip"))
                return ModelLocation(place.path, visionTower: tower.path)
            }.notes
        }
        #expect(try notes(1).contains { $0.contains("used instead (the two are equal)") })
        #expect(try notes(2).contains { $0.contains("tensors differ") })
    }

    // MARK: What was saved among other things

    @Test("a buffer of whole numbers that nothing reads is left out for a reason")
    func integerBuffer() throws {
        var checkpoint = SmallCheckpoint(nil)
        checkpoint.tensors.append(Tensor("model.layers.0.mlp.steps", [2], [0, 0], dtype: "F32"))
        checkpoint.tensors[checkpoint.tensors.count - 1].dtype = "I32"
        try withFolder { folder in
            let place = try checkpoint.write(to: folder.appendingPathComponent("tiny"))
            let ledger = try #require(Model(path: place.path).ledger)
            #expect(ledger.dropped.contains { $0.name.hasSuffix("steps") && $0.reason.contains("whole numbers (I32)") })
        }
    }

    @Test("the empty tensors of ZeRO stage 3 are named with what to run")
    func zero3() throws {
        var checkpoint = SmallCheckpoint()
        for index in checkpoint.tensors.indices where checkpoint.tensors[index].name.hasSuffix("up_proj.weight") {
            checkpoint.tensors[index].shape = [0]
            checkpoint.tensors[index].bytes = []
        }
        let emptied = checkpoint
        let failure = try error { ModelLocation(try emptied.write(to: $0.appendingPathComponent("tiny")).path) }
        #expect(failure.rule == Rule("checkpoint.zero3") && failure.description.contains("zero_to_fp32.py"))
    }

    @Test(
        "weights that another tool quantized are refused by that tool's name",
        arguments: [
            ("model.layers.0.self_attn.q_proj.weight.quant_state.bitsandbytes__nf4", "U8", "bitsandbytes (4 bit)"),
            ("model.layers.0.self_attn.q_proj.weight.absmax", "F32", "bitsandbytes (4 bit)"),
            ("model.layers.0.self_attn.q_proj.SCB", "F32", "LLM.int8"),
            ("model.layers.0.self_attn.q_proj.qweight", "I32", "AWQ or GPTQ"),
            ("model.layers.0.mlp.up_proj.weight_packed", "I32", "compressed-tensors"),
            ("model.layers.0.mlp.up_proj.weight_scale", "F32", "FP8"),
            ("model.layers.0.mlp.up_proj.weight_scale_inv", "F32", "FP8"),
        ])
    func quantized(name: String, dtype: String, word: String) throws {
        var checkpoint = SmallCheckpoint(nil)
        checkpoint.tensors.append(Tensor(name, [1], [1], dtype: "F32"))
        checkpoint.tensors[checkpoint.tensors.count - 1].dtype = dtype
        if dtype == "U8" { checkpoint.tensors[checkpoint.tensors.count - 1].shape = [4] }
        let quantized = checkpoint
        let failure = try error { ModelLocation(try quantized.write(to: $0.appendingPathComponent("tiny")).path) }
        #expect(failure.rule == Rule("checkpoint.quantized"))
        #expect(failure.description.contains("quantized already") && failure.description.contains(word), "\(failure)")
    }

    @Test("GPTQ and MLX are told from their neighbours")
    func quantizedPairs() throws {
        var gptq = SmallCheckpoint(nil)
        gptq.tensors.append(Tensor("model.layers.0.mlp.up_proj.g_idx", [1], [1], dtype: "F32"))
        gptq.tensors.append(Tensor("model.layers.0.mlp.up_proj.qweight", [1], [1], dtype: "F32"))
        var mlx = SmallCheckpoint(nil)
        let packed = "model.layers.0.mlp.up_proj.weight"
        mlx[packed] = Tensor(packed, [96, 8], Array(repeating: 0, count: 768), dtype: "F32")
        mlx[packed]?.dtype = "U32"
        mlx.tensors.append(Tensor("model.layers.0.mlp.up_proj.scales", [96, 1], Array(repeating: 1, count: 96)))
        for (checkpoint, word) in [(gptq, "by GPTQ"), (mlx, "by MLX")] {
            let failure = try error { ModelLocation(try checkpoint.write(to: $0.appendingPathComponent("tiny")).path) }
            #expect(failure.description.contains(word), "\(failure)")
        }
    }

    @Test("an adapter that was saved unmerged among its base's weights is refused by name")
    func unmerged() throws {
        let checkpoint = renamed(SmallCheckpoint(nil)) {
            $0.replacingOccurrences(of: "q_proj.weight", with: "q_proj.base_layer.weight")
        }
        var whole = checkpoint
        whole.tensors.append(
            Tensor("model.layers.0.self_attn.q_proj.lora_A.default.weight", [1, 64], Array(repeating: 0, count: 64)))
        let saved = whole
        let failure = try error { ModelLocation(try saved.write(to: $0.appendingPathComponent("tiny")).path) }
        #expect(failure.rule == Rule("checkpoint.unmerged") && failure.description.contains("merge_and_unload"))
    }
}
