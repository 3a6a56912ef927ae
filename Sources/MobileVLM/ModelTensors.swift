import Models
import Tensors

extension ModelConfiguration {
    /// Every tensor that the graph of this model reads, in the order in which files list them.
    public var tensors: [TensorSpecification] { languageTensors + towerTensors + projectorTensors }

    /// The language model: 9 tensors per block and 3 around them (2 with tied embeddings).
    public var languageTensors: [TensorSpecification] {
        let l = language
        let H = l.hiddenSize
        let F = l.feedForwardSize
        func make(_ key: String, _ shape: Shape, _ kind: TensorKind, gguf: String) -> TensorSpecification {
            TensorSpecification(key: key, shape: shape, kind: kind, part: .language, ggufName: gguf)
        }
        var list: [TensorSpecification] = []
        if !l.tiedEmbeddings {
            list.append(make("lm_head.weight", [l.vocabularySize, H], .outputHead, gguf: "output.weight"))
        }
        list.append(make("model.norm.weight", [H], .vector, gguf: "output_norm.weight"))
        list.append(
            make("model.embed_tokens.weight", [l.vocabularySize, H], .tokenEmbedding, gguf: "token_embd.weight"))
        for n in 0..<l.layerCount {
            let key = "model.layers.\(n)."
            let gguf = "blk.\(n)."
            let queries = l.headCount * l.headSize
            let values = l.keyValueHeadCount * l.headSize
            let rows: [(String, Shape, TensorKind, String)] = [
                ("self_attn.k_proj", [values, H], .rotaryMatrix(heads: l.keyValueHeadCount), "attn_k"),
                ("input_layernorm", [H], .vector, "attn_norm"),
                ("self_attn.o_proj", [H, queries], .matrix, "attn_output"),
                ("self_attn.q_proj", [queries, H], .rotaryMatrix(heads: l.headCount), "attn_q"),
                ("self_attn.v_proj", [values, H], .matrix, "attn_v"),
                ("mlp.down_proj", [H, F], .matrix, "ffn_down"),
                ("mlp.gate_proj", [F, H], .matrix, "ffn_gate"),
                ("post_attention_layernorm", [H], .vector, "ffn_norm"),
                ("mlp.up_proj", [F, H], .matrix, "ffn_up"),
            ]
            for (name, shape, kind, target) in rows {
                list.append(make("\(key)\(name).weight", shape, kind, gguf: "\(gguf)\(target).weight"))
            }
        }
        return list
    }

    /// The tower up to the block whose output the projector takes; later blocks and `post_layernorm` are never read.
    public var towerTensors: [TensorSpecification] {
        guard let v = multimodal?.vision else { return [] }
        let C = v.hiddenSize
        let F = v.feedForwardSize
        var list: [TensorSpecification] = []
        func add(_ key: String, _ shape: Shape, _ kind: TensorKind, gguf: String) {
            list.append(
                TensorSpecification(key: "vision_model.\(key)", shape: shape, kind: kind, part: .tower, ggufName: gguf))
        }
        func addPair(_ key: String, _ shape: Shape, _ kind: TensorKind, gguf: String) {
            add("\(key).weight", shape, kind, gguf: "\(gguf).weight")
            add("\(key).bias", [shape.dimensions[0]], .vector, gguf: "\(gguf).bias")
        }
        add("embeddings.class_embedding", [C], .vector, gguf: "v.class_embd")
        add(
            "embeddings.patch_embedding.weight", [C, 3, v.patchSize, v.patchSize], .patchKernel,
            gguf: "v.patch_embd.weight")
        add(
            "embeddings.position_embedding.weight", [v.positionCount, C], .positionTable,
            gguf: "v.position_embd.weight")
        addPair("pre_layrnorm", [C], .vector, gguf: "v.pre_ln")  // the checkpoints' own spelling
        for n in 0..<v.featureLayer {
            let key = "encoder.layers.\(n)."
            let gguf = "v.blk.\(n)."
            addPair("\(key)self_attn.q_proj", [C, C], .matrix, gguf: "\(gguf)attn_q")
            addPair("\(key)self_attn.k_proj", [C, C], .matrix, gguf: "\(gguf)attn_k")
            addPair("\(key)self_attn.v_proj", [C, C], .matrix, gguf: "\(gguf)attn_v")
            addPair("\(key)self_attn.out_proj", [C, C], .matrix, gguf: "\(gguf)attn_out")
            addPair("\(key)layer_norm1", [C], .vector, gguf: "\(gguf)ln1")
            // Current naming: up is fc1. The legacy scripts had the two the other way round.
            addPair("\(key)mlp.fc1", [F, C], .matrix, gguf: "\(gguf)ffn_up")
            addPair("\(key)mlp.fc2", [C, F], .matrix, gguf: "\(gguf)ffn_down")
            addPair("\(key)layer_norm2", [C], .vector, gguf: "\(gguf)ln2")
        }
        return list
    }

    /// The projector.
    public var projectorTensors: [TensorSpecification] {
        guard let multimodal else { return [] }
        let C = multimodal.vision.hiddenSize
        let H = language.hiddenSize
        var list: [TensorSpecification] = []
        func add(_ key: String, _ shape: Shape, _ kind: TensorKind, gguf: String?) {
            list.append(
                TensorSpecification(
                    key: "mm_projector.\(key)", shape: shape, kind: kind, part: .projector, ggufName: gguf))
        }
        func addPair(_ key: String, _ shape: Shape, _ kind: TensorKind, gguf: String?) {
            add("\(key).weight", shape, kind, gguf: gguf.map { "\($0).weight" })
            add("\(key).bias", [shape.dimensions[0]], .vector, gguf: gguf.map { "\($0).bias" })
        }
        switch multimodal.projector {
        case .linear:
            list.append(
                TensorSpecification(
                    key: "mm_projector.weight", shape: [H, C], kind: .matrix, part: .projector, ggufName: nil))
            list.append(
                TensorSpecification(
                    key: "mm_projector.bias", shape: [H], kind: .vector, part: .projector, ggufName: nil))
        case .mlp(let depth):
            for n in 0..<depth {
                // llama.cpp's `mlp` is exactly two layers; no other depth can be written.
                addPair("\(2 * n)", [H, n == 0 ? C : H], .matrix, gguf: depth == 2 ? "mm.\(2 * n)" : nil)
            }
        case .ldpv2:
            addPair("mlp.mlp.0", [H, C], .matrix, gguf: "mm.model.mlp.0")
            addPair("mlp.mlp.2", [H, H], .matrix, gguf: "mm.model.mlp.2")
            addPair("peg.peg.0", [H, 1, 3, 3], .depthwiseKernel, gguf: "mm.model.peg.0")
        case .ldp:
            let squeezed = Self.squeezeWidth(H)
            addPair("model.mlp.1", [H, C], .matrix, gguf: "mm.model.mlp.1")
            addPair("model.mlp.3", [H, H], .matrix, gguf: "mm.model.mlp.3")
            for block in 1...2 {
                let key = "model.mb_block.\(block).block"
                let gguf = "mm.model.mb_block.\(block).block"
                add("\(key).0.0.weight", [H, 1, 3, 3], .depthwiseKernel, gguf: "\(gguf).0.0.weight")
                addPair("\(key).0.1", [H], .vector, gguf: "\(gguf).0.1")
                addPair("\(key).1.fc1", [squeezed, H, 1, 1], .pointwiseKernel, gguf: "\(gguf).1.fc1")
                addPair("\(key).1.fc2", [H, squeezed, 1, 1], .pointwiseKernel, gguf: "\(gguf).1.fc2")
                add("\(key).2.0.weight", [H, H, 1, 1], .pointwiseKernel, gguf: "\(gguf).2.0.weight")
                addPair("\(key).2.1", [H], .vector, gguf: "\(gguf).2.1")
            }
        }
        return list
    }

    /// Width of the squeeze in a squeeze-and-excitation of `width` channels: a quarter, rounded to a multiple of 8 but
    /// not below 90 % (torchvision's `_make_divisible`).
    package static func squeezeWidth(_ width: Int) -> Int {
        let quarter = width / 4
        let rounded = max(8, (quarter + 4) / 8 * 8)
        return Double(rounded) < 0.9 * Double(quarter) ? rounded + 8 : rounded
    }
}
