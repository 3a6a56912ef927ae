/// A dense matrix of 32-bit floats, row by row: what flows between the parts of the graph.
///
/// A row is a position (a token, a patch, a cell of the projector's grid), a column a channel.
public struct Matrix: Sendable, Equatable {
    public let rows: Int
    public let columns: Int
    /// Row-major, `rows * columns` of them.
    public var elements: [Float]

    /// - Precondition: as many elements as rows times columns.
    public init(rows: Int, columns: Int, elements: [Float]) {
        precondition(elements.count == rows * columns, "a \(rows) x \(columns) matrix of \(elements.count) elements")
        self.rows = rows
        self.columns = columns
        self.elements = elements
    }

    /// One row.
    public subscript(row row: Int) -> ArraySlice<Float> {
        elements[row * columns..<(row + 1) * columns]
    }

    /// The rows `range` as a matrix of their own.
    func rows(_ range: Range<Int>) -> Matrix {
        if range == 0..<rows { return self }
        return Matrix(
            rows: range.count, columns: columns,
            elements: Array(elements[range.lowerBound * columns..<range.upperBound * columns]))
    }

    /// The rows of `first`, and below them those of `rest`. All are of the same width.
    static func stack(_ first: Matrix, _ rest: some Collection<Matrix>) -> Matrix {
        if rest.isEmpty { return first }
        return Matrix(
            rows: rest.reduce(first.rows) { $0 + $1.rows }, columns: first.columns,
            elements: rest.reduce(into: first.elements) { $0 += $1.elements })
    }

    /// The sum, element by element: a residual connection.
    static func + (left: consuming Matrix, right: Matrix) -> Matrix {
        Kernels.add(right.elements, to: &left.elements)
        return left
    }

    /// The product, element by element: a gate.
    static func * (left: consuming Matrix, right: Matrix) -> Matrix {
        Kernels.multiply(&left.elements, by: right.elements)
        return left
    }
}
