import Models

/// What an error in a matrix's outputs costs, where nobody measures it on the model itself: by the matrix's role, as measured
/// on SmolLM2-135M (docs/quality.md).
public enum RoleSensitivity {
    /// Blocks of the model that was measured: the more blocks, the less each counts.
    private static let blocks = 30.0

    /// Mean KLD in nats per lost share of the outputs (`RoundingError`).
    /// - Parameters:
    ///   - isTied: True if the embedding serves as the output head too.
    public static func divergence(_ role: TensorRole, blocks: Int, isTied: Bool) -> Double {
        let share = Self.blocks / Double(max(1, blocks))
        switch role {
        case .tokenEmbedding: return isTied ? embedding + head : embedding
        case .outputHead: return head
        case .queries: return 1 * share
        case .keys: return 1 * share
        case .values: return 1 * share
        case .attentionOutput: return 1 * share
        case .gate: return 1 * share
        case .up: return 1 * share
        case .down: return 1 * share
        case .other: return 1
        }
    }

    private static let embedding = 1.0
    private static let head = 1.0
}
