import ArgumentParser
import VLMConv

struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Show how close a converted file is to its checkpoint, and say whether it passes.",
        discussion: """
            Both run on the same prompts; logits are compared at every token, weights tensor by tensor. The limits \
            depend on the file's type (docs/numerics.md) and can be set. Exit status: 0 passes, 1 fails, anything else: \
            no verdict (docs/exit-codes.md).
            """)

    @Argument(help: "The checkpoint's folder (or a GGUF file to compare against).")
    var reference: String

    @Argument(help: "The converted file.")
    var candidate: String

    @Option(name: .customLong("prompts"), help: "File of questions, one a line, instead of the built-in ones.")
    var prompts: String?

    @Option(
        name: .customLong("imatrix"),
        help: "The importance matrix that the file was made with, so that its bytes can be held to it.")
    var importance: String?

    @Option(name: .customLong("image"), help: "Picture to ask about, instead of the built-in ones; may be repeated.")
    var images: [String] = []

    @OptionGroup var pictures: PictureOptions

    @Option(name: .customLong("answer-tokens"), help: "Tokens of the greedy answers that are compared.")
    var answerTokens = 16

    @Option(name: .customLong("max-kld"), help: "Largest mean KL divergence (0 or more) that passes.")
    var maxDivergence: Double?

    @Option(
        name: .customLong("min-same-top"),
        help: "Smallest share (0 to 1) of equal most likely tokens, where the checkpoint is sure, that passes.")
    var minTopAgreement: Double?

    @Option(
        name: .customLong("min-feature-cosine"),
        help: "Smallest mean cosine (-1 to 1) of image features that passes.")
    var minFeatureCosine: Double?

    @Flag(name: .customLong("tensors"), help: "List the weight error of every tensor.")
    var listsTensors = false

    @Flag(help: "Write the verdict into the candidate, an .mvlm file, which is written anew for it.")
    var stamp = false

    @OptionGroup var options: ModelOptions
    @OptionGroup var report: ReportOptions

    func validate() throws {
        if !(0...4096).contains(answerTokens) {
            throw ValidationError("--answer-tokens takes a number from 0 to 4096.")
        }
        if let maxDivergence, !(maxDivergence >= 0) {
            throw ValidationError("--max-kld takes a divergence, 0 or more.")
        }
        if let minTopAgreement, !(0...1).contains(minTopAgreement) {
            throw ValidationError("--min-same-top takes a share from 0 to 1: 0.9 is 90 %.")
        }
        if let minFeatureCosine, !(-1...1).contains(minFeatureCosine) {
            throw ValidationError("--min-feature-cosine takes a cosine from -1 to 1.")
        }
    }

    func run() throws {
        if stamp { try VerdictStamp.check(candidate) }
        // The checkpoint's parts are the reference's, and its tower that of a candidate which is a folder too; of a pair's second
        // file only the candidate knows.
        let tower = ModelLocation(candidate).isModelFile ? nil : options.checkpoint.visionTower
        var request = VerificationRequest(
            reference: options.checkpoint.location(reference),
            candidate: ModelLocation(
                candidate, visionTower: tower, projector: options.projector))
        request.threads = options.threads
        request.questions = try prompts.map { try QuestionFile.read($0) }
        request.importance = importance
        request.images = images
        request.uprightsImages = pictures.exifRotates
        request.answerLength = answerTokens
        request.maxDivergence = maxDivergence
        request.minTopAgreement = minTopAgreement
        request.minFeatureCosine = minFeatureCosine
        request.notice = Terminal.notice
        let result = try request.run(cancellation: Terminal.cancellation) { step in Terminal.progress(step) }
        Terminal.endProgress()
        if stamp { try VerdictStamp.write(result, reference: reference, to: candidate) }
        Terminal.output(report.isJSON ? result.json : table(result))
        if !result.passed { throw ExitCode(1) }
    }

    private func table(_ result: VerificationReport) -> String {
        var rows = [
            [
                "prompt", "positions", "max |Δ|", "mean |Δ|", "cosine", "Mean KLD", "Max KLD", "Same top p",
                "where sure", "answer",
            ]
        ]
        for prompt in result.prompts {
            rows.append(
                [prompt.name] + cells(prompt.logits)
                    + [prompt.referenceAnswer == prompt.candidateAnswer ? "same" : "differs"])
        }
        rows.append(["all"] + cells(result.logits) + ["\(result.sameAnswers) of \(result.prompts.count) same"])
        var blocks = [Text.table(rows)]
        if let cosine = result.featureCosine { blocks.append("image features: mean cosine \(Text.fixed(cosine, 6))") }
        blocks.append(tensorTable(result))
        let t = result.thresholds
        blocks.append(
            "limits: Mean KLD \(t.meanDivergence), Same top p where sure \(Text.percent(t.topAgreement)), image features "
                + "\(t.featureCosine)")
        if !result.remarks.isEmpty { blocks.append(result.remarks.map { "note: \($0)" }.joined(separator: "\n")) }
        if result.passed {
            blocks.append("PASS: the file computes what the checkpoint computes, within the limits of its type.")
        } else {
            blocks.append(
                "FAIL\n" + result.faults.map { "  \($0.subject): \($0.problem)" }.joined(separator: "\n"))
        }
        return blocks.joined(separator: "\n\n")
    }

    private func cells(_ logits: LogitComparison) -> [String] {
        [
            "\(logits.positions)", Text.significant(logits.maxDelta), Text.significant(logits.meanDelta),
            Text.fixed(logits.meanCosine, 6), Text.significant(logits.meanDivergence),
            Text.significant(logits.maxDivergence), Text.percent(logits.topAgreement),
            logits.surePositions == 0 ? "-" : Text.percent(logits.sureAgreement),
        ]
    }

    /// Every tensor if asked for; else the worst of each type.
    private func tensorTable(_ result: VerificationReport) -> String {
        var shown = result.tensors
        if !listsTensors {
            var worst: [TensorComparison] = []
            for tensor in result.tensors {
                if let index = worst.firstIndex(where: { $0.type == tensor.type }) {
                    if !(tensor.error.relativeRMSE <= worst[index].error.relativeRMSE) { worst[index] = tensor }
                } else {
                    worst.append(tensor)
                }
            }
            shown = worst
        }
        var rows = [["type", "tensors", listsTensors ? "tensor" : "worst tensor", "relative error", "worst block", ""]]
        for tensor in shown {
            rows.append([
                tensor.type.name, "\(result.tensors.filter { $0.type == tensor.type }.count)", tensor.name,
                Text.percent(tensor.error.relativeRMSE, 3), Text.percent(tensor.worstBlock, 2),
                tensor.isReproduced ? "exactly as quantizing gives" : "",
            ])
        }
        return Text.table(rows, leading: [0, 2, 5])
            + "\n\(result.reproduced) of \(result.tensors.count) tensors hold exactly what quantizing the checkpoint gives"
    }
}
