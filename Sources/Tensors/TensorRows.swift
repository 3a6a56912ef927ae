import ByteIO

/// The rows of one tensor, read a few at a time: what a plan holds instead of a name to look up again.
///
/// A source may lie over another one: rows in another order, a base with an adapter added to it, columns scaled. None needs
/// more memory than the rows that it is asked for. A tensor whose bytes are already chosen is one too: its type is that in
/// which it is to be stored.
public protocol TensorRows: Sendable {
    /// Name, type and shape of what `rows` gives. Rows are those of the last dimension; size-1 dimensions do not count.
    var info: TensorInfo { get }

    /// The file or folder that errors name.
    var origin: String { get }

    /// Encoded rows, one after the other, each `info.geometry.rowBytes` long: views into a mapped file wherever possible.
    /// Several threads may ask at once.
    /// - Throws: `InputError` if the tensor does not have these rows.
    func rows(_ range: Range<Int>) throws -> Bytes

    /// How many rows are best asked for together, from a multiple of it on. Any others are given too.
    var rowsTogether: Int { get }

    /// The number that row `row` has in the file where it comes from.
    func origin(ofRow row: Int) -> Int
}

extension TensorRows {
    public var rowsTogether: Int { 1 }
    public func origin(ofRow row: Int) -> Int { row }

    /// All of the tensor at once.
    public func bytes() throws -> Bytes { try rows(0..<info.geometry.rows) }
}

/// A tensor as it lies in a source of many.
public struct StoredRows: TensorRows {
    /// No source has the rows asked for.
    public static let outside = Rule("tensor.rows")

    public let info: TensorInfo
    public let origin: String
    private let source: any TensorSource
    /// Whole tiles, so that none is taken apart twice.
    public var rowsTogether: Int { info.layout.rowsTogether }
    /// Rows of the source that make one of these: more than one where the source keeps trailing dimensions of 1.
    private let factor: Int

    /// - Parameters:
    ///   - info: The source's name and type, in a shape that differs by size-1 dimensions at most.
    ///   - origin: Named in errors.
    public init(_ source: any TensorSource, _ info: TensorInfo, origin: String) {
        self.source = source
        self.info = info
        self.origin = origin
        let stored = max(1, source.info(info.name)?.columns ?? 1)
        factor = max(1, info.geometry.columns / stored)
    }

    public func rows(_ range: Range<Int>) throws -> Bytes {
        guard range.lowerBound >= 0, range.upperBound <= info.geometry.rows else {
            throw InputError(
                Self.outside, file: origin, field: info.name,
                problem: "has \(info.geometry.rows) rows; \(range.lowerBound) to \(range.upperBound) were asked for")
        }
        return try source.rows(range.lowerBound * factor..<range.upperBound * factor, of: info.name)
    }
}

/// A source of tensors of which some come from elsewhere: merged, reordered, scaled, or under another name.
public struct ComposedTensors: TensorSource {
    public let tensors: [TensorInfo]
    public let files: [String]
    private let entries: [String: any TensorRows]

    /// - Parameters:
    ///   - entries: In the order in which they are to be listed; of two with the same name the first counts.
    ///   - files: Every file that any of them reads.
    public init(_ entries: [any TensorRows], files: [String]) {
        var index: [String: any TensorRows] = [:]
        var tensors: [TensorInfo] = []
        for entry in entries where index[entry.info.name] == nil {
            index[entry.info.name] = entry
            tensors.append(entry.info)
        }
        self.entries = index
        self.tensors = tensors
        self.files = files
    }

    public func info(_ name: String) -> TensorInfo? { entries[name]?.info }

    public func bytes(of name: String) throws -> Bytes { try entry(name).bytes() }

    /// In rows of the tensor's own last dimension.
    public func rows(_ range: Range<Int>, of name: String) throws -> Bytes {
        let entry = try entry(name)
        let own = max(1, entry.info.columns)
        let factor = max(1, entry.info.geometry.columns / own)
        guard factor > 1 else { return try entry.rows(range) }
        // Trailing dimensions of 1: the rows asked for are single elements.
        let whole = range.lowerBound / factor..<(range.upperBound + factor - 1) / factor
        let bytes = try entry.rows(whole)
        let element = entry.info.type.blockBytes
        let first = (range.lowerBound - whole.lowerBound * factor) * element
        guard let part = bytes.slice(first..<first + range.count * element) else {
            throw InputError(.truncated, file: entry.origin, field: name, problem: "has fewer bytes than it should")
        }
        return part
    }

    private func entry(_ name: String) throws -> any TensorRows {
        guard let entry = entries[name] else {
            throw InputError(
                StoredRows.outside, file: files.first ?? "", field: name, problem: "there is no such tensor")
        }
        return entry
    }
}
