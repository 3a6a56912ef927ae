import Models
import Platform

/// The scales that move from a layer's input into its weights: `(F_cc / mean|w_c|)^α` per channel, α that which leaves the
/// least error after rounding a sample of rows.
///
/// Activation-aware scales (AWQ, arXiv 2306.00978) go by `mean|x|`. With error feedback an error in column `c` costs `F_cc²`
/// (`Curvature`), the part of its input that later columns do not make up for; and what a column of large weights gains, its
/// block loses by a coarser step, hence the quotient. Their geometric mean is 1, so that ordinary channels keep their size
/// and block scales stay where halves are exact.
struct FoldChoice {
    let effort: CalibrationEffort
    let threads: Threads

    /// A matrix that reads the input, and what it will be rounded to.
    struct Consumer {
        let weights: FloatMemory
        let storage: WeightStorage
    }

    /// - Parameter curvature: Of the input, no scale folded.
    /// - Returns: One scale per channel; nil if none leaves less error than no fold.
    func callAsFunction(_ coupling: Coupling, _ consumers: [Consumer], _ curvature: Curvature) -> [Float]? {
        guard !consumers.isEmpty, let plain = errors(consumers, curvature, nil) else { return nil }
        let worth = Self.channelMeans(Self.columnWorth(consumers, curvature), coupling)
        var best: (scales: [Float]?, error: Double) = (nil, Double(consumers.count))
        for exponent in effort.exponents {
            guard let scales = Self.scales(worth, exponent),
                let errors = errors(consumers, curvature, Self.columns(scales, coupling))
            else { continue }
            // Each consumer counts by how much better it becomes: their outputs do not compare.
            let error = zip(errors, plain).reduce(0) { $0 + ($1.1 > 0 ? $1.0 / $1.1 : 1) }
            if error < best.error { best = (scales, error) }
        }
        return best.scales
    }

    /// One scale per column of a consumer.
    static func columns(_ scales: [Float], _ coupling: Coupling) -> [Float] {
        (0..<coupling.columnCount).map { scales[coupling.channel(ofColumn: $0)] }
    }

    private func errors(_ consumers: [Consumer], _ curvature: Curvature, _ scales: [Float]?) -> [Double]? {
        let curvature = scales.map(curvature.dividing) ?? curvature
        var errors: [Double] = []
        for consumer in consumers {
            let rows = consumer.weights.count / max(1, curvature.columns)
            let rounding = MatrixRounding(
                storage: consumer.storage, curvature: curvature, descent: .none, threads: threads)
            guard
                let result = rounding(
                    consumer.weights, scales: scales, every: max(1, rows / effort.sampledRows)),
                result.error.isFinite
            else { return nil }
            errors.append(result.error)
        }
        return errors
    }

    /// Per column: how much an error costs there, beside how large its weights are.
    private static func columnWorth(_ consumers: [Consumer], _ curvature: Curvature) -> [Float] {
        var sizes = [Float](repeating: 0, count: curvature.columns)
        for consumer in consumers {
            var sums = [Float](repeating: 0, count: curvature.columns)
            for row in stride(from: 0, to: consumer.weights.count, by: curvature.columns) {
                for column in sums.indices { sums[column] += abs(consumer.weights.start[row + column]) }
            }
            // Each consumer by its own mean: their weights do not compare.
            let mean = sums.reduce(0, +) / Float(max(1, sums.count))
            guard mean > 0, mean.isFinite else { continue }
            for column in sizes.indices { sizes[column] += sums[column] / mean }
        }
        let least = 1e-3 * Float(consumers.count)
        return zip(curvature.ownParts, sizes).map { $0 / max($1, least) }
    }

    private static func channelMeans(_ columns: [Float], _ coupling: Coupling) -> [Float] {
        var sums = [Float](repeating: 0, count: coupling.channelCount)
        for (column, value) in columns.enumerated() { sums[coupling.channel(ofColumn: column)] += value }
        let readers = Float(max(1, coupling.columnCount / max(1, coupling.channelCount)))
        return sums.map { $0 / readers }
    }

    private static func scales(_ worth: [Float], _ exponent: Float) -> [Float]? {
        let mean = worth.reduce(0, +) / Float(max(1, worth.count))
        guard mean > 0, mean.isFinite else { return nil }
        // A channel that hardly counts must not be scaled without bound.
        let logarithms = worth.map { exponent * logf(max($0 / mean, 1e-3)) }
        let center = logarithms.reduce(0, +) / Float(logarithms.count)
        return logarithms.map { expf($0 - center) }
    }
}
