/// A dense matrix of 32-bit floats, row by row: what goes into a graph and comes out of it.
///
/// A row is a position (a token, a patch, a cell of the projector's grid), a column a channel.
public struct Matrix: Sendable, Equatable {
    public let rows: Int
    public let columns: Int
    /// Row-major, `rows * columns` of them.
    public package(set) var elements: [Float]

    /// - Precondition: as many elements as rows times columns. Hence only for this package: whoever uses it gets matrices
    ///   from the calls that make them.
    package init(rows: Int, columns: Int, elements: [Float]) {
        precondition(elements.count == rows * columns, "a \(rows) x \(columns) matrix of \(elements.count) elements")
        self.rows = rows
        self.columns = columns
        self.elements = elements
    }

    /// One row.
    public subscript(row row: Int) -> ArraySlice<Float> {
        elements[row * columns..<(row + 1) * columns]
    }
}
