import Conversion
import Foundation
import MobileVLM
import Models
import Tensors
import TestSupport
import Testing
import VLMConv

/// Programs of boards/, built when first needed.
enum Boards {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    static let sources: [String] = {
        let boards = Fixtures.packageRoot.appendingPathComponent("boards").path
        let kernels = Fixtures.packageRoot.appendingPathComponent("Sources/CKernels").path
        func files(_ folder: String, _ prefix: String) -> [String] {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            return names.filter { $0.hasPrefix(prefix) && $0.hasSuffix(".c") }.sorted().map { "\(folder)/\($0)" }
        }
        return files(boards, "") + files(kernels, "kernels_")
    }()

    private static let kernels = Fixtures.packageRoot.appendingPathComponent("Sources/CKernels").path

    /// The flags of boards/README.md.
    private static let flags = ["-std=c99", "-O2", "-ffp-contract=off", "-I\(kernels)", "-I\(kernels)/include"]

    private static let folder = Result { try Fixtures.temporaryFolder() }

    /// Builds a program, without warnings.
    static func build(
        _ name: String, compiler: String = "cc", main: String = "mvlm-run.c", options: [String] = []
    ) throws -> String {
        let output = try folder.get().appendingPathComponent(name).path
        let boards = Fixtures.packageRoot.appendingPathComponent("boards").path
        let files = sources.filter { !$0.hasSuffix("/mvlm-run.c") } + ["\(boards)/\(main)"]
        _ = try run(
            [compiler] + flags + ["-Wall", "-Wextra", "-Werror", "-Wno-psabi"] + options + files
                + ["-o", output, "-lm", "-lpthread"])
        return output
    }

    static func run(_ command: [String], environment: [String: String] = [:]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let output = Pipe()
        // A file, for nobody reads a second pipe while the first is read.
        let log = try folder.get().appendingPathComponent("log-\(UUID().uuidString)")
        try Data().write(to: log)
        process.standardOutput = output
        process.standardError = try FileHandle(forWritingTo: log)
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let message = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
            throw Failure(
                description: "\(command.prefix(3)) ended with \(process.terminationStatus): \(message.suffix(4000))")
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// A checkpoint in an .mvlm file.
    static func convert(
        _ checkpoint: String, tower: String? = nil, _ preset: String, layouts: [RowLayout] = [], to path: String
    ) throws {
        var storage = StorageOptions(try #require(Preset(named: preset)))
        storage.threads = 2
        storage.layouts = layouts
        var location = ModelLocation(Fixtures.path(checkpoint))
        location.visionTower = tower.map(Fixtures.path)
        _ = try ConversionRequest(
            checkpoint: location, output: path, storage: storage,
            projectorPreset: try #require(Preset(named: "q8_0"))
        ).run()
    }

    /// True if there is a program of that name.
    static func has(_ program: String) -> Bool { (try? run(["sh", "-c", "command -v \(program)"])) != nil }

    /// The reader under the sanitizers, where the compiler has them.
    private static let probe = Result {
        let sanitizers = ["-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=undefined"]
        return try (try? build("probe", main: "tests/probe.c", options: sanitizers))
            ?? build("probe", main: "tests/probe.c")
    }

    /// The rule that each file breaks first.
    static func probe(_ paths: [String]) throws -> [String] {
        try run([probe.get()] + paths).split(separator: "\n").map(String.init)
    }
}
