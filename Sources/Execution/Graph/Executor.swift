import ByteIO
import MobileVLM
import Models
import Tensors

/// A part of an input.
public enum InputPiece: Sendable {
    case tokens([Int])
    /// The rows that `encodeImage` made of a picture.
    case image(Matrix)

    var rowCount: Int {
        switch self {
        case .tokens(let ids): ids.count
        case .image(let rows): rows.rows
        }
    }
}

/// For which rows of the input to compute logits.
public enum LogitRows: Sendable, Equatable {
    case all
    case last
    /// Some rows, counted from the input's first, in this order.
    case at([Int])
    /// None: the input is only taken into the cache.
    case none
}

/// One model, loaded: the whole graph, straight from the stored weights.
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
    public var threads: Int { context.threads }
    public var arithmetic: Arithmetic { context.arithmetic }

    /// How often memory for activations was fetched from the system; after a first pass none is.
    package var allocations: Int { context.allocations }

    let context: ExecutionContext
    let tower: VisionTower?
    let projector: Projector?
    let language: LanguageModel
    private let cacheStorage: CacheStorage.Table

    /// Finds every tensor that the graph needs and checks its shape.
    /// - Parameters:
    ///   - threads: Nil takes one per core. The results do not depend on it.
    ///   - observer: Sees the inputs of every linear layer of every pass.
    /// - Throws: `InputError` naming the tensor that is missing, misshapen or of a type that cannot be decoded.
    public init(
        configuration: ModelConfiguration, weights: ModelWeights, arithmetic: Arithmetic = .reference,
        threads: Int? = nil, observer: (any ActivationObserver)? = nil
    ) throws {
        try configuration.validate(file: weights.origin)
        self.configuration = configuration
        context = ExecutionContext(arithmetic: arithmetic, threads: threads, observer: observer)
        language = try LanguageModel(weights, context, configuration.language)
        cacheStorage = try CacheStorage.Table(size: configuration.language.headSize)
        guard let multimodal = configuration.multimodal else {
            (tower, projector) = (nil, nil)
            return
        }
        tower = try VisionTower(WeightScope(weights, context, path: "vision_model"), multimodal.vision)
        projector = try Projector(
            WeightScope(weights, context, path: "mm_projector"), multimodal.projector,
            from: multimodal.vision.hiddenSize, to: configuration.language.hiddenSize)
    }

    /// Runs the vision tower and the projector.
    /// - Parameters:
    ///   - pixels: `[3, size, size]`: channels red, green, blue, normalised by the configuration's mean and deviation.
    ///   - cancellation: Looked at before each block.
    /// - Returns: The picture's rows in the language model's input, `[image tokens, H]`.
    public func encodeImage(
        _ pixels: [Float], taps: Taps? = nil, cancellation: Cancellation? = nil
    ) throws -> Matrix {
        let (tower, projector, vision) = try picturePart(pixels)
        let features = try tower(pixels, taps: taps, cancellation: cancellation)
        return projector(features, side: vision.gridSide, taps: taps).matrix
    }

    /// Gives memory of activations back to the system: for between passes of another kind, such as a picture's and a prompt's, where
    /// what the one kept is of no use to the other. The next pass fetches its own.
    public func releaseIdleMemory() { context.releaseIdleMemory() }

    /// What reads pictures, if there is such a part and the picture is one for it.
    func picturePart(_ pixels: [Float]?) throws -> (VisionTower, Projector, VisionConfiguration) {
        guard let tower, let projector, let vision = configuration.multimodal?.vision else {
            throw ExecutionError.noVisionTower(model: configuration.name)
        }
        if let pixels, pixels.count != 3 * vision.imageSize * vision.imageSize {
            throw ExecutionError.wrongPixelCount(pixels.count, imageSize: vision.imageSize)
        }
        return (tower, projector, vision)
    }

    /// An empty memory for one conversation.
    /// - Parameters:
    ///   - positions: Most rows it will hold; nil, and more than that, means the model's whole context. Memory is taken
    ///     as rows come.
    ///   - format: How keys and values are kept; nil takes what the arithmetic prefers.
    public func makeCache(positions: Int? = nil, format: KeyValueCache.Format? = nil) -> KeyValueCache {
        let c = configuration.language
        let format = format ?? arithmetic.cacheFormat
        return KeyValueCache(
            layerCount: c.layerCount, heads: c.heads, capacity: min(max(1, positions ?? .max), c.contextLength),
            format: format, storage: cacheStorage[format])
    }

    /// Appends the pieces' rows to the conversation in `cache`. If it throws, the cache is as before.
    /// - Parameter cancellation: Looked at before each block.
    /// - Returns: Logits before any softmax: `[T, V]` for `.all` of the T rows given, `[1, V]` for `.last`.
    public func forward(
        _ pieces: [InputPiece], cache: KeyValueCache, logits: LogitRows = .all, taps: Taps? = nil,
        cancellation: Cancellation? = nil
    ) throws -> Matrix {
        guard let rows = try run(pieces, cache: cache, logits: logits, taps: taps, cancellation: cancellation) else {
            return Matrix(rows: 0, columns: configuration.language.vocabularySize, elements: [])
        }
        return rows.matrix
    }

    /// The same with the result in lent memory; nil if no logits were asked for.
    func run(
        _ pieces: [InputPiece], cache: KeyValueCache, logits: LogitRows, taps: Taps?, cancellation: Cancellation?
    ) throws -> Rows? {
        let c = configuration.language
        guard cache.layers.count == c.layerCount, cache.heads == c.heads else { throw ExecutionError.foreignCache }
        let rows = try embed(pieces)
        guard cache.position + rows.rows <= cache.capacity else {
            throw ExecutionError.tooManyPositions(
                asked: cache.position + rows.rows, contextLength: cache.capacity)
        }
        var logits = logits
        if case .at(let chosen) = logits {
            let count = rows.rows
            if let row = chosen.first(where: { !(0..<count).contains($0) }) {
                throw ExecutionError.rowOutOfRange(row, rows: count)
            }
            if chosen.isEmpty { logits = .none }
        }
        let pass = arithmetic.rowsPerPass
        guard rows.rows > pass, taps == nil, context.observer == nil, logits == .last || logits == .none else {
            return try language(rows, cache: cache, logits: logits, taps: taps, cancellation: cancellation)
        }
        // A long prompt in pieces, so that memory does not grow with it.
        let (start, count) = (cache.position, rows.rows)
        do {
            for first in stride(from: 0, to: count, by: pass) {
                let end = min(count, first + pass)
                let piece = Kernels.select(first..<end, of: rows)
                let result = try language(
                    piece, cache: cache, logits: end == count ? logits : .none, taps: nil, cancellation: cancellation)
                if end == count { return result }
            }
        } catch {
            cache.rewind(to: start)
            throw error
        }
        return nil
    }

    /// The rows of all pieces.
    func embed(_ pieces: [InputPiece]) throws -> Rows {
        let c = configuration.language
        let count = pieces.reduce(0) { $0 + $1.rowCount }
        guard count > 0 else { throw ExecutionError.emptyInput }
        // Nothing larger than the context can be used, so memory for it is not asked for either.
        guard count <= c.contextLength else {
            throw ExecutionError.tooManyPositions(asked: count, contextLength: c.contextLength)
        }
        let rows = context.rows(count, c.hiddenSize)
        var position = 0
        for piece in pieces {
            switch piece {
            case .tokens(let ids):
                if let id = ids.first(where: { !(0..<c.vocabularySize).contains($0) }) {
                    throw ExecutionError.tokenOutOfRange(id: id, vocabularySize: c.vocabularySize)
                }
                language.embedding(ids, into: rows, from: position)
            case .image(let image):
                guard image.columns == c.hiddenSize else {
                    throw ExecutionError.wrongImageWidth(image.columns, hiddenSize: c.hiddenSize)
                }
                Kernels.copy(image, to: rows, at: position)
            }
            position += piece.rowCount
        }
        return rows
    }
}
