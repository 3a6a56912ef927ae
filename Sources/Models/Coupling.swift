/// Tensors between which a scale may move without changing what the model computes.
///
/// For every channel `c` and any factor `s[c]` other than 0: dividing the channel in all of `producers` and multiplying it in
/// all of `consumers` by `s[c]` leaves every result as it is, but for rounding. Between them lies nothing that is not linear in
/// each channel. With powers of two there is no rounding either.
public struct Coupling: Sendable, Hashable {
    public enum Kind: String, Sendable {
        /// A norm's gain (and bias) into the matrices that read its result.
        case norm
        /// The product of a gated feed-forward layer: `up` scales it, `gate` does not see it.
        case gated
        /// Values pass through attention as weighted means of rows.
        case attention
    }

    public let kind: Kind
    /// Keys of vectors, divided element by element, and of matrices `[channels, in]`, divided row by row.
    public let producers: [String]
    /// Keys of matrices `[out, columns]`, multiplied column by column.
    public let consumers: [String]
    public let channelCount: Int
    /// Columns of a consumer.
    public let columnCount: Int
    /// Columns in a row that belong to channels in a row: the width of a head where several heads share channels, else all.
    private let run: Int

    /// - Parameters:
    ///   - columnCount: Nil for one column per channel.
    ///   - run: Channels of a key/value head. Each head's channels are read by
    ///     `columnCount / channelCount` query heads that follow each other.
    public init(
        _ kind: Kind, producers: [String], consumers: [String], channelCount: Int, columnCount: Int? = nil,
        run: Int? = nil
    ) {
        self.kind = kind
        self.producers = producers
        self.consumers = consumers
        self.channelCount = channelCount
        self.columnCount = columnCount ?? channelCount
        self.run = max(1, run ?? channelCount)
    }

    /// The channel that column `column` of a consumer reads.
    public func channel(ofColumn column: Int) -> Int {
        let heads = max(1, columnCount / max(1, channelCount))
        return column / run / heads * run + column % run
    }
}
