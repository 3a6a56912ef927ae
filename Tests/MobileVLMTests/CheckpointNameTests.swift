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
