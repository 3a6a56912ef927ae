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
}

@main
enum Entrance {
    /// How long work may take to end by itself once a signal has asked for it.
    private static var patience: Duration {
        getenv("VLMCONV_PATIENCE").flatMap { Int(String(cString: $0)) }.map { .seconds(max(0, $0)) } ?? .seconds(2)
    }

    static func main() {
        ProcessSignals.takeCharge(Terminal.cancellation, patience: patience)
        var command: any ParsableCommand
        do {
            command = try VLMConvCommand.parseAsRoot()
        } catch {
            VLMConvCommand.exit(withError: error)
        }
        do {
            try command.run()
        } catch let code as ExitCode {
            VLMConvCommand.exit(withError: code)
        } catch  where VLMConvCommand.exitCode(for: error) != .failure {
            // Help and wrong usage, which the argument parser puts into words itself.
            VLMConvCommand.exit(withError: error)
        } catch is CancellationError {
            Terminal.endProgress()
            VLMConvCommand.exit(withError: ExitCode(128 + max(1, ProcessSignals.cancelledBy)))
        } catch {
            Terminal.message("vlmconv: \(error)")
            // Never 1: a verdict that could not be reached must not look like one that was.
            VLMConvCommand.exit(withError: ExitCode(FailureKind(error).rawValue))
        }
    }
}
