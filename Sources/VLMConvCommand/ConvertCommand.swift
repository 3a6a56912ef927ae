import ArgumentParser
import VLMConv

struct ConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Convert a checkpoint to a GGUF pair (OUT.gguf and mmproj-OUT.gguf beside it) or to one .mvlm file.",
        discussion: """
            The container is chosen by the output's name. A GGUF pair becomes an .mvlm file, and such a file a pair, \
            without a type: tensors stay as they are. Types with group scales (s4g64, a4g32, …) need an .mvlm file.

            Version, projector and sizes are found from the tensors and the config. Each output appears whole, checked \
            and under its name, or not at all; inputs are never touched. The list of tensors at the end accounts for \
            every one of the checkpoint.
            """)

    @Argument(help: "Folder of the checkpoint, as released on a model hub; or a .gguf or .mvlm file.")
    var checkpoint: String

    @Argument(help: "The file to write: the language model's .gguf, or an .mvlm file with everything.")
    var output: String

    @OptionGroup var type: TypeFlags

    @Option(
        name: .customLong("mmproj-type"),
        help: "Type of vision tower and projector (default: f16): \(PresetFlag.names).")
    var projectorType: PresetFlag?

    @Option(name: .customLong("mmproj"), help: "Where to write tower and projector.")
    var projectorOutput: String?

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp(
            "Lay the matrices of an .mvlm file out for these instruction sets, separated by commas; sets that read another "
                + "layout get a copy of their own: \(LayoutOption.names).", valueName: "sets"))
    var layout: LayoutOption?

    @OptionGroup var parts: CheckpointOptions

    @Flag(name: .customLong("language-only"), help: "Write the language model alone.")
    var languageOnly = false

    @Flag(name: .customLong("ledger"), help: "List every tensor that is not used, one by one.")
    var showsLedger = false

    @OptionGroup var calibration: CalibrationFlags
    @OptionGroup var storage: StorageFlags
    @OptionGroup var report: ReportOptions

    func validate() throws {
        if languageOnly, projectorOutput != nil {
            throw ValidationError("--language-only writes no projector, so --mmproj has nothing to place.")
        }
        if languageOnly, parts.visionTower != nil {
            throw ValidationError("--language-only writes no tower, so --vision-tower has nothing to read.")
        }
        if languageOnly, projectorType != nil {
            throw ValidationError("--language-only writes no projector, so --mmproj-type has nothing to store.")
        }
        try storage.checkSplit(output)
    }

    func run() throws {
        let isFile = ModelLocation(checkpoint).isModelFile
        if isFile, calibration.calibrate {
            throw ValidationError("Of a file convert changes the container alone: for --calibrate there is quantize.")
        }
        var options = try storage.options(isFile && type.isMissing ? .stored : type.preset, type)
        options.layouts = StorageOptions.layouts(for: layout?.sets ?? [])
        var request = ConversionRequest(
            checkpoint: parts.location(checkpoint), output: output, storage: options,
            projectorPreset: projectorType?.preset ?? (isFile ? .stored : PresetFlag.f16.preset))
        request.projectorOutput = projectorOutput
        request.languageOnly = languageOnly
        request.calibration = try calibration.options(importance: storage.importance)
        let result = try request.run(
            cancellation: Terminal.cancellation, progress: ConversionText.progress,
            calibrating: CalibrationText.progress())
        Terminal.endProgress()
        Terminal.output(report.isJSON ? result.json : ConversionText.summary(result, listsLedger: showsLedger))
    }
}

/// What `convert` and `quantize` say.
enum ConversionText {
    @Sendable static func progress(_ step: ConversionProgress) {
        Terminal.progress(
            "converting: \(Text.percent(Double(step.done) / Double(max(1, step.total)), 0)) of "
                + Text.bytes(step.total))
    }

    /// Of types that were chosen for a size.
    static func expectedDivergence(_ budget: BudgetReport) -> String {
        "Mean KLD \(Text.significant(budget.expectedDivergence)) expected "
            + (budget.isMeasured
                ? "after calibration, as single matrices were measured"
                : "by plain rounding, as estimated from what each matrix is for")
    }

    static func summary(_ result: ConversionReport, listsLedger: Bool) -> String {
        var lines: [String] = []
        if let model = result.configuration {
            let projector = model.multimodal.map { "projector \($0.projector)" } ?? "language model only"
            lines.append("\(result.name): \(model.language.layerCount) layers, \(projector)")
        }
        var rows = [["file", "size", "bits per weight", "tensors", "types"]]
        for file in result.files {
            rows.append([
                file.parts.count > 1 ? "\(file.path) in \(file.parts.count) parts" : file.path, Text.bytes(file.bytes),
                Text.fixed(file.bitsPerWeight, 2), "\(file.tensors)",
                file.types.map { "\($0.count) \($0.type.name)" }.joined(separator: ", "),
            ])
        }
        lines.append(Text.table(rows, leading: [0, 4]))
        if let ledger = result.ledger {
            let merged = ledger.merged.isEmpty ? "" : "\(ledger.merged.count) merged into others, "
            lines.append(
                "\(Text.plural(ledger.total, "tensor")) in the checkpoint: \(ledger.used.count) used, \(merged)"
                    + "\(ledger.dropped.count) not used")
            if listsLedger { lines += ledger.merged.map { "  \($0.name): merged into \($0.into)" } }
            lines +=
                listsLedger
                ? ledger.dropped.map { "  \($0.name): \($0.reason)" }
                : ledger.reasons.map { "  \($0.count): \($0.reason)" }
        }
        if let calibration = result.calibration { lines += CalibrationText.summary(calibration) }
        if let budget = result.budget {
            lines.append("types chosen for \(budget.budget.description): \(expectedDivergence(budget))")
        }
        lines += (result.notes + result.advice).map { "note: \($0)" }
        lines.append("\(Text.fixed(result.seconds, 2)) s, peak memory \(Text.bytes(result.peakMemory))")
        return lines.joined(separator: "\n")
    }
}
