import Execution
import Models
import Platform
import Tensors

/// Rounds linear layers that share an input, given that input in both models.
struct GroupCalibration {
    let source: ModelWeights
    let types: [String: ElementType]
    let effort: CalibrationEffort
    let threads: Int

    private var workers: Threads { Threads(count: threads) }

    /// True if a tensor's type has levels to choose.
    func isRounded(_ tensor: TensorSpecification) -> Bool {
        types[tensor.key].map { WeightStorage($0).hasLevels } ?? false
    }

    /// Chooses scales for a group before its input in the quantized model is known, from the whole model's.
    func chooseScales(
        _ group: BlockPlan.Group, whole: [Matrix], _ streams: Streams, addedTo sum: [Matrix],
        _ result: inout RoundedTensors
    ) throws {
        guard let coupling = group.coupling, group.tensors.contains(where: isRounded) else { return }
        let moments = moments(whole, streams, addedTo: sum, limit: effort.foldInputRows)
        result.scales[coupling.producers[0]] = FoldChoice(effort: effort, threads: workers)(
            coupling, try consumers(group),
            Curvature(moments, damping: effort.damping, blockLength: blockLength(group)))
    }

    /// Rounds the matrices of a group.
    /// - Parameters:
    ///   - quantized: The input in the model rounded so far, as it would be without this group's fold.
    ///   - whole: The same rows in the whole model.
    ///   - sum: What the group's outputs are added to, as the whole model has it then; nil where they are not.
    ///   - choosesScales: False if scales were chosen already, or found to be of no use.
    /// - Returns: Pictures' share of the input's sum of squares, before both kinds of rows were given equal weight; nil where
    ///   nothing is rounded.
    @discardableResult
    func round(
        _ group: BlockPlan.Group, couplings: [Coupling], quantized: [Matrix], whole: [Matrix], _ streams: Streams,
        addedTo sum: [Matrix]? = nil, choosesScales: Bool, _ result: inout RoundedTensors
    ) throws -> Double? {
        let tensors = group.tensors.filter(isRounded)
        guard !tensors.isEmpty else { return nil }
        let share = streams.weights(of: quantized, addedTo: sum).pictureShare
        let moments = moments(quantized, streams, addedTo: sum)
        // Each takes one thread, and of wide inputs long.
        let (length, weight, damping) = (blockLength(group), effort.targetWeight, effort.damping)
        let (given, factor) = workers.both(
            { Curvature(moments, damping: damping, blockLength: length) },
            { weight > 0 ? TargetShift.Factor(moments) : nil })
        var curvature = given
        let matrices = try consumers(group)
        if choosesScales, let coupling = group.coupling {
            result.scales[coupling.producers[0]] = FoldChoice(effort: effort, threads: workers)(
                coupling, matrices, curvature)
        }
        let shift = factor.map {
            TargetShift(
                $0, drift(matrices, moments.columns, quantized: quantized, whole: whole, streams, addedTo: sum),
                weight: effort.targetWeight, threads: workers)
        }
        let columns = group.coupling.flatMap { coupling in
            result.scales[coupling.producers[0]].map { FoldChoice.columns($0, coupling) }
        }
        if let columns { curvature = curvature.dividing(by: columns) }
        for (number, (tensor, matrix)) in zip(tensors, matrices).enumerated() {
            shift?.move(matrix.weights, number: number)
            if let divisors = result.factors(tensor.key, couplings).rows { matrix.weights.divideRows(by: divisors) }
            let rounding = MatrixRounding(
                storage: matrix.storage, curvature: curvature, descent: effort.descent, threads: workers)
            result.bytes[tensor.key] = rounding(matrix.weights, scales: columns)?.bytes
        }
        return share
    }

    /// Columns that all of a group's types keep together: one order of columns serves them all.
    private func blockLength(_ group: BlockPlan.Group) -> Int? {
        group.tensors.compactMap { types[$0.key].flatMap { WeightStorage($0).blockLength } }.max()
    }

    /// The group's matrices that are rounded, in their order.
    private func consumers(_ group: BlockPlan.Group) throws -> [FoldChoice.Consumer] {
        try group.tensors.filter(isRounded).compactMap { tensor in
            guard let type = types[tensor.key] else { return nil }
            return FoldChoice.Consumer(
                weights: try MatrixReading(weights: source, threads: threads).floats(tensor),
                storage: WeightStorage(type))
        }
    }

    /// - Parameter limit: Most rows that count, evenly taken; nil for all.
    private func moments(
        _ input: [Matrix], _ streams: Streams, addedTo sum: [Matrix]?, limit: Int? = nil
    ) -> SecondMoments {
        let moments = SecondMoments(columns: input.first?.columns ?? 0, threads: threads)
        let weights = streams.weights(of: input, addedTo: sum).weights
        let step = limit.map { max(1, (streams.rows + $0 - 1) / $0) } ?? 1
        var next = 0
        for (number, matrix) in input.enumerated() {
            guard step > 1 else {
                moments.add(matrix.elements, weights: weights[number])
                continue
            }
            let rows = Array(stride(from: next, to: matrix.rows, by: step))
            next += rows.count * step - matrix.rows
            moments.add(rows.flatMap { Array(matrix[row: $0]) }, weights: rows.map { weights[number][$0] })
        }
        return moments
    }

    /// How far the quantized model's input has gone from the whole one's, as the matrices see it.
    private func drift(
        _ matrices: [FoldChoice.Consumer], _ columns: Int, quantized: [Matrix], whole: [Matrix], _ streams: Streams,
        addedTo sum: [Matrix]?
    ) -> Drift {
        let drift = Drift(columns: columns, matrices: matrices.map(\.weights), threads: workers)
        for ((x, y), weights) in zip(zip(quantized, whole), streams.weights(of: quantized, addedTo: sum).weights) {
            drift.add(x.elements, whole: y.elements, weights: weights)
        }
        return drift
    }
}

extension FloatMemory {
    /// Of `[divisors.count, _]`.
    func divideRows(by divisors: [Float]) {
        let columns = count / max(1, divisors.count)
        for (row, divisor) in divisors.enumerated() {
            for i in row * columns..<(row + 1) * columns { start[i] /= divisor }
        }
    }
}
