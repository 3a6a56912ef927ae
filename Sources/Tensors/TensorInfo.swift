/// Dimensions in PyTorch's order: the last one varies fastest.
public struct Shape: Sendable, Hashable, CustomStringConvertible, ExpressibleByArrayLiteral {
    public let dimensions: [Int]

    public init(_ dimensions: [Int]) { self.dimensions = dimensions }
    public init(arrayLiteral elements: Int...) { dimensions = elements }

    /// Number of elements (1 for a scalar); nil if a dimension is negative or the product overflows.
    public var elementCount: Int? {
        var product = 1
        for dimension in dimensions {
            guard dimension >= 0 else { return nil }
            let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
            guard !overflow else { return nil }
            product = next
        }
        return product
    }

    public var rank: Int { dimensions.count }
    /// Length of a row: the last dimension, 1 for a scalar.
    public var columns: Int { dimensions.last ?? 1 }
    /// The shape without its dimensions of size 1.
    public var squeezed: Shape { Shape(dimensions.filter { $0 != 1 }) }
    public var description: String { "[" + dimensions.map(String.init).joined(separator: ", ") + "]" }
}

/// Name, element type and shape of a stored tensor. Only shapes whose size can be computed exist.
public struct TensorInfo: Sendable, Hashable {
    public let name: String
    public let type: ElementType
    /// How the rows lie; plain in every container but our own.
    public let layout: RowLayout
    public let shape: Shape
    /// Elements in all.
    public let elementCount: Int
    /// Size in bytes, whatever the layout.
    public let byteCount: Int

    /// Nil if the size overflows, a row is no whole number of blocks, or the rows cannot lie so.
    public init?(name: String, type: ElementType, shape: Shape, layout: RowLayout = .plain) {
        guard let count = shape.elementCount, let row = type.rowBytes(columns: shape.columns) else { return nil }
        let rows = shape.columns == 0 ? 0 : count / shape.columns
        let (bytes, overflow) = rows.multipliedReportingOverflow(by: row)
        guard !overflow, StorageFormat(type, layout: layout).fits(rows: rows, columns: shape.columns) else {
            return nil
        }
        self.name = name
        self.type = type
        self.layout = layout
        self.shape = shape
        elementCount = count
        byteCount = bytes
    }

    /// The same tensor in another layout; nil if its rows cannot lie so.
    public func laid(out layout: RowLayout) -> TensorInfo? {
        TensorInfo(name: name, type: type, shape: shape, layout: layout)
    }

    public var format: StorageFormat { StorageFormat(type, layout: layout) }

    /// The tensor as a matrix, whatever dimensions of size 1 its shape has.
    public var geometry: RowGeometry {
        let columns = shape.squeezed.columns
        let rows = columns == 0 ? 0 : elementCount / columns
        return RowGeometry(rows: rows, columns: columns, rowBytes: rows == 0 ? 0 : byteCount / rows)
    }

    /// Length of a row in elements.
    public var columns: Int { shape.columns }
    /// Number of rows.
    public var rows: Int { columns == 0 ? 0 : elementCount / columns }
    /// Bytes of a row.
    public var rowBytes: Int { rows == 0 ? 0 : byteCount / rows }
}

/// A tensor as rows that are each quantized for itself.
public struct RowGeometry: Sendable, Hashable {
    public let rows: Int
    /// Elements of a row: the last dimension that is not 1.
    public let columns: Int
    /// Bytes of a row.
    public let rowBytes: Int

    public init(rows: Int, columns: Int, rowBytes: Int) {
        self.rows = rows
        self.columns = columns
        self.rowBytes = rowBytes
    }
}
