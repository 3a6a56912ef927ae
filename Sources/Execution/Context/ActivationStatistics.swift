import Synchronization

/// Sums of squares of what goes into each linear layer, column by column: what an importance matrix is made of.
///
/// A column of a weight matters as much as the values that it is multiplied with. As llama-imatrix does, products of
/// few rows are left out: they are no sample of anything.
public final class ActivationStatistics: ActivationObserver {
    /// The sums for one weight.
    public struct Sums: Sendable, Equatable {
        /// For each input column the sum over rows of x².
        public var squares: [Double]
        /// Rows summed.
        public var rows: Int
    }

    /// Fewest rows of a product that counts; llama-imatrix's bound.
    public static let minimumRows = 16

    private let sums = Mutex<[String: Sums]>([:])

    public init() {}

    /// By canonical key, such as `model.layers.0.mlp.up_proj.weight`.
    public var all: [String: Sums] { sums.withLock { $0 } }

    public func observe(_ input: Matrix, of keys: [String]) {
        guard input.rows >= Self.minimumRows else { return }
        var squares = [Double](repeating: 0, count: input.columns)
        for row in 0..<input.rows {
            for (column, value) in input[row: row].enumerated() { squares[column] += Double(value) * Double(value) }
        }
        sums.withLock { sums in
            for key in keys {
                guard var known = sums[key], known.squares.count == squares.count else {
                    sums[key] = Sums(squares: squares, rows: input.rows)
                    continue
                }
                for column in squares.indices { known.squares[column] += squares[column] }
                known.rows += input.rows
                sums[key] = known
            }
        }
    }
}
