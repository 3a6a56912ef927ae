import ArgumentParser
import VLMConv

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Time loading, image encoding, prefill and decoding, each for itself.",
        discussion: """
            Beside the times stands what limits them: the bandwidth at which decoding reads the weights against the one \
            that the same threads reach when they only read, and multiplications a second against those of the same \
            kernels when everything lies in the first cache.
            """)

    @Argument(help: "Folder of a checkpoint, a .gguf or an .mvlm file.")
    var model: String

    @Option(name: .shortAndLong, help: "How often each part is timed, after one run to warm up.")
    var repetitions = 5

    @Option(
        name: [.customShort("p"), .customLong("prompt-tokens")], help: "Length of the prompt.")
    var promptTokens = 256

    @Option(name: [.customShort("n"), .customLong("answer-tokens")], help: "Tokens decoded one by one.")
    var answerTokens = 32

    @Option(
        name: [.customShort("d"), .customLong("depth")],
        help: "Tokens that are in the cache before decoding begins.")
    var depth = 0

    @Option(
        name: [.customShort("t"), .customLong("threads")],
        help: "Numbers of threads, separated by commas (default: one per processor).")
    var threads: String?

    @Flag(inversion: .prefixedNo, help: "Time the encoding of a picture, if the model can.")
    var image = true

    @OptionGroup var checkpoint: CheckpointOptions

    @Option(name: .customLong("mmproj"), help: "Projector file of a GGUF pair (default: mmproj-NAME beside NAME).")
    var projector: String?

    @OptionGroup var arithmetic: ArithmeticOptions
    @OptionGroup var report: ReportOptions

    @Flag(name: .customLong("csv"), help: "Print the table as comma-separated values.")
    var isCSV = false

    @Flag(name: .customLong("markdown"), help: "Print the table as Markdown.")
    var isMarkdown = false

    func validate() throws {
        if repetitions < 1 { throw ValidationError("--repetitions must be at least 1.") }
        if promptTokens < 1 || answerTokens < 1 { throw ValidationError("Numbers of tokens must be at least 1.") }
        if depth < 0 { throw ValidationError("--depth must be at least 0.") }
        if [report.isJSON, isCSV, isMarkdown].count(where: { $0 }) > 1 {
            throw ValidationError("Choose one of --json, --csv and --markdown.")
        }
        _ = try threadCounts()
    }

    func run() throws {
        var location = checkpoint.location(model)
        if let projector { location.projector = projector }
        var request = BenchmarkRequest(model: location)
        request.threads = try threadCounts()
        request.repetitions = repetitions
        request.promptTokens = promptTokens
        request.answerTokens = answerTokens
        request.depth = depth
        request.arithmetic = arithmetic.arithmetic
        request.cacheFormat = arithmetic.cache
        request.encodesImage = image
        let result = try request.run(cancellation: Terminal.cancellation) { step in Terminal.progress(step) }
        Terminal.endProgress()
        Terminal.output(report.isJSON ? result.json : table(result))
    }

    private func threadCounts() throws -> [Int] {
        guard let threads else { return [] }
        return try threads.split(separator: ",", omittingEmptySubsequences: false).map { part in
            guard let count = Int(part), (1...1024).contains(count) else {
                throw ValidationError("--threads takes numbers from 1 to 1024, separated by commas.")
            }
            return count
        }
    }

    private func table(_ result: BenchmarkReport) -> String {
        let rows = result.table(Text.fixed)
        if isCSV { return rows.map { $0.joined(separator: ",") }.joined(separator: "\n") }
        if isMarkdown {
            let rule = rows[0].indices.map { $0 == 0 ? "---" : "--:" }
            return ([rows[0], rule] + rows.dropFirst()).map { "| " + $0.joined(separator: " | ") + " |" }
                .joined(separator: "\n")
        }
        return
            ([Text.table(rows)] + result.remarks(Text.fixed) + [
                "\(Text.plural(result.repetitions, "repetition")), \(Text.bytes(result.weightBytes)) of weights a token, "
                    + "peak memory \(Text.bytes(result.peakMemory))"
            ]).joined(separator: "\n")
    }
}
