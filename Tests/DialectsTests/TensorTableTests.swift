import Dialects
import MobileVLM
import Models
import ModelSupport
import Tensors
import Testing

/// The table of tensors against the released layout (left) and llama.cpp's names (right), written out by hand.
struct TensorTableTests {
    private struct Row: Equatable {
        let key: String
        let shape: Shape
        let gguf: String?
        let ggufShape: Shape

        init(_ key: String, _ shape: Shape, _ gguf: String?, _ ggufShape: Shape? = nil) {
            self.key = key
            self.shape = shape
            self.gguf = gguf
            self.ggufShape = ggufShape ?? shape
        }

        init(_ s: TensorSpecification, _ model: ModelConfiguration) {
            self.init(s.key, s.shape, GGUFDialect().name(of: s, in: model), GGUFDialect().shape(of: s))
        }
    }

    private func expect(
        _ list: [TensorSpecification], of model: ModelConfiguration, _ rows: [Row],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(list.count == rows.count, sourceLocation: sourceLocation)
        for row in rows {
            let found = list.first { $0.key == row.key }.map { Row($0, model) }
            #expect(found == row, sourceLocation: sourceLocation)
        }
    }

    @Test("a block of the language model has the nine tensors of LLaMA under GGUF's names")
    func language() {
        let model = Family.model(Family.medium, .ldpv2)
        let list = model.languageTensors
        expect(
            list.filter { $0.key.contains(".layers.31.") }, of: model,
            [
                Row("model.layers.31.input_layernorm.weight", [2560], "blk.31.attn_norm.weight"),
                Row("model.layers.31.self_attn.q_proj.weight", [2560, 2560], "blk.31.attn_q.weight"),
                Row("model.layers.31.self_attn.k_proj.weight", [2560, 2560], "blk.31.attn_k.weight"),
                Row("model.layers.31.self_attn.v_proj.weight", [2560, 2560], "blk.31.attn_v.weight"),
                Row("model.layers.31.self_attn.o_proj.weight", [2560, 2560], "blk.31.attn_output.weight"),
                Row("model.layers.31.post_attention_layernorm.weight", [2560], "blk.31.ffn_norm.weight"),
                Row("model.layers.31.mlp.gate_proj.weight", [6912, 2560], "blk.31.ffn_gate.weight"),
                Row("model.layers.31.mlp.up_proj.weight", [6912, 2560], "blk.31.ffn_up.weight"),
                Row("model.layers.31.mlp.down_proj.weight", [2560, 6912], "blk.31.ffn_down.weight"),
            ])
        expect(
            list.filter { !$0.key.contains(".layers.") }, of: model,
            [
                Row("model.embed_tokens.weight", [32000, 2560], "token_embd.weight"),
                Row("model.norm.weight", [2560], "output_norm.weight"),
                Row("lm_head.weight", [32000, 2560], "output.weight"),
            ])
    }

    @Test("only queries and keys are reordered for the rotary embedding, each by its own heads")
    func rotary() {
        var language = Family.small
        language.keyValueHeadCount = 4
        let list = ModelConfiguration(name: "", language: language, multimodal: nil).languageTensors
        for tensor in list {
            let heads: Int? =
                tensor.key.contains("q_proj") ? 16 : tensor.key.contains("k_proj") ? 4 : nil
            if case .rotaryMatrix(let found) = tensor.kind {
                #expect(found == heads, "\(tensor.key)")
            } else {
                #expect(heads == nil, "\(tensor.key)")
            }
        }
    }

    @Test("the tower has CLIP's tensors under GGUF's names, fc1 being ffn_up")
    func tower() {
        let model = Family.model(Family.small, .ldpv2)
        let list = model.towerTensors
        let v = "vision_model."
        let block = "vision_model.encoder.layers.7."
        func pair(_ key: String, _ shape: Shape, _ gguf: String) -> [Row] {
            [
                Row(key + ".weight", shape, gguf + ".weight"),
                Row(key + ".bias", [shape.dimensions[0]], gguf + ".bias"),
            ]
        }
        expect(
            list.filter { $0.key.contains(".layers.7.") }, of: model,
            pair(block + "self_attn.q_proj", [1024, 1024], "v.blk.7.attn_q")
                + pair(block + "self_attn.k_proj", [1024, 1024], "v.blk.7.attn_k")
                + pair(block + "self_attn.v_proj", [1024, 1024], "v.blk.7.attn_v")
                + pair(block + "self_attn.out_proj", [1024, 1024], "v.blk.7.attn_out")
                + pair(block + "layer_norm1", [1024], "v.blk.7.ln1")
                + pair(block + "layer_norm2", [1024], "v.blk.7.ln2")
                + pair(block + "mlp.fc1", [4096, 1024], "v.blk.7.ffn_up")
                + pair(block + "mlp.fc2", [1024, 4096], "v.blk.7.ffn_down"))
        expect(
            list.filter { !$0.key.contains(".layers.") }, of: model,
            pair(v + "pre_layrnorm", [1024], "v.pre_ln") + [
                Row(v + "embeddings.class_embedding", [1024], "v.class_embd"),
                Row(v + "embeddings.patch_embedding.weight", [1024, 3, 14, 14], "v.patch_embd.weight"),
                Row(v + "embeddings.position_embedding.weight", [577, 1024], "v.position_embd.weight"),
            ])
    }

    @Test("V1's projector loses its size-1 dimensions in GGUF")
    func ldp() {
        var rows: [Row] = []
        for (n, input) in [("1", 1024), ("3", 2048)] {
            rows.append(Row("mm_projector.model.mlp.\(n).weight", [2048, input], "mm.model.mlp.\(n).weight"))
            rows.append(Row("mm_projector.model.mlp.\(n).bias", [2048], "mm.model.mlp.\(n).bias"))
        }
        for block in ["model.mb_block.1.block.", "model.mb_block.2.block."] {
            let (key, gguf) = ("mm_projector." + block, "mm." + block)
            rows += [
                Row(key + "0.0.weight", [2048, 1, 3, 3], gguf + "0.0.weight", [2048, 3, 3]),
                Row(key + "0.1.weight", [2048], gguf + "0.1.weight"),
                Row(key + "0.1.bias", [2048], gguf + "0.1.bias"),
                Row(key + "1.fc1.weight", [512, 2048, 1, 1], gguf + "1.fc1.weight", [512, 2048]),
                Row(key + "1.fc1.bias", [512], gguf + "1.fc1.bias"),
                Row(key + "1.fc2.weight", [2048, 512, 1, 1], gguf + "1.fc2.weight", [2048, 512]),
                Row(key + "1.fc2.bias", [2048], gguf + "1.fc2.bias"),
                Row(key + "2.0.weight", [2048, 2048, 1, 1], gguf + "2.0.weight", [2048, 2048]),
                Row(key + "2.1.weight", [2048], gguf + "2.1.weight"),
                Row(key + "2.1.bias", [2048], gguf + "2.1.bias"),
            ]
        }
        let model = Family.model(Family.small, .ldp)
        expect(model.projectorTensors, of: model, rows)
    }

    @Test("V2's projector is an MLP and a depthwise kernel")
    func ldpv2() {
        let model = Family.model(Family.small, .ldpv2)
        expect(
            model.projectorTensors, of: model,
            [
                Row("mm_projector.mlp.mlp.0.weight", [2048, 1024], "mm.model.mlp.0.weight"),
                Row("mm_projector.mlp.mlp.0.bias", [2048], "mm.model.mlp.0.bias"),
                Row("mm_projector.mlp.mlp.2.weight", [2048, 2048], "mm.model.mlp.2.weight"),
                Row("mm_projector.mlp.mlp.2.bias", [2048], "mm.model.mlp.2.bias"),
                Row("mm_projector.peg.peg.0.weight", [2048, 1, 3, 3], "mm.model.peg.0.weight", [2048, 3, 3]),
                Row("mm_projector.peg.peg.0.bias", [2048], "mm.model.peg.0.bias"),
            ])
    }

    @Test("LLaVA's MLP has GGUF names at depth 2 alone, a linear projector has none")
    func plainProjectors() {
        func rows(_ depth: Int) -> [Row] {
            (0..<depth).flatMap { n -> [Row] in
                let gguf = depth == 2 ? "mm.\(2 * n)" : nil
                return [
                    Row("mm_projector.\(2 * n).weight", [2048, n == 0 ? 1024 : 2048], gguf.map { $0 + ".weight" }),
                    Row("mm_projector.\(2 * n).bias", [2048], gguf.map { $0 + ".bias" }),
                ]
            }
        }
        for depth in 1...3 {
            let model = Family.model(Family.small, .mlp(depth: depth))
            expect(model.projectorTensors, of: model, rows(depth))
        }
        let linear = Family.model(Family.small, .linear)
        expect(
            linear.projectorTensors, of: linear,
            [Row("mm_projector.weight", [2048, 1024], nil), Row("mm_projector.bias", [2048], nil)])
    }

    @Test(
        "names in GGUF are unique, short enough and have at most four dimensions",
        arguments: [ProjectorKind.ldp, .ldpv2, .mlp(depth: 2)])
    func ggufNames(_ kind: ProjectorKind) throws {
        let model = Family.model(Family.medium, kind)
        let list = model.tensors
        let names = try list.map { try #require(GGUFDialect().name(of: $0, in: model)) }
        #expect(Set(names).count == names.count)
        #expect(Set(list.map(\.key)).count == list.count)
        #expect(names.allSatisfy { $0.utf8.count < 64 })
        #expect(list.allSatisfy { (1...4).contains(GGUFDialect().shape(of: $0).rank) })
    }
}
