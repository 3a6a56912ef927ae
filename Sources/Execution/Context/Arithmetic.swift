/// How products are computed. The graph does not know: it is what `Linear` and attention are made with.
public enum Arithmetic: String, Sendable, CaseIterable {
    /// Activations are 32-bit floats everywhere, weights the values that their storage stands for. The judge.
    case reference
    /// Activations are rounded to 8 bits per block of 32 where they meet weights in blocks, keys and values to 16 bits.
    /// What the field does, and several times as fast.
    case fast
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
        case .fast: .f16
        }
    }

    /// Kernels for the operations between products; nil for those that define `reference`.
    var kernels: FastKernels? { self == .fast ? FastKernels.current : nil }

    /// Rows of a prompt that go through the model at once: as many as make good use of a weight that was unpacked, and no
    /// more, for memory grows with them.
    var rowsPerPass: Int { self == .fast ? 512 : .max }

    /// - Parameter biases: One per row of all `weights`, or none.
    func product(_ weights: [WeightRows], _ biases: [Float], threads: Int) -> any MatrixProduct {
        switch self {
        case .reference: ReferenceProduct(weights, biases)
        // Types that only checkpoints have (F64), and odd widths, have no fast kernels.
        case .fast:
            FastProduct(weights, biases, threads: threads) ?? ReferenceProduct(weights, biases) as any MatrixProduct
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
