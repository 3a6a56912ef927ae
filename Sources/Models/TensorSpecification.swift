import Tensors

/// What a tensor is for; decides how it may be stored.
public enum TensorKind: Sendable, Hashable {
    /// A `[out, in]` matrix of a product.
    case matrix
    /// A `[out, in]` matrix whose rows are grouped in `heads` that a rotary embedding turns; GGUF orders them otherwise.
    case rotaryMatrix(heads: Int)
    /// The token embedding `[V, H]`.
    case tokenEmbedding
    /// The output head `[V, H]`.
    case outputHead
    /// A norm's weight or bias, a linear layer's bias, the class embedding: added or multiplied element by element.
    case vector
    /// The tower's position table `[positions, C]`, read by row.
    case positionTable
    /// The patch convolution `[C, 3, p, p]`.
    case patchKernel
    /// A depthwise convolution `[H, 1, 3, 3]`.
    case depthwiseKernel
    /// A 1 x 1 convolution `[out, in, 1, 1]`, a matrix in all but shape.
    case pointwiseKernel
}

/// Which matrix of a block a tensor is: what presets tell apart.
public enum TensorRole: String, Sendable, Hashable {
    case tokenEmbedding, outputHead
    case queries, keys, values, attentionOutput
    case gate, up, down
    /// Any other matrix, and everything that is none.
    case other
}

/// The part of the model that a tensor belongs to.
public enum ModelPart: String, Sendable, Hashable, CaseIterable {
    case language = "language model"
    case tower = "vision tower"
    case projector
}

/// One tensor that a model of a given configuration has: its key, shape and meaning.
public struct TensorSpecification: Sendable, Hashable {
    /// The canonical key: the Hugging Face name without the prefixes that vary between checkpoints. The tower's start
    /// with `vision_model.`, the projector's with `mm_projector.`
    public let key: String
    /// Shape in PyTorch's order, as checkpoints store it.
    public let shape: Shape
    public let kind: TensorKind
    public let role: TensorRole
    public let part: ModelPart

    public init(key: String, shape: Shape, kind: TensorKind, role: TensorRole = .other, part: ModelPart) {
        self.key = key
        self.shape = shape
        self.kind = kind
        self.role = role
        self.part = part
    }

    /// True for the matrices of a block's attention and feed-forward layer, which are most of a model.
    public var isBlockMatrix: Bool {
        switch role {
        case .queries, .keys, .values, .attentionOutput, .gate, .up, .down: true
        case .tokenEmbedding, .outputHead, .other: false
        }
    }
}
