/// How the encoded rows of a tensor lie beside each other.
public enum RowLayout: Sendable, Hashable, CustomStringConvertible {
    /// One after the other: what every container of others has.
    case plain
    /// `rows` rows at a time share a run of bytes, in the order that the kernel of that name reads them.
    case interleaved(name: String, rows: Int)

    /// Rows that cannot be told apart by their place; 1 where each lies for itself.
    public var rowsTogether: Int { if case .interleaved(_, let rows) = self { max(1, rows) } else { 1 } }

    public var description: String { if case .interleaved(let name, _) = self { name } else { "plain" } }
}

/// The stored form of a tensor: how its elements are encoded, and how its rows lie.
///
/// Encoding and size do not depend on the layout: it only says which byte of a group of rows stands where.
public struct StorageFormat: Sendable, Hashable, CustomStringConvertible {
    public let type: ElementType
    public let layout: RowLayout

    public init(_ type: ElementType, layout: RowLayout = .plain) {
        self.type = type
        self.layout = layout
    }

    /// Elements that share a scale.
    public var blockLength: Int { type.blockLength }
    /// Bits per element, scales included.
    public var bitsPerWeight: Double { type.bitsPerWeight }

    /// Bytes of one row; nil if the row is no whole number of blocks or the size overflows.
    public func rowBytes(columns: Int) -> Int? { type.rowBytes(columns: columns) }

    /// True if a matrix of so many rows and columns can be stored so.
    public func fits(rows: Int, columns: Int) -> Bool {
        rows >= 0 && rows % layout.rowsTogether == 0 && rowBytes(columns: columns) != nil
    }

    /// The type's name, and the layout's where it is not plain.
    public var description: String { layout == .plain ? type.name : "\(type.name) \(layout)" }
}
