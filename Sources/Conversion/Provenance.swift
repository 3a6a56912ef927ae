import ByteIO
import Quantization
import Tensors

/// Where a file comes from and how close it is, in its own metadata.
///
/// The values are only known when the tensors are written, so the header first gets placeholders of the same length.
public struct Provenance: Sendable {
    /// A recorded order of channels that is none.
    public static let wrongOrder = Rule("provenance.channels")

    private enum Key {
        static let version = "vlmconv.version"
        static let plan = "vlmconv.plan"
        static let sourceFiles = "vlmconv.source.files"
        static let sourceDigests = "vlmconv.source.sha256"
        static let tensorDigests = "vlmconv.tensor.xxh64"
        static let tensorErrors = "vlmconv.tensor.error"

        static let calibrationMethod = "vlmconv.calibration.method"
        static let calibrationEffort = "vlmconv.calibration.effort"
        static let calibrationInput = "vlmconv.calibration.input"
        static let calibrationTextRows = "vlmconv.calibration.text_rows"
        static let calibrationPictureRows = "vlmconv.calibration.picture_rows"
        static let calibrationFolds = "vlmconv.calibration.folds"
        static let calibrationChannels = "vlmconv.calibration.channels"

        static let all = [
            version, plan, sourceFiles, sourceDigests, tensorDigests, tensorErrors, calibrationMethod,
            calibrationEffort, calibrationInput, calibrationTextRows, calibrationPictureRows, calibrationFolds,
            calibrationChannels,
        ]
    }

    /// Removes what an earlier conversion recorded: it is not true of the file that is made from its result.
    public static func remove(from metadata: inout Metadata) {
        for key in Key.all { metadata[key] = nil }
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
        if let calibration {
            metadata[Key.calibrationMethod] = .string(calibration.method)
            metadata[Key.calibrationEffort] = .string(calibration.effort)
            metadata[Key.calibrationInput] = .strings(calibration.input)
            metadata[Key.calibrationTextRows] = .uint32(UInt32(clamping: calibration.textRows))
            metadata[Key.calibrationPictureRows] = .uint32(UInt32(clamping: calibration.pictureRows))
            metadata[Key.calibrationFolds] = .uint32(UInt32(clamping: calibration.folds))
            if let channels = calibration.channels {
                // One text, which every container's metadata can hold.
                metadata[Key.calibrationChannels] = .string(channels.map(String.init).joined(separator: " "))
            }
        }
        metadata[Key.tensorErrors] = .float32s(
            errors?.map { Float($0.relativeRMSE) } ?? Array(repeating: 0, count: tensorCount))
    }

    /// True if a file's metadata state that its bytes were chosen by calibration.
    package static func isCalibrated(_ metadata: Metadata) -> Bool { metadata[Key.calibrationMethod] != nil }

    /// The channel of the source that stands at each place of the residual stream; nil where they stand as they did.
    /// - Throws: `InputError` `provenance.channels` for what is no list of numbers.
    package static func channels(_ metadata: Metadata, file: String) throws -> [Int]? {
        guard let text = metadata[Key.calibrationChannels]?.text else { return nil }
        let numbers = text.split(separator: " ").map { Int($0) }
        guard numbers.allSatisfy({ $0 != nil }) else { throw wrongChannels(file) }
        return numbers.compactMap { $0 }
    }

    package static func wrongChannels(_ file: String) -> InputError {
        InputError(
            Self.wrongOrder, file: file, field: Key.calibrationChannels,
            problem: "does not name every channel once",
            remedy: "The file's metadata was damaged or changed: fetch it or make it again.")
    }

    /// The digest of each source file that a file's metadata states.
    package static func sources(_ metadata: Metadata) -> [(file: String, digest: String)] {
        Array(zip(metadata[Key.sourceFiles]?.texts ?? [], metadata[Key.sourceDigests]?.texts ?? []).map { ($0, $1) })
    }

    /// The digest of each tensor, in the order of the model; empty where none were recorded.
    package static func tensors(_ metadata: Metadata) -> [String] { metadata[Key.tensorDigests]?.texts ?? [] }
}

/// How a file's tensors were calibrated, for its metadata.
public struct CalibrationRecord: Sendable, Equatable {
    public let method: String
    public let effort: String
    /// Names of what was read.
    public let input: [String]
    public let textRows: Int
    public let pictureRows: Int
    /// Places where scales moved from one tensor into others.
    public let folds: Int
    /// The channel of the source that stands at each place of the residual stream; nil where they stand as they did.
    public let channels: [Int]?

    public init(
        method: String, effort: String, input: [String], textRows: Int, pictureRows: Int, folds: Int,
        channels: [Int]? = nil
    ) {
        self.method = method
        self.effort = effort
        self.input = input
        self.textRows = textRows
        self.pictureRows = pictureRows
        self.folds = folds
        self.channels = channels
    }
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
