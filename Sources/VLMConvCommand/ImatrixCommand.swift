import ArgumentParser
import VLMConv

struct ImatrixCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "imatrix",
        abstract: "Collect which weights matter, over texts and pictures, for convert --imatrix.",
        discussion: """
            Writes llama.cpp's GGUF layout. With pictures the vision tower and the projector are collected too, and the \
            language model sees pictures in its prompts.
            """)

    @Argument(help: "Folder of a checkpoint, a .gguf or an .mvlm file.")
    var model: String

    @Option(name: .customLong("text"), help: "File of plain text; may be repeated.")
    var texts: [String] = []

    @Option(name: .customLong("images"), help: "Folder of pictures; may be repeated.")
    var imageFolders: [String] = []

    @Option(name: .shortAndLong, help: "The file to write.")
    var output: String

    @Option(name: .customLong("chunk"), help: "Tokens that are run at once.")
    var chunkSize = 512

    @Option(name: .customLong("max-chunks"), help: "Most chunks of text.")
    var maximumChunks: Int?

    @OptionGroup var pictures: PictureOptions
    @OptionGroup var options: ModelOptions

    func validate() throws {
        if texts.isEmpty, imageFolders.isEmpty { throw ValidationError("Give --text FILE, --images DIR, or both.") }
        if chunkSize < 16 { throw ValidationError("--chunk must be at least 16.") }
        if let maximumChunks, maximumChunks < 1 { throw ValidationError("--max-chunks must be at least 1.") }
    }

    func run() throws {
        var request = ImportanceRequest(model: options.location(model), output: output)
        request.texts = texts
        request.imageFolders = imageFolders
        request.uprightsImages = pictures.exifRotates
        request.chunkSize = chunkSize
        request.maximumChunks = maximumChunks
        request.threads = options.threads
        request.notice = Terminal.notice
        let report = try request.run(cancellation: Terminal.cancellation) { step in Terminal.progress(step) }
        Terminal.endProgress()
        for note in report.notes { Terminal.notice(note) }
        Terminal.output(
            "\(output): \(report.entries) tensors from \(Text.plural(report.chunks, "chunk")) of text and "
                + Text.plural(report.pictures, "picture"))
    }
}
