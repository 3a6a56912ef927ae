import Tensors

/// A request that no encoder or decoder can be made for.
public enum QuantizationError: Error, Sendable, Equatable, CustomStringConvertible {
    case notEncodable(ElementType)
    case notDecodable(ElementType)
    /// A row that is no whole number of blocks.
    case columns(Int, ElementType)
    /// A row that is no whole number of groups.
    case groupColumns(Int, GroupScaleFormat)
    case importanceCount(Int, columns: Int)
    /// An importance must be finite and not negative.
    case importanceValue(Float, column: Int)

    public var description: String {
        switch self {
        case .notEncodable(let type):
            "\(type.name): rows of floats cannot be written as this type; choose F32, F16, BF16 or a block type"
        case .notDecodable(let type):
            "\(type.name): holds no real numbers, so it cannot be read as floats"
        case .columns(let columns, let type):
            "\(type.name): a row of \(columns) elements is no whole number of blocks of \(type.blockLength); "
                + "choose a type with smaller blocks"
        case .groupColumns(let columns, let format):
            "\(format): a row of \(columns) elements is no whole number of groups of \(format.groupLength); "
                + "choose a format with shorter groups"
        case .importanceCount(let count, let columns):
            "importance: has \(count) values for rows of \(columns) columns; was it made for another model?"
        case .importanceValue(let value, let column):
            "importance: the value \(value) of column \(column) is not a finite number of at least 0; "
                + "make the importance matrix again"
        }
    }

    /// Refuses an importance that does not fit rows of `columns` elements, or holds what is no weight.
    static func check(importance: [Float]?, columns: Int) throws {
        guard let importance else { return }
        guard importance.count == columns else { throw importanceCount(importance.count, columns: columns) }
        if let column = importance.firstIndex(where: { !$0.isFinite || $0 < 0 }) {
            throw importanceValue(importance[column], column: column)
        }
    }
}
