import Execution
import MobileVLM
import Models
import Tensors

/// An embedding that serves as the output head too. It is rounded before anything reads it, by what the head reads in the
/// whole model: the rows of the model rounded so far would need it first.
extension ModelWalk {
    /// Tokens of input from which the head's curvature is taken, or up to twice as many.
    private static let headTokens = 8192

    private var tied: TensorSpecification? {
        guard configuration.language.tiedEmbeddings else { return nil }
        return configuration.tensors.first { $0.kind == .tokenEmbedding && group.isRounded($0) }
    }

    /// Steps of the walk for it.
    var embeddingSteps: Int { tied == nil ? 0 : 1 }

    mutating func tiedEmbedding(_ sequences: [CalibrationSequence]) throws {
        guard let tensor = tied, let type = calibration.types[tensor.key] else { return }
        let name = "embedding"
        var result = RoundedTensors()
        if let known = calibration.store?.take(name) {
            result = known
            steps.resumed += 1
        } else {
            let weights = try MatrixReading(weights: source, threads: calibration.threads).floats(tensor)
            let columns = configuration.language.hiddenSize
            let rounding = MatrixRounding(
                storage: WeightStorage(type),
                curvature: Curvature(
                    TiedEmbedding.inBothUses(try headMoments(sequences), weights), columns: columns,
                    damping: Curvature.Damping(), blockLength: WeightStorage(type).blockLength),
                descent: calibration.effort.descent, threads: Threads(count: calibration.threads))
            result.bytes[tensor.key] = rounding(weights)?.bytes
            try calibration.store?.keep(name, result)
        }
        try finish(result, [tensor], [])
        steps.done += 1
    }

    /// `Σ x xᵀ` of what the head reads after text, in the whole model.
    private func headMoments(_ sequences: [CalibrationSequence]) throws -> SecondMoments {
        var streams = try Streams(sequences.sample(tokens: Self.headTokens), executor, cancellation)
        for number in 0..<layerCount {
            tell("output head's input", 0.8 * Double(number) / Double(layerCount))
            let block = try executor.steps(number, of: .language, weights: source)
            streams.whole = try streams.whole.map {
                try cancellation?.check()
                return block.run($0)
            }
        }
        return streams.headMoments(try executor.headSteps(weights: source), threads: calibration.threads)
    }
}

/// The curvature of an embedding that serves as the head too.
enum TiedEmbedding {
    /// What an error costs a token's own row, beside what it costs the logits: of SmolLM2-135M, a lost share of the embedding
    /// costs 1.4 nats where tokens are looked up, 9.2 in the head (docs/quality.md).
    private static let lookupWorth: Float = 0.15
    /// Rows of the matrix by which its size in both uses is taken.
    private static let sampledRows = 1024

    /// The curvature of a matrix whose rows are read as they are, and multiplied by the head's input: each use by the share
    /// of its outputs that an error takes.
    static func inBothUses(_ moments: SecondMoments, _ weights: FloatMemory) -> FloatMemory {
        let n = moments.columns
        let all = weights.count / max(1, n)
        let rows = max(1, min(all, Self.sampledRows))
        let sample = FloatMemory(count: rows * n)
        for row in 0..<rows {
            (sample.start + row * n).update(from: weights.start + row * all / rows * n, count: n)
        }
        // The lower half is not filled.
        let result = moments.sum.copy()
        for row in 0..<n {
            for column in 0..<row { result.start[row * n + column] = result.start[column * n + row] }
        }
        let outputs = FloatMemory(count: rows * n)
        DenseAlgebra.product(
            sample.start, stride: n, result.start, stride: n, into: outputs.start, stride: n, m: rows, n: n, k: n)
        var (asHead, asRows) = (0.0, 0.0)
        for i in 0..<rows * n {
            asHead += Double(outputs.start[i]) * Double(sample.start[i])
            asRows += Double(sample.start[i]) * Double(sample.start[i])
        }
        guard asHead > 0, asRows > 0, asHead.isFinite else { return result }
        for i in 0..<n { result.start[i * n + i] += Self.lookupWorth * Float(asHead / asRows) }
        return result
    }
}
