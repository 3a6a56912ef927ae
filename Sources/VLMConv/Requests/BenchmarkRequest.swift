import Platform
import ByteIO
import Execution
import MobileVLM
import Models
import Opening

/// `vlmconv bench` as a call: how long each part of the work takes.
public struct BenchmarkRequest: Sendable {
    public var model: ModelLocation
    public var repetitions = 5
    /// Text tokens of the prompt whose prefill is timed.
    public var promptTokens = 128
    /// Tokens whose decoding is timed.
    public var answerTokens = 16
    public var threads: Int?

    public init(model: ModelLocation) { self.model = model }

    /// Runs every part once to warm up, then `repetitions` times.
    public func run(progress: (String) -> Void = { _ in }) throws -> BenchmarkReport {
        var load: [Double] = []
        var encode: [Double] = []
        var prefill: [Double] = []
        var decode: [Double] = []
        var session = try open(&load)
        let vocabulary = session.model.configuration.language.vocabularySize
        // Any ids do: the work does not depend on which.
        let prompt = (0..<promptTokens).map { ($0 * 37 + 11) % vocabulary }
        let pixels =
            session.model.configuration.multimodal == nil
            ? nil : try BuiltinPrompts.pictures.first.map { try session.pixels($0.picture) }
        load.removeAll()
        for repetition in 0...repetitions {
            progress(repetition == 0 ? "warming up" : "repetition \(repetition) of \(repetitions)")
            session = try open(&load)
            if let pixels { try time(&encode) { _ = try session.executor.encodeImage(pixels) } }
            let cache = session.executor.makeCache()
            try time(&prefill) {
                _ = try session.executor.forward([.tokens(prompt)], cache: cache, logits: .last)
            }
            try time(&decode) {
                for token in prompt.prefix(answerTokens) {
                    _ = try session.executor.forward([.tokens([token])], cache: cache, logits: .last)
                }
            }
            if repetition == 0 {
                load.removeAll()
                encode.removeAll()
                prefill.removeAll()
                decode.removeAll()
            }
        }
        var stages = [BenchmarkReport.Stage("load", load, tokens: nil)]
        if let multimodal = session.model.configuration.multimodal {
            stages.append(.init("image encode", encode, tokens: multimodal.imageTokenCount))
        }
        stages.append(.init("prefill", prefill, tokens: prompt.count))
        stages.append(.init("decode", decode, tokens: min(answerTokens, prompt.count)))
        return BenchmarkReport(
            model: model.path, threads: session.executor.threads, repetitions: repetitions, stages: stages,
            peakMemory: Machine.peakMemory)
    }

    private func open(_ samples: inout [Double]) throws -> Session {
        let clock = ContinuousClock()
        let start = clock.now
        let session = try Session(
            Model(model), threads: threads)
        samples.append((clock.now - start).seconds)
        return session
    }

    private func time(_ samples: inout [Double], _ body: () throws -> Void) rethrows {
        samples.append(try ContinuousClock().measure(body).seconds)
    }
}

/// What `bench` measured.
public struct BenchmarkReport: Sendable {
    public struct Stage: Sendable {
        public let name: String
        /// Seconds of each repetition, fastest first.
        public let seconds: [Double]
        /// Tokens that the stage works on; nil for loading.
        public let tokens: Int?

        init(_ name: String, _ seconds: [Double], tokens: Int?) {
            self.name = name
            self.seconds = seconds.sorted()
            self.tokens = tokens
        }

        public var median: Double { seconds.isEmpty ? 0 : seconds[seconds.count / 2] }
        public var fastest: Double { seconds.first ?? 0 }
        public var slowest: Double { seconds.last ?? 0 }
        public var tokensPerSecond: Double? {
            guard let tokens, median > 0 else { return nil }
            return Double(tokens) / median
        }
    }

    public let model: String
    public let threads: Int
    public let repetitions: Int
    public let stages: [Stage]
    /// In bytes.
    public let peakMemory: Int
}
