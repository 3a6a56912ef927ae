import Execution
import Models
import Platform
import Tensors

/// Takes both streams through one block, whose matrices it rounds on the way: each group after those before it, on the
/// input that these give it.
struct BlockCalibration {
    let plan: BlockPlan
    let executor: Executor
    let group: GroupCalibration
    let cancellation: Cancellation?
    /// Told which part of the block's work is done.
    let progress: (Double) -> Void

    private var source: ModelWeights { group.source }

    /// - Parameter streams: What the block reads; becomes what it gives.
    /// - Returns: What was decided, and pictures' share of the inputs' sums of squares.
    func round(_ streams: inout Streams, pictureShares: inout [Double]) throws -> RoundedTensors {
        var result = RoundedTensors()
        let whole = try executor.steps(plan.number, of: plan.stack, weights: source)

        // Scales that leave a producer among the group's own matrices must be known before it is rounded.
        var input = streams.whole.map(whole.attentionInput)
        let mixed = try mapped(input, whole.attend)
        var sum = zip(mixed, streams.whole).map { whole.addAttention($0, to: $1) }
        try group.chooseScales(plan.attentionOutput, whole: mixed, streams, addedTo: sum, &result)
        let attentionShare = try round(
            plan.attentionInput, streams.quantized.map(whole.attentionInput), input, streams, choosesScales: true,
            &result)
        progress(0.25)

        var rounded = try steps(result)
        var quantized = try mapped(streams.quantized.map(rounded.attentionInput), rounded.attend)
        try round(
            plan.attentionOutput, unfolded(quantized, plan.attentionOutput, result), mixed, streams,
            addedTo: sum, choosesScales: false, &result)
        progress(0.4)

        rounded = try steps(result)
        streams.whole = sum
        streams.quantized = zip(quantized, streams.quantized).map { rounded.addAttention($0, to: $1) }
        input = streams.whole.map(whole.feedForwardInput)
        let wide = try mapped(input, whole.widen)
        sum = zip(wide, streams.whole).map { whole.addFeedForward($0, to: $1) }
        try group.chooseScales(plan.feedForwardOutput, whole: wide, streams, addedTo: sum, &result)
        let feedForwardShare = try round(
            plan.feedForwardInput, streams.quantized.map(whole.feedForwardInput), input, streams,
            choosesScales: true, &result)
        pictureShares += [attentionShare, feedForwardShare].compactMap { $0 }
        progress(0.7)

        rounded = try steps(result)
        quantized = try mapped(streams.quantized.map(rounded.feedForwardInput), rounded.widen)
        try round(
            plan.feedForwardOutput, unfolded(quantized, plan.feedForwardOutput, result), wide, streams,
            addedTo: sum, choosesScales: false, &result)
        rounded = try steps(result)
        streams.whole = sum
        streams.quantized = zip(quantized, streams.quantized).map { rounded.addFeedForward($0, to: $1) }
        progress(1)
        return result
    }

    /// Takes both streams through a block that was rounded before.
    func pass(_ streams: inout Streams, _ known: RoundedTensors) throws {
        let whole = try executor.steps(plan.number, of: plan.stack, weights: source)
        let rounded = try steps(known)
        streams.whole = try mapped(streams.whole, whole.run)
        streams.quantized = try mapped(streams.quantized, rounded.run)
        progress(1)
    }

    /// The block as rounded so far.
    private func steps(_ result: RoundedTensors) throws -> BlockSteps {
        var (folded, rounded) = (source, source)
        try result.place(
            plan.tensors, plan.couplings, types: plan.types, source: source, folded: &folded, rounded: &rounded)
        return try executor.steps(plan.number, of: plan.stack, weights: rounded)
    }

    @discardableResult
    private func round(
        _ layers: BlockPlan.Group, _ quantized: [Matrix], _ whole: [Matrix], _ streams: Streams,
        addedTo sum: [Matrix]? = nil, choosesScales: Bool, _ result: inout RoundedTensors
    ) throws -> Double? {
        try cancellation?.check()
        return try group.round(
            layers, couplings: plan.couplings, quantized: quantized, whole: whole, streams,
            addedTo: sum, choosesScales: choosesScales, &result)
    }

    /// Rows as they would be without the fold that is already in them.
    private func unfolded(_ rows: [Matrix], _ layers: BlockPlan.Group, _ result: RoundedTensors) -> [Matrix] {
        guard let coupling = layers.coupling, let scales = result.scales[coupling.producers[0]] else { return rows }
        let columns = FoldChoice.columns(scales, coupling)
        return rows.map { matrix in
            var matrix = matrix
            for row in 0..<matrix.rows {
                for column in 0..<matrix.columns { matrix.elements[row * matrix.columns + column] *= columns[column] }
            }
            return matrix
        }
    }

    private func mapped(_ rows: [Matrix], _ body: (Matrix) -> Matrix) throws -> [Matrix] {
        try rows.map {
            try cancellation?.check()
            return body($0)
        }
    }
}

extension BlockSteps {
    /// All steps at once.
    func run(_ x: Matrix) -> Matrix { run(x) { _, _, _ in } }

    /// All steps at once.
    /// - Parameter read: Told what each of a plan's groups reads, by its place among them, and what its outputs have been
    ///   added to, if to anything.
    func run(_ x: Matrix, _ read: (_ group: Int, _ input: Matrix, _ sum: Matrix?) -> Void) -> Matrix {
        let a = attentionInput(x)
        read(0, a, nil)
        let mixed = attend(a)
        let h = addAttention(mixed, to: x)
        read(1, mixed, h)
        let c = feedForwardInput(h)
        read(2, c, nil)
        let wide = widen(c)
        let y = addFeedForward(wide, to: h)
        read(3, wide, y)
        return y
    }
}
