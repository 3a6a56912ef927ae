import ArgumentParser
import VLMConv

struct TokenizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenize", abstract: "Print the token ids of a text, separated by commas.")

    @Argument(help: "Folder of a checkpoint, a .gguf or an .mvlm file.")
    var model: String

    @Argument(help: "The text; <image> in it stands for a picture (-200).")
    var text: String

    @Flag(name: .customLong("no-bos"), help: "Leave out the token that begins every prompt.")
    var omitsBOS = false

    @Flag(help: "Print each token's text beside its id.")
    var pieces = false

    @OptionGroup var options: ModelOptions

    func run() throws {
        let model = try Model(options.location(model))
        var ids = model.tokenIDs(text)
        if omitsBOS, ids.first == model.tokenizer.vocabulary.bos { ids.removeFirst() }
        if pieces {
            Terminal.output(Text.table(ids.map { ["\($0)", model.pieceText($0)] }, leading: [1]))
        } else {
            Terminal.output(ids.map(String.init).joined(separator: ","))
        }
    }
}
