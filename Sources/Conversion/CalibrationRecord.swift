import ByteIO
import Tensors

/// How a file's tensors were calibrated, in its metadata. It stays true of what is made from the file without the checkpoint.
public struct CalibrationRecord: Sendable, Equatable {
    /// A recorded order of channels that is none.
    public static let wrongOrder = Rule("provenance.channels")

    enum Key {
        static let method = "vlmconv.calibration.method"
        static let effort = "vlmconv.calibration.effort"
        static let input = "vlmconv.calibration.input"
        static let textRows = "vlmconv.calibration.text_rows"
        static let pictureRows = "vlmconv.calibration.picture_rows"
        static let folds = "vlmconv.calibration.folds"
        static let channels = "vlmconv.calibration.channels"

        static let all = [method, effort, input, textRows, pictureRows, folds, channels]
    }

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

    /// What a file's metadata state; nil if nothing was calibrated.
    /// - Throws: `InputError` `provenance.channels` if the order of channels is no list of numbers.
    public init?(_ metadata: Metadata, file: String) throws {
        guard let method = metadata[Key.method]?.text else { return nil }
        func number(_ key: String) -> Int { metadata[key]?.integer ?? 0 }
        self.init(
            method: method, effort: metadata[Key.effort]?.text ?? "", input: metadata[Key.input]?.texts ?? [],
            textRows: number(Key.textRows), pictureRows: number(Key.pictureRows), folds: number(Key.folds),
            channels: try metadata[Key.channels]?.text?.split(separator: " ").map {
                guard let channel = Int($0) else { throw Self.wrongChannels(file) }
                return channel
            })
    }

    package static func wrongChannels(_ file: String) -> InputError {
        InputError(
            Self.wrongOrder, file: file, field: Key.channels, problem: "does not name every channel once",
            remedy: "The file's metadata was damaged or changed: fetch it or make it again.")
    }

    func add(to metadata: inout Metadata) {
        metadata[Key.method] = .string(method)
        metadata[Key.effort] = .string(effort)
        metadata[Key.input] = .strings(input)
        metadata[Key.textRows] = .uint32(UInt32(clamping: textRows))
        metadata[Key.pictureRows] = .uint32(UInt32(clamping: pictureRows))
        metadata[Key.folds] = .uint32(UInt32(clamping: folds))
        // One text, which every container's metadata can hold.
        metadata[Key.channels] = channels.map { .string($0.map(String.init).joined(separator: " ")) }
    }
}
