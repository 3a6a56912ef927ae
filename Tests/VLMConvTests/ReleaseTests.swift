import Foundation
import Tensors
import TestSupport
import Testing
import VLMConv

/// Checkpoints with the configuration, names and shapes of the family's large releases. Their weights are holes in a
/// file, so that gigabytes take no room; opening and planning read none of them.
struct ReleaseTests {
    /// A LLaMA of 7B: its tensors with their shapes.
    private static let language: [(String, [Int])] =
        [
            ("model.embed_tokens.weight", [32000, 4096]), ("lm_head.weight", [32000, 4096]),
            ("model.norm.weight", [4096]),
        ]
        + (0..<32).flatMap { layer -> [(String, [Int])] in
            let prefix = "model.layers.\(layer)."
            return ["q", "k", "v", "o"].map { (prefix + "self_attn.\($0)_proj.weight", [4096, 4096]) } + [
                (prefix + "mlp.gate_proj.weight", [11008, 4096]), (prefix + "mlp.up_proj.weight", [11008, 4096]),
                (prefix + "mlp.down_proj.weight", [4096, 11008]), (prefix + "input_layernorm.weight", [4096]),
                (prefix + "post_attention_layernorm.weight", [4096]),
            ]
        }

    /// CLIP ViT-L/14 at 336 pixels.
    private static func tower(_ prefix: String) -> [(String, [Int])] {
        var list: [(String, [Int])] = [
            ("embeddings.class_embedding", [1024]), ("embeddings.patch_embedding.weight", [1024, 3, 14, 14]),
            ("embeddings.position_embedding.weight", [577, 1024]),
        ]
        func affine(_ name: String, _ shape: [Int]) {
            list += [("\(name).weight", shape), ("\(name).bias", [shape[0]])]
        }
        for name in ["pre_layrnorm", "post_layernorm"] { affine(name, [1024]) }
        for layer in 0..<24 {
            let block = "encoder.layers.\(layer)."
            for name in ["q", "k", "v", "out"] { affine("\(block)self_attn.\(name)_proj", [1024, 1024]) }
            affine(block + "mlp.fc1", [4096, 1024])
            affine(block + "mlp.fc2", [1024, 4096])
            affine(block + "layer_norm1", [1024])
            affine(block + "layer_norm2", [1024])
        }
        return list.map { (prefix + $0.0, $0.1) }
    }

    private static func write(_ tensors: [(String, [Int])], _ config: String, to folder: URL) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(config.utf8).write(to: folder.appendingPathComponent("config.json"))
        var header: [String: Any] = [:]
        var offset = 0
        for (name, shape) in tensors {
            let end = offset + 2 * shape.reduce(1, *)
            header[name] = ["dtype": "F16", "shape": shape, "data_offsets": [offset, end]] as [String: Any]
            offset = end
        }
        let json = try JSONSerialization.data(withJSONObject: header)
        let file = folder.appendingPathComponent("model.safetensors")
        try (Data((0..<8).map { UInt8(truncatingIfNeeded: json.count >> (8 * $0)) }) + json).write(to: file)
        let handle = try FileHandle(forWritingTo: file)
        try handle.truncate(atOffset: UInt64(8 + json.count + offset))
        try handle.close()
        try FileManager.default.copyItem(
            at: URL(fileURLWithPath: Fixtures.path("tokenizer/plain.model")),
            to: folder.appendingPathComponent("tokenizer.model"))
    }

    private static let sizes = """
        "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32, "num_attention_heads": 32,
        "num_key_value_heads": 32, "vocab_size": 32000, "hidden_act": "silu", "max_position_embeddings": 4096,
        "rms_norm_eps": 1e-05, "tie_word_embeddings": false, "torch_dtype": "float16", "bos_token_id": 1,
        "eos_token_id": 2, "use_cache": true
        """
    private static let vision = """
        "mm_hidden_size": 1024, "mm_vision_select_feature": "patch", "mm_vision_select_layer": -2,
        "mm_use_im_patch_token": false, "mm_use_im_start_end": false, "image_aspect_ratio": "pad",
        "mm_vision_tower": "openai/clip-vit-large-patch14-336"
        """
    private static let clip = """
        {"model_type": "clip_vision_model", "hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24,
        "num_attention_heads": 16, "image_size": 336, "patch_size": 14, "hidden_act": "quick_gelu",
        "layer_norm_eps": 1e-05, "projection_dim": 768}
        """

    /// - Parameter tensors: How many each file gets; a projector file has no last block of the tower.
    private func expect(_ location: ModelLocation, tensors: [Int], imageTokens: Int?) throws -> Model {
        let model = try Model(location)
        #expect(model.configuration.language.layerCount == 32)
        #expect(model.configuration.language.ropeBase == 10000)
        #expect(model.configuration.multimodal?.imageTokenCount == imageTokens)
        let preset = try preset("q4_0")
        let request = ConversionRequest(
            checkpoint: location, output: location.path + "/out.gguf", storage: StorageOptions(preset),
            projectorPreset: try VLMConvTests.preset("f16"))
        let plan = try request.plan()
        #expect(plan.files.map(\.rows.count) == tensors)
        // "llama 7B Q4_0: 3.56 GiB, 6.74 B" is how llama-bench names the model of this shape.
        let rows = try #require(plan.files.first).rows
        let bytes = rows.reduce(0) { $0 + $1.targetBytes }
        #expect(String(format: "%.2f", Double(bytes) / 0x1p30) == "3.56")
        #expect(rows.reduce(0) { $0 + ($1.shape.elementCount ?? 0) } == 6_738_415_616)
        return model
    }

    @Test("MobileVLM V2 7B: the tower inside, LDPv2, 144 rows a picture")
    func mobileVLM() throws {
        try withFolder { folder in
            let p = "model.mm_projector."
            let projector: [(String, [Int])] = [
                (p + "mlp.mlp.0.weight", [4096, 1024]), (p + "mlp.mlp.0.bias", [4096]),
                (p + "mlp.mlp.2.weight", [4096, 4096]), (p + "mlp.mlp.2.bias", [4096]),
                (p + "peg.peg.0.weight", [4096, 1, 3, 3]), (p + "peg.peg.0.bias", [4096]),
            ]
            try Self.write(
                Self.language + Self.tower("model.vision_tower.vision_tower.vision_model.") + projector,
                """
                {"architectures": ["MobileLlamaForCausalLM"], "model_type": "mobilevlm", "mm_projector_type": "ldpnetv2",
                "vision_tower_type": "clip", "rope_scaling": null, \(Self.sizes), \(Self.vision),
                "vision_config": \(Self.clip)}
                """, to: folder)
            _ = try expect(ModelLocation(folder.path), tensors: [291, 379], imageTokens: 144)
        }
    }

    @Test("LLaVA 1.5 7B: the tower in a folder of its own, an MLP of two layers, 576 rows a picture")
    func llava() throws {
        try withFolder { folder in
            let p = "model.mm_projector."
            let projector: [(String, [Int])] = [
                (p + "0.weight", [4096, 1024]), (p + "0.bias", [4096]), (p + "2.weight", [4096, 4096]),
                (p + "2.bias", [4096]),
            ]
            let checkpoint = folder.appendingPathComponent("llava")
            try Self.write(
                Self.language + projector,
                """
                {"architectures": ["LlavaLlamaForCausalLM"], "model_type": "llava", "mm_projector_type": "mlp2x_gelu",
                "mm_resampler_type": null, "use_mm_proj": true, "pad_token_id": 0, "pretraining_tp": 1,
                "rope_scaling": null, \(Self.sizes), \(Self.vision)}
                """, to: checkpoint)
            let tower = folder.appendingPathComponent("clip")
            try Self.write(Self.tower("vision_model."), Self.clip, to: tower)
            let location = ModelLocation(checkpoint.path, visionTower: tower.path)
            let model = try expect(location, tensors: [291, 377], imageTokens: 576)
            #expect(model.configuration.multimodal?.projector == .mlp(depth: 2))
        }
    }

    @Test("Vicuna 7B: text alone, and its long form with positions scaled by 4")
    func vicuna() throws {
        try withFolder { folder in
            for (name, scaling) in [("vicuna", "null"), ("vicuna-16k", #"{"factor": 4.0, "type": "linear"}"#)] {
                let place = folder.appendingPathComponent(name)
                try Self.write(
                    Self.language,
                    """
                    {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "rope_scaling": \(scaling),
                    \(Self.sizes)}
                    """, to: place)
                let model = try expect(ModelLocation(place.path), tensors: [291], imageTokens: nil)
                #expect(model.configuration.language.ropeScaling == (scaling == "null" ? 1 : 4))
            }
        }
    }
}
