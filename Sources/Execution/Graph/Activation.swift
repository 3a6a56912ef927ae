/// A function applied to every element after a linear layer.
///
/// The wrong one of three look-alikes gives plausible nonsense: CLIP's towers want `quickGELU`, projectors want
/// `gelu` by the error function, and nothing here wants the tanh approximation, which therefore does not exist.
package enum Activation: Sendable {
    case identity
    /// `max(t, 0)`
    case relu
    /// `t * sigmoid(t)`
    case silu
    /// `t / 2 * (1 + erf(t / sqrt 2))`, PyTorch's default (Hendrycks and Gimpel, arXiv 1606.08415).
    case gelu
    /// `t * sigmoid(1.702 t)`, the approximation in OpenAI's CLIP.
    case quickGELU
    /// `clip(t / 6 + 1/2, 0, 1)`
    case hardSigmoid
    /// `t * clip(t + 3, 0, 6) / 6` (MobileNetV3, arXiv 1905.02244, section 5.2).
    case hardSwish
}
