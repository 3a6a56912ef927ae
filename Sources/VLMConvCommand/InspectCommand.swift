import ArgumentParser
import VLMConv

struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "List what is inside a checkpoint's folder, a GGUF, safetensors or PyTorch file.")

    @Argument(help: "The file or folder.")
    var path: String

    @OptionGroup var parts: CheckpointOptions

    @Flag(
        help: """
            Compute the digests of a GGUF or .mvlm file, or the checksums of PyTorch's files, again; exit status 1 \
            if any differs.
            """)
    var check = false

    @Option(name: .customLong("source"), help: "With --check: folder of the checkpoint, whose files are checked too.")
    var source: String?

    @OptionGroup var report: ReportOptions

    func validate() throws {
        if source != nil, !check { throw ValidationError("--source goes with --check.") }
    }

    func run() throws {
        if check {
            let result = try IntegrityCheck(path: path, sourceFolder: source)
            Terminal.output(report.isJSON ? result.json : text(result))
            if !result.passed { throw ExitCode(1) }
            return
        }
        let inspection = try Inspection(parts.location(path))
        Terminal.output(report.isJSON ? inspection.json : text(inspection))
    }

    private func text(_ result: IntegrityCheck) -> String {
        let rows = result.tensors + result.members + result.sources
        var lines = rows.filter { $0.outcome != .same }.map { row in
            "\(row.name): \(row.outcome.rawValue) (recorded \(row.recorded), found \(row.found ?? "nothing"))"
        }
        // An .mvlm file has digests of sections, each of which says so in its name.
        let isSections = result.tensors.allSatisfy { $0.name.hasPrefix("section ") }
        for (rows, what) in [
            (result.tensors, isSections ? "section" : "tensor"), (result.members, "member"),
            (result.sources, "source file"),
        ] where !rows.isEmpty {
            let same = rows.filter { $0.outcome == .same }.count
            lines.append("\(same) of \(Text.plural(rows.count, what)) as recorded")
        }
        return lines.joined(separator: "\n")
    }

    private func text(_ inspection: Inspection) -> String {
        var blocks = ["\(inspection.path): \(inspection.kind)"]
        if !inspection.facts.isEmpty {
            blocks.append(Text.table(inspection.facts.map { [$0.name, $0.value] }, leading: [0, 1]))
        }
        if !inspection.metadata.isEmpty {
            blocks.append(Text.table(inspection.metadata.map { [$0.key, $0.value] }, leading: [0, 1]))
        }
        let rows = inspection.tensors.map { row in
            [
                row.info.name, row.info.format.description, row.info.shape.description, "\(row.info.byteCount)",
                row.note,
            ]
        }
        blocks.append(Text.table([["tensor", "type", "shape", "bytes", ""]] + rows, leading: [0, 1, 2, 4]))
        blocks.append(
            "\(Text.plural(inspection.tensors.count, "tensor")), \(inspection.parameterCount) parameters, "
                + Text.bytes(inspection.totalBytes))
        if !inspection.warnings.isEmpty {
            blocks.append(inspection.warnings.map { "note: \($0)" }.joined(separator: "\n"))
        }
        return blocks.joined(separator: "\n\n")
    }
}
