import ArgumentParser
import Platform
import VLMConv

/// Rounding by what a model computes; shared by `convert` and `quantize`.
struct CalibrationFlags: ParsableArguments {
    @Flag(help: "Round so that layers compute the same, not so that weights are near. Same types, size and speed.")
    var calibrate = false

    @Option(name: .customLong("text"), help: "With --calibrate: file of plain text to read; may be repeated.")
    var texts: [String] = []

    @Option(name: .customLong("images"), help: "With --calibrate: folder of pictures; may be repeated.")
    var imageFolders: [String] = []

    @OptionGroup var pictures: PictureOptions

    @Option(
        name: .customLong("tokens"),
        help: "With --calibrate: file of token ids, a sequence a line; may be repeated.")
    var tokens: [String] = []

    @Option(help: "With --calibrate: quick, normal or best (default: normal).")
    var effort: CalibrationEffort?

    func validate() throws {
        let isUsed =
            !texts.isEmpty || !imageFolders.isEmpty || pictures.exifRotates || !tokens.isEmpty || effort != nil
        if isUsed, !calibrate {
            throw ValidationError(
                "--text, --images, --exif-rotate, --tokens and --effort say how to calibrate: give --calibrate too.")
        }
    }

    /// Nil without `--calibrate`.
    func options(importance: String?) throws -> CalibrationOptions? {
        guard calibrate else { return nil }
        if importance != nil {
            throw ValidationError("--calibrate makes an importance matrix unnecessary: leave out --imatrix.")
        }
        var options = CalibrationOptions()
        options.effort = effort ?? .normal
        options.texts = texts
        options.imageFolders = imageFolders
        options.uprightsImages = pictures.exifRotates
        options.tokens = tokens
        options.notice = Terminal.notice
        return options
    }
}

extension CalibrationEffort: ExpressibleByArgument {}

/// A command that may calibrate what it writes.
protocol CalibratingCommand: ParsableCommand {
    var output: String { get }
    var calibration: CalibrationFlags { get }
}

extension ConvertCommand: CalibratingCommand {}
extension QuantizeCommand: CalibratingCommand {}

extension CalibratingCommand {
    /// What to know after an interruption; nil where it left nothing.
    var rest: String? {
        let path = CalibrationOptions.unfinished(output)
        guard calibration.calibrate, access(path, F_OK) == 0 else { return nil }
        return "Interrupted. What is calibrated so far stays in \(path); the same command goes on from there; "
            + "delete it to begin anew."
    }
}

/// What `--calibrate` says.
enum CalibrationText {
    /// A line of progress, with the time left at the speed so far.
    static func progress() -> @Sendable (CalibrationProgress) -> Void {
        let start = ContinuousClock.now
        return { step in
            Terminal.progress(line(step, seconds: (ContinuousClock.now - start).seconds))
        }
    }

    static func line(_ step: CalibrationProgress, seconds: Double) -> String {
        var text = "calibrating: \(step.stage), \(Text.percent(step.done, 0))"
        let done = step.done - step.resumed
        // The first steps tell little.
        if done > 0.02, seconds > 5 {
            let left = seconds / done * (1 - step.done)
            text += left < 90 ? ", \(Int(left.rounded(.up))) s left" : ", \(Int((left / 60).rounded(.up))) min left"
        }
        return text
    }

    static func summary(_ report: CalibrationReport) -> [String] {
        let summary = report.summary
        var read = "\(summary.textRows) positions of text"
        if summary.pictureRows > 0 {
            read += " and \(summary.pictureRows) of \(Text.plural(summary.pictures, "picture"))"
        }
        var lines = [
            "calibrated (\(summary.effort.rawValue)) in \(Text.fixed(report.seconds, 1)) s on \(read): "
                + "\(summary.matrices) matrices, "
                + "\(Text.plural(summary.folds, "fold"))"
        ]
        if let share = summary.pictureShare {
            lines.append(
                "pictures had \(Text.percent(share, 0)) of the layers' input; they and text were given half each")
        }
        if summary.resumed > 0 { lines.append("\(Text.plural(summary.resumed, "step")) done before an interruption") }
        if report.plain.positions > 0 {
            lines.append(
                "Mean KLD on \(report.plain.positions) other positions: \(Text.fixed(report.calibrated.meanDivergence, 4)); "
                    + "rounded plainly \(Text.fixed(report.plain.meanDivergence, 4)). Same top p: "
                    + "\(Text.percent(report.calibrated.topAgreement, 1)); \(Text.percent(report.plain.topAgreement, 1))"
            )
        }
        lines += report.notes.map { "note: \($0)" }
        return lines
    }
}
