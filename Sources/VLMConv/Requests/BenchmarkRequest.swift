import ByteIO
import Execution
import MobileVLM
import Models
import Opening
import Platform
import Quantization

/// `vlmconv bench` as a call: how long each part of the work takes, and how near that is to what the machine can do.
public struct BenchmarkRequest: Sendable {
    public static let numbers = Rule("bench.numbers")

    public var model: ModelLocation
    public var repetitions = 5
    /// Text tokens of the prompt whose prefill is timed.
    public var promptTokens = 256
    /// Tokens whose decoding is timed.
    public var answerTokens = 32
    /// Tokens that are in the cache before decoding begins, whose keys and values every decoded token reads too.
    public var depth = 0
    /// Numbers of threads, each measured for itself; empty: one per processor.
    public var threads: [Int] = []
    public var arithmetic = Arithmetic.fast
    public var cacheFormat: KeyValueCache.Format?
    /// Whether to time the encoding of a picture, if the model can.
    public var encodesImage = true

    public init(model: ModelLocation) { self.model = model }

    /// Runs every part once to warm up, then `repetitions` times, for each number of threads.
    /// - Parameters:
    ///   - cancellation: Looked at before each block of the model, with `CancellationError`.
    ///   - progress: Called with a line about each step.
    public func run(
        cancellation: Cancellation? = nil, progress: (String) -> Void = { _ in }
    ) throws -> BenchmarkReport {
        try Arguments.check(repetitions, in: 1...1_000_000, "repetitions")
        try Arguments.check(promptTokens, in: 1...1 << 20, "prompt tokens")
        try Arguments.check(answerTokens, in: 1...1 << 20, "answer tokens")
        try Arguments.check(depth, in: 0...1 << 20, "tokens before decoding")
        for count in threads { try Arguments.check(count, in: Arguments.threads, "threads") }
        let configuration = try Model(model).configuration
        guard max(promptTokens, depth + answerTokens) <= configuration.language.contextLength else {
            throw InputError(
                Self.numbers, file: model.path, field: "tokens",
                problem:
                    "\(promptTokens) of a prompt, or \(answerTokens) after \(depth), exceed the model's context of "
                    + "\(configuration.language.contextLength) tokens")
        }
        let runs = try (threads.isEmpty ? [nil] : threads.map { $0 }).map { try measure($0, cancellation, progress) }
        let work = try ModelWork(Model(model))
        return BenchmarkReport(
            model: model.path, arithmetic: arithmetic, cacheFormat: cacheFormat ?? arithmetic.cacheFormat,
            instructionSet: InstructionSet.current.rawValue, blas: BLASKernels.name, weightBytes: work.decodeBytes,
            repetitions: repetitions, depth: depth, runs: runs, warnings: warnings(work.decodeBytes),
            peakMemory: Machine.peakMemory)
    }

    private func measure(
        _ threads: Int?, _ cancellation: Cancellation?, _ progress: (String) -> Void
    ) throws -> BenchmarkReport.Run {
        var (load, encode, prefill, decode): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
        // What was opened before is gone when the next is opened: mapped twice, a file would count twice as memory.
        for repetition in 0...repetitions {
            try cancellation?.check()
            let seconds = try open(threads: threads).seconds
            if repetition > 0 { load.append(seconds) }
        }
        let session = try open(threads: threads).session
        let work = try ModelWork(session.model)
        let count = session.executor.threads
        let language = session.model.configuration.language
        // Any ids do: the work does not depend on which.
        let prompt = (0..<max(promptTokens, answerTokens, depth)).map { ($0 * 37 + 11) % language.vocabularySize }
        let pixels =
            session.model.configuration.multimodal == nil || !encodesImage
            ? nil : try BuiltinPrompts.pictures.first.map { try session.pixels($0.picture) }
        for repetition in 0...repetitions {
            progress(
                Self.threadsText(count) + ": "
                    + (repetition == 0 ? "warming up" : "repetition \(repetition) of \(repetitions)"))
            if let pixels {
                try time(&encode) { _ = try session.executor.encodeImage(pixels, cancellation: cancellation) }
            }
            let cache = session.executor.makeCache(
                positions: max(promptTokens, depth + answerTokens), format: cacheFormat)
            func take(_ count: Int) throws {
                _ = try session.executor.forward(
                    [.tokens(Array(prompt.prefix(count)))], cache: cache, logits: .last, cancellation: cancellation)
            }
            try time(&prefill) { try take(promptTokens) }
            // Decoding begins with an empty cache, as llama-bench has it, unless a depth is asked for.
            cache.rewind(to: min(depth, promptTokens))
            if depth > promptTokens { try take(depth - promptTokens) }
            try time(&decode) {
                for token in prompt.prefix(answerTokens) {
                    _ = try session.executor.forward(
                        [.tokens([token])], cache: cache, logits: .last, cancellation: cancellation)
                }
            }
            if repetition == 0 { (encode, prefill, decode) = ([], [], []) }
        }
        var stages = [BenchmarkReport.Stage("load", load, tokens: nil)]
        if let multimodal = session.model.configuration.multimodal, pixels != nil {
            stages.append(
                .init("image encode", encode, tokens: multimodal.imageTokenCount, products: work.encodeProducts))
        }
        stages.append(
            .init(
                "prefill", prefill, tokens: promptTokens,
                products: work.layerProducts * Double(promptTokens) + work.headProducts))
        stages.append(
            .init(
                "decode", decode, tokens: answerTokens,
                bytes: Double(work.decodeBytes * answerTokens),
                products: (work.layerProducts + work.headProducts) * Double(answerTokens)))
        progress("\(Self.threadsText(count)): what the machine can do")
        return BenchmarkReport.Run(
            threads: count, stages: stages, readBandwidth: session.executor.readBandwidth(of: work.streamed),
            peakProducts: session.executor.peakProducts(blocks: arithmetic == .fast && work.hasBlocks),
            peakFloatProducts: session.executor.peakProducts(blocks: false))
    }

    private static func threadsText(_ count: Int) -> String { count == 1 ? "1 thread" : "\(count) threads" }

    private func open(threads: Int?) throws -> (session: Session, seconds: Double) {
        let clock = ContinuousClock()
        let start = clock.now
        let session = try Session(
            Model(model), arithmetic: arithmetic,
            threads: threads)
        return (session, (clock.now - start).seconds)
    }

    private func time(_ samples: inout [Double], _ body: () throws -> Void) rethrows {
        samples.append(try ContinuousClock().measure(body).seconds)
    }

    /// What in the environment makes this machine slower than it is.
    private func warnings(_ weightBytes: Int) -> [String] {
        var warnings: [String] = []
        if weightBytes > Machine.memory {
            warnings.append(
                "A token's weights take \(weightBytes >> 20) MiB, and this process may use \(Machine.memory >> 20) MiB of memory: "
                    + "the figures are the disk's. Use a smaller type, or allow more memory.")
        }
        if let name = getenv("OPENBLAS_CORETYPE").map({ String(cString: $0) }), arithmetic == .reference {
            warnings.append("OPENBLAS_CORETYPE=\(name) chooses OpenBLAS's kernels; unset it to let OpenBLAS choose.")
        }
        if arithmetic == .reference, let advice = BLASKernels.advice { warnings.append(advice) }
        if let best = InstructionSet.available.last, best != InstructionSet.current {
            warnings.append(
                "VLMCONV_ISA chooses \(InstructionSet.current.rawValue); this processor can run \(best.rawValue).")
        }
        return warnings
    }
}

/// What a model's passes cost at least.
private struct ModelWork {
    /// Weights that a token reads: all of the language model's but the embedding, unless it is the head too.
    var streamed: [Bytes] = []
    var decodeBytes: Int { streamed.reduce(0) { $0 + $1.count } }
    /// Multiplications of a token in the blocks and in the head.
    var layerProducts = 0.0
    var headProducts = 0.0
    /// Of a picture.
    var encodeProducts = 0.0
    /// Whether weights of the language model lie in blocks.
    var hasBlocks = false

    init(_ model: Model) throws {
        let (c, multimodal) = (model.configuration.language, model.configuration.multimodal)
        for tensor in model.configuration.tensors {
            let elements = Double(tensor.shape.elementCount ?? 0)
            switch (tensor.part, tensor.kind) {
            case (.language, .matrix), (.language, .rotaryMatrix):
                layerProducts += elements
            case (.language, .outputHead): headProducts += elements
            case (.language, .tokenEmbedding):
                guard c.tiedEmbeddings else { continue }
                headProducts += elements
            case (.tower, .matrix): encodeProducts += elements * Double(multimodal?.vision.positionCount ?? 0)
            case (.tower, .patchKernel), (.projector, .matrix):
                encodeProducts += elements * Double((multimodal?.vision.positionCount ?? 1) - 1)
            default: continue
            }
            guard tensor.part == .language else { continue }
            let stored = try model.weights.tensor(tensor.key, shape: tensor.shape)
            streamed.append(stored.bytes)
            hasBlocks = hasBlocks || stored.info.type.blockLength > 1
        }
        if let vision = multimodal?.vision {
            // Scores and weighted sums.
            encodeProducts +=
                Double(vision.featureLayer) * 2 * Double(vision.positionCount) * Double(vision.positionCount)
                * Double(vision.hiddenSize)
        }
    }
}
