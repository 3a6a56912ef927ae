/// Where a row of a query or key matrix goes when the rotary pairing changes.
///
/// Within each head of D rows, half-split row `s * D/2 + i` is neighbour row `2i + s`. The dot products of queries and
/// keys do not change, because both are reordered alike.
public struct RotaryRows: Sendable {
    private enum Order { case same, halvesToNeighbours, neighboursToHalves }

    /// Rows that are reordered among themselves: those of a head, or single rows where nothing is.
    public let groupSize: Int
    private let order: Order

    /// - Parameters:
    ///   - rows: Rows of the matrix.
    ///   - target: The pairing of the rows asked about.
    ///   - source: The pairing of the matrix that they come from.
    public init(_ kind: TensorKind, rows: Int, target: RotaryPairing, source: RotaryPairing) {
        guard case .rotaryMatrix(let heads) = kind, heads > 0, rows / heads > 1, source != target else {
            groupSize = 1
            order = .same
            return
        }
        groupSize = rows / heads
        order = target == .neighbours ? .halvesToNeighbours : .neighboursToHalves
    }

    /// The row of the source matrix that is row `row` of the target.
    public func source(of row: Int) -> Int {
        let (head, inner) = (row / groupSize, row % groupSize)
        return switch order {
        case .same: row
        case .halvesToNeighbours: head * groupSize + (inner % 2) * (groupSize / 2) + inner / 2
        case .neighboursToHalves: head * groupSize + 2 * (inner % (groupSize / 2)) + inner / (groupSize / 2)
        }
    }
}
