import ByteIO
import Quantization
import Tensors

/// A stored matrix `[rows, columns]` that is decoded by rows when a product needs them.
///
/// The bytes stay where they are, normally in a mapped file, in whatever type they have.
struct WeightRows: Sendable {
    let rows: Int
    let columns: Int
    let bytes: Bytes
    let rowBytes: Int
    /// How they lie; nil where each lies for itself.
    let tiles: RowTiles?
    let decoder: RowDecoder
    let dotProduct: RowDotProduct

    /// - Parameter tensor: Holds `rows * columns` elements; its own last dimension need not be `columns`.
    init(_ tensor: StoredTensor, rows: Int, columns: Int, origin: String) throws {
        guard let rowBytes = tensor.info.type.rowBytes(columns: columns), tensor.bytes.count == rows * rowBytes else {
            throw InputError(
                Self.size, file: origin, field: tensor.info.name,
                problem: "\(tensor.bytes.count) bytes of \(tensor.info.type.name) are no \(rows) x \(columns) matrix",
                remedy: "The file is damaged: fetch or make it again.")
        }
        self.rows = rows
        self.columns = columns
        self.rowBytes = rowBytes
        bytes = tensor.bytes
        tiles = RowTiles(tensor.info.format, columns: columns)
        decoder = try RowDecoder(type: tensor.info.type, columns: columns)
        dotProduct = try RowDotProduct(type: tensor.info.type, columns: columns)
    }

    /// A tensor's bytes are not those of a matrix of the shape it claims.
    static let size = Rule("execution.weight-size")
}
