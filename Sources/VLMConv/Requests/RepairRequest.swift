import ByteIO
import Dialects
import GGUF
import MobileVLM
import Opening
import Tensors

/// `vlmconv fix` as a call: a projector file in, one with a mended header out. The tensors' bytes are copied as they are.
public struct RepairRequest: Sendable {
    /// The file has no fault that a header can mend.
    public static let nothingToRepair = Rule("fix.nothing")
    /// Only projector files have such faults.
    public static let notAProjector = Rule("fix.kind")

    public var input: String
    public var output: String

    public init(input: String, output: String) {
        self.input = input
        self.output = output
    }

    public func run() throws -> RepairReport {
        let file = try GGUFFile(path: input)
        guard file.metadata["general.architecture"]?.text == GGUFProjectorMetadata.architecture else {
            throw InputError(
                Self.notAProjector, file: input, field: "general.architecture",
                problem:
                    "is \(file.metadata["general.architecture"]?.text ?? "missing"), not \(GGUFProjectorMetadata.architecture)",
                remedy: "Only the projector file of a pair (mmproj) is known to have faults that a header can mend.")
        }
        let repair = GGUFProjectorRepair(file.metadata, tensors: file.tensors)
        guard repair.canRepair else {
            let rest = repair.findings.map { "\($0.field) \($0.problem)" }.joined(separator: "; ")
            throw InputError(
                Self.nothingToRepair, file: input, field: "header",
                problem: rest.isEmpty ? "has no known fault" : "has no fault that can be mended there; \(rest)",
                remedy: rest.isEmpty ? "Use the file as it is." : "Convert the checkpoint again.")
        }
        let targets = try repair.tensors.map { info, name in
            guard let target = TensorInfo(name: name, type: info.type, shape: info.shape) else {
                throw InputError(GGUFRule.writeCheck, file: input, field: info.name, problem: "cannot be renamed")
            }
            return target
        }
        let writer = try GGUFWriter(
            destination: output, inputs: [input], metadata: repair.metadata, tensors: targets)
        for (number, tensor) in repair.tensors.enumerated() {
            let bytes = try file.bytes(of: tensor.info.name)
            try bytes.withUnsafeBytes { try writer.write($0, tensor: number, offset: 0) }
            bytes.giveBackPages()
        }
        try writer.finish()
        return RepairReport(input: input, output: output, findings: repair.findings)
    }
}

/// What `fix` found and what it mended.
public struct RepairReport: Sendable {
    public let input: String
    public let output: String
    public let findings: [GGUFProjectorRepair.Finding]
}
