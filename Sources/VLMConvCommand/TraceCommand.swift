import ArgumentParser
import VLMConv

struct TraceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Write what a model computes to a safetensors file: tokens, pixels, logits, every intermediate.",
        discussion: """
            Tensors: tokens (I32; -200 stands for a picture), pixel_values, logits (positions x vocabulary) and the \
            taps, each F32 in the shape that PyTorch gives it. docs/graph.md lists the taps.
            """)

    @Argument(help: "Folder of a checkpoint, a .gguf or an .mvlm file.")
    var model: String

    @Option(help: "The question, put into the conversation template.")
    var prompt: String?

    @Flag(help: "Take the prompt as it is; <image> stands for a picture.")
    var raw = false

    @Option(help: "Token ids instead, separated by commas; -200 stands for a picture.")
    var tokens: String?

    @Option(name: .customLong("image"), help: "Picture (PNG, JPEG, WebP, GIF or BMP); may be repeated.")
    var images: [String] = []

    @OptionGroup var pictures: PictureOptions

    @Option(help: "Which taps: all, none, or names separated by commas (llama.layer stands for every llama.layer.N).")
    var taps = "all"

    @Option(name: .shortAndLong, help: "The safetensors file to write.")
    var output: String

    @OptionGroup var options: ModelOptions

    func validate() throws {
        if (prompt == nil) == (tokens == nil) { throw ValidationError("Give either --prompt or --tokens.") }
        _ = try parsedTokens()
        _ = try selectedTaps()
    }

    func run() throws {
        let input: TraceRequest.Input =
            if let ids = try parsedTokens() {
                .tokens(ids)
            } else {
                raw ? .prompt(prompt ?? "") : .question(prompt ?? "")
            }
        var request = TraceRequest(model: options.location(model), input: input, output: output)
        request.images = images
        request.uprightsImages = pictures.exifRotates
        request.threads = options.threads
        request.taps = try selectedTaps()
        let written = try request.run(cancellation: Terminal.cancellation) { Terminal.message("note: \($0)") }
        Terminal.output(
            Text.table(written.map { [$0.name, $0.type.name, $0.shape.description] }, leading: [0, 1, 2]))
    }

    /// Nil for all.
    private func selectedTaps() throws -> [String]? {
        if taps == "all" { return nil }
        if taps == "none" { return [] }
        let names = taps.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard !names.contains("") else {
            throw ValidationError(
                "--taps takes all, none, or names separated by commas, none of them empty; docs/graph.md lists them.")
        }
        return names
    }

    private func parsedTokens() throws -> [Int]? {
        guard let tokens else { return nil }
        return try tokens.split(separator: ",", omittingEmptySubsequences: false).map { part in
            guard let id = Int(part.filter { $0 != " " }), Int32(exactly: id) != nil else {
                throw ValidationError("--tokens: \"\(part)\" is no token id.")
            }
            return id
        }
    }
}
