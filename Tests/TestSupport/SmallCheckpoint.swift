import Foundation

/// A checkpoint of a very small model in the layout of the releases, made in a test and written without any code of
/// the project. Sizes: 2 layers of width 64, a tower of 3 blocks of width 32 on 4 x 4 patches, 500 tokens.
public struct SmallCheckpoint {
    public enum Projector: String, Sendable {
        case ldpnetv2, ldpnet, linear
        case mlp = "mlp2x_gelu"
    }

    /// A tensor as safetensors stores it.
    public struct Tensor: Sendable {
        public var name: String
        public var dtype: String
        public var shape: [Int]
        public var bytes: [UInt8]

        /// Numbers stored as BF16 (the upper half of a float) or F32.
        public init(_ name: String, _ shape: [Int], _ values: [Float], dtype: String = "BF16") {
            self.name = name
            self.dtype = dtype
            self.shape = shape
            bytes = values.flatMap { value in
                (dtype == "BF16" ? 2..<4 : 0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
            }
        }

        /// The value at `index`.
        public subscript(index: Int) -> Float {
            get {
                let size = dtype == "BF16" ? 2 : 4
                let bits = bytes[index * size..<(index + 1) * size].reversed().reduce(UInt32(0)) {
                    $0 << 8 | UInt32($1)
                }
                return Float(bitPattern: dtype == "BF16" ? bits << 16 : bits)
            }
            set {
                let size = dtype == "BF16" ? 2 : 4
                for byte in 0..<size {
                    bytes[index * size + byte] = UInt8(
                        truncatingIfNeeded: newValue.bitPattern >> (8 * (byte + 4 - size)))
                }
            }
        }
    }

    public static let embeddedTower = "model.vision_tower.vision_tower.vision_model."

    public var config: [String: Any]
    public var tensors: [Tensor]
    /// Further files by name.
    public var files: [String: Data] = [:]
    /// How many shards the weights are cut into; 1 is a single file without an index.
    public var shards = 1

    private static var visionConfig: [String: Any] {
        [
            "model_type": "clip_vision_model", "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 3,
            "num_attention_heads": 2, "image_size": 56, "patch_size": 14, "hidden_act": "quick_gelu",
            "layer_norm_eps": 1e-5, "projection_dim": 16,
        ]
    }

    /// - Parameters:
    ///   - projector: Nil for a language model alone.
    ///   - hasTower: Whether the tower lies inside, as in V2's releases.
    public init(_ projector: Projector? = .ldpnetv2, hasTower: Bool = true, feedForward: Int = 96, seed: UInt64 = 1) {
        config = [
            "model_type": projector == nil ? "llama" : "mobilevlm", "hidden_size": 64,
            "intermediate_size": feedForward, "num_hidden_layers": 2, "num_attention_heads": 2,
            "num_key_value_heads": 2, "vocab_size": 500, "max_position_embeddings": 2048, "rms_norm_eps": 1e-5,
            "hidden_act": "silu", "rope_scaling": NSNull(), "tie_word_embeddings": false,
        ]
        var numbers = Numbers(seed: seed)
        tensors = Self.language(feedForward, &numbers)
        if let projector {
            config.merge([
                "mm_vision_tower": "openai/clip-small", "mm_hidden_size": 32, "mm_projector_type": projector.rawValue,
                "mm_vision_select_layer": -2, "mm_vision_select_feature": "patch", "image_aspect_ratio": "pad",
                "vision_config": Self.visionConfig,
            ]) { $1 }
            if hasTower { tensors += Self.tower(prefix: Self.embeddedTower, seed: seed) }
            tensors += Self.projector(projector, &numbers)
        }
        tensors.append(numbers.matrix("lm_head.weight", [500, 64]))
        if let tokenizer = FileManager.default.contents(atPath: Fixtures.path("tokenizer/plain.model")) {
            files["tokenizer.model"] = tokenizer
        }
    }

    /// The folder of the tower alone, as CLIP is released: its own config, its text side beside it.
    public static func clip(prefix: String = "vision_model.", seed: UInt64 = 1) -> SmallCheckpoint {
        var clip = SmallCheckpoint(nil)
        clip.files = [:]
        clip.config = ["model_type": "clip", "projection_dim": 16, "vision_config": visionConfig]
        clip.tensors = tower(prefix: prefix, seed: seed)
        var numbers = Numbers(seed: 99)
        clip.tensors += [
            numbers.matrix("text_model.embeddings.token_embedding.weight", [7, 8]),
            numbers.matrix("visual_projection.weight", [16, 32]), numbers.matrix("text_projection.weight", [16, 8]),
            Tensor("logit_scale", [], [4.6]),
        ]
        return clip
    }

    private static func language(_ feedForward: Int, _ numbers: inout Numbers) -> [Tensor] {
        var list = [numbers.matrix("model.embed_tokens.weight", [500, 64])]
        for layer in 0..<2 {
            let p = "model.layers.\(layer)."
            for name in ["q_proj", "k_proj", "v_proj", "o_proj"] {
                list.append(numbers.matrix("\(p)self_attn.\(name).weight", [64, 64]))
            }
            list.append(numbers.matrix(p + "mlp.gate_proj.weight", [feedForward, 64]))
            list.append(numbers.matrix(p + "mlp.up_proj.weight", [feedForward, 64]))
            list.append(numbers.matrix(p + "mlp.down_proj.weight", [64, feedForward]))
            list.append(numbers.norm(p + "input_layernorm.weight", 64))
            list.append(numbers.norm(p + "post_attention_layernorm.weight", 64))
            list.append(Tensor(p + "self_attn.rotary_emb.inv_freq", [16], Array(repeating: 1, count: 16), dtype: "F32"))
        }
        return list + [numbers.norm("model.norm.weight", 64)]
    }

    private static func tower(prefix p: String, seed: UInt64) -> [Tensor] {
        var numbers = Numbers(seed: seed + 1000)
        var list = [
            numbers.matrix(p + "embeddings.class_embedding", [32]),
            numbers.matrix(p + "embeddings.patch_embedding.weight", [32, 3, 14, 14]),
            numbers.matrix(p + "embeddings.position_embedding.weight", [17, 32]),
            Tensor(p + "embeddings.position_ids", [1, 17], Array(repeating: 0, count: 17), dtype: "I32"),
        ]
        func affine(_ name: String, _ shape: [Int]) {
            list.append(numbers.matrix("\(p)\(name).weight", shape))
            list.append(numbers.matrix("\(p)\(name).bias", [shape[0]]))
        }
        func norm(_ name: String) {
            list.append(numbers.norm("\(p)\(name).weight", 32))
            list.append(numbers.matrix("\(p)\(name).bias", [32]))
        }
        norm("pre_layrnorm")
        for layer in 0..<3 {
            let block = "encoder.layers.\(layer)."
            for name in ["k_proj", "v_proj", "q_proj", "out_proj"] { affine(block + "self_attn." + name, [32, 32]) }
            affine(block + "mlp.fc1", [64, 32])
            affine(block + "mlp.fc2", [32, 64])
            norm(block + "layer_norm1")
            norm(block + "layer_norm2")
        }
        norm("post_layernorm")
        return list
    }

    private static func projector(_ kind: Projector, _ numbers: inout Numbers) -> [Tensor] {
        let p = "model.mm_projector."
        var list: [Tensor] = []
        func affine(_ name: String, _ shape: [Int]) {
            list.append(numbers.matrix("\(p)\(name)weight", shape))
            list.append(numbers.matrix("\(p)\(name)bias", [shape[0]]))
        }
        switch kind {
        case .ldpnetv2:
            affine("mlp.mlp.0.", [64, 32])
            affine("mlp.mlp.2.", [64, 64])
            affine("peg.peg.0.", [64, 1, 3, 3])
        case .ldpnet:
            affine("model.mlp.1.", [64, 32])
            affine("model.mlp.3.", [64, 64])
            for block in ["model.mb_block.1.block.", "model.mb_block.2.block."] {
                list.append(numbers.matrix(p + block + "0.0.weight", [64, 1, 3, 3]))
                list.append(numbers.norm(p + block + "0.1.weight", 64))
                list.append(numbers.matrix(p + block + "0.1.bias", [64]))
                affine(block + "1.fc1.", [16, 64, 1, 1])
                affine(block + "1.fc2.", [64, 16, 1, 1])
                list.append(numbers.matrix(p + block + "2.0.weight", [64, 64, 1, 1]))
                list.append(numbers.norm(p + block + "2.1.weight", 64))
                list.append(numbers.matrix(p + block + "2.1.bias", [64]))
            }
        case .mlp:
            affine("0.", [64, 32])
            affine("2.", [64, 64])
        case .linear: affine("", [64, 32])
        }
        return list
    }

    private struct Numbers {
        private var generator: SeededGenerator
        init(seed: UInt64) { generator = SeededGenerator(state: seed) }

        mutating func matrix(_ name: String, _ shape: [Int]) -> Tensor {
            let count = shape.reduce(1, *)
            return Tensor(name, shape, (0..<count).map { _ in Float.random(in: -0.2...0.2, using: &generator) })
        }

        mutating func norm(_ name: String, _ count: Int) -> Tensor {
            Tensor(name, [count], (0..<count).map { _ in Float.random(in: 0.8...1.2, using: &generator) })
        }
    }

    // MARK: Changing and writing

    /// The tensor of that name; setting nil removes it.
    public subscript(name: String) -> Tensor? {
        get { tensors.first { $0.name == name } }
        set {
            if let index = tensors.firstIndex(where: { $0.name == name }) {
                if let newValue { tensors[index] = newValue } else { tensors.remove(at: index) }
            } else if let newValue {
                tensors.append(newValue)
            }
        }
    }

    /// Writes the checkpoint into `folder`, which is made.
    @discardableResult
    public func write(to folder: URL) throws -> URL {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try JSONSerialization.data(withJSONObject: config, options: .sortedKeys).write(
            to: folder.appendingPathComponent("config.json"))
        for (name, data) in files { try data.write(to: folder.appendingPathComponent(name)) }
        if shards == 1 {
            try Self.safetensors(tensors).write(to: folder.appendingPathComponent("model.safetensors"))
            return folder
        }
        var map: [String: String] = [:]
        for shard in 0..<shards {
            let name = Self.shardName(shard, of: shards)
            let part = tensors.enumerated().filter { $0.offset * shards / tensors.count == shard }.map(\.element)
            for tensor in part { map[tensor.name] = name }
            try Self.safetensors(part).write(to: folder.appendingPathComponent(name))
        }
        try JSONSerialization.data(withJSONObject: ["metadata": ["total_size": 0], "weight_map": map])
            .write(to: folder.appendingPathComponent("model.safetensors.index.json"))
        return folder
    }

    /// The name of shard `index`, counted from 0.
    public static func shardName(_ index: Int, of count: Int) -> String {
        String(format: "model-%05d-of-%05d.safetensors", index + 1, count)
    }

    /// A safetensors file: the header's length, the header, the bytes.
    public static func safetensors(_ tensors: [Tensor]) throws -> Data {
        var header: [String: Any] = [:]
        var offset = 0
        for tensor in tensors {
            header[tensor.name] = [
                "dtype": tensor.dtype, "shape": tensor.shape, "data_offsets": [offset, offset + tensor.bytes.count],
            ]
            offset += tensor.bytes.count
        }
        let json = try JSONSerialization.data(withJSONObject: header, options: .sortedKeys)
        var file = Data((0..<8).map { UInt8(truncatingIfNeeded: json.count >> (8 * $0)) })
        file.append(json)
        for tensor in tensors { file.append(contentsOf: tensor.bytes) }
        return file
    }
}
