import ByteIO
import MobileVLM
import Models
import Tensors

/// A part of a prompt.
public enum InputPiece: Sendable {
    case tokens([Int])
    /// The rows that `encodeImage` made of a picture.
    case image(Matrix)
}

/// For which rows of the input to compute logits.
public enum LogitRows: Sendable {
    case all
    case last
}

/// One model, loaded: the whole graph in 32-bit floats, straight from the stored weights.
///
/// Weights are decoded a few rows at a time where a product needs them; none but norms, biases and position tables are
/// kept as floats, so a mapped model takes little memory beside its own file. An executor never changes: several
/// threads may use one, each with a cache of its own. See docs/graph.md for the graph and docs/numerics.md for what is
/// promised about its numbers.
///
///     let executor = try Executor(configuration: configuration, weights: weights)
///     let image = try executor.encodeImage(pixels)
///     let logits = try executor.forward(
///         [.tokens(before), .image(image), .tokens(after)], cache: executor.makeCache(), logits: .last)
public final class Executor: Sendable {
    public let configuration: ModelConfiguration
    /// Threads that work at once.
    public var threads: Int { workers.count }

    private let workers: Workers
    private let tower: VisionTower?
    private let projector: Projector?
    private let language: LanguageModel

    /// Finds every tensor that the graph needs and checks its shape.
    /// - Parameters:
    ///   - threads: Nil takes one per core. The results do not depend on it.
    ///   - statistics: Collects the inputs of every linear layer of every pass.
    /// - Throws: `InputError` naming the tensor that is missing, misshapen or of a type that cannot be decoded.
    public init(
        configuration: ModelConfiguration, weights: ModelWeights, threads: Int? = nil,
        statistics: ActivationStatistics? = nil
    ) throws {
        try configuration.validate(file: weights.origin)
        self.configuration = configuration
        workers = Workers(count: threads, statistics: statistics)
        language = try LanguageModel(weights, workers, configuration.language)
        guard let multimodal = configuration.multimodal else {
            (tower, projector) = (nil, nil)
            return
        }
        tower = try VisionTower(WeightScope(weights, workers, path: "vision_model"), multimodal.vision)
        projector = try Projector(
            WeightScope(weights, workers, path: "mm_projector"), multimodal.projector,
            from: multimodal.vision.hiddenSize, to: configuration.language.hiddenSize)
    }

    /// Runs the vision tower and the projector.
    /// - Parameter pixels: `[3, size, size]`: channels red, green, blue, normalised by the configuration's mean and
    ///   deviation.
    /// - Returns: The picture's rows in the language model's input, `[image tokens, H]`.
    public func encodeImage(_ pixels: [Float], taps: Taps? = nil) throws -> Matrix {
        guard let tower, let projector, let vision = configuration.multimodal?.vision else {
            throw ExecutionError.noVisionTower(model: configuration.name)
        }
        guard pixels.count == 3 * vision.imageSize * vision.imageSize else {
            throw ExecutionError.wrongPixelCount(pixels.count, imageSize: vision.imageSize)
        }
        return projector(tower(pixels, taps: taps), side: vision.gridSide, taps: taps)
    }

    /// An empty memory for one conversation.
    public func makeCache() -> KeyValueCache {
        let c = configuration.language
        return KeyValueCache(layerCount: c.layerCount, width: c.keyValueHeadCount * c.headSize)
    }

    /// Appends the pieces' rows to the conversation in `cache`. If it throws, the cache is as before.
    /// - Returns: Logits before any softmax: `[T, V]` for `.all` of the T rows given, `[1, V]` for `.last`.
    public func forward(
        _ pieces: [InputPiece], cache: KeyValueCache, logits: LogitRows = .all, taps: Taps? = nil
    ) throws -> Matrix {
        let c = configuration.language
        guard cache.layers.count == c.layerCount, cache.width == c.keyValueHeadCount * c.headSize else {
            throw ExecutionError.foreignCache
        }
        let parts = try pieces.compactMap(embed)
        guard let first = parts.first else { throw ExecutionError.emptyInput }
        let rows = Matrix.stack(first, parts.dropFirst())
        guard cache.position + rows.rows <= c.contextLength else {
            throw ExecutionError.tooManyPositions(
                asked: cache.position + rows.rows, contextLength: c.contextLength)
        }
        return language(rows, cache: cache, logits: logits, taps: taps)
    }

    /// A piece's rows, nil if it has none.
    private func embed(_ piece: InputPiece) throws -> Matrix? {
        let c = configuration.language
        switch piece {
        case .tokens(let ids):
            if let id = ids.first(where: { !(0..<c.vocabularySize).contains($0) }) {
                throw ExecutionError.tokenOutOfRange(id: id, vocabularySize: c.vocabularySize)
            }
            return ids.isEmpty ? nil : language.embedding(ids)
        case .image(let rows):
            guard rows.columns == c.hiddenSize else {
                throw ExecutionError.wrongImageWidth(rows.columns, hiddenSize: c.hiddenSize)
            }
            return rows.rows == 0 ? nil : rows
        }
    }
}
