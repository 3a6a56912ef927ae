import ByteIO
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
        let projector = AnyName(downColumns: columns)
        let weights = GGUFDialect().weights(
            model, language: AnyName(), projector: projector, origin: "pair")
        return ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"].map {
            weights.info("vision_model.encoder.layers.3.mlp.\($0)")?.name
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
        let weights = GGUFDialect().weights(
            Self.model, language: AnyName(),
            projector: AnyName(downColumns: 1024), origin: "pair")
        #expect(weights.rotaryPairing == .neighbours)
        #expect(weights.info("model.layers.2.mlp.up_proj.weight")?.name == "blk.2.ffn_up.weight")
        #expect(weights.info("model.layers.2.mlp.down_proj.weight")?.name == "blk.2.ffn_down.weight")
        #expect(weights.info("mm_projector.peg.peg.0.weight")?.name == "mm.model.peg.0.weight")
    }

    @Test("without a projector file only the language model is placed")
    func languageAlone() throws {
        let weights = GGUFDialect().weights(
            Self.model, language: AnyName(), projector: nil, origin: "model.gguf")
        #expect(weights.info("mm_projector.peg.peg.0.weight")?.name == nil)
        #expect(weights.info("model.norm.weight")?.name == "output_norm.weight")
    }
}

/// A source that has a tensor of every name.
private struct AnyName: TensorSource {
    var downColumns = 1
    var tensors: [TensorInfo] { [] }
    var files: [String] { ["any"] }

    func info(_ name: String) -> TensorInfo? {
        TensorInfo(name: name, type: .f16, shape: name == "v.blk.0.ffn_down.weight" ? [4, downColumns] : [4])
    }

    func bytes(of name: String) throws -> Bytes { Bytes([]) }
}
