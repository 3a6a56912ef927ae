import Execution
import MobileVLM
import Models
import Platform
import Tensors

/// Measures, matrix by matrix, how far the model's predictions move when that matrix alone is rounded, calibrated.
///
/// From its block on the unrounded blocks run again, up to the logits. Not every block is measured: what lies between two
/// that are takes what lies between their figures.
public struct SensitivityMeasurement {
    public let configuration: ModelConfiguration
    public let weights: ModelWeights
    /// What a matrix is rounded to for it: coarse enough to be seen over the sums' own rounding, fine enough that twice
    /// the error makes four times the divergence.
    public static let probe = ElementType.q4_0

    public init(configuration: ModelConfiguration, weights: ModelWeights) {
        self.configuration = configuration
        self.weights = weights
    }

    /// What came of it, by key.
    public struct Result: Sendable {
        /// Mean KLD in nats, of each matrix stored as the probe, calibrated where its columns allow that.
        public internal(set) var divergence: [String: Double] = [:]
        /// `Σ x²` of each input column, over all rows of the material as they count.
        public internal(set) var importance: [String: [Float]] = [:]
        /// The share of its outputs that a matrix loses to a type by calibrated rounding (`CalibratedLoss`).
        public internal(set) var losses: [String: [ElementType: Double]] = [:]
    }

    /// - Parameters:
    ///   - sequences: By which divergence is measured; some hundred positions suffice.
    ///   - material: What the model will be calibrated on, or a part of it: several times as many positions as matrices have
    ///     columns.
    ///   - types: Those whose losses are wanted.
    ///   - blocks: How many blocks are measured.
    ///   - divergence: Mean KLD of the second logits from the first.
    public func run(
        _ sequences: [CalibrationSequence], material: [CalibrationSequence], types: [ElementType], blocks: Int,
        threads: Int, cancellation: Cancellation? = nil, progress: (CalibrationProgress) -> Void = { _ in },
        divergence: @escaping (_ whole: Matrix, _ rounded: Matrix) -> Double
    ) throws -> Result {
        let count = configuration.language.layerCount
        func tell(_ done: Int) {
            progress(
                CalibrationProgress(
                    stage: "measuring how much each matrix matters", done: Double(done) / Double(count + 1), resumed: 0)
            )
        }
        tell(0)
        let executor = try Executor(configuration: configuration, weights: weights, threads: threads)
        let judge = try SensitivityJudge(
            executor: executor, configuration: configuration, weights: weights, sequences: sequences,
            cancellation: cancellation, divergence: divergence)
        var walk = SensitivityWalk(
            judge: judge, loss: CalibratedLoss(weights: weights, types: types, threads: threads),
            streams: try Streams(material, executor, cancellation))
        let measured = Self.spread(blocks, over: count)
        for number in 0..<count {
            try walk.block(number, isMeasured: measured.contains(number))
            tell(number + 1)
        }
        try walk.ends()
        var result = walk.result
        let plans = (0..<count).map { BlockPlan(configuration, .language, $0, types: [:]) }
        raiseOutliers(plans, measured, &result)
        interpolate(plans, measured, &result)
        return result
    }

    /// Numbers of the blocks that are measured: the first, the last, and as many between at even distances.
    static func spread(_ wanted: Int, over count: Int) -> [Int] {
        guard wanted > 1, count > 1 else { return count > 0 ? [0] : [] }
        let number = min(wanted, count)
        return (0..<number).map { $0 * (count - 1) / (number - 1) }
    }

    /// Raises what is below the geometric mean of itself and its neighbours, but at both ends, whose roles are their own. On
    /// a few hundred positions single figures scatter by a factor of several, and only one that is too low does harm: its
    /// matrix would be given up.
    private func raiseOutliers(_ plans: [BlockPlan], _ measured: [Int], _ result: inout Result) {
        guard measured.count >= 5 else { return }
        for tensor in plans[measured[0]].groups.flatMap(\.tensors).indices {
            let keys = measured.compactMap { key(tensor, of: $0, plans) }
            let found = keys.map { result.divergence[$0] ?? 0 }
            guard found.count == measured.count else { continue }
            for place in 2..<found.count - 2 {
                let near = found[place - 1...place + 1]
                guard near.allSatisfy({ $0 > 0 && $0.isFinite }) else { continue }
                let mean = exp(near.reduce(0) { $0 + log($1) } / Double(near.count))
                result.divergence[keys[place]] = max(found[place], mean)
            }
        }
    }

    private func key(_ tensor: Int, of block: Int, _ plans: [BlockPlan]) -> String? {
        let tensors = plans[block].groups.flatMap(\.tensors)
        return tensors.indices.contains(tensor) ? tensors[tensor].key : nil
    }

    private func interpolate(_ plans: [BlockPlan], _ measured: [Int], _ result: inout Result) {
        for (low, high) in zip(measured, measured.dropFirst()) where high > low + 1 {
            for tensor in plans[low].groups.flatMap(\.tensors).indices {
                guard let a = key(tensor, of: low, plans).flatMap({ result.divergence[$0] }),
                    let b = key(tensor, of: high, plans).flatMap({ result.divergence[$0] })
                else { continue }
                for block in low + 1..<high {
                    let part = Double(block - low) / Double(high - low)
                    if let key = key(tensor, of: block, plans) { result.divergence[key] = a + (b - a) * part }
                }
            }
        }
    }
}
