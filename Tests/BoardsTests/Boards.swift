import Conversion
import Foundation
import MobileVLM
import Models
import Synchronization
import Tensors
import TestSupport
import Testing
import VLMConv

/// Programs of boards/, built when first needed.
enum Boards {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static let boards = Fixtures.packageRoot.appendingPathComponent("boards").path
    private static let kernels = Fixtures.packageRoot.appendingPathComponent("Sources/CKernels").path

    private static func sources(_ folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".c") }.sorted().map { "\(folder)/\($0)" }
    }

    /// The flags of boards/README.md, with warnings as errors.
    private static let flags = [
        "-std=c99", "-O2", "-ffp-contract=off", "-Wno-psabi", "-DVLMC_WITHOUT_ENCODERS", "-Wall", "-Wextra", "-Werror",
        "-I\(kernels)", "-I\(kernels)/include",
    ]

    /// The kernels of each compiler, which take longest: one set for all of its programs.
    private static let objects = Mutex<[String: Result<[String], any Error>]>([:])

    private static func kernelObjects(_ compiler: String) throws -> [String] {
        try objects.withLock { known in
            if let found = known[compiler] { return try found.get() }
            let result = Result {
                let folder = try folder.get().appendingPathComponent("kernels-\(compiler)")
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
                let files = sources(kernels)
                let names = files.map { "\(folder.path)/\(URL(fileURLWithPath: $0).lastPathComponent).o" }
                let commands = zip(files, names).map { file, name in
                    ([compiler] + flags + ["-c", file, "-o", name]).joined(separator: " ")
                }
                let list = folder.appendingPathComponent("commands")
                try Data(commands.joined(separator: "\n").utf8).write(to: list)
                _ = try run(["xargs", "-a", list.path, "-P", "2", "-I{}", "sh", "-c", "{}"])
                return names
            }
            known[compiler] = result
            return try result.get()
        }
    }

    private static let folder = Result { try Fixtures.temporaryFolder() }

    /// - Parameter options: For all but the kernels.
    static func build(
        _ name: String, compiler: String = "cc", main: String = "mvlm-run.c", options: [String] = []
    ) throws -> String {
        let output = try folder.get().appendingPathComponent(name).path
        let files = sources(boards).filter { !$0.hasSuffix("/mvlm-run.c") } + ["\(boards)/\(main)"]
        _ = try run(
            [compiler] + flags + options + files + kernelObjects(compiler) + ["-o", output, "-lm", "-lpthread"])
        return output
    }

    static func run(_ command: [String], environment: [String: String] = [:]) throws -> String {
        let output = Pipe()
        var data = Data()
        let (status, errors) = try start(command, environment: environment, output: output) {
            data = output.fileHandleForReading.readDataToEndOfFile()
        }
        guard status == 0 else {
            throw Failure(description: "\(command.prefix(3)) ended with \(status): \(errors.suffix(4000))")
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// Status and messages of a command that is to fail.
    static func failure(_ command: [String], output: String = "/dev/null") throws -> (status: Int32, errors: String) {
        try start(command, environment: [:], output: try #require(FileHandle(forWritingAtPath: output))) {}
    }

    private static func start(
        _ command: [String], environment: [String: String], output: Any, meanwhile: () -> Void
    ) throws -> (status: Int32, errors: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        // A file, for nobody reads a second pipe while the first is read.
        let log = try folder.get().appendingPathComponent("log-\(UUID().uuidString)")
        try Data().write(to: log)
        process.standardOutput = output
        process.standardError = try FileHandle(forWritingTo: log)
        try process.run()
        meanwhile()
        process.waitUntilExit()
        return (process.terminationStatus, (try? String(contentsOf: log, encoding: .utf8)) ?? "")
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
