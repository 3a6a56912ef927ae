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
    private var reading: MatrixReading { MatrixReading(weights: weights, threads: loss.threads) }

    /// Takes the material through a block.
    /// - Parameter isMeasured: Whether each of its matrices is rounded and judged.
    mutating func block(_ number: Int, isMeasured: Bool) throws {
        let plan = BlockPlan(configuration, .language, number, types: [:])
        let block = try executor.steps(number, of: .language, weights: weights)
        let moments = try streams.pass(plan, block, threads: loss.threads, judge.cancellation)
        for (group, moments) in zip(plan.groups, moments) {
            for tensor in group.tensors {
                try judge.cancellation?.check()
                guard let rounded = try look(at: tensor, moments, isMeasured: isMeasured) else { continue }
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
                guard let rounded = try look(at: tensor, moments, isMeasured: true) else { continue }
                result.divergence[tensor.key] = try judge(head: rounded)
            case .tokenEmbedding where isTied:
                guard let rounded = try look(at: tensor, moments, isMeasured: true) else { continue }
                result.divergence[tensor.key] = try judge(embedding: rounded)
            case .tokenEmbedding:
                // Calibration leaves it to plain rounding, and so it is judged.
                guard let rounded = try rounded(tensor, nil) else { continue }
                result.divergence[tensor.key] = try judge(embedding: rounded)
            default: break
            }
        }
    }

    /// - Parameter moments: Of what the matrix is multiplied by.
    /// - Returns: The model with this tensor rounded, if it is to be measured.
    private mutating func look(
        at tensor: TensorSpecification, _ moments: SecondMoments, isMeasured: Bool
    ) throws -> ModelWeights? {
        let floats = try reading.floats(tensor)
        let sum = tensor.kind == .tokenEmbedding ? TiedEmbedding.inBothUses(moments, floats) : moments.sum
        let found = loss(
            tensor, floats, sum, columns: moments.columns, probe: isMeasured ? SensitivityMeasurement.probe : nil)
        result.losses[tensor.key] = found.losses
        result.importance[tensor.key] = moments.diagonal
        return isMeasured ? try rounded(tensor, found.probe) : nil
    }

    /// The model with one tensor as the probe stores it.
    /// - Parameter rows: Nil to round it plainly.
    private func rounded(_ tensor: TensorSpecification, _ rows: RowsInMemory?) throws -> ModelWeights? {
        guard let rows = try rows ?? reading.plain(tensor, SensitivityMeasurement.probe) else { return nil }
        var rounded = weights
        rounded.place(tensor.key, rows)
        return rounded
    }
}
