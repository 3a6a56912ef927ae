import ByteIO
import Calibration
import Conversion
import Models
import Platform
import Tensors

/// Chooses the types of a language model's matrices under a limit of size: what `convert`, `quantize` and `plan` share.
struct BudgetChoice {
    let budget: SizeBudget
    /// Blocks of the language model, and whether its embedding serves as the head too.
    let blocks: Int
    let isTied: Bool
    /// How far each matrix moves the predictions, by key; nil to go by the matrices' roles.
    var measured: SensitivityMeasurement.Result?
    var threads: Int
    /// In which the file holds its matrices.
    var layouts: [RowLayout] = []

    /// A matrix whose type is open.
    struct Matrix {
        let tensor: PlannedTensor
        let key: String
        let role: TensorRole

        /// The number in `model.layers.N.…`, or in `blk.N.…`.
        var block: Int? { key.split(separator: ".").lazy.compactMap { Int($0) }.first }
    }

    /// The matrices of a plan whose types are not given.
    /// - Parameter identity: Key and role of a tensor, by its name in the output; nil for what is no matrix.
    static func matrices(
        of file: OutputFile, _ storage: StorageOptions, _ identity: (TensorInfo) -> (key: String, role: TensorRole)?
    ) throws -> [Matrix] {
        let patterns = try storage.overrides.map { try Regex($0.pattern) }
        return try file.plan.tensors.compactMap { tensor in
            guard tensor.part == .language, let (key, role) = identity(tensor.target) else { return nil }
            if role == .outputHead, storage.outputType != nil { return nil }
            if role == .tokenEmbedding, storage.embeddingType != nil { return nil }
            for pattern in patterns where try pattern.firstMatch(in: tensor.target.name) != nil { return nil }
            return Matrix(tensor: tensor, key: key, role: role)
        }
    }

    /// - Parameters:
    ///   - file: As planned with whatever types; what is not among `matrices` stays.
    /// - Throws: `InputError` `plan.budget` if the smallest types need more.
    func callAsFunction(_ file: OutputFile, _ matrices: [Matrix]) throws -> BudgetPlan {
        // Bits per weight are those of one copy; a file's bytes are those of all.
        let (layouts, bytes): ([RowLayout], (PlannedTensor) -> Int) =
            if case .bytes = budget { (self.layouts, \.storedBytes) } else { ([], \.target.byteCount) }
        let overhead = try file.size() - file.plan.storedBytes
        let open = matrices.reduce(0) { $0 + bytes($1.tensor) }
        let fixed = file.plan.tensors.reduce(0) { $0 + bytes($1) } - open
        let room = budget.bytesOfTensors(overhead: overhead, elements: file.plan.parameterCount) - fixed
        let tensors = matrices.map { matrix in
            BudgetPlan.Tensor(
                rows: matrix.tensor.rows, target: matrix.tensor.target,
                importance: matrix.tensor.importance ?? measured?.importance[matrix.key],
                sensitivity: sensitivity(matrix), losses: measured?.losses[matrix.key] ?? [:],
                layouts: ConversionPlan.layouts(layouts, for: matrix.role, isTied: isTied))
        }
        guard let plan = try BudgetPlan(tensors, bytes: room, threads: threads) else {
            let least = BudgetPlan.leastBytes(tensors) + fixed + overhead
            throw InputError(
                SizeBudget.tooSmall, file: file.path, field: "size",
                problem:
                    "would be \(least) bytes with every matrix in its smallest type, more than \(budget.description) allows",
                remedy: "Allow for more, or take a smaller model.")
        }
        return plan
    }

    func report(_ plan: BudgetPlan) -> BudgetReport {
        BudgetReport(budget: budget, expectedDivergence: plan.divergence, isMeasured: measured != nil)
    }

    private func sensitivity(_ matrix: Matrix) -> BudgetPlan.Sensitivity {
        if let divergence = measured?.divergence[matrix.key], divergence.isFinite {
            return .measured(max(0, divergence), as: SensitivityMeasurement.probe)
        }
        return .perShare(
            RoleSensitivity.divergence(matrix.role, block: matrix.block, of: blocks, isTied: isTied))
    }
}

/// What was chosen under a limit of size.
public struct BudgetReport: Sendable {
    public let budget: SizeBudget
    /// Mean KLD in nats that rounding to the chosen types is expected to cause, as far as single losses add up: calibrated
    /// where sensitivity was measured, plain otherwise.
    public let expectedDivergence: Double
    /// True if sensitivity was measured on this model, false if it was taken from the matrices' roles.
    public let isMeasured: Bool
}
