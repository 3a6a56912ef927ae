import Models

/// What an error in a matrix's outputs costs, where nobody measures it on the model itself: by the matrix's role and place, as
/// measured on SmolLM2-135M (docs/quality.md).
public enum RoleSensitivity {
    /// Blocks of the model that was measured: the more blocks, the less each counts.
    private static let blocks = 30.0

    /// Mean KLD in nats per lost share of the outputs (`RoundingError`).
    /// - Parameters:
    ///   - block: Its number; nil for what is in no block.
    ///   - isTied: True if the embedding serves as the output head too.
    public static func divergence(_ role: TensorRole, block: Int?, of count: Int, isTied: Bool) -> Double {
        switch role {
        case .tokenEmbedding: return isTied ? embedding + head : embedding
        case .outputHead: return head
        default: break
        }
        // The first block's errors pass through all others, the last one's go straight into the logits.
        let place = block == 0 ? 0 : block == count - 1 ? 2 : 1
        return inBlocks(role)[place] * blocks / Double(max(1, count))
    }

    private static let embedding = 1.4
    private static let head = 9.2

    /// Of the first block, one in the middle, the last.
    private static func inBlocks(_ role: TensorRole) -> [Double] {
        switch role {
        case .queries: [0.013, 0.055, 0.027]
        case .keys: [0.009, 0.047, 0.033]
        case .values: [0.081, 0.129, 0.062]
        case .attentionOutput: [0.441, 0.086, 0.062]
        case .gate: [0.241, 0.100, 0.699]
        case .up: [0.509, 0.116, 1.841]
        case .down: [0.728, 0.094, 1.959]
        case .other, .tokenEmbedding, .outputHead: [0.1, 0.1, 0.1]
        }
    }
}
