import ArgumentParser
import VLMConv

struct PackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pack", abstract: "Pack an .mvlm file for delivery, with zstd: OUT.mvlm.zst.",
        discussion: "zstd unpacks it too. The result says what each section takes; quantized weights shrink little.")

    @Argument(help: "The .mvlm file.")
    var file: String

    @Option(name: .shortAndLong, help: "Where to write (default: the file's name and .zst).")
    var output: String?

    @Option(help: "1 (fast) to 19 (small).")
    var level = 3

    @Option(help: "Threads (default: one per processor).")
    var threads: Int?

    func validate() throws {
        if !(1...19).contains(level) { throw ValidationError("--level takes a number from 1 to 19.") }
        try DeliveryText.check(threads)
    }

    func run() throws {
        let result = try DeliveryRequests.pack(
            file, to: output ?? file + ".zst", level: level, threads: threads,
            progress: DeliveryText.progress("packing"))
        Terminal.endProgress()
        var rows = [["section", "bytes", "packed", "share"]]
        for section in result.sections where section.bytes > 0 {
            let share = Double(section.packed) / Double(section.bytes)
            rows.append([
                section.name.isEmpty ? "header" : section.name, "\(section.bytes)", "\(section.packed)",
                Text.percent(share, 1),
            ])
        }
        Terminal.output(Text.table(rows, leading: [0]))
        Terminal.output(
            "\(result.path): \(Text.bytes(result.bytes)) of \(Text.bytes(result.unpackedBytes)), "
                + Text.percent(Double(result.bytes) / Double(max(1, result.unpackedBytes)), 1))
    }
}

struct UnpackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unpack", abstract: "Unpack what pack wrote, and compare every digest.",
        discussion: """
            The file appears whole or not at all. After an interruption the same command goes on where it stopped: until \
            then what is there lies beside the output as NAME.unfinished.
            """)

    @Argument(help: "The packed file.")
    var file: String

    @Option(name: .shortAndLong, help: "Where to write (default: the file's name without .zst).")
    var output: String?

    @Option(help: "Threads (default: one per processor).")
    var threads: Int?

    func validate() throws {
        if output == nil, !file.hasSuffix(".zst") { throw ValidationError("Name the output with -o.") }
        try DeliveryText.check(threads)
    }

    func run() throws {
        let result = try DeliveryRequests.unpack(
            file, to: output ?? String(file.dropLast(4)), threads: threads,
            progress: DeliveryText.progress("unpacking"))
        Terminal.endProgress()
        Terminal.output("\(result.path): \(Text.bytes(result.unpackedBytes)), all digests match")
    }
}

struct DeltaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delta", abstract: "Write what turns one .mvlm file into another, for an update.")

    @Argument(help: "The file that the receiver has.")
    var old: String

    @Argument(help: "The file that the receiver is to have.")
    var new: String

    @Option(name: .shortAndLong, help: "The delta to write.")
    var output: String

    @Option(help: "1 (fast) to 19 (small).")
    var level = 9

    @Option(help: "Threads (default: one per processor).")
    var threads: Int?

    func validate() throws {
        if !(1...19).contains(level) { throw ValidationError("--level takes a number from 1 to 19.") }
        try DeliveryText.check(threads)
    }

    func run() throws {
        let result = try DeliveryRequests.delta(
            old: old, new: new, to: output, level: level, threads: threads,
            progress: DeliveryText.progress("comparing"))
        Terminal.endProgress()
        Terminal.output("\(output): \(Text.bytes(result.bytes)) for a file of \(Text.bytes(result.newBytes))")
    }
}

struct PatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "patch", abstract: "Apply a delta to the file that it was made from.")

    @Argument(help: "The file that is there.")
    var old: String

    @Argument(help: "What delta wrote.")
    var delta: String

    @Option(name: .shortAndLong, help: "The new file to write.")
    var output: String

    @Option(help: "Threads (default: one per processor).")
    var threads: Int?

    func validate() throws { try DeliveryText.check(threads) }

    func run() throws {
        let bytes = try DeliveryRequests.patch(
            delta, old: old, to: output, threads: threads, progress: DeliveryText.progress("patching"))
        Terminal.endProgress()
        Terminal.output("\(output): \(Text.bytes(bytes)), all digests match")
    }
}

/// What these commands have in common.
enum DeliveryText {
    static func check(_ threads: Int?) throws {
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError("--threads takes a number from 1 to 1024.")
        }
    }

    static func progress(_ verb: String) -> DeliveryRequests.Progress {
        { done, total in
            Terminal.progress(
                "\(verb): \(Text.percent(Double(done) / Double(max(1, total)), 0)) of \(Text.bytes(total))")
        }
    }
}
