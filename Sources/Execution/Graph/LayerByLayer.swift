import MobileVLM

/// A stack of blocks that can be run one by one.
public enum BlockStack: Sendable {
    case visionTower
    case language
}

/// The graph in steps, for whoever wants to hold a layer's inputs against each other before the next one runs:
/// calibration, studies. An executor's observer sees what goes into the linear layers meanwhile.
///
///     var rows = try executor.blockInput([.tokens(ids)])
///     for n in 0..<executor.blockCount(.language) { rows = try executor.runBlock(n, of: .language, on: rows) }
///     let logits = try executor.logits(of: rows)
///
/// gives what `forward` gives.
extension Executor {
    /// Blocks that run.
    public func blockCount(_ stack: BlockStack) -> Int {
        switch stack {
        case .visionTower: configuration.multimodal?.vision.featureLayer ?? 0
        case .language: configuration.language.layerCount
        }
    }

    /// What the language model's first block reads, `[T, H]`.
    public func blockInput(_ pieces: [InputPiece]) throws -> Matrix { try embed(pieces).matrix }

    /// What the tower's first block reads of a picture, `[positions, C]`.
    public func blockInput(pixels: [Float]) throws -> Matrix { try picturePart(pixels).0.embed(pixels).matrix }

    /// Runs one block on the rows that the one before it gave; the language model's take them for a whole sequence.
    /// - Throws: `ExecutionError` if there is no such block, or the rows are none of its.
    public func runBlock(_ n: Int, of stack: BlockStack, on rows: Matrix) throws -> Matrix {
        guard (0..<blockCount(stack)).contains(n) else {
            throw ExecutionError.blockOutOfRange(n, blocks: blockCount(stack))
        }
        switch stack {
        case .visionTower:
            let (tower, _, vision) = try picturePart(nil)
            try check(rows, columns: vision.hiddenSize, rows: vision.positionCount...vision.positionCount)
            return tower.run(layer: n, on: context.rows(rows)).matrix
        case .language:
            let c = configuration.language
            try check(rows, columns: c.hiddenSize, rows: 1...c.contextLength)
            let cache = makeCache(positions: rows.rows)
            return language.run(layer: n, on: context.rows(rows), cache.layers[n]).matrix
        }
    }

    /// The language model's logits from what its last block gave, `[T, V]`.
    public func logits(of rows: Matrix) throws -> Matrix {
        try check(rows, columns: configuration.language.hiddenSize, rows: 1...configuration.language.contextLength)
        let vocabulary = configuration.language.vocabularySize
        guard let logits = language.logits(context.rows(rows), of: .all, taps: nil) else {
            return Matrix(rows: 0, columns: vocabulary, elements: [])
        }
        return logits.matrix
    }

    /// The picture's rows in the language model's input from what the tower's last block gave.
    public func project(_ rows: Matrix) throws -> Matrix {
        let (tower, projector, vision) = try picturePart(nil)
        try check(rows, columns: vision.hiddenSize, rows: vision.positionCount...vision.positionCount)
        return projector(tower.select(context.rows(rows)), side: vision.gridSide, taps: nil).matrix
    }

    private func check(_ matrix: Matrix, columns: Int, rows: ClosedRange<Int>) throws {
        guard matrix.columns == columns, rows.contains(matrix.rows) else {
            throw ExecutionError.wrongBlockInput(
                rows: matrix.rows, columns: matrix.columns, expectedRows: rows, expectedColumns: columns)
        }
    }
}
