import ByteIO
import MobileVLM
import Models
import Tensors

/// A place in the tree of weights. Each part of the graph loads itself from the scope it is given, by the last
/// piece of its keys, and states the shapes it expects; a wrong file so fails by name at load time.
struct WeightScope {
    let weights: ModelWeights
    let context: ExecutionContext
    /// The canonical prefix, without a dot at its end.
    let path: String

    init(_ weights: ModelWeights, _ context: ExecutionContext, path: String) {
        self.weights = weights
        self.context = context
        self.path = path
    }

    /// The scope one level down.
    subscript(_ name: String) -> WeightScope { WeightScope(weights, context, path: "\(path).\(name)") }

    /// A stored matrix, or a tensor of more dimensions as one: `[rows, the rest]`.
    func rows(_ name: String, shape: Shape) throws -> WeightRows {
        let tensor = try weights.tensor("\(path).\(name)", shape: shape)
        let rows = shape.dimensions.first ?? 1
        let columns = shape.dimensions.dropFirst().reduce(1, *)
        return try WeightRows(tensor, rows: rows, columns: columns, origin: weights.origin)
    }

    /// A small tensor, decoded once: `[rows, the rest]`.
    func matrix(_ name: String, shape: Shape) throws -> Matrix {
        let stored = try rows(name, shape: shape)
        return Matrix(rows: stored.rows, columns: stored.columns, elements: stored.floats)
    }

    /// A vector, decoded once.
    func vector(_ name: String, count: Int) throws -> [Float] {
        let tensor = try weights.tensor("\(path).\(name)", shape: [count])
        return try WeightRows(tensor, rows: 1, columns: count, origin: weights.origin).floats
    }
}
