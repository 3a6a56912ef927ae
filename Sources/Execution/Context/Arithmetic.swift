/// How products are computed. The graph does not know: it is what `Linear` and attention are made with.
public enum Arithmetic: String, Sendable, CaseIterable {
    /// Activations are 32-bit floats everywhere, weights the values that their storage stands for. The judge.
    case reference
}

/// The product of a row-wise input with matrices that share it, biases added, the results side by side.
protocol MatrixProduct: Sendable {
    func callAsFunction(_ x: borrowing Rows, then activation: Activation) -> Rows
}

extension Arithmetic {
    /// How it keeps keys and values unless told otherwise.
    public var cacheFormat: KeyValueCache.Format {
        switch self {
        case .reference: .f32
        }
    }

    /// - Parameter biases: One per row of all `weights`, or none.
    func product(_ weights: [WeightRows], _ biases: [Float]) -> any MatrixProduct {
        switch self {
        case .reference: ReferenceProduct(weights, biases)
        }
    }
}

/// Floats on decoded values. The arithmetic is the same for all storage types; storage only changes what the values are.
/// So a quantized model's divergence is that of its weights, not of a different arithmetic.
private struct ReferenceProduct: MatrixProduct {
    private let weights: [WeightRows]
    private let biases: [Float]
    private let tiles, tilesForOneRow: [Kernels.Tile]

    init(_ weights: [WeightRows], _ biases: [Float]) {
        self.weights = weights
        self.biases = biases
        tiles = Kernels.tiles(weights, forOneRow: false)
        tilesForOneRow = Kernels.tiles(weights, forOneRow: true)
    }

    func callAsFunction(_ x: borrowing Rows, then activation: Activation) -> Rows {
        Kernels.linear(
            x, weights: weights, tiles: x.rows == 1 ? tilesForOneRow : tiles, bias: biases, activation: activation)
    }
}
