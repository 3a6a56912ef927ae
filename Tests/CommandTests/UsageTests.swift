import ByteIO
import Foundation
import TestSupport
import Testing
import VLMConv

/// What every command keeps to: exit status, streams, JSON, silence in a pipe.
struct UsageTests {
    @Test(
        "wrong usage is 64, said on standard error, with nothing on standard output",
        arguments: [
            ["nonsense"], ["convert"], ["convert", "a", "b"], ["convert", "a", "b", "--q4_0", "--q8_0"],
            ["convert", "a", "b", "--q4_2"], ["convert", "a", "b", "--q4_0", "--threads", "0"],
            ["convert", "a", "b", "--q4_0", "--mmproj-type", "q9"],
            ["convert", "a", "b", "--q4_0", "--language-only", "--mmproj", "c"], ["verify", "a"],
            ["verify", "a", "b", "--answer-tokens", "-1"], ["verify", "a", "b", "--threads", "many"],
            ["run", "a"], ["run", "a", "--prompt", "x", "--temperature", "-1"],
            ["run", "a", "--prompt", "x", "--top-p", "0"], ["run", "a", "--prompt", "x", "--top-p", "1.5"],
            ["run", "a", "--prompt", "x", "--top-k", "-1"], ["run", "a", "--prompt", "x", "--max-tokens", "0"],
            ["trace", "a", "-o", "x"], ["trace", "a", "--prompt", "x", "--tokens", "1", "-o", "x"],
            ["trace", "a", "--tokens", "1,x", "-o", "x"], ["trace", "a", "--tokens", "99999999999", "-o", "x"],
            ["trace", "a", "--prompt", "x"], ["bench", "a", "--repetitions", "0"],
            ["bench", "a", "--depth", "-1"], ["inspect"], ["tokenize", "a"],
            ["inspect", "a", "--unknown"], ["convert", "a", "b", "--q4_0", "--target-size", "9M"],
            ["convert", "a", "b", "--target-size", "much"], ["quantize", "a", "b", "--target-bpw", "0"],
            ["plan", "a", "--target-bpw", "4", "--target-size", "9M"],
            ["run", "a", "--prompt", "x", "--max-tokens", "999999999"], ["help", "nope"],
            ["trace", "a", "--prompt", "x", "--taps", "", "-o", "x"],
            ["trace", "a", "--prompt", "x", "--taps", "llama.norm,", "-o", "x"],
            ["verify", "a", "b", "--min-same-top", "90"], ["verify", "a", "b", "--min-same-top", "nan"],
            ["verify", "a", "b", "--max-kld=-1"], ["verify", "a", "b", "--min-feature-cosine", "3"],
        ])
    func usage(arguments: [String]) throws {
        let result = try Tool.run(arguments)
        #expect(result.status == 64)
        #expect(result.output.isEmpty)
        #expect(!result.errors.isEmpty)
    }

    @Test("a result that standard output does not take is 75, and the message says so", .enabled(if: hasFullDevice))
    func lostOutput() throws {
        try Workshop.with { shop in
            let (tiny, pair) = (shop.path("tiny"), shop.path("m.gguf"))
            for arguments in [
                ["convert", tiny, pair, "--q4_0", "--json"], ["tokenize", tiny, "a"], ["inspect", pair, "--json"],
                ["run", tiny, "--prompt", "a", "--max-tokens", "2"], ["verify", tiny, pair, "--json"],
                // A verdict whose reasons nobody can read.
                ["verify", tiny, pair, "--max-kld", "0"], ["--help"], ["help", "convert"], ["--version"],
            ] {
                let result = try Tool.run(arguments, output: Self.fullDevice)
                #expect(result.status == 75, "\(arguments): \(result.errors)")
                #expect(result.errors.hasPrefix("vlmconv: standard output: could not write: "), "\(result.errors)")
                #expect(result.errors.contains("Free some space"), "\(result.errors)")
            }
            // What went wrong before is the reason, though nothing could be written either.
            #expect(try Tool.run(["inspect", shop.path("nowhere")], output: Self.fullDevice).status == 66)
        }
    }

    /// Linux's device that is always full.
    private static let fullDevice = URL(fileURLWithPath: "/dev/full")
    private static let hasFullDevice = FileManager.default.fileExists(atPath: fullDevice.path)

    @Test("help and version are results: 0, on standard output")
    func help() throws {
        let commands = ["convert", "verify", "run", "inspect", "trace", "tokenize", "bench"]
        let help = try Tool.run("--help")
        #expect(help.status == 0)
        #expect(help.errors.isEmpty)
        for command in commands {
            #expect(help.output.contains(command))
            let own = try Tool.run(command, "--help")
            #expect(own.status == 0)
            #expect(own.output.contains("USAGE: vlmconv \(command)"))
        }
        let version = try Tool.run("--version")
        #expect(version.status == 0)
        #expect(version.output.split(separator: ".").count == 3)
    }

    @Test("every exit status of a failure stands in docs/exit-codes.md under its name")
    func exitCodes() throws {
        let text = try String(
            contentsOf: Fixtures.packageRoot.appendingPathComponent("docs/exit-codes.md"), encoding: .utf8)
        for kind in FailureKind.allCases { #expect(text.contains("\n| \(kind.rawValue) | \(kind)"), "\(kind)") }
        #expect(FailureKind(CancellationError()) == .interrupted)
        #expect(FailureKind(SystemError("write", path: "x", code: ENOSPC)) == .outOfSpace)
        #expect(FailureKind(SystemError("write", path: "x", code: EIO)) == .system)
        #expect(FailureKind(SystemError("open", path: "x", code: ENOENT)) == .missingInput)
    }

    @Test("a model that is not there is 66 for every command; the message is on standard error alone")
    func failure() throws {
        let missing = "/nowhere/model"
        for arguments in [
            ["convert", missing, "/tmp/x.gguf", "--q4_0"], ["verify", missing, missing],
            ["run", missing, "--prompt", "x"], ["inspect", missing],
            ["trace", missing, "--prompt", "x", "-o", "/tmp/x.safetensors"], ["tokenize", missing, "x"],
            ["bench", missing],
        ] {
            let result = try Tool.run(arguments)
            #expect(result.status == 66, "\(arguments)")
            #expect(result.output.isEmpty)
            #expect(result.errors.hasPrefix("vlmconv: \(missing)"), "\(result.errors)")
            #expect(isPlain(result))
        }
    }

    @Test("with --json the output is one JSON object and nothing else, and without a terminal nobody redraws lines")
    func json() throws {
        try Workshop.with { shop in
            let (tiny, pair) = (shop.path("tiny"), shop.path("m.gguf"))
            for (arguments, key) in [
                (["convert", tiny, pair, "--q8_0", "--json"], "files"), (["inspect", tiny, "--json"], "tensors"),
                (["inspect", pair, "--json"], "metadata"), (["verify", tiny, pair, "--json"], "passed"),
                (
                    ["bench", pair, "--json", "--repetitions", "1", "--prompt-tokens", "8", "--answer-tokens", "2"],
                    "stages"
                ),
            ] {
                let result = try Tool.run(arguments)
                #expect(result.status == 0, "\(result.errors)")
                #expect(try result.json()[key] != nil)
                #expect(result.errors.isEmpty, "\(result.errors)")
                #expect(isPlain(result))
            }
        }
    }

    @Test("the other commands are quiet in a pipe too, and put their results on standard output")
    func quiet() throws {
        try Workshop.with { shop in
            let (tiny, pair) = (shop.path("tiny"), shop.path("m.gguf"))
            for arguments in [
                ["convert", tiny, pair, "--q8_0"], ["convert", tiny, pair, "--q8_0", "--ledger"], ["inspect", pair],
                ["verify", tiny, pair], ["verify", tiny, pair, "--tensors"], ["tokenize", pair, "a"],
                ["trace", tiny, "--tokens", "1,5", "-o", shop.path("t.safetensors")],
                ["run", tiny, "--prompt", "a", "--max-tokens", "2"],
                ["bench", tiny, "--repetitions", "1", "--prompt-tokens", "4", "--answer-tokens", "2"],
            ] {
                let result = try Tool.run(arguments)
                #expect(result.status == 0, "\(arguments): \(result.errors)")
                #expect(!result.output.isEmpty, "\(arguments)")
                #expect(result.errors.isEmpty, "\(arguments): \(result.errors)")
                #expect(isPlain(result))
            }
        }
    }

    @Test(
        "an interrupt ends verify and bench by itself, not by force, with its status and no verdict",
        arguments: ["verify", "bench"])
    func interrupt(command: String) throws {
        try Workshop.with { shop in
            try shop.convert("m", "--q8_0")
            // Work for minutes.
            let questions = (0..<20_000).map { "What is number \($0)?" }.joined(separator: "\n")
            try Data(questions.utf8).write(to: URL(fileURLWithPath: shop.path("questions")))
            let running = try Tool.Running(
                command == "verify"
                    ? ["verify", shop.path("tiny"), shop.path("m.gguf"), "--prompts", shop.path("questions")]
                    : ["bench", shop.path("m.gguf"), "--repetitions", "1000000"],
                // Force never comes in this test's time: only the work itself can end the process.
                environment: ["VLMCONV_PATIENCE": "100000"])
            let process = running.process.processIdentifier
            while running.process.isRunning, !catchesSignals(process) { usleep(10_000) }
            // Into the work.
            usleep(200_000)
            #expect(running.process.isRunning)
            kill(process, SIGINT)
            let result = running.finish()
            #expect(result.status == 130)
            #expect(result.output.isEmpty && result.errors.isEmpty, "\(result.errors)")
        }
    }

    @Test("an interrupted calibration says what it leaves, and that the same command goes on from there")
    func interruptedCalibration() throws {
        try Workshop.with { shop in
            let (output, rest) = (shop.path("m.gguf"), shop.path("m.gguf.calibration.unfinished"))
            // Many seconds of work, so that the signal arrives in the midst of it.
            let running = try Tool.Running(
                ["convert", Fixtures.path("tiny-mobilevlm-v2"), output, "--q4_0", "--calibrate", "--effort", "best"],
                environment: ["VLMCONV_PATIENCE": "100000"])
            while !FileManager.default.fileExists(atPath: rest), running.process.isRunning { usleep(2000) }
            kill(running.process.processIdentifier, SIGINT)
            let result = running.finish()
            #expect(result.status == 130)
            #expect(result.output.isEmpty)
            #expect(result.errors.hasPrefix("Interrupted. ") && result.errors.contains(rest), "\(result.errors)")
            #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
            #expect(FileManager.default.fileExists(atPath: rest) && !FileManager.default.fileExists(atPath: output))
        }
    }

    /// Whether a process has taken charge of its signals, SIGHUP being the last; true where the system does not tell.
    private func catchesSignals(_ process: Int32) -> Bool {
        guard let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("SigCgt:") }),
            let caught = UInt64(line.dropFirst(7).drop { $0 == "\t" }, radix: 16)
        else { return true }
        return caught & 0b11 == 0b11
    }
}
