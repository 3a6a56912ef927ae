import ByteIO

/// Sizes and constants of the LLaMA language model.
public struct LanguageConfiguration: Sendable, Equatable {
    /// H, the width of the residual stream.
    public var hiddenSize: Int
    /// F, the width of the feed-forward layer.
    public var feedForwardSize: Int
    public var layerCount: Int
    /// NH, query heads.
    public var headCount: Int
    /// KV, key and value heads; query head `j` reads key/value head `j / (NH/KV)`.
    public var keyValueHeadCount: Int
    /// D, width of a head.
    public var headSize: Int
    /// V, rows of the embedding and of the output head.
    public var vocabularySize: Int
    /// Positions the model was trained for.
    public var contextLength: Int
    /// Added to the mean square in every RMSNorm.
    public var rmsEpsilon: Float
    /// Base of the rotary embedding's geometric series of frequencies.
    public var ropeBase: Float
    /// What positions are divided by before they turn anything (linear RoPE scaling, Chen et al., arXiv 2306.15595);
    /// 1 for none.
    public var ropeScaling: Float
    /// True if the output head is the embedding matrix.
    public var tiedEmbeddings: Bool

    public init(
        hiddenSize: Int, feedForwardSize: Int, layerCount: Int, headCount: Int, keyValueHeadCount: Int, headSize: Int,
        vocabularySize: Int, contextLength: Int, rmsEpsilon: Float, ropeBase: Float,
        ropeScaling: Float = 1, tiedEmbeddings: Bool
    ) {
        self.hiddenSize = hiddenSize
        self.feedForwardSize = feedForwardSize
        self.layerCount = layerCount
        self.headCount = headCount
        self.keyValueHeadCount = keyValueHeadCount
        self.headSize = headSize
        self.vocabularySize = vocabularySize
        self.contextLength = contextLength
        self.rmsEpsilon = rmsEpsilon
        self.ropeBase = ropeBase
        self.ropeScaling = ropeScaling
        self.tiedEmbeddings = tiedEmbeddings
    }
}

extension LanguageConfiguration {
    /// Every size and constant in words, so that two models can be told apart for people.
    public var facts: [(name: String, value: String)] {
        [
            ("hidden size", "\(hiddenSize)"), ("feed-forward size", "\(feedForwardSize)"),
            ("number of layers", "\(layerCount)"), ("number of attention heads", "\(headCount)"),
            ("number of key/value heads", "\(keyValueHeadCount)"), ("head size", "\(headSize)"),
            ("vocabulary size", "\(vocabularySize)"), ("context length", "\(contextLength)"),
            ("RMS epsilon", "\(rmsEpsilon)"), ("rotary base", "\(ropeBase)"),
        ]
    }
}

/// The feed-forward activation of a vision tower.
public enum TowerActivation: String, Sendable, Equatable {
    /// `t * sigmoid(1.702 t)`, OpenAI's towers.
    case quickGELU = "quick_gelu"
    /// By the error function, some LAION towers.
    case gelu
}

/// Sizes and constants of the CLIP vision tower and of its preprocessing.
public struct VisionConfiguration: Sendable, Equatable {
    /// C, the width of the tower.
    public var hiddenSize: Int
    public var feedForwardSize: Int
    /// Blocks that the container holds.
    public var layerCount: Int
    public var headCount: Int
    /// Side of the square input in pixels.
    public var imageSize: Int
    /// Side of a patch in pixels.
    public var patchSize: Int
    public var layerNormEpsilon: Float
    public var activation: TowerActivation
    /// How many blocks run: the features are the output of block `featureLayer - 1`, which is entry `featureLayer`
    /// of the hidden states (`mm_vision_select_layer` -2 of 24 blocks is entry 23).
    public var featureLayer: Int
    /// Width of CLIP's shared space; never used by the graph, but llama.cpp demands the number.
    public var projectionSize: Int
    /// Per channel, subtracted from pixels in 0...1.
    public var imageMean: [Float]
    /// Per channel, divides after the subtraction.
    public var imageStandardDeviation: [Float]
    /// True to pad pictures to a square first (`image_aspect_ratio` "pad"), false to crop the centre.
    public var padsToSquare: Bool

    public init(
        hiddenSize: Int, feedForwardSize: Int, layerCount: Int, headCount: Int, imageSize: Int, patchSize: Int,
        layerNormEpsilon: Float, activation: TowerActivation, featureLayer: Int, projectionSize: Int,
        imageMean: [Float] = CLIPConstants.mean, imageStandardDeviation: [Float] = CLIPConstants.standardDeviation,
        padsToSquare: Bool
    ) {
        self.hiddenSize = hiddenSize
        self.feedForwardSize = feedForwardSize
        self.layerCount = layerCount
        self.headCount = headCount
        self.imageSize = imageSize
        self.patchSize = patchSize
        self.layerNormEpsilon = layerNormEpsilon
        self.activation = activation
        self.featureLayer = featureLayer
        self.projectionSize = projectionSize
        self.imageMean = imageMean
        self.imageStandardDeviation = imageStandardDeviation
        self.padsToSquare = padsToSquare
    }

    /// What is put around a picture, as `CLIPPreprocessor` has it: the mean as a colour, each channel truncated.
    public var padColour: [Int] { imageMean.map { Int(max(0, min(255, Double($0) * 255))) } }

    /// g, patches per side.
    public var gridSide: Int { imageSize / patchSize }
    public var patchCount: Int { gridSide * gridSide }
    /// Patches and the class token.
    public var positionCount: Int { patchCount + 1 }
}

/// The constants of OpenAI's CLIP preprocessor.
public enum CLIPConstants {
    public static let mean: [Float] = [0.48145466, 0.4578275, 0.40821073]
    public static let standardDeviation: [Float] = [0.26862954, 0.26130258, 0.27577711]
}

/// The projector between tower and language model, by the names that checkpoints use for `mm_projector_type`.
public enum ProjectorKind: Sendable, Equatable, CustomStringConvertible {
    /// MobileVLM V1: an MLP and two depthwise blocks, the second of stride 2.
    case ldp
    /// MobileVLM V2: an MLP, average pooling to 12 x 12, a depthwise positional encoding generator.
    case ldpv2
    /// LLaVA-1.5: `depth` linear layers with GELU between them.
    case mlp(depth: Int)
    /// A single linear layer.
    case linear

    /// Side of the pooled grid of LDPv2.
    public static let pooledSide = 12

    /// Parses a name in the order that the models' own builder tries; nil for an unknown one.
    public init?(checkpointName name: String) {
        if name == "linear" {
            self = .linear
        } else if name.hasPrefix("mlp") {
            let digits = name.dropFirst(3).dropLast(6)
            guard name.hasSuffix("x_gelu"), digits.allSatisfy({ ("0"..."9").contains($0) }), let depth = Int(digits),
                (1...64).contains(depth)
            else { return nil }
            self = .mlp(depth: depth)
        } else if name.hasPrefix("ldpnetv2") {
            self = .ldpv2
        } else if name.hasPrefix("ldpnet") {
            self = .ldp
        } else {
            return nil
        }
    }

    public var description: String {
        switch self {
        case .ldp: "ldpnet"
        case .ldpv2: "ldpnetv2"
        case .mlp(let depth): "mlp\(depth)x_gelu"
        case .linear: "linear"
        }
    }

    /// Rows that the projector makes of a `g` x `g` grid of patches.
    public func tokenCount(gridSide g: Int) -> Int {
        switch self {
        case .ldp: ((g - 1) / 2 + 1) * ((g - 1) / 2 + 1)
        case .ldpv2: Self.pooledSide * Self.pooledSide
        case .mlp, .linear: g * g
        }
    }
}

/// Everything about a model besides its weights and its vocabulary.
public struct ModelConfiguration: Sendable, Equatable {
    /// A name for people: the folder's or the one in the file.
    public var name: String
    public var language: LanguageConfiguration
    /// Tower and projector come together; nil for a text-only model.
    public var multimodal: Multimodal?
    public var conversation: Conversation

    public struct Multimodal: Sendable, Equatable {
        public var vision: VisionConfiguration
        public var projector: ProjectorKind

        public init(vision: VisionConfiguration, projector: ProjectorKind) {
            self.vision = vision
            self.projector = projector
        }

        /// Rows that a picture takes in the language model's input.
        public var imageTokenCount: Int { projector.tokenCount(gridSide: vision.gridSide) }
    }

    public init(
        name: String, language: LanguageConfiguration, multimodal: Multimodal?, conversation: Conversation = .v1
    ) {
        self.name = name
        self.language = language
        self.multimodal = multimodal
        self.conversation = conversation
    }
}

extension ModelConfiguration {
    /// A size or constant that no model can have.
    public static let impossible = Rule("model.configuration")

    /// Bounds far above any model of the family; they keep a hostile header from asking for absurd work.
    enum Limit {
        static let layers = 512
        static let width = 1 << 17
        static let vocabulary = 1 << 21
        static let context = 1 << 22
        /// Of `CLIPPreprocessor`, which this module does not see; a test holds them together.
        static let imageSide = 4096
    }

    /// Checks that every size is possible and that they fit each other.
    /// - Throws: `InputError` naming `file` and the field.
    public func validate(file: String) throws {
        try language.validate(file: file)
        try multimodal?.vision.validate(file: file)
    }
}

private typealias Limit = ModelConfiguration.Limit

/// Throws `model.configuration` where a condition does not hold.
private struct Requirement {
    let file: String

    func callAsFunction(_ condition: Bool, _ field: String, _ problem: @autoclosure () -> String) throws {
        if !condition {
            throw InputError(ModelConfiguration.impossible, file: file, field: field, problem: problem())
        }
    }

    func inRange(_ value: Int, _ bound: Int, _ field: String) throws {
        try self((1...bound).contains(value), field, "is \(value), must be 1 to \(bound)")
    }
}

extension LanguageConfiguration {
    /// Checks that every size is possible and that they fit each other.
    /// - Throws: `InputError` `model.configuration` naming `file` and the field.
    public func validate(file: String) throws {
        let require = Requirement(file: file)
        try require.inRange(hiddenSize, Limit.width, "hidden size")
        try require.inRange(feedForwardSize, Limit.width, "feed-forward size")
        try require.inRange(layerCount, Limit.layers, "number of layers")
        try require.inRange(headCount, hiddenSize, "number of attention heads")
        try require.inRange(keyValueHeadCount, headCount, "number of key/value heads")
        try require.inRange(headSize, Limit.width, "head size")
        try require.inRange(vocabularySize, Limit.vocabulary, "vocabulary size")
        try require.inRange(contextLength, Limit.context, "context length")
        try require(
            headCount * headSize == hiddenSize && headSize % 2 == 0, "number of attention heads",
            "\(headCount) heads of \(headSize) do not divide the hidden size \(hiddenSize) into even heads")
        try require(
            headCount % keyValueHeadCount == 0, "number of key/value heads",
            "\(keyValueHeadCount) does not divide the \(headCount) query heads")
        try require(rmsEpsilon > 0 && rmsEpsilon < 1, "RMS epsilon", "is \(rmsEpsilon)")
        try require(ropeBase.isFinite && ropeBase > 1, "rotary base", "is \(ropeBase)")
        try require(ropeScaling.isFinite && ropeScaling > 0, "rotary scaling factor", "is \(ropeScaling)")
    }
}

extension VisionConfiguration {
    /// Checks that every size is possible and that they fit each other.
    /// - Throws: `InputError` `model.configuration` naming `file` and the field.
    public func validate(file: String) throws {
        let require = Requirement(file: file)
        try require.inRange(hiddenSize, Limit.width, "vision hidden size")
        try require.inRange(feedForwardSize, Limit.width, "vision feed-forward size")
        try require.inRange(layerCount, Limit.layers, "vision layers")
        try require.inRange(headCount, hiddenSize, "vision heads")
        try require.inRange(imageSize, Limit.imageSide, "image size")
        try require.inRange(patchSize, imageSize, "patch size")
        try require((0...Limit.width).contains(projectionSize), "projection size", "is \(projectionSize)")
        try require(
            hiddenSize % headCount == 0, "vision heads", "\(headCount) does not divide the width \(hiddenSize)")
        try require(
            imageSize % patchSize == 0, "patch size", "\(patchSize) does not divide the image size \(imageSize)")
        try require(
            (0...layerCount).contains(featureLayer), "feature layer", "is \(featureLayer) of \(layerCount) blocks")
        try require(layerNormEpsilon > 0 && layerNormEpsilon < 1, "layer norm epsilon", "is \(layerNormEpsilon)")
        try require(
            imageMean.count == 3 && imageMean.allSatisfy(\.isFinite), "image mean", "needs three finite numbers")
        try require(
            imageStandardDeviation.count == 3 && imageStandardDeviation.allSatisfy { $0.isFinite && $0 > 0 },
            "image standard deviation", "needs three positive numbers")
    }
}
