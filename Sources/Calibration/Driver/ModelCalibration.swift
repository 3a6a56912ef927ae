import Execution
import MobileVLM
import Models
import Platform
import Quantization
import Tensors

/// Rounds a model's matrices block by block, each on what the blocks before it, as rounded, make of the input.
///
/// Memory holds the rows of all sequences in both models, one group's moments and matrices, and the bytes that were chosen. The
/// result is the same on any number of threads.
public struct ModelCalibration {
    public let configuration: ModelConfiguration
    public let weights: ModelWeights
    /// The type that each tensor is to have, by key.
    public let types: [String: ElementType]
    public var effort = CalibrationEffort.normal
    public var threads = Machine.processorCount
    /// Where finished steps are kept; nil to keep none.
    public var store: CalibrationStore?

    public init(configuration: ModelConfiguration, weights: ModelWeights, types: [String: ElementType]) {
        self.configuration = configuration
        self.weights = weights
        self.types = types
    }

    /// Everything that decides the result, in one line.
    /// - Parameter files: The model's, told apart by size and time.
    public func work(_ sequences: [CalibrationSequence], files: [String], version: String) -> String {
        var digest = WorkDigest()
        digest.add(types.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.name)" }.joined(separator: " "))
        for sequence in sequences {
            digest.add(sequence.prompt.ids.map(String.init).joined(separator: " "))
            for picture in sequence.pictures { digest.add(picture) }
        }
        for file in files.sorted() { digest.add(file: file) }
        // Other kernels sum in another order, and half of a model by each would be neither's bytes.
        digest.add("\(InstructionSet.current.rawValue) \(BLASKernels.name)")
        return "\(version) \(effort.rawValue) \(digest.text)"
    }

    /// - Parameters:
    ///   - sequences: What the model is calibrated on.
    ///   - heldOut: What the result is measured by.
    ///   - judge: Given the logits of each of these.
    ///   - progress: Called now and then.
    public func run(
        _ sequences: [CalibrationSequence], heldOut: [CalibrationSequence] = [], cancellation: Cancellation? = nil,
        judge: (HeldOutLogits) -> Void = { _ in },
        progress: @escaping (CalibrationProgress) -> Void = { _ in }
    ) throws -> CalibratedModel {
        var walk = try ModelWalk(self, cancellation: cancellation, progress: progress)
        try walk.checkWeights()
        try walk.tower(sequences.flatMap(\.pictures))
        try walk.tiedEmbedding(sequences)
        try walk.begin(sequences, heldOut: heldOut)
        for number in 0..<configuration.language.layerCount { try walk.block(number) }
        try walk.head(judge)
        return walk.result
    }
}
