/// Finds the id of a piece by its UTF-8 bytes.
///
/// Not a `Dictionary` by `String`: Swift compares strings by canonical equivalence, under which U+00C5 equals
/// U+212B, while a vocabulary may hold both as different pieces. Open addressing over one buffer also looks up a
/// stretch of a text without making a string of it.
struct PieceIndex: Sendable {
    /// All pieces' bytes, one after another; piece `i` ends at `ends[i]`.
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    /// Ids by hash, -1 where free; a power of two, at most half full.
    private var slots: [Int32]
    /// Bytes of the longest piece.
    private(set) var longest = 0

    /// Two pieces with the same bytes.
    struct Duplicate: Error {
        let first: Int
        let second: Int
    }

    /// Needs fewer than 2^30 pieces. Throws `Duplicate` if two are equal.
    init(_ pieces: [String]) throws(Duplicate) {
        var capacity = 16
        while capacity < 2 * pieces.count { capacity *= 2 }
        slots = Array(repeating: -1, count: capacity)
        ends.reserveCapacity(pieces.count)
        bytes.reserveCapacity(pieces.reduce(0) { $0 + $1.utf8.count })
        for piece in pieces {
            let start = bytes.count
            bytes.append(contentsOf: piece.utf8)
            ends.append(bytes.count)
            longest = max(longest, bytes.count - start)
        }
        if let duplicate = fill() { throw duplicate }
    }

    /// Puts every id into its slot, or finds two pieces that are equal.
    private mutating func fill() -> Duplicate? {
        slots.withUnsafeMutableBufferPointer { slots in
            bytes.withUnsafeBufferPointer { bytes in
                ends.withUnsafeBufferPointer { ends in
                    var start = 0
                    for id in ends.indices {
                        let finder = Finder(bytes: bytes, ends: ends, slots: UnsafeBufferPointer(slots))
                        let slot = finder.slot(of: bytes, start..<ends[id])
                        guard slots[slot] < 0 else { return Duplicate(first: Int(slots[slot]), second: id) }
                        slots[slot] = Int32(id)
                        start = ends[id]
                    }
                    return nil
                }
            }
        }
    }

    /// The id of the piece that equals `text[range]`, or nil.
    func find(_ text: [UInt8], _ range: Range<Int>) -> Int? {
        withFinder { finder in text.withUnsafeBufferPointer { finder.find($0, range) } }
    }

    /// For many pieces one after the other: counting references for each would take longer than finding it.
    func withFinder<Result>(_ body: (Finder) throws -> Result) rethrows -> Result {
        try bytes.withUnsafeBufferPointer { bytes in
            try ends.withUnsafeBufferPointer { ends in
                try slots.withUnsafeBufferPointer { try body(Finder(bytes: bytes, ends: ends, slots: $0)) }
            }
        }
    }

    func byteCount(of id: Int) -> Int { ends[id] - (id == 0 ? 0 : ends[id - 1]) }

    /// The index while its memory stays where it is.
    struct Finder {
        fileprivate let bytes: UnsafeBufferPointer<UInt8>
        fileprivate let ends: UnsafeBufferPointer<Int>
        fileprivate let slots: UnsafeBufferPointer<Int32>

        func find(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int? {
            let id = slots[slot(of: text, range)]
            return id < 0 ? nil : Int(id)
        }

        /// The slot that holds these bytes, or the free one where they would go.
        fileprivate func slot(of text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int {
            let mask = slots.count - 1
            var slot = hash(text, range) & mask
            while slots[slot] >= 0, !holds(Int(slots[slot]), text, range) { slot = (slot + 1) & mask }
            return slot
        }

        private func holds(_ id: Int, _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
            let start = id == 0 ? 0 : ends[id - 1]
            guard ends[id] - start == range.count else { return false }
            for offset in 0..<range.count where bytes[start + offset] != text[range.lowerBound + offset] {
                return false
            }
            return true
        }

        private func hash(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int {
            var state: UInt64 = 0
            var word: UInt64 = 0
            var filled: UInt64 = 0
            for place in range {
                word = word << 8 | UInt64(text[place])
                filled += 1
                if filled == 8 {
                    state = SeededHash.mix(word, state)
                    word = 0
                    filled = 0
                }
            }
            // A short word leaves the top byte free, which tells apart texts that differ in leading zero bytes.
            return Int(truncatingIfNeeded: SeededHash.mix(filled << 56 | word, state))
        }
    }
}

/// Finds the longest of a few pieces that a text has at a place.
struct PiecePrefixes: Sendable {
    /// Child nodes by parent node and byte; node 0 is the root.
    private var children: [UInt64: Int] = [:]
    /// The piece that ends at a node, or -1.
    private var ids: [Int] = [-1]
    /// Whether a piece starts with a byte; most bytes of most texts start none.
    private var isFirst = [Bool](repeating: false, count: 256)

    init(_ pieces: [(piece: String, id: Int)]) {
        for (piece, id) in pieces {
            var node = 0
            if let first = piece.utf8.first { isFirst[Int(first)] = true }
            for byte in piece.utf8 {
                let key = Self.key(node, byte)
                if let child = children[key] {
                    node = child
                } else {
                    children[key] = ids.count
                    node = ids.count
                    ids.append(-1)
                }
            }
            if node > 0 { ids[node] = id }
        }
    }

    var isEmpty: Bool { children.isEmpty }

    /// The longest piece that starts at `offset` and ends by `end`, with its length in bytes.
    func longest(in text: [UInt8], at offset: Int, end: Int? = nil) -> (id: Int, count: Int)? {
        let end = end ?? text.count
        guard offset < end, isFirst[Int(text[offset])] else { return nil }
        var found: (id: Int, count: Int)?
        var node = 0
        var position = offset
        while position < end, let child = children[Self.key(node, text[position])] {
            node = child
            position += 1
            if ids[node] >= 0 { found = (ids[node], position - offset) }
        }
        return found
    }

    private static func key(_ node: Int, _ byte: UInt8) -> UInt64 { UInt64(node) << 8 | UInt64(byte) }
}
