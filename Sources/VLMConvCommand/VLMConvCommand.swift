import ArgumentParser
import Platform
import VLMConv

/// The tool. Each command has a file of its own; the work itself is in the library `VLMConv`.
struct VLMConvCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vlmconv",
        abstract: "Turns MobileVLM checkpoints into quantized GGUF pairs, and proves that they compute the same.",
        discussion: """
            A model is the folder of a checkpoint in Hugging Face layout, or a .gguf file; the projector file of a pair \
            is found beside it as mmproj-NAME.

            Results go to standard output, messages to standard error. Exit status: 0 success, 1 a file \
            does not pass (verify, inspect --check), 64 wrong usage, 65 bad input, 66 no such input, 69 not supported, \
            74 a system call failed, 75 no space, 130 interrupted; docs/exit-codes.md says more.
            """,
        version: VLMConvVersion.text,
        subcommands: [
            ConvertCommand.self, VerifyCommand.self, RunCommand.self, InspectCommand.self, PlanCommand.self,
            QuantizeCommand.self, FixCommand.self, ImatrixCommand.self, TraceCommand.self, TokenizeCommand.self,
            BenchCommand.self,
            PackCommand.self, UnpackCommand.self, DeltaCommand.self, PatchCommand.self,
        ])

    /// The parser's own `help` passes over a name that no command has.
    func validate() throws {
        let words = CommandLine.arguments.dropFirst()
        guard words.first == "help", let name = words.dropFirst().first, !name.hasPrefix("-") else { return }
        let names = Self.configuration.subcommands.compactMap { $0.configuration.commandName }
        guard name == "help" || names.contains(name) else {
            throw ValidationError("There is no command \"\(name)\". Commands: \(names.joined(separator: ", ")).")
        }
    }
}

@main
enum Entrance {
    /// How long work may take to end by itself once a signal has asked for it.
    private static var patience: Duration {
        getenv("VLMCONV_PATIENCE").flatMap { Int(String(cString: $0)) }.map { .seconds(max(0, $0)) } ?? .seconds(2)
    }

    static func main() {
        ProcessSignals.takeCharge(Terminal.cancellation, patience: patience)
        var command: any ParsableCommand = VLMConvCommand()
        var status = ExitCode.success
        do {
            command = try VLMConvCommand.parseAsRoot()
            try command.run()
        } catch {
            status = report(error, of: command)
        }
        // Not 1 either: of a verdict whose report is lost nobody knows why.
        if [0, 1].contains(status.rawValue), let loss = Terminal.lostOutput {
            Terminal.message("vlmconv: \(loss)")
            status = ExitCode(loss.kind.rawValue)
        }
        VLMConvCommand.exit(withError: status)
    }

    /// Says why a command ended as it did.
    /// - Returns: Its exit status.
    private static func report(_ error: any Error, of command: any ParsableCommand) -> ExitCode {
        let usual = VLMConvCommand.exitCode(for: error)
        switch error {
        case let code as ExitCode:
            return code
        case let error as ValidationError:
            // Of a command that runs; the parser would show the tool's usage.
            let subcommand = type(of: command)
            Terminal.message(
                """
                Error: \(error.message)
                Usage: \(VLMConvCommand.usageString(for: subcommand))
                  See 'vlmconv \(subcommand._commandName) --help' for more information.
                """)
            return usual
        case _ where usual == .success:
            // Help, which is a result; the argument parser puts it into words itself, and wrong usage too.
            Terminal.output(VLMConvCommand.fullMessage(for: error))
            return usual
        case _ where usual != .failure:
            Terminal.message(VLMConvCommand.fullMessage(for: error))
            return usual
        case is CancellationError:
            Terminal.endProgress()
            if let rest = (command as? any CalibratingCommand)?.rest { Terminal.message(rest) }
            return ExitCode(128 + max(1, ProcessSignals.cancelledBy))
        default:
            Terminal.message("vlmconv: \(error)")
            // Never 1: a verdict that could not be reached must not look like one that was.
            return ExitCode(FailureKind(error).rawValue)
        }
    }
}
