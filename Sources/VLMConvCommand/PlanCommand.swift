import ArgumentParser
import VLMConv

struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what convert would write, tensor by tensor, and what it takes. Nothing is written.")

    @Argument(help: "Folder of the checkpoint.")
    var checkpoint: String

    @Argument(help: "The file that would be written; its ending chooses the container.")
    var output = "out.gguf"

    @OptionGroup var type: TypeFlags

    @Option(name: .customLong("mmproj-type"), help: "Type of vision tower and projector: \(PresetFlag.names).")
    var projectorType: PresetFlag?

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("Instruction sets whose layouts the file would hold, as of convert.", valueName: "sets"))
    var layout: LayoutOption?

    @OptionGroup var parts: CheckpointOptions

    @Flag(name: .customLong("language-only"), help: "Plan the language model alone.")
    var languageOnly = false

    @OptionGroup var storage: StorageFlags
    @OptionGroup var report: ReportOptions

    func validate() throws { try storage.checkSplit(output) }

    func run() throws {
        let isFile = ModelLocation(checkpoint).isModelFile
        var options = try storage.options(isFile && type.isMissing ? .stored : type.preset, type)
        options.layouts = StorageOptions.layouts(for: layout?.sets ?? [])
        var request = ConversionRequest(
            checkpoint: parts.location(checkpoint), output: output, storage: options,
            projectorPreset: projectorType?.preset ?? (isFile ? .stored : PresetFlag.f16.preset))
        request.languageOnly = languageOnly
        let result = try request.plan()
        Terminal.output(report.isJSON ? result.json : table(result))
    }

    private func table(_ result: PlanReport) -> String {
        var blocks: [String] = []
        for file in result.files {
            var rows = [["tensor", "part", "shape", "from", "to", "bytes"]]
            for row in file.rows {
                rows.append([
                    row.name, row.part, row.shape.description, row.source.name,
                    row.target.name + (row.hasImportance ? " with importance" : "")
                        + (row.layouts == [.plain] ? "" : row.layouts.map { " \($0)" }.joined(separator: ",")),
                    "\(row.targetBytes * row.layouts.count)",
                ])
            }
            blocks.append("\(file.path)\n" + Text.table(rows, leading: [0, 1, 2, 3, 4]))
        }
        var totals = result.files.map {
            [$0.path, Text.bytes($0.bytes), "\(Text.fixed($0.bitsPerWeight, 2)) bits per weight"]
        }
        totals.append(["disk needed", Text.bytes(result.diskBytes), ""])
        totals.append(["peak memory expected", Text.bytes(result.expectedMemory), ""])
        totals.append(["keys and values per 1024 tokens (F16)", Text.bytes(result.cacheBytesPer1024), ""])
        if let budget = result.budget {
            totals.append(["divergence expected", ConversionText.expectedDivergence(budget), ""])
        }
        blocks.append(Text.table(totals, leading: [0, 2]))
        return blocks.joined(separator: "\n\n")
    }
}
