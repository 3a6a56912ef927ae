import Execution
import MobileVLM
import Tensors
import TestSupport
import Testing

/// The graph against PyTorch, tap by tap, on a small MobileVLM V2 checkpoint in float16.
@Suite("mini-v2 golden data", .enabled(if: Fixtures.hasGolden))
struct GoldenTests {
    static let configuration = ModelConfiguration(
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

    @Test(
        "every tap lies within 1e-5 of PyTorch's, logits within 1e-3",
        arguments: ["text", "image_square", "image_wide"])
    func taps(name: String) throws {
        let executor = try Executor(
            configuration: Self.configuration,
            weights: ModelWeights(checkpoint: MemorySource(path: "/tmp/mini-v2.safetensors")))
        let golden = try MemorySource(path: Fixtures.golden("mini-v2/taps/\(name).safetensors") ?? "")
        let taps = Taps()
        let ids = try golden.integers("input_ids")
        var pieces: [InputPiece] = []
        for part in ids.split(separator: -200) {
            pieces.append(.tokens(Array(part)))
        }
        if ids.contains(-200) {
            pieces.insert(
                .image(try executor.encodeImage(golden.floats("pixel_values"), taps: taps)), at: 1)
        }
        let cache = executor.makeCache()
        _ = try executor.forward(pieces, cache: cache, taps: taps)
        for tap in taps.recorded where tap.name != "logits" {
            let error = try relativeError(tap.values, golden.floats(tap.name))
            print(name, tap.name, tap.shape, error)
            #expect(error <= 1e-5, "\(tap.name)")
        }
        let logits = try #require(taps["logits"])
        let argmax = try golden.integers("argmax")
        if golden.info("logits") != nil {
            let d = try greatestDifference(logits.values, golden.floats("logits")); print("logits", d)
            #expect(d <= 1e-3)
        } else {
            let d = try greatestDifference(Array(logits.values.suffix(8 * 32000)), golden.floats("logits_last8"));
            print("logits", d)
            #expect(d <= 1e-3)
        }
        _ = argmax
        let g = try executor.generate(pieces, cache: executor.makeCache(), maximumTokens: 16)
        #expect(try g.ids == golden.integers("greedy"))
        print(g)
    }
}
