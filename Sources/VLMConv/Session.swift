import Platform
import ByteIO
import Execution
import Imaging
import MobileVLM
import Opening
import Tensors
import Tokenizer

/// A model ready to compute: its graph, its tokenizer, its way of reading pictures.
public struct Session: Sendable {
    public static let noVision = Rule("model.no-vision")
    public static let imageCount = Rule("prompt.images")

    public let model: Model
    public let executor: Executor

    /// - Parameters:
    ///   - arithmetic: `fast` to use a model, `reference` to judge it.
    ///   - observer: Sees what goes into every linear layer.
    public init(
        _ model: Model, arithmetic: Arithmetic = .fast, threads: Int? = nil,
        observer: (any ActivationObserver)? = nil
    ) throws {
        try Arguments.check(threads, in: Arguments.threads, "threads")
        self.model = model
        executor = try Executor(
            configuration: model.configuration, weights: model.weights, arithmetic: arithmetic,
            threads: threads ?? Machine.processorCount, observer: observer)
    }

    /// What to do about slow products where they will take minutes: with a model of more than some 100 million weights. Nil
    /// where nothing is to be done.
    var advice: String? {
        guard executor.arithmetic == .reference, let advice = BLASKernels.advice else { return nil }
        let weights = model.configuration.tensors.reduce(0) { $0 + ($1.shape.elementCount ?? 0) }
        return weights > 100_000_000 ? advice : nil
    }

    /// The preprocessed pixels `[3, size, size]` of the picture at `path`.
    public func pixels(_ path: String) throws -> [Float] {
        try pixels(Picture(path: path))
    }

    /// The preprocessed pixels of a picture, as this model's configuration asks for.
    public func pixels(_ picture: Picture) throws -> [Float] {
        guard let vision = model.configuration.multimodal?.vision else {
            throw InputError(
                Self.noVision, file: model.path, field: "picture",
                problem: "a picture was given, but the model has no vision tower",
                remedy: "For a GGUF file, its pair mmproj-NAME must lie beside it, or be named with --mmproj.")
        }
        let preprocess = try CLIPPreprocessor(
            imageSize: vision.imageSize, mean: vision.imageMean, std: vision.imageStandardDeviation,
            padToSquare: vision.padsToSquare)
        return try preprocess(picture.image).values
    }

    /// A question in the model's conversation template, behind its pictures.
    public func tokens(question: String, images: Int) -> TokenPrompt {
        tokens(model.configuration.conversation.prompt(question, images: images))
    }

    /// A prompt as it is.
    public func tokens(_ prompt: Prompt) -> TokenPrompt { model.tokens(prompt) }

    /// The tokens that end an answer.
    public var stopTokens: Set<Int> { Set(model.tokenizer.vocabulary.ends) }

    /// Answers a prompt.
    public struct Answer: Sendable {
        public let text: String
        public let tokens: [Int]
        public let promptPositions: Int
        public let imageSeconds: Double
        public let prefillSeconds: Double
        public let decodeSeconds: Double
        /// Named in every report of times.
        public let arithmetic: Arithmetic
    }

    /// - Parameters:
    ///   - images: Preprocessed pictures in the order of their places.
    ///   - cancellation: Ends the work between two blocks, with `CancellationError`.
    ///   - onText: Called with each new piece of text; false ends the answer with it.
    public func answer(
        _ prompt: TokenPrompt, images: [[Float]], sampler: Sampler, maxTokens: Int,
        cacheFormat: KeyValueCache.Format? = nil, cancellation: Cancellation? = nil,
        onText: (String) -> Bool = { _ in true }
    ) throws -> Answer {
        try Arguments.check(maxTokens, in: 0...1 << 20, "most tokens")
        let clock = ContinuousClock()
        let start = clock.now
        let features = try images.map { try executor.encodeImage($0, cancellation: cancellation) }
        if !images.isEmpty { executor.releaseIdleMemory() }
        let imageSeconds = (clock.now - start).seconds
        let pieces = try InputPiece.pieces(prompt, images: features)

        var stream = TokenStream(vocabulary: model.tokenizer.vocabulary)
        var text = ""
        func emit(_ piece: String) -> Bool {
            // The space that the tokenizer puts in front of a text is no part of the answer.
            let visible = text.isEmpty ? String(piece.drop { $0 == " " || $0 == "\n" }) : piece
            guard !visible.isEmpty else { return true }
            text += visible
            return onText(visible)
        }
        let generation = try executor.generate(
            pieces, sampler: sampler, maximumTokens: maxTokens, stopIDs: stopTokens, cacheFormat: cacheFormat,
            cancellation: cancellation
        ) { emit(stream.append($0)) }
        if generation.ending != .stopped { _ = emit(stream.finish()) }
        return Answer(
            text: text, tokens: generation.ids, promptPositions: generation.promptRows, imageSeconds: imageSeconds,
            prefillSeconds: generation.prefillSeconds, decodeSeconds: generation.decodeSeconds,
            arithmetic: executor.arithmetic)
    }
}

/// A picture in memory.
public struct Picture: Sendable {
    let image: RGBImage
    /// What the user should know of how the picture was read; nil where there is nothing.
    public let note: String?

    /// Decodes the PNG, JPEG, WebP, GIF or BMP file at `path`.
    /// - Parameter uprights: Turns the picture as its EXIF data say. Upstream's evaluation does not, so it is not the default.
    public init(path: String, uprights: Bool = false) throws {
        let mapped = try MappedFile(path: path)
        let (image, orientation) = try mapped.bytes.withUnsafeBytes {
            (try ImageDecoder.decode($0, file: path), ImageDecoder.orientation($0))
        }
        self.image = uprights ? orientation.map(image.upright) ?? image : image
        note =
            orientation == nil || uprights
            ? nil
            : "\(path): its EXIF data say that it was taken with the camera turned or mirrored. The pixels are taken as they "
                + "lie, as in upstream's evaluation; --exif-rotate turns the picture upright."
    }

    init(_ image: RGBImage) {
        self.image = image
        note = nil
    }

    /// One note for many pictures of which the same is to be told.
    static func summary(_ notes: [String]) -> [String] {
        guard let first = notes.first else { return [] }
        return [notes.count == 1 ? first : "\(first) The same goes for \(notes.count - 1) more."]
    }
}
