import ByteIO
import Foundation
import MobileVLM
import Quantization
import Safetensors
import Tensors
import ModelSupport
import Models
import TestSupport
import Testing
import Opening

/// Low-rank adapters, held against what PEFT makes of them (fixtures/adapters).
struct AdapterTests {
    private static let tokenizer = URL(fileURLWithPath: Fixtures.path("tokenizer/plain.model"))

    /// A copy of an adapter's fixture, with a tokenizer beside its base.
    private func copy(_ name: String, to folder: URL) throws -> (adapter: URL, base: URL) {
        let adapter = folder.appendingPathComponent(name)
        try FileManager.default.copyItem(at: URL(fileURLWithPath: Fixtures.path("adapters/\(name)")), to: adapter)
        let base = folder.appendingPathComponent("base-of-\(name)")
        try FileManager.default.moveItem(at: adapter.appendingPathComponent("base"), to: base)
        try FileManager.default.copyItem(at: Self.tokenizer, to: base.appendingPathComponent("tokenizer.model"))
        return (adapter, base)
    }

    private func edit(_ config: URL, _ change: (inout [String: Any]) -> Void) throws {
        let object = try JSONSerialization.jsonObject(with: Data(contentsOf: config))
        var fields = try #require(object as? [String: Any])
        change(&fields)
        try JSONSerialization.data(withJSONObject: fields).write(to: config)
    }

    private func floats(_ bytes: Bytes, _ info: TensorInfo) throws -> [Float] {
        let decoder = try RowDecoder(type: info.type, columns: info.elementCount)
        return [Float](unsafeUninitializedCapacity: info.elementCount) { buffer, count in
            bytes.withUnsafeBytes { decoder.decode($0, into: UnsafeMutableBufferPointer(rebasing: buffer[...])) }
            count = info.elementCount
        }
    }

    @Test(
        "weights with an adapter are PEFT's merge of the two",
        arguments: ["plain", "stabilised", "patterns", "embedding", "turned"])
    func merged(name: String) throws {
        try withFolder { folder in
            let (adapter, base) = try copy(name, to: folder)
            let expected = try SafetensorsFile(path: adapter.appendingPathComponent("expected.safetensors").path)
            let before = try Model(path: base.path)
            for model in [
                try Model(ModelLocation(adapter.path, base: base.path)),
                try Model(ModelLocation(base.path, adapters: [adapter.path])),
            ] {
                var changed = 0
                for specification in model.configuration.tensors {
                    let found = try model.weights.tensor(specification.key, shape: specification.shape)
                    let info = try #require(expected.info(specification.key))
                    // What was trained whole keeps the type that it was saved in.
                    let isWhole = name == "embedding" && info.name == "lm_head.weight"
                    #expect(found.info.type == (isWhole ? .f32 : info.type))
                    let merged = try floats(found.bytes, found.info)
                    let reference = try floats(expected.bytes(of: info.name), info)
                    // The order of the terms of a sum may turn a rounding; never more than one step of the type.
                    let step: Float = info.type == .f32 ? 0x1p-22 : info.type == .f16 ? 0x1p-10 : 0x1p-7
                    #expect(
                        zip(merged, reference).allSatisfy {
                            abs($0 - $1) <= step * max(abs($1), info.type == .f32 ? 1 : 0x1p-6)
                        }, "\(info.name)")
                    let same = zip(merged, reference).filter { $0 == $1 }.count
                    if info.type != .f32, !isWhole { #expect(same * 100 >= merged.count * 98, "\(info.name)") }
                    let old = try before.weights.tensor(specification.key, shape: specification.shape)
                    if try floats(old.bytes, old.info) != merged { changed += 1 }
                }
                let ledger = try #require(model.ledger)
                // Each factor is accounted for; an embedding's head is replaced, not merged.
                #expect(ledger.merged.count == (changed - (name == "embedding" ? 1 : 0)) * 2)
                #expect(ledger.merged.allSatisfy { model.weights.info($0.into) != nil })
                #expect(model.files.contains { $0.hasSuffix("adapter_config.json") })
                #expect(model.notes.contains { $0.contains("adapter") })
            }
        }
    }

    @Test("an adapter alone says what it is and what is missing; beside weights it is not applied, and that is said")
    func alone() throws {
        try withFolder { folder in
            let (adapter, base) = try copy("plain", to: folder)
            expect(Rule("checkpoint.adapter-alone"), contains: "--base") { _ = try Model(path: adapter.path) }
            expect(Rule("checkpoint.base"), contains: "weights of its own") {
                _ = try Model(ModelLocation(base.path, base: base.path))
            }
            for file in ["adapter_config.json", "adapter_model.safetensors"] {
                try FileManager.default.copyItem(
                    at: adapter.appendingPathComponent(file), to: base.appendingPathComponent(file))
            }
            let model = try Model(path: base.path)
            #expect(model.ledger?.merged.isEmpty == true)
            #expect(model.notes.contains { $0.contains("not applied") && $0.contains("--lora") })
            #expect(try Model(ModelLocation(base.path, adapters: [base.path])).ledger?.merged.count == 12)
        }
    }

    @Test(
        "adapters that are no plain sum are refused by name",
        arguments: [
            ("use_dora", true as any Sendable, "adapter.dora"), ("peft_type", "IA3", "adapter.kind"),
            ("init_lora_weights", "pissa_niter_16", "adapter.kind"), ("layer_replication", [[0, 1]], "adapter.kind"),
            ("lora_bias", true, "adapter.kind"), ("use_qalora", true, "adapter.kind"), ("r", 0, "adapter.config"),
            ("r", "4", "adapter.config"), ("lora_alpha", "x", "adapter.config"),
            ("alpha_pattern", ["(a+)+b": 3], "adapter.pattern"),
            ("rank_pattern", ["q_proj|k_proj": 3], "adapter.pattern"),
            ("alpha_pattern", ["q_proj": "x"], "adapter.config"),
        ])
    func refusedKinds(field: String, value: any Sendable, rule: String) throws {
        try withFolder { folder in
            let (adapter, base) = try copy("plain", to: folder)
            try edit(adapter.appendingPathComponent("adapter_config.json")) { $0[field] = value }
            expect(Rule(rule), contains: "adapter_config.json", field) {
                _ = try Model(ModelLocation(adapter.path, base: base.path))
            }
        }
    }

    @Test("factors that do not fit each other or the base are named")
    func misfits() throws {
        typealias Tensor = SmallCheckpoint.Tensor
        let q = "base_model.model.model.layers.0.self_attn.q_proj."
        func zeros(_ name: String, _ shape: [Int]) -> Tensor {
            Tensor(name, shape, Array(repeating: 0, count: shape.reduce(1, *)), dtype: "F32")
        }
        let a = zeros(q + "lora_A.weight", [4, 16])
        let b = zeros(q + "lora_B.weight", [16, 4])
        for (tensors, rule, word) in [
            ([a], "adapter.tensor", "q_proj"),
            ([a, zeros(q + "lora_B.weight", [16, 3])], "adapter.tensor", "[16, 3]"),
            ([zeros(q + "lora_A.weight", [4, 15]), b], "adapter.tensor", "[16, 15]"),
            ([a, b, zeros(q + "lora_A.other.weight", [4, 16])], "adapter.tensor", "twice"),
            ([a, b, zeros(q + "lora_magnitude_vector", [16])], "adapter.dora", "DoRA"),
            (
                [
                    zeros("base_model.model.model.layers.7.self_attn.q_proj.lora_A.weight", [4, 16]),
                    zeros("base_model.model.model.layers.7.self_attn.q_proj.lora_B.weight", [16, 4]),
                ],
                "adapter.target", "model.layers.7"
            ),
            (
                [a, b, zeros("base_model.model.model.layers.0.self_attn.q_proj.bias", [16])],
                "checkpoint.unknown-tensor", "bias"
            ),
        ] {
            try withFolder { folder in
                let (adapter, base) = try copy("plain", to: folder)
                try SmallCheckpoint.safetensors(tensors).write(
                    to: adapter.appendingPathComponent("adapter_model.safetensors"))
                expect(Rule(rule), contains: word) {
                    _ = try Model(ModelLocation(adapter.path, base: base.path))
                }
            }
        }
    }

    @Test("PEFT's levels of modules that were trained whole, and names of adapters, change no key")
    func levels() throws {
        try withFolder { folder in
            let (adapter, base) = try copy("plain", to: folder)
            let file = adapter.appendingPathComponent("adapter_model.safetensors")
            let head = SmallCheckpoint.Tensor("", [500, 16], (0..<8000).map { Float($0 % 64) / 64 }, dtype: "F32")
            let q = "base_model.model.model.layers.0.self_attn.q_proj."
            for name in [
                "lm_head.weight", "lm_head.modules_to_save.weight", "lm_head.modules_to_save.default.weight",
            ] {
                var replaced = head
                replaced.name = "base_model.model." + name
                var original = head
                original.name = "base_model.model.lm_head.original_module.weight"
                try SmallCheckpoint.safetensors([
                    replaced, original,
                    .init(q + "lora_A.default.weight", [1, 16], Array(repeating: 1, count: 16), dtype: "F32"),
                    .init(q + "lora_B.default.weight", [16, 1], Array(repeating: 1, count: 16), dtype: "F32"),
                ]).write(to: file)
                let model = try Model(ModelLocation(adapter.path, base: base.path))
                let found = try model.weights.tensor("lm_head.weight", shape: [500, 16])
                #expect(found.bytes.withUnsafeBytes { Array($0) } == head.bytes)
                #expect(
                    model.ledger?.merged.map(\.into)
                        == Array(repeating: "model.layers.0.self_attn.q_proj.weight", count: 2))
            }
        }
    }
}
