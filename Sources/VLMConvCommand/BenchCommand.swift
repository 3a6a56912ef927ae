import ArgumentParser
import VLMConv

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Time loading, image encoding, prefill and decoding, each for itself.")

    @Argument(help: "Folder of a checkpoint, a .gguf or an .mvlm file.")
    var model: String

    @Option(name: .shortAndLong, help: "How often each part is timed, after one run to warm up.")
    var repetitions = 5

    @Option(name: .customLong("prompt-tokens"), help: "Length of the prompt.")
    var promptTokens = 128

    @Option(name: .customLong("answer-tokens"), help: "Tokens decoded one by one.")
    var answerTokens = 16

    @OptionGroup var options: ModelOptions
    @OptionGroup var report: ReportOptions

    func validate() throws {
        if repetitions < 1 { throw ValidationError("--repetitions must be at least 1.") }
        if promptTokens < 1 || answerTokens < 1 { throw ValidationError("Numbers of tokens must be at least 1.") }
        if answerTokens > promptTokens { throw ValidationError("--answer-tokens may not exceed --prompt-tokens.") }
    }

    func run() throws {
        var request = BenchmarkRequest(model: options.location(model))
        request.threads = options.threads
        request.repetitions = repetitions
        request.promptTokens = promptTokens
        request.answerTokens = answerTokens
        let result = try request.run { step in Terminal.progress(step) }
        Terminal.endProgress()
        Terminal.output(report.isJSON ? result.json : table(result))
    }

    private func table(_ result: BenchmarkReport) -> String {
        var rows = [["stage", "median s", "fastest", "slowest", "tokens", "tokens/s"]]
        for stage in result.stages {
            rows.append([
                stage.name, Text.fixed(stage.median, 4), Text.fixed(stage.fastest, 4), Text.fixed(stage.slowest, 4),
                stage.tokens.map(String.init) ?? "", stage.tokensPerSecond.map { Text.fixed($0, 1) } ?? "",
            ])
        }
        return Text.table(rows)
            + "\n\(Text.plural(result.repetitions, "repetition")), \(Text.plural(result.threads, "thread")), "
            + "peak memory \(Text.bytes(result.peakMemory))"
    }
}
