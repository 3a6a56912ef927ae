import Execution
import MobileVLM
import Models
import Tensors

/// The walk through a whole model on which each matrix is looked at: what it reads, what types would cost it, and how far the
/// predictions move when it alone is rounded.
struct SensitivityWalk {
    let judge: SensitivityJudge
    let loss: CalibratedLoss
    /// The material's rows.
    var streams: Streams
    var result = SensitivityMeasurement.Result()

    private var configuration: ModelConfiguration { judge.configuration }
    private var executor: Executor { judge.executor }
    private var weights: ModelWeights { judge.weights }

    /// Takes the material through a block.
    /// - Parameter isMeasured: Whether each of its matrices is rounded and judged.
    mutating func block(_ number: Int, isMeasured: Bool) throws {
        let plan = BlockPlan(configuration, .language, number, types: [:])
        let block = try executor.steps(number, of: .language, weights: weights)
        let moments = try streams.pass(plan, block, threads: loss.threads, judge.cancellation)
        for (group, moments) in zip(plan.groups, moments) {
            for tensor in group.tensors {
                try judge.cancellation?.check()
                guard let rounded = try look(at: tensor, moments, moments.sum, isMeasured: isMeasured) else { continue }
                result.divergence[tensor.key] = try judge(rounded, block: number)
            }
        }
    }

    /// The head, and the embedding: where they are one, rounded in both places.
    mutating func ends() throws {
        let moments = streams.headMoments(judge.head, threads: loss.threads)
        let isTied = configuration.language.tiedEmbeddings
        for tensor in configuration.languageTensors {
            switch tensor.kind {
            case .outputHead:
                guard let rounded = try look(at: tensor, moments, moments.sum, isMeasured: true) else { continue }
                result.divergence[tensor.key] = try judge(head: rounded)
            case .tokenEmbedding where isTied:
                let sum = TiedEmbedding.inBothUses(
                    moments, try MatrixReading(weights: weights, threads: loss.threads).floats(tensor))
                guard let rounded = try look(at: tensor, moments, sum, isMeasured: true) else { continue }
                result.divergence[tensor.key] = try judge(embedding: rounded)
            case .tokenEmbedding:
                // Calibration leaves it to plain rounding, and so it is judged.
                guard let rounded = try plainly(tensor) else { continue }
                result.divergence[tensor.key] = try judge(embedding: rounded)
            default: break
            }
        }
    }

    /// - Parameter sum: The moments' own, or what takes its place.
    /// - Returns: The model with this tensor rounded, if it is to be measured.
    private mutating func look(
        at tensor: TensorSpecification, _ moments: SecondMoments, _ sum: FloatMemory, isMeasured: Bool
    ) throws -> ModelWeights? {
        let probe = isMeasured ? SensitivityMeasurement.probe : nil
        let found = try loss(tensor, sum, columns: moments.columns, probe: probe)
        result.losses[tensor.key] = found.losses
        result.importance[tensor.key] = moments.diagonal
        guard isMeasured else { return nil }
        guard let rows = found.probe else { return try plainly(tensor) }
        var rounded = weights
        rounded.place(tensor.key, rows)
        return rounded
    }

    private func plainly(_ tensor: TensorSpecification) throws -> ModelWeights? {
        let reading = MatrixReading(weights: weights, threads: loss.threads)
        guard let rows = try reading.plain(tensor, SensitivityMeasurement.probe) else { return nil }
        var rounded = weights
        rounded.place(tensor.key, rows)
        return rounded
    }
}
