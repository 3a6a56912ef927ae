import Foundation
import TestSupport
import Testing

/// The built tool, run as a user runs it.
enum Tool {
    struct Result {
        let status: Int32
        let output: String
        let errors: String

        /// The output as a JSON object.
        func json(sourceLocation: SourceLocation = #_sourceLocation) throws -> [String: Any] {
            let object = try JSONSerialization.jsonObject(with: Data(output.utf8))
            return try #require(object as? [String: Any], sourceLocation: sourceLocation)
        }
    }

    /// The executable lies beside the test bundle, in the same build's folder.
    static let executable: URL = {
        let arguments = CommandLine.arguments.map { URL(fileURLWithPath: $0) }
        let places =
            arguments.filter { $0.path.contains(".xctest") || $0.path.contains(".build") }
            .map { $0.deletingLastPathComponent() }
            + ["release", "debug"].map { Fixtures.packageRoot.appendingPathComponent(".build/\($0)") }
        let found = places.map { $0.appendingPathComponent("vlmconv") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
        return found ?? URL(fileURLWithPath: "/vlmconv-was-not-built")
    }()

    /// Runs the tool to its end. Its output goes to pipes, never to a terminal.
    /// - Parameter output: Where its standard output goes, if not into the result.
    static func run(
        _ arguments: [String], in folder: URL? = nil, environment: [String: String] = [:], output: URL? = nil
    ) throws -> Result {
        let running = try Running(arguments, in: folder, environment: environment, output: output)
        return running.finish()
    }

    static func run(_ arguments: String...) throws -> Result { try run(arguments) }

    /// The tool while it runs.
    final class Running {
        let process = Process()
        private let files: URL

        init(
            _ arguments: [String], in folder: URL? = nil, environment: [String: String] = [:], output: URL? = nil
        ) throws {
            // Files instead of pipes: nothing has to be read while the tool runs, so nothing can block it.
            files = try Fixtures.temporaryFolder()
            for name in ["out", "err"] {
                try Data().write(to: files.appendingPathComponent(name))
            }
            process.executableURL = Tool.executable
            process.arguments = arguments
            process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
            process.standardOutput = try FileHandle(
                forWritingTo: output ?? files.appendingPathComponent("out"))
            process.standardError = try FileHandle(forWritingTo: files.appendingPathComponent("err"))
            process.standardInput = FileHandle.nullDevice
            if let folder { process.currentDirectoryURL = folder }
            try process.run()
        }

        func finish() -> Result {
            process.waitUntilExit()
            defer { try? FileManager.default.removeItem(at: files) }
            func text(_ name: String) -> String {
                String(decoding: (try? Data(contentsOf: files.appendingPathComponent(name))) ?? Data(), as: UTF8.self)
            }
            return Result(status: process.terminationStatus, output: text("out"), errors: text("err"))
        }
    }
}

/// A fresh folder with one small checkpoint, `tiny`, and what a test makes of it.
struct Workshop {
    let folder: URL

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    /// A file of the checkpoint.
    func tiny(_ name: String) -> URL { folder.appendingPathComponent("tiny/" + name) }

    func contents(_ name: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: name.isEmpty ? folder.path : path(name)).sorted()
    }

    static func with<Result>(
        _ checkpoint: SmallCheckpoint? = SmallCheckpoint(), _ body: (Workshop) throws -> Result
    ) throws -> Result {
        let folder = try Fixtures.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        try checkpoint?.write(to: folder.appendingPathComponent("tiny"))
        return try body(Workshop(folder: folder))
    }

    /// Converts `tiny` to NAME.gguf.
    func convert(_ name: String, _ arguments: String...) throws {
        let result = try Tool.run(["convert", path("tiny"), path("\(name).gguf")] + arguments)
        try #require(result.status == 0, "\(result.errors)")
    }

    /// Changes bytes of a file in place.
    func edit(_ name: String, _ change: (inout Data) throws -> Void) throws {
        let url = folder.appendingPathComponent(name)
        var data = try Data(contentsOf: url)
        try change(&data)
        try data.write(to: url)
    }
}

/// True if the tool said nothing that only a terminal understands.
func isPlain(_ result: Tool.Result) -> Bool {
    !(result.output + result.errors).unicodeScalars.contains { $0 == "\r" || $0 == "\u{1B}" }
}
