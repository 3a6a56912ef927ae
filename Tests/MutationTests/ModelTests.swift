import ByteIO
import Conversion
import Foundation
import Testing
import TestSupport
import VLMConv

/// Whole models, one file of which is damaged: opening, inspecting and planning give a typed error or a result.
@Suite struct ModelTests {
    /// Opens `path` in every way that computes with numbers from it.
    private func open(_ path: String, _ what: String) {
        func attempt(_ body: () throws -> Void) {
            do { try body() } catch { expectTyped(error, what) }
        }
        attempt { _ = try Inspection(ModelLocation(path)) }
        attempt {
            let model = try Model(ModelLocation(path))
            #expect(model.configuration.multimodal.map { $0.imageTokenCount > 0 } ?? true)
        }
    }

    @Test(
        "a checkpoint of which one file is damaged",
        arguments: [
            ("config.json", true), ("added_tokens.json", true), ("tokenizer_config.json", true),
            ("preprocessor_config.json", true), ("model.safetensors.index.json", true), ("tokenizer.model", false),
        ])
    func checkpoint(file: String, isText: Bool) throws {
        try withFolder { folder in
            var checkpoint = SmallCheckpoint()
            checkpoint.shards = 2
            checkpoint.files["added_tokens.json"] = Data(#"{"<extra>": 500, "<other>": 501}"#.utf8)
            checkpoint.files["tokenizer_config.json"] = Data(#"{"legacy": false, "chat_template": "{{ x }}"}"#.utf8)
            checkpoint.files["preprocessor_config.json"] = Data(
                #"{"image_mean": [0.5, 0.5, 0.5], "image_std": [0.25, 0.25, 0.25], "crop_size": 56}"#.utf8)
            try checkpoint.write(to: folder)
            let place = folder.appendingPathComponent(file)
            let original = Array(try Data(contentsOf: place))
            var mutator = Mutator(seed: 77)
            for round in 0..<150 {
                try Data(isText ? mutator.text(original) : mutator.bytes(original)).write(to: place)
                open(folder.path, "\(file), round \(round)")
            }
        }
    }

    @Test("a pair of which one file's header is damaged")
    func pair() throws {
        try withFolder { folder in
            let checkpoint = try SmallCheckpoint().write(to: folder.appendingPathComponent("tiny"))
            let path = folder.appendingPathComponent("m.gguf").path
            let preset = try #require(Preset(named: "f16"))
            _ = try ConversionRequest(
                checkpoint: ModelLocation(checkpoint.path), output: path, storage: StorageOptions(preset),
                projectorPreset: preset
            ).run()
            for name in ["m.gguf", "mmproj-m.gguf"] {
                let place = folder.appendingPathComponent(name)
                let original = Array(try Data(contentsOf: place))
                var mutator = Mutator(seed: 78)
                for round in 0..<200 {
                    try Data(mutator.bytes(original)).write(to: place)
                    open(path, "\(name), round \(round)")
                    open(place.path, "\(name) alone, round \(round)")
                    do {
                        let request = QuantizationRequest(
                            input: place.path, output: folder.appendingPathComponent("out.gguf").path,
                            storage: StorageOptions(try #require(Preset(named: "q4_k_m"))))
                        _ = try request.run()
                    } catch {
                        expectTyped(error, "\(name) quantized, round \(round)")
                    }
                }
                try Data(original).write(to: place)
            }
        }
    }
}
