import ArgumentParser
import VLMConv

struct FixCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fix",
        abstract: "Mend the header of a projector file that older scripts made.",
        discussion: """
            Keys that llama.cpp depends on and older scripts left out are added, wrong ones replaced, and misleading names \
            and tensors put right; the numbers are copied as they are. `inspect` lists what is wrong without writing.
            """)

    @Argument(help: "The projector file (mmproj) to read.")
    var input: String

    @Argument(help: "The file to write.")
    var output: String

    func run() throws {
        let report = try RepairRequest(input: input, output: output).run()
        for finding in report.findings {
            Terminal.output(
                "\(finding.field) \(finding.problem)\(finding.repair.map { ": now \($0)" } ?? " (not mended)")")
        }
        if report.findings.contains(where: { $0.repair == nil }) {
            Terminal.message("What is not mended needs other numbers: convert the checkpoint again.")
        }
        Terminal.output("\(report.output) written")
    }
}
