import ArgumentParser
import VLMConv

struct QuantizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quantize",
        abstract: "Store the tensors of a GGUF file in other types: the bytes that llama-quantize writes.",
        discussion: """
            Takes either file of a pair, made by vlmconv or by llama.cpp's converters. With --calibrate also any other \
            language model of the llama architecture; the bytes are then those by which its layers compute what they did.
            """)

    @Argument(help: "The GGUF file to read, best in F16, BF16 or F32.")
    var input: String

    @Argument(help: "The GGUF file to write.")
    var output: String

    @OptionGroup var type: TypeFlags

    @Flag(name: .customLong("allow-requantize"), help: "Quantize even tensors that are quantized already.")
    var allowsRequantizing = false

    @Flag(
        name: .customLong("source-digests"),
        help: "Record the input's SHA-256 too; one core reads all of it once more, longer than quantizing takes.")
    var recordsSources = false

    @OptionGroup var calibration: CalibrationFlags
    @OptionGroup var storage: StorageFlags
    @OptionGroup var report: ReportOptions

    func validate() throws {
        if recordsSources, storage.omitsDigests {
            throw ValidationError("--source-digests and --no-digests contradict each other.")
        }
    }

    func run() throws {
        var request = QuantizationRequest(input: input, output: output, storage: try storage.options(type.preset, type))
        request.allowsRequantizing = allowsRequantizing
        if recordsSources { request.storage.digests = .tensorsAndSources }
        request.calibration = try calibration.options(importance: storage.importance)
        let result = try request.run(
            cancellation: Terminal.cancellation, progress: ConversionText.progress,
            calibrating: CalibrationText.progress())
        Terminal.endProgress()
        Terminal.output(report.isJSON ? result.json : ConversionText.summary(result, listsLedger: false))
    }
}
