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
        var list: [TensorSpecification] = []
        func add(_ key: String, _ shape: Shape, _ kind: TensorKind, _ role: TensorRole = .other) {
            list.append(TensorSpecification(key: key, shape: shape, kind: kind, role: role, part: .language))
        }
        if !l.tiedEmbeddings { add("lm_head.weight", [l.vocabularySize, H], .outputHead, .outputHead) }
        add("model.norm.weight", [H], .vector)
        add("model.embed_tokens.weight", [l.vocabularySize, H], .tokenEmbedding, .tokenEmbedding)
        for n in 0..<l.layerCount {
            let key = "model.layers.\(n)."
            let queries = l.headCount * l.headSize
            let values = l.keyValueHeadCount * l.headSize
            add("\(key)self_attn.k_proj.weight", [values, H], .rotaryMatrix(heads: l.keyValueHeadCount), .keys)
            add("\(key)input_layernorm.weight", [H], .vector)
            add("\(key)self_attn.o_proj.weight", [H, queries], .matrix, .attentionOutput)
            add("\(key)self_attn.q_proj.weight", [queries, H], .rotaryMatrix(heads: l.headCount), .queries)
            add("\(key)self_attn.v_proj.weight", [values, H], .matrix, .values)
            add("\(key)mlp.down_proj.weight", [H, F], .matrix, .down)
            add("\(key)mlp.gate_proj.weight", [F, H], .matrix, .gate)
            add("\(key)post_attention_layernorm.weight", [H], .vector)
            add("\(key)mlp.up_proj.weight", [F, H], .matrix, .up)
        }
        return list
    }

    /// The tower up to the block whose output the projector takes; later blocks and `post_layernorm` are never read.
    public var towerTensors: [TensorSpecification] {
        guard let v = multimodal?.vision else { return [] }
        let C = v.hiddenSize
        let F = v.feedForwardSize
        var list: [TensorSpecification] = []
        func add(_ key: String, _ shape: Shape, _ kind: TensorKind, _ role: TensorRole = .other) {
            list.append(
                TensorSpecification(key: "vision_model.\(key)", shape: shape, kind: kind, role: role, part: .tower))
        }
        func addPair(_ key: String, _ shape: Shape, _ kind: TensorKind, _ role: TensorRole = .other) {
            add("\(key).weight", shape, kind, role)
            add("\(key).bias", [shape.dimensions[0]], .vector)
        }
        add("embeddings.class_embedding", [C], .vector)
        add("embeddings.patch_embedding.weight", [C, 3, v.patchSize, v.patchSize], .patchKernel)
        add("embeddings.position_embedding.weight", [v.positionCount, C], .positionTable)
        addPair("pre_layrnorm", [C], .vector)  // the checkpoints' own spelling
        for n in 0..<v.featureLayer {
            let key = "encoder.layers.\(n)."
            addPair("\(key)self_attn.q_proj", [C, C], .matrix, .queries)
            addPair("\(key)self_attn.k_proj", [C, C], .matrix, .keys)
            addPair("\(key)self_attn.v_proj", [C, C], .matrix, .values)
            addPair("\(key)self_attn.out_proj", [C, C], .matrix, .attentionOutput)
            addPair("\(key)layer_norm1", [C], .vector)
            addPair("\(key)mlp.fc1", [F, C], .matrix, .up)
            addPair("\(key)mlp.fc2", [C, F], .matrix, .down)
            addPair("\(key)layer_norm2", [C], .vector)
        }
        return list
    }

    /// The projector.
    public var projectorTensors: [TensorSpecification] {
        guard let multimodal else { return [] }
        let C = multimodal.vision.hiddenSize
        let H = language.hiddenSize
        var list: [TensorSpecification] = []
        func add(_ key: String, _ shape: Shape, _ kind: TensorKind) {
            list.append(
                TensorSpecification(key: "mm_projector.\(key)", shape: shape, kind: kind, part: .projector))
        }
        func addPair(_ key: String, _ shape: Shape, _ kind: TensorKind) {
            add("\(key).weight", shape, kind)
            add("\(key).bias", [shape.dimensions[0]], .vector)
        }
        switch multimodal.projector {
        case .linear:
            add("weight", [H, C], .matrix)
            add("bias", [H], .vector)
        case .mlp(let depth):
            for n in 0..<depth { addPair("\(2 * n)", [H, n == 0 ? C : H], .matrix) }
        case .ldpv2:
            addPair("mlp.mlp.0", [H, C], .matrix)
            addPair("mlp.mlp.2", [H, H], .matrix)
            addPair("peg.peg.0", [H, 1, 3, 3], .depthwiseKernel)
        case .ldp:
            let squeezed = Self.squeezeWidth(H)
            addPair("model.mlp.1", [H, C], .matrix)
            addPair("model.mlp.3", [H, H], .matrix)
            for block in 1...2 {
                let key = "model.mb_block.\(block).block"
                add("\(key).0.0.weight", [H, 1, 3, 3], .depthwiseKernel)
                addPair("\(key).0.1", [H], .vector)
                addPair("\(key).1.fc1", [squeezed, H, 1, 1], .pointwiseKernel)
                addPair("\(key).1.fc2", [H, squeezed, 1, 1], .pointwiseKernel)
                add("\(key).2.0.weight", [H, H, 1, 1], .pointwiseKernel)
                addPair("\(key).2.1", [H], .vector)
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
