import ByteIO
import Quantization
import Tensors

/// Where a file comes from and how close it is, in its own metadata.
///
/// The values are only known when the tensors are written, so the header first gets placeholders of the same length.
public struct Provenance: Sendable {
    private enum Key {
        static let version = "vlmconv.version"
        static let plan = "vlmconv.plan"
        static let sourceFiles = "vlmconv.source.files"
        static let sourceDigests = "vlmconv.source.sha256"
        static let tensorDigests = "vlmconv.tensor.xxh64"
        static let tensorErrors = "vlmconv.tensor.error"

        static let all = [version, plan, sourceFiles, sourceDigests, tensorDigests, tensorErrors]
    }

    /// Removes what an earlier conversion recorded: it is not true of the file that is made from its result.
    public static func remove(from metadata: inout Metadata) {
        for key in Key.all + CalibrationRecord.Key.all { metadata[key] = nil }
    }

    /// The options that decided the file's types.
    public let plan: String
    /// Names of the input files, without their folders.
    public let sourceFiles: [String]
    public let digests: RecordedDigests
    /// What calibration did to the file's tensors; nil where every weight is at its nearest level.
    public let calibration: CalibrationRecord?

    public init(
        plan: String, sourceFiles: [String], digests: RecordedDigests, calibration: CalibrationRecord? = nil
    ) {
        self.plan = plan
        self.sourceFiles = sourceFiles
        self.digests = digests
        self.calibration = calibration
    }

    /// Adds the keys to `metadata`, placeholders where nothing is known yet.
    func add(
        to metadata: inout Metadata, sourceDigests: [String]? = nil, tensorDigests: [String]? = nil,
        errors: [WeightError]? = nil, tensorCount: Int
    ) {
        metadata[Key.version] = .string(VLMConvVersion.text)
        metadata[Key.plan] = .string(plan)
        if digests.includeTensors { metadata[Key.sourceFiles] = .strings(sourceFiles) }
        if digests.includeSources {
            metadata[Key.sourceDigests] = .strings(
                sourceDigests ?? Array(repeating: FileDigest.placeholder, count: sourceFiles.count))
        }
        if digests.includeTensors {
            metadata[Key.tensorDigests] = .strings(
                tensorDigests ?? Array(repeating: TensorDigest.placeholder, count: tensorCount))
        }
        calibration?.add(to: &metadata)
        metadata[Key.tensorErrors] = .float32s(
            errors?.map { Float($0.relativeRMSE) } ?? Array(repeating: 0, count: tensorCount))
    }

    /// The digest of each source file that a file's metadata states.
    package static func sources(_ metadata: Metadata) -> [(file: String, digest: String)] {
        Array(zip(metadata[Key.sourceFiles]?.texts ?? [], metadata[Key.sourceDigests]?.texts ?? []).map { ($0, $1) })
    }

    /// The digest of each tensor, in the order of the model; empty where none were recorded.
    package static func tensors(_ metadata: Metadata) -> [String] { metadata[Key.tensorDigests]?.texts ?? [] }
}

/// Which digests a file's metadata records.
public enum RecordedDigests: Sendable {
    case nothing
    /// XXH64 of every tensor that was written.
    case tensors
    /// SHA-256 of every input file too, which are read once more for it.
    case tensorsAndSources

    var includeTensors: Bool { self != .nothing }
    var includeSources: Bool { self == .tensorsAndSources }
}
