/// How the encoded rows of a tensor lie beside each other: formats/quantized-blocks.md, "Tiles".
///
/// A layout moves bytes and changes none: type and size of a tensor do not depend on it.
public enum RowLayout: Sendable, Hashable, CustomStringConvertible {
    /// One after the other: what every container of others has.
    case plain
    /// As many rows at a time share a run of bytes, interleaved so that one register holds a word of each.
    case tiles(rows: Int)

    /// All that can be written, and read from another machine's file.
    public static let all: [RowLayout] = [.plain, .tiles(rows: 4), .tiles(rows: 8), .tiles(rows: 16)]

    /// The layout of that name, as files state it: `plain`, `tiles16`.
    public init?(name: String) {
        guard let match = Self.all.first(where: { $0.description == name }) else { return nil }
        self = match
    }

    /// Rows that cannot be told apart by their place; 1 where each lies for itself.
    public var rowsTogether: Int { if case .tiles(let rows) = self { max(1, rows) } else { 1 } }

    /// Its name in files.
    public var description: String { if case .tiles(let rows) = self { "tiles\(rows)" } else { "plain" } }
}

/// The stored form of a tensor: how its elements are encoded, and how its rows lie.
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

    /// True if a matrix of so many rows and columns can be stored so: tiles are full, and of a type that has them.
    public func fits(rows: Int, columns: Int) -> Bool {
        rows >= 0 && rows % layout.rowsTogether == 0 && (layout == .plain || type.hasTiles)
            && rowBytes(columns: columns) != nil
    }

    /// The type's name, and the layout's where it is not plain.
    public var description: String { layout == .plain ? type.name : "\(type.name) \(layout)" }
}
