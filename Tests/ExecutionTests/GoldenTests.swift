import Execution
import MobileVLM
import Models
import Safetensors
import Tensors
import Testing
import TestSupport
import TorchArchive

/// The graph against PyTorch on a MobileVLM V2 checkpoint of the released layout, at 336 pixels and 32000 tokens.
@Suite("golden model mini-v2", .enabled(if: Fixtures.hasGolden))
struct GoldenTests {
    private let configuration = ModelConfiguration(
        name: "mini-v2",
        language: LanguageConfiguration(
            hiddenSize: 256, feedForwardSize: 768, layerCount: 4, headCount: 4, keyValueHeadCount: 4, headSize: 64,
            vocabularySize: 32000, contextLength: 2048, rmsEpsilon: 1e-5, ropeBase: 10000, tiedEmbeddings: false),
        multimodal: .init(
            vision: VisionConfiguration(
                hiddenSize: 128, feedForwardSize: 512, layerCount: 5, headCount: 4, imageSize: 336, patchSize: 14,
                layerNormEpsilon: 1e-5, activation: .quickGELU, featureLayer: 4, projectionSize: 128,
                padsToSquare: true),
            projector: .ldpv2))

    private func golden(_ path: String) throws -> String {
        try #require(Fixtures.golden("mini-v2/\(path)"))
    }

    @Test(
        "every tap lies within 1e-5 of PyTorch's, logits within 1e-3, and the greedy text is the same",
        arguments: ["text", "image_square", "image_wide"])
    func taps(name: String) throws {
        let weights = ModelWeights(
            checkpoint: try TorchArchive(path: golden("model/pytorch_model-00001-of-00002.bin")),
            try TorchArchive(path: golden("model/pytorch_model-00002-of-00002.bin")))
        let executor = try Executor(configuration: configuration, weights: weights)
        let file = try SafetensorsFile(path: golden("taps/\(name).safetensors"))
        let taps = Taps()

        // -200 stands for the picture.
        let ids = try file.integers("input_ids")
        var pieces = ids.split(separator: -200).map { InputPiece.tokens(Array($0)) }
        if ids.contains(-200) {
            pieces.insert(.image(try executor.encodeImage(file.floats("pixel_values"), taps: taps)), at: 1)
        }
        let logits = try executor.forward(pieces, cache: executor.makeCache(), taps: taps)

        for tap in taps.recorded where tap.name != "logits" {
            #expect(file.info(tap.name)?.shape.dimensions == tap.shape, "\(tap.name)")
            #expect(try relativeError(tap.values, file.floats(tap.name)) <= 1e-5, "\(tap.name)")
        }
        #expect(taps.recorded.count == (ids.contains(-200) ? 18 : 7))
        let expected = try file.floats(file.info("logits") == nil ? "logits_last8" : "logits")
        #expect(greatestDifference(logits.elements.suffix(expected.count), expected) <= 1e-3)
        var greedy = Sampler.greedy
        #expect(try (0..<logits.rows).map { greedy.next(logits[row: $0]) } == file.integers("argmax"))

        let text = try executor.generate(pieces, maximumTokens: 16)
        #expect(try text.ids == file.integers("greedy"))
    }
}
