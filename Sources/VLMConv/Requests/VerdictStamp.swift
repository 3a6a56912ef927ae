import ByteIO
import Conversion
import JSON
import MVLM
import Models
import Verification

/// The verdict of `verify`, written into the file that it is about: formats/mvlm.md, "Provenance".
public enum VerdictStamp {
    /// The file cannot hold a verdict.
    public static let refused = Rule("verify.stamp")

    /// - Throws: `InputError` `verify.stamp` for a file that is no .mvlm file.
    public static func check(_ path: String) throws {
        guard let mapped = try? MappedFile(path: path), MVLMFile.recognises(mapped.bytes) else {
            throw InputError(
                refused, file: path, field: "file",
                problem: "is no .mvlm file, which alone has a place for the verdict",
                remedy: "Leave out --stamp; or convert the file to .mvlm, verify that and stamp it.")
        }
    }

    /// Writes the verdict into the file's provenance, in place of an earlier one.
    /// - Parameters:
    ///   - path: The candidate that the report is about.
    ///   - reference: What it was held against.
    public static func write(_ report: VerificationReport, reference: String, to path: String) throws {
        try check(path)
        try MVLMFile.editProvenance(of: path) { provenance in
            provenance["vlmconv.verify.verdict"] = .string(report.passed ? "pass" : "fail")
            provenance["vlmconv.verify.version"] = .string(VLMConvVersion.text)
            provenance["vlmconv.verify.reference"] = .string(Folder.lastComponent(reference))
            provenance["vlmconv.verify.prompts"] = .integer(Int64(report.prompts.count))
            provenance["vlmconv.verify.positions"] = .integer(Int64(report.logits.positions))
            provenance["vlmconv.verify.mean_kld"] = .string("\(report.logits.meanDivergence)")
            provenance["vlmconv.verify.same_top"] = .string("\(report.logits.topAgreement)")
            provenance["vlmconv.verify.feature_cosine"] = report.featureCosine.map { .string("\($0)") }
            provenance["vlmconv.verify.faults"] = .array(
                report.faults.prefix(8).map { .string("\($0.subject): \($0.problem)") })
        }
    }
}
