import Dialects
import MobileVLM
import Models
import ModelSupport
import Tensors
import Testing

/// Under which names a pair's tensors are found.
struct GGUFWeightsTests {
    private static let model: ModelConfiguration = {
        var model = Family.model(Family.small, .ldpv2)
        model.multimodal?.vision.layerCount = 23
        return model
    }()

    /// The names that the two matrices of block 3 are found under, in a file where `ffn_down` has rows of `columns`.
    private func names(_ columns: Int, model: ModelConfiguration = Self.model) throws -> [String?] {
        let projector = try ShapesOnly([("v.blk.0.ffn_down.weight", .f16, [1024, columns])])
        let weights = ModelWeights.gguf(
            model, language: try ShapesOnly([]), projector: projector, origin: "pair")
        return ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"].map {
            weights.storedName("vision_model.encoder.layers.3.mlp.\($0)")
        }
    }

    @Test("current files name fc1 ffn_up and fc2 ffn_down")
    func current() throws {
        #expect(
            try names(4096) == [
                "v.blk.3.ffn_up.weight", "v.blk.3.ffn_up.bias", "v.blk.3.ffn_down.weight", "v.blk.3.ffn_down.bias",
            ])
    }

    @Test("legacy files have the two the other way round, told by the row length of ffn_down")
    func legacy() throws {
        #expect(
            try names(1024) == [
                "v.blk.3.ffn_down.weight", "v.blk.3.ffn_down.bias", "v.blk.3.ffn_up.weight", "v.blk.3.ffn_up.bias",
            ])
    }

    @Test("where both lengths are equal nothing is swapped")
    func ambiguous() throws {
        var model = Self.model
        model.multimodal?.vision.feedForwardSize = 1024
        #expect(try names(1024, model: model).first == "v.blk.3.ffn_up.weight")
    }

    @Test("the language model's own ffn names stay, and pairs of rows are neighbours in GGUF")
    func language() throws {
        let weights = ModelWeights.gguf(
            Self.model, language: try ShapesOnly([]),
            projector: try ShapesOnly([("v.blk.0.ffn_down.weight", .f16, [4096, 1024])]), origin: "pair")
        #expect(weights.rotaryPairing == .neighbours)
        #expect(weights.storedName("model.layers.2.mlp.up_proj.weight") == "blk.2.ffn_up.weight")
        #expect(weights.storedName("model.layers.2.mlp.down_proj.weight") == "blk.2.ffn_down.weight")
        #expect(weights.storedName("mm_projector.peg.peg.0.weight") == "mm.model.peg.0.weight")
    }

    @Test("without a projector file only the language model is placed")
    func languageAlone() throws {
        let weights = ModelWeights.gguf(
            Self.model, language: try ShapesOnly([]), projector: nil, origin: "model.gguf")
        #expect(weights.storedName("mm_projector.peg.peg.0.weight") == nil)
        #expect(weights.storedName("model.norm.weight") == "output_norm.weight")
    }
}
