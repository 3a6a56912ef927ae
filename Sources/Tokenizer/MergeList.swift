import ByteIO

/// The merges of a byte pair encoding as texts, one after another in one buffer.
struct MergeList: Sendable {
    /// Left and right part of each merge without anything between, so that both together are what it makes.
    private(set) var bytes: [UInt8] = []
    /// Where the left and the right part of each merge end.
    private(set) var ends: [SIMD2<Int>] = []

    /// Ranks are compared as 32-bit numbers, and scores made of them must be exact.
    static let most = 1 << 24

    mutating func append(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) {
        bytes.append(contentsOf: left)
        let middle = bytes.count
        bytes.append(contentsOf: right)
        ends.append(SIMD2(middle, bytes.count))
    }

    /// Adds a merge that is written as both parts with a space between: the first one that does not begin the text.
    /// - Returns: False if there is none.
    mutating func append(joined: some Collection<UInt8>) -> Bool {
        let start = bytes.count
        bytes.append(contentsOf: joined)
        var space = start + 1
        while space < bytes.count, bytes[space] != UInt8(ascii: " ") { space += 1 }
        guard space + 1 < bytes.count else {
            bytes.removeSubrange(start...)
            return false
        }
        bytes.remove(at: space)
        ends.append(SIMD2(space, bytes.count))
        return true
    }

    /// The merges by ids.
    /// - Parameter isText: Whether a piece may come of text; merges that make another, such as a mark, are left out.
    func table(_ index: PieceIndex, file: String, isText: (Int) -> Bool) throws -> MergeTable {
        guard ends.count < Self.most else {
            throw InputError(
                .vocabularyMerge, file: file, field: "merges", problem: "there are \(ends.count)",
                remedy: "At most \(Self.most - 1) are read.")
        }
        var pairs: [SIMD2<Int32>] = []
        var results: [Int32] = []
        pairs.reserveCapacity(ends.count)
        results.reserveCapacity(ends.count)
        func unknown(_ number: Int, _ range: Range<Int>) -> InputError {
            InputError(
                .vocabularyMerge, file: file, field: "merge \(number)",
                problem: "\"\(String(decoding: bytes[range], as: UTF8.self))\" is no piece of the vocabulary",
                remedy: "The tokenizer is damaged or of another kind: fetch it again.")
        }
        try index.withFinder { finder in
            try bytes.withUnsafeBufferPointer { bytes in
                var (start, lastResult) = (0, -1)
                for (number, end) in ends.enumerated() {
                    func id(_ range: Range<Int>) throws -> Int32 {
                        guard let id = finder.find(bytes, range) else { throw unknown(number, range) }
                        return Int32(id)
                    }
                    let pair = SIMD2(try id(start..<end.x), try id(end.x..<end.y))
                    // Most files give pieces ids in the order of their merges.
                    let next = lastResult + 1
                    let result = finder.holds(next, bytes, start..<end.y) ? Int32(next) : try id(start..<end.y)
                    lastResult = Int(result)
                    start = end.y
                    guard isText(Int(result)) else { continue }
                    pairs.append(pair)
                    results.append(result)
                }
            }
        }
        return MergeTable(pairs: pairs, results: results)
    }
}

extension Vocabulary {
    /// A byte-level vocabulary of GGUF's values; `contents` says all but the merges.
    /// - Parameters:
    ///   - merges: Both parts of each with a space between, the preferred first.
    ///   - file: Named in errors.
    public init(byteLevel contents: VocabularyContents, merges: [String], file: String) throws {
        var list = MergeList()
        for (number, merge) in merges.enumerated() where !list.append(joined: merge.utf8) {
            throw InputError(
                .vocabularyMerge, file: file, field: "merge \(number)",
                problem: "\"\(merge)\" is not two pieces with a space between",
                remedy: "The tokenizer is damaged or of another kind: fetch it again.")
        }
        let index = try VocabularyCheck(file: file).index(contents.pieces)
        var contents = contents
        contents.merges = try list.table(index, file: file) { [kinds = contents.kinds] in
            // Held against the number of pieces by the vocabulary's own rules.
            $0 >= kinds.count || kinds[$0] == PieceKind.normal.rawValue
        }
        try self.init(contents, index: index, file: file)
    }

    /// The merges as GGUF has them; empty where merging goes by scores.
    public var mergeTexts: [String] {
        contents.mergePairs.map { "\(pieces[$0.left]) \(pieces[$0.right])" }
    }
}
