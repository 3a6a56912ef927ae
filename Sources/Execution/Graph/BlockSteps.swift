import MobileVLM
import Models

/// One block in steps, each of which ends with what the next linear layers read; on weights that need not be those of
/// the executor whose threads and memory it uses. What calibration rounds a block by.
///
///     let a = try block.attentionInput(x)        // read by queries, keys and values
///     let b = try block.attend(a)                // read by the attention's output layer
///     let h = try block.addAttention(b, to: x)
///     let c = try block.feedForwardInput(h)      // read by gate and up; in a tower by fc1
///     let d = try block.widen(c)                 // read by down; in a tower by fc2
///     let y = try block.addFeedForward(d, to: h)
///
/// gives what `runBlock` gives. Rows are those of one sequence, or of one picture.
public struct BlockSteps: Sendable {
    private enum Block: Sendable {
        case decoder(DecoderLayer, RotaryEmbedding)
        case encoder(EncoderLayer)
    }

    private let block: Block
    private let executor: Executor

    fileprivate init(_ n: Int, of stack: BlockStack, _ weights: ModelWeights, _ executor: Executor) throws {
        self.executor = executor
        let (c, context) = (executor.configuration, executor.context)
        switch stack {
        case .language:
            let scope = WeightScope(weights, context, path: "model.layers.\(n)")
            block = .decoder(
                try DecoderLayer(scope, c.language), RotaryEmbedding(c.language, pairing: weights.rotaryPairing))
        case .visionTower:
            guard let vision = c.multimodal?.vision else { throw ExecutionError.noVisionTower(model: c.name) }
            block = .encoder(
                try EncoderLayer(WeightScope(weights, context, path: "vision_model.encoder.layers.\(n)"), vision))
        }
    }

    /// The normalised rows that queries, keys and values are made of.
    public func attentionInput(_ x: Matrix) -> Matrix {
        switch block {
        case .decoder(let layer, _): layer.attentionInput(rows(x)).matrix
        case .encoder(let layer): layer.attentionInput(rows(x)).matrix
        }
    }

    /// The values that each head mixed, side by side.
    public func attend(_ a: Matrix) -> Matrix {
        switch block {
        case .decoder(let layer, let rotary):
            layer.attend(rows(a), executor.makeCache(positions: a.rows).layers[0], rotary: rotary).matrix
        case .encoder(let layer): layer.attend(rows(a)).matrix
        }
    }

    public func addAttention(_ mixed: Matrix, to x: Matrix) -> Matrix {
        switch block {
        case .decoder(let layer, _): layer.addAttention(rows(mixed), to: rows(x)).matrix
        case .encoder(let layer): layer.addAttention(rows(mixed), to: rows(x)).matrix
        }
    }

    /// The normalised rows that the feed-forward layer reads.
    public func feedForwardInput(_ h: Matrix) -> Matrix {
        switch block {
        case .decoder(let layer, _): layer.feedForwardInput(rows(h)).matrix
        case .encoder(let layer): layer.feedForwardInput(rows(h)).matrix
        }
    }

    /// What the feed-forward layer's last matrix reads.
    public func widen(_ c: Matrix) -> Matrix {
        switch block {
        case .decoder(let layer, _): layer.widen(rows(c)).matrix
        case .encoder(let layer): layer.widen(rows(c)).matrix
        }
    }

    public func addFeedForward(_ wide: Matrix, to h: Matrix) -> Matrix {
        switch block {
        case .decoder(let layer, _): layer.addFeedForward(rows(wide), to: rows(h)).matrix
        case .encoder(let layer): layer.addFeedForward(rows(wide), to: rows(h)).matrix
        }
    }

    private func rows(_ matrix: Matrix) -> Rows { executor.context.rows(matrix) }
}

/// The language model's last norm and its head, in the same manner.
public struct HeadSteps: Sendable {
    private let norm: RMSNorm
    private let head: Linear
    private let context: ExecutionContext

    fileprivate init(_ weights: ModelWeights, _ executor: Executor) throws {
        let c = executor.configuration.language
        context = executor.context
        norm = try RMSNorm(
            WeightScope(weights, context, path: "model.norm"), width: c.hiddenSize, epsilon: c.rmsEpsilon)
        head = try LanguageModel.head(weights, context, c)
    }

    /// The normalised rows that the head reads.
    public func input(_ x: Matrix) -> Matrix { norm(context.rows(x)).matrix }
    public func logits(_ input: Matrix) -> Matrix { head(context.rows(input)).matrix }
}

extension Executor {
    /// Block `n` in steps.
    /// - Parameter weights: Of the same model, stored in whatever way.
    /// - Throws: `ExecutionError` if there is no such block, `InputError` if its tensors are missing or misshapen.
    public func steps(_ n: Int, of stack: BlockStack, weights: ModelWeights) throws -> BlockSteps {
        guard (0..<blockCount(stack)).contains(n) else {
            throw ExecutionError.blockOutOfRange(n, blocks: blockCount(stack))
        }
        return try BlockSteps(n, of: stack, weights, self)
    }

    /// The last norm and the head in steps.
    public func headSteps(weights: ModelWeights) throws -> HeadSteps { try HeadSteps(weights, self) }
}
