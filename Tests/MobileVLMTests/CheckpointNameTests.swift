import MobileVLM
import Models
import ModelSupport
import Testing

struct CheckpointNameTests {
    @Test("an embedded tower, a re-save without vision_model and a CLIP folder give one and the same key")
    func tower() {
        let key = CheckpointName.key("vision_model.encoder.layers.0.mlp.fc1.weight")
        let name = "encoder.layers.0.mlp.fc1.weight"
        #expect(CheckpointName(checkpoint: "model.vision_tower.vision_tower.vision_model." + name) == key)
        #expect(CheckpointName(checkpoint: "model.vision_tower.vision_tower." + name) == key)
        #expect(CheckpointName(tower: "vision_model." + name) == key)
        #expect(CheckpointName(tower: name) == key)
    }

    @Test("the projector loses its leading model, the language model keeps its names")
    func others() {
        #expect(
            CheckpointName(checkpoint: "model.mm_projector.model.mb_block.1.block.1.fc1.weight")
                == .key("mm_projector.model.mb_block.1.block.1.fc1.weight"))
        #expect(CheckpointName(checkpoint: "model.mm_projector.weight") == .key("mm_projector.weight"))
        for name in ["model.layers.3.self_attn.q_proj.weight", "lm_head.weight", "model.norm.weight"] {
            #expect(CheckpointName(checkpoint: name) == .key(name))
        }
    }

    @Test(
        "wrappers' levels, alone, nested and inside, and the names of today's transformers change no key",
        arguments: [
            "", "module.", "_orig_mod.", "module._orig_mod.", "_orig_mod.module.", "base_model.model.",
            "module.base_model.model.", "base_model.model.module.", "_forward_module.", "_forward_module.module.",
            "_fsdp_wrapped_module.", "model.",
        ])
    func wrappers(prefix: String) {
        func key(_ name: String) -> CheckpointName { CheckpointName(checkpoint: prefix + name) }
        let norm = CheckpointName.key("model.layers.1.input_layernorm.weight")
        for root in ["model.", "model.language_model.", "language_model.model.", "language_model.", ""] {
            #expect(key(root + "layers.1.input_layernorm.weight") == norm)
            #expect(key(root + "layers.1._checkpoint_wrapped_module.input_layernorm.weight") == norm)
            #expect(key(root + "embed_tokens.weight") == .key("model.embed_tokens.weight"))
        }
        for name in ["lm_head.weight", "language_model.lm_head.weight", "model.lm_head.weight"] {
            #expect(key(name) == .key("lm_head.weight"))
        }
        let tower = CheckpointName.key("vision_model.pre_layrnorm.weight")
        for root in [
            "model.vision_tower.vision_tower.", "model.vision_tower.", "vision_tower.", "vision_tower.vision_tower.",
        ] {
            #expect(key(root + "vision_model.pre_layrnorm.weight") == tower)
            #expect(key(root + "pre_layrnorm.weight") == tower)
            #expect(CheckpointName(tower: prefix + root + "pre_layrnorm.weight") == tower)
        }
        for root in ["model.mm_projector.", "mm_projector.", "model.multi_modal_projector.", "multi_modal_projector."] {
            #expect(key(root + "model.mlp.1.bias") == .key("mm_projector.model.mlp.1.bias"))
            #expect(key(root + "linear_1.weight") == .key("mm_projector.0.weight"))
            #expect(key(root + "linear_2.bias") == .key("mm_projector.2.bias"))
            #expect(CheckpointName(projector: prefix + root + "peg.peg.0.bias") == .key("mm_projector.peg.peg.0.bias"))
        }
    }

    @Test("a projector's file may hold its names bare")
    func bareProjector() {
        #expect(CheckpointName(projector: "model.mlp.1.weight") == .key("mm_projector.model.mlp.1.weight"))
        #expect(CheckpointName(projector: "module.0.weight") == .key("mm_projector.0.weight"))
        #expect(CheckpointName(projector: "weight") == .key("mm_projector.weight"))
    }

    @Test("a name that nothing is known about stays whole")
    func unknownName() {
        for name in ["model.image_newline", "module.model.extra.weight", "model", "", "model."] {
            #expect(CheckpointName(checkpoint: name) == .key(name))
        }
    }

    @Test(
        "buffers of older saves are left out for a reason",
        arguments: [
            "model.layers.0.self_attn.rotary_emb.inv_freq",
            "model.vision_tower.vision_tower.vision_model.embeddings.position_ids",
            "model.vision_tower.vision_tower.embeddings.position_ids",
        ])
    func buffers(name: String) {
        guard case .ignored(let reason) = CheckpointName(checkpoint: name) else {
            Issue.record("\(name) is not ignored")
            return
        }
        #expect(reason.contains("buffer"))
    }

    @Test(
        "the text side of a CLIP folder is left out for a reason",
        arguments: [
            "text_model.encoder.layers.0.mlp.fc1.weight", "text_model.final_layer_norm.bias", "text_projection.weight",
            "visual_projection.weight", "logit_scale",
        ])
    func textModel(name: String) {
        guard case .ignored(let reason) = CheckpointName(tower: name) else {
            Issue.record("\(name) is not ignored")
            return
        }
        #expect(reason.contains("text side"))
        // In the checkpoint itself such a name is unknown, not harmless.
        #expect(CheckpointName(checkpoint: name) == .key(name))
    }

    @Test("what the graph does not read is dropped for a stated reason, and only that")
    func reasons() {
        let model = Family.model(Family.small, .ldpv2)
        func reason(_ key: String) -> String? { CheckpointName.reasonToDrop(key, configuration: model) }
        #expect(reason("vision_model.post_layernorm.weight")?.contains("last block") == true)
        #expect(reason("vision_model.encoder.layers.23.mlp.fc2.bias")?.contains("block 23") == true)
        #expect(reason("vision_model.encoder.layers.22.mlp.fc2.bias") == nil)
        #expect(reason("vision_model.encoder.layers.24.mlp.fc2.bias") == nil)  // the tower has no such block
        #expect(reason("vision_model.encoder.layers.x.mlp.fc2.bias") == nil)
        #expect(reason("model.layers.24.mlp.up_proj.weight") == nil)
        #expect(reason("lm_head.weight") == nil)

        var tied = model
        tied.language.tiedEmbeddings = true
        #expect(CheckpointName.reasonToDrop("lm_head.weight", configuration: tied)?.contains("tied") == true)
    }

    @Test("the ledger counts every tensor once and groups what is dropped by reason")
    func ledger() {
        var ledger = TensorLedger()
        ledger.use("a")
        ledger.drop("b", reason: "second")
        ledger.drop("c", reason: "first")
        ledger.drop("d", reason: "second")
        ledger.fail("e")
        #expect(ledger.total == 5)
        #expect(ledger.used == ["a"])
        #expect(ledger.unknown == ["e"])
        #expect(ledger.reasons.map(\.reason) == ["second", "first"])
        #expect(ledger.reasons.map(\.count) == [2, 1])
    }
}
