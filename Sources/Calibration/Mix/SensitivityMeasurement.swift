import Execution
import MobileVLM
import Models
import Platform
import Quantization
import Tensors

/// Measures, matrix by matrix, how far the model's predictions move when that matrix alone is rounded.
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
        /// Mean KLD in nats, of each matrix stored as the probe.
        public fileprivate(set) var divergence: [String: Double] = [:]
        /// `Σ x²` of each input column, over all positions.
        public fileprivate(set) var importance: [String: [Float]] = [:]
    }

    /// - Parameters:
    ///   - sequences: Some hundred positions suffice.
    ///   - blocks: How many blocks are measured.
    ///   - divergence: Mean KLD of the second logits from the first.
    public func run(
        _ sequences: [CalibrationSequence], blocks: Int, threads: Int, cancellation: Cancellation? = nil,
        progress: (CalibrationProgress) -> Void = { _ in }, divergence: (_ whole: Matrix, _ rounded: Matrix) -> Double
    ) throws -> Result {
        let executor = try Executor(configuration: configuration, weights: weights, threads: threads)
        let (reading, count) = (MatrixReading(weights: weights, threads: threads), configuration.language.layerCount)
        func tell(_ done: Double) {
            progress(CalibrationProgress(stage: "measuring how much each matrix matters", done: done, resumed: 0))
        }
        tell(0)
        var result = Result()
        let read = try sequences.map { try executor.blockInput($0, cancellation) }
        // What follows a picture's row is no token: nothing there is predicted.
        let isText = read.map(\.isText)
        var inputs = [read.map(\.rows)]
        let plans = (0..<count).map { BlockPlan(configuration, .language, $0, types: [:]) }
        for plan in plans {
            try cancellation?.check()
            let steps = try executor.steps(plan.number, of: .language, weights: weights)
            inputs.append(inputs[plan.number].map { Self.observe(steps, $0, plan, into: &result) })
        }
        let head = try executor.headSteps(weights: weights)
        let normed = zip(inputs[count], isText).map { head.input(Self.rows(of: $0, where: $1)) }
        let logits = normed.map(head.logits)

        /// The divergence where the rows before block `number` are others.
        func measure(_ rows: [Matrix], from number: Int, head: HeadSteps) throws -> Double {
            var rows = rows
            for next in number..<count {
                try cancellation?.check()
                let steps = try executor.steps(next, of: .language, weights: weights)
                rows = rows.map(steps.run)
            }
            var sum = 0.0
            for (number, whole) in logits.enumerated() {
                let rounded = head.logits(head.input(Self.rows(of: rows[number], where: isText[number])))
                sum += divergence(whole, rounded) * Double(whole.rows)
            }
            return sum / Double(max(1, logits.reduce(0) { $0 + $1.rows }))
        }

        let measured = Self.spread(blocks, over: count)
        for (position, number) in measured.enumerated() {
            for tensor in plans[number].groups.flatMap(\.tensors) {
                guard let rows = try reading.plain(tensor, Self.probe) else { continue }
                var rounded = weights
                rounded.place(tensor.key, rows)
                let steps = try executor.steps(number, of: .language, weights: rounded)
                result.divergence[tensor.key] = try measure(inputs[number].map(steps.run), from: number + 1, head: head)
            }
            tell(Double(position + 1) / Double(measured.count + 1))
        }
        try measureEnds(reading, executor, inputs, normed, head, into: &result, measure)
        raiseOutliers(plans, measured, &result)
        interpolate(plans, measured, &result)
        tell(1)
        return result
    }

    /// The embedding and the head: where they are one, rounded in both places.
    private func measureEnds(
        _ reading: MatrixReading, _ executor: Executor, _ inputs: [[Matrix]], _ normed: [Matrix], _ head: HeadSteps,
        into result: inout Result, _ measure: ([Matrix], Int, HeadSteps) throws -> Double
    ) throws {
        let columns = configuration.language.hiddenSize
        guard columns % Self.probe.blockLength == 0 else { return }
        let isTied = configuration.language.tiedEmbeddings
        for tensor in configuration.languageTensors where tensor.kind == .tokenEmbedding || tensor.kind == .outputHead {
            let isHead = tensor.kind == .outputHead || isTied
            var rounded = weights
            if isHead, let rows = try reading.plain(tensor, Self.probe) { rounded.place(tensor.key, rows) }
            let heads = isHead ? try executor.headSteps(weights: rounded) : head
            let rows = tensor.kind == .tokenEmbedding ? try inputs[0].map(Self.rounded) : inputs[0]
            result.divergence[tensor.key] =
                tensor.kind == .tokenEmbedding
                ? try measure(rows, 0, heads) : try measure(inputs[inputs.count - 1], inputs.count - 1, heads)
            if isHead { normed.forEach { Self.add($0, [tensor], into: &result) } }
        }
    }

    /// Rows as the probe stores them. Rows of pictures too, which is a little too hard on the embedding.
    private static func rounded(_ rows: Matrix) throws -> Matrix {
        let encoder = try RowEncoder(type: probe, columns: rows.columns)
        let decoder = try RowDecoder(type: probe, columns: rows.columns)
        var bytes = [UInt8](repeating: 0, count: encoder.rowBytes)
        var elements: [Float] = []
        elements.reserveCapacity(rows.elements.count)
        for row in 0..<rows.rows {
            var values = Array(rows[row: row])
            bytes.withUnsafeMutableBytes { bytes in
                values.withUnsafeMutableBufferPointer { values in
                    encoder.encodeUnchecked(UnsafeBufferPointer(values), into: bytes)
                    decoder.decode(UnsafeRawBufferPointer(bytes), into: values)
                }
            }
            elements += values
        }
        return Matrix(rows: rows.rows, columns: rows.columns, elements: elements)
    }

    private static func rows(of matrix: Matrix, where isWanted: [Bool]) -> Matrix {
        let wanted = isWanted.indices.filter { isWanted[$0] }
        return Matrix(rows: wanted.count, columns: matrix.columns, elements: wanted.flatMap { matrix[row: $0] })
    }

    /// Runs a block and takes the squares of what its matrices read.
    private static func observe(
        _ block: BlockSteps, _ x: Matrix, _ plan: BlockPlan, into result: inout Result
    ) -> Matrix {
        let a = block.attentionInput(x)
        add(a, plan.attentionInput.tensors, into: &result)
        let mixed = block.attend(a)
        add(mixed, plan.attentionOutput.tensors, into: &result)
        let h = block.addAttention(mixed, to: x)
        let c = block.feedForwardInput(h)
        add(c, plan.feedForwardInput.tensors, into: &result)
        let wide = block.widen(c)
        add(wide, plan.feedForwardOutput.tensors, into: &result)
        return block.addFeedForward(wide, to: h)
    }

    private static func add(_ rows: Matrix, _ tensors: [TensorSpecification], into result: inout Result) {
        var sums = [Float](repeating: 0, count: rows.columns)
        for row in 0..<rows.rows {
            for (column, value) in rows[row: row].enumerated() { sums[column] += value * value }
        }
        for tensor in tensors {
            let before = result.importance[tensor.key]
            result.importance[tensor.key] = before.map { zip($0, sums).map(+) } ?? sums
        }
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

extension Executor {
    /// What the first block is given for a sequence, and which of its rows are tokens.
    fileprivate func blockInput(
        _ sequence: CalibrationSequence, _ cancellation: Cancellation?
    ) throws -> (rows: Matrix, isText: [Bool]) {
        let images = try sequence.pictures.map { try encodeImage($0, cancellation: cancellation) }
        let pieces = try InputPiece.pieces(sequence.prompt, images: images)
        let isText = pieces.flatMap { piece -> [Bool] in
            switch piece {
            case .tokens(let ids): ids.map { _ in true }
            case .image(let rows): Array(repeating: false, count: rows.rows)
            }
        }
        return (try blockInput(pieces), isText)
    }
}
