import ArgumentParser

@main
struct VLMConvCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "vlmconv")
}
