import ByteIO
import Models
import Tensors

/// One tensor of the output: where its rows come from, and how they are stored.
public struct PlannedTensor: Sendable {
    /// The rows in the order of the output, as the input stores them, with every transform on the way.
    public let rows: any TensorRows
    /// Name, stored form and shape in the output.
    public let target: TensorInfo
    public let part: ModelPart
    /// How much each input column matters, for the search of scales; nil to treat all alike.
    public let importance: [Float]?
    /// Rows whose bytes are already chosen, in the target's type, where rounding is not the encoder's; `rows` then only says
    /// how far they are off.
    public let chosen: (any TensorRows)?
    /// Other layouts in which the file holds the same rows again.
    public let copies: [RowLayout]

    /// - Throws: `InputError` if the rows are not those of the target's shape, or the chosen ones not of its type.
    public init(
        rows: any TensorRows, target: TensorInfo, part: ModelPart, importance: [Float]? = nil,
        chosen: (any TensorRows)? = nil, copies: [RowLayout] = []
    ) throws {
        func refuse(_ problem: String) -> InputError {
            InputError(Self.mismatch, file: rows.origin, field: rows.info.name, problem: problem)
        }
        let wanted = target.geometry
        guard rows.info.elementCount == target.elementCount, rows.info.geometry.columns == wanted.columns else {
            throw refuse("has shape \(rows.info.shape), which cannot be stored as \(target.shape)")
        }
        if let chosen, chosen.info.type != target.type || chosen.info.geometry != wanted {
            throw refuse(
                "was given \(chosen.info.type.name) \(chosen.info.shape) for \(target.type.name) \(target.shape)")
        }
        self.rows = rows
        self.target = target
        self.part = part
        self.importance = importance
        self.chosen = chosen
        self.copies = copies
    }

    /// The rows of a tensor do not fit the form that they are to have.
    public static let mismatch = Rule("plan.rows")

    /// Bytes in the file, with those of the copies.
    public var storedBytes: Int { target.byteCount * (1 + copies.count) }

    /// How the input stores it.
    public var source: TensorInfo { rows.info }

    /// The same tensor with bytes that somebody else has chosen.
    public func choosing(_ chosen: any TensorRows) throws -> PlannedTensor {
        try PlannedTensor(
            rows: rows, target: target, part: part, importance: importance, chosen: chosen, copies: copies)
    }
}

/// A tensor that the output format cannot hold.
public struct InexpressibleTensor: Error, CustomStringConvertible {
    public let key: String
    /// The container's name.
    public let container: String

    public var description: String {
        "\(key): \(container) has no name for this tensor, so the file would be incomplete"
    }
}
