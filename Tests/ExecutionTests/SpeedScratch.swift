import Execution
import Foundation
import MobileVLM
import Tensors
import Testing

func cpu() -> Double {
    var u = rusage()
    getrusage(__rusage_who_t(0), &u)
    return Double(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + Double(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6
}
let env = ProcessInfo.processInfo.environment
@Suite(.enabled(if: env["SPEED"] != nil))
struct Speed {
    @Test func speed() throws {
        let configuration = ModelConfiguration(
            name: "1.7b",
            language: LanguageConfiguration(
                hiddenSize: 2048, feedForwardSize: 5632, layerCount: 24, headCount: 16, keyValueHeadCount: 16, headSize: 128,
                vocabularySize: 32000, contextLength: 2048, rmsEpsilon: 1e-6, ropeBase: 10000, tiedEmbeddings: false),
            multimodal: .init(
                vision: VisionConfiguration(
                    hiddenSize: 1024, feedForwardSize: 4096, layerCount: 24, headCount: 16, imageSize: 336, patchSize: 14,
                    layerNormEpsilon: 1e-5, activation: .quickGELU, featureLayer: 23, projectionSize: 768,
                    padsToSquare: true),
                projector: .ldpv2))
        let clock = ContinuousClock()
        let source = try MemorySource(path: env["SPEED"] ?? "")
        var executor: Executor?
        print("load", try clock.measure { executor = try Executor(configuration: configuration, weights: ModelWeights(checkpoint: source), threads: env["THREADS"].flatMap { Int($0) }) })
        let e = try #require(executor)
        let pixels: [Float] = (0..<3 * 336 * 336).map { (i: Int) -> Float in Float(i % 255) / 127 - 1 }
        var image = Matrix(rows: 1, columns: 1, elements: [0])
        for _ in 0..<2 { let c = cpu(); print("image", try clock.measure { image = try e.encodeImage(pixels) }, "cpu", cpu() - c) }
        for _ in 0..<2 {
            do {
                let c0 = cpu()
                let cache = e.makeCache()
                let l = try e.forward([.tokens(Array(1...40)), .image(image), .tokens(Array(50...65))], cache: cache, logits: .last)
                let c1 = cpu()
                for _ in 0..<5 { _ = try e.forward([.tokens([9])], cache: cache, logits: .last) }
                print("cpu prefill", c1 - c0, "per token", (cpu() - c1) / 5, l.elements[0])
            }
            let g = try e.generate([.tokens(Array(1...40)), .image(image), .tokens(Array(50...65))], cache: e.makeCache(), maximumTokens: 9)
            print("rows", g.promptRows, "prefill", g.prefillSeconds, "per token", g.decodeSeconds / Double(g.decodeSteps), g.ids)
        }
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        print(status.split(separator: "\n").filter { $0.hasPrefix("Rss") || $0.hasPrefix("VmHWM") })
    }
}
