import Models
import Tensors

/// The share of its outputs that a matrix loses by calibrated rounding, `tr(E H Eᵀ) / tr(W H Wᵀ)` over a sample of its rows.
///
/// Error feedback leaves a tenth of plain rounding's loss where inputs have few common causes, and half of it where each
/// channel goes its own way: what a type costs a matrix cannot be told from plain rounding.
struct CalibratedLoss {
    let weights: ModelWeights
    let types: [ElementType]
    let threads: Int

    /// Rows of a matrix that are rounded to each type.
    private static let sampledRows = 64

    struct Result {
        /// Types whose blocks do not divide a row, or that have no levels to choose, are left out.
        var losses: [ElementType: Double] = [:]
        /// The whole matrix in the type asked for, calibrated; nil where that type is left out.
        var probe: RowsInMemory?
    }

    /// - Parameters:
    ///   - floats: All of the matrix.
    ///   - sum: `Σ x xᵀ` of what the matrix reads, over several times as many rows as it has columns, or too little seems lost.
    ///   - probe: The type in which the whole matrix is wanted, if any.
    func callAsFunction(
        _ tensor: TensorSpecification, _ floats: FloatMemory, _ sum: FloatMemory, columns: Int, probe: ElementType?
    ) -> Result {
        var result = Result()
        let step = max(1, floats.count / max(1, columns) / Self.sampledRows)
        let storages = types.map { ($0, WeightStorage($0)) }.filter {
            $0.1.hasLevels && columns % $0.0.blockLength == 0
        }
        for length in Set(storages.map(\.0.blockLength)).sorted() {
            let curvature = Curvature(sum, columns: columns, damping: Curvature.Damping(), blockLength: length)
            let energy = curvature.energy(of: floats, every: step)
            guard energy > 0, energy.isFinite else { continue }
            for (type, storage) in storages where type.blockLength == length {
                let rounding = MatrixRounding(
                    storage: storage, curvature: curvature, descent: .none, threads: Threads(count: threads))
                guard let sample = rounding(floats, every: step), sample.error.isFinite else { continue }
                result.losses[type] = max(0, sample.error / energy)
                guard type == probe, let whole = rounding(floats) else { continue }
                result.probe = RowsInMemory(tensor.key, type, tensor.shape, whole.bytes, origin: weights.origin)
            }
        }
        return result
    }
}
