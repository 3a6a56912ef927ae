import ArgumentParser
import VLMConv

struct ConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Convert a checkpoint to a GGUF pair: OUT.gguf and mmproj-OUT.gguf beside it.",
        discussion: """
            Version, projector and sizes are found from the tensors and the config. Each output appears whole, checked \
            and under its name, or not at all; inputs are never touched. The list of tensors at the end accounts for \
            every one of the checkpoint.
            """)

    @Argument(help: "Folder of the checkpoint, as released on a model hub.")
    var checkpoint: String

    @Argument(help: "The language model's file to write.")
    var output: String

    @Flag(help: "Type of the language model, as llama-quantize names it.")
    var preset: PresetFlag

    @Option(
        name: .customLong("mmproj-type"),
        help: "Type of vision tower and projector: \(PresetFlag.names).")
    var projectorType: PresetFlag = .f16

    @Option(name: .customLong("mmproj"), help: "Where to write tower and projector.")
    var projectorOutput: String?

    @Option(name: .customLong("vision-tower"), help: "Folder of the CLIP tower, for a checkpoint that holds none (V1).")
    var visionTower: String?

    @Flag(name: .customLong("language-only"), help: "Write the language model alone.")
    var languageOnly = false

    @Flag(name: .customLong("ledger"), help: "List every tensor that is not used, one by one.")
    var showsLedger = false

    @Option(help: "Threads (default: one per processor).")
    var threads: Int?

    @OptionGroup var report: ReportOptions

    func validate() throws {
        if languageOnly, projectorOutput != nil {
            throw ValidationError("--language-only writes no projector, so --mmproj has nothing to place.")
        }
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError("--threads takes a number from 1 to 1024.")
        }
    }

    func run() throws {
        var request = ConversionRequest(
            checkpoint: checkpoint, output: output, preset: try preset.preset, projectorPreset: try projectorType.preset
        )
        request.projectorOutput = projectorOutput
        request.visionTower = visionTower
        request.languageOnly = languageOnly
        request.threads = threads
        let result = try request.run { step in
            Terminal.progress(
                "\(step.file): \(Text.percent(Double(step.done) / Double(max(1, step.total)), 0)) of "
                    + Text.bytes(step.total))
        }
        Terminal.endProgress()
        Terminal.output(report.isJSON ? result.json : summary(result))
    }

    private func summary(_ result: ConversionReport) -> String {
        var lines: [String] = []
        let model = result.configuration
        if let multimodal = model.multimodal {
            lines.append("\(model.name): \(model.language.layerCount) layers, projector \(multimodal.projector)")
        } else {
            lines.append("\(model.name): \(model.language.layerCount) layers, language model only")
        }
        var rows = [["file", "size", "bits per weight", "tensors", "types"]]
        for file in result.files {
            rows.append([
                file.path, Text.bytes(file.bytes), Text.fixed(file.bitsPerWeight, 2), "\(file.tensors)",
                file.types.map { "\($0.count) \($0.type.name)" }.joined(separator: ", "),
            ])
        }
        lines.append(Text.table(rows, leading: [0, 4]))
        let ledger = result.ledger
        lines.append(
            "\(Text.plural(ledger.total, "tensor")) in the checkpoint: \(ledger.used.count) used, "
                + "\(ledger.dropped.count) not used")
        if showsLedger {
            lines += ledger.dropped.map { "  \($0.name): \($0.reason)" }
        } else {
            lines += ledger.reasons.map { "  \($0.count): \($0.reason)" }
        }
        lines += (result.notes + result.advice).map { "note: \($0)" }
        lines.append(
            "\(Text.fixed(result.seconds, 2)) s, peak memory \(Text.bytes(result.peakMemory))")
        return lines.joined(separator: "\n")
    }
}

/// The presets as flags (`--q4_0`) and as values (`--mmproj-type q8_0`).
enum PresetFlag: String, EnumerableFlag, ExpressibleByArgument {
    case f32, f16, bf16, q8_0, q6_k, q5_k_m, q5_k_s, q5_1, q5_0, q4_k_m, q4_k_s, q4_1, q4_0, iq4_nl, iq4_xs
    case q3_k_l, q3_k_m, q3_k_s, q2_k, q2_k_s

    static func name(for value: PresetFlag) -> NameSpecification { .customLong(value.rawValue) }

    static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

    var preset: Preset {
        get throws {
            guard let preset = Preset(named: rawValue) else {
                throw ValidationError("\(rawValue) is no type that can be written.")
            }
            return preset
        }
    }
}
