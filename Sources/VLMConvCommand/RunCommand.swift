import ArgumentParser
import VLMConv

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Ask a model a question, with pictures or without; the answer streams.")

    @Argument(help: "Folder of a checkpoint, a .gguf or an .mvlm file.")
    var model: String

    @Option(help: "The question.")
    var prompt: String

    @Option(name: .customLong("image"), help: "Picture (PNG, JPEG, WebP, GIF or BMP) to ask about; may be repeated.")
    var images: [String] = []

    @OptionGroup var pictures: PictureOptions

    @Flag(help: "Take the prompt as it is, without the conversation template; <image> stands for a picture.")
    var raw = false

    @Option(help: "0 always takes the most likely token.")
    var temperature: Float = 0

    @Option(name: .customLong("top-p"), help: "Keep the most likely tokens up to this sum of probabilities.")
    var topP: Float?

    @Option(name: .customLong("top-k"), help: "Keep this many most likely tokens; 0 keeps all.")
    var topK = 50

    @Option(help: "Seed of the sampling.")
    var seed: UInt64 = 0

    @Option(name: .customLong("max-tokens"), help: "Longest answer.")
    var maxTokens = 512

    @Flag(help: "Print the time of each stage after the answer.")
    var timings = false

    @OptionGroup var options: ModelOptions
    @OptionGroup var arithmetic: ArithmeticOptions

    func validate() throws {
        if !(temperature >= 0) { throw ValidationError("--temperature must not be negative.") }
        if let topP, !(topP > 0 && topP <= 1) { throw ValidationError("--top-p takes a number above 0, at most 1.") }
        if topK < 0 { throw ValidationError("--top-k must not be negative.") }
        if !(1...1 << 20).contains(maxTokens) {
            throw ValidationError("--max-tokens takes a number from 1 to \(1 << 20).")
        }
    }

    func run() throws {
        let session = try options.open(model, arithmetic: arithmetic.arithmetic)
        let tokens =
            raw ? session.tokens(Prompt(text: prompt)) : session.tokens(question: prompt, images: images.count)
        let pixels = try images.map { path in
            let picture = try Picture(path: path, uprights: pictures.exifRotates)
            if let note = picture.note { Terminal.message("note: \(note)") }
            return try session.pixels(picture)
        }
        let sampler = Sampler(temperature: temperature, topK: topK == 0 ? nil : topK, topP: topP, seed: seed)
        let answer = try session.answer(
            tokens, images: pixels, sampler: sampler, maxTokens: maxTokens, cacheFormat: arithmetic.cache,
            cancellation: Terminal.cancellation
        ) {
            Terminal.output($0, terminator: "")
            return Terminal.lostOutput == nil
        }
        Terminal.output("")
        if timings {
            Terminal.message(
                "\(answer.arithmetic.rawValue) arithmetic: images \(Text.fixed(answer.imageSeconds, 3)) s, prompt of \(answer.promptPositions) positions "
                    + "\(Text.fixed(answer.prefillSeconds, 3)) s, \(Text.plural(answer.tokens.count, "token")) "
                    + "\(Text.fixed(answer.decodeSeconds, 3)) s")
        }
    }
}
