/// Finds the id of a piece by its UTF-8 bytes.
///
/// Not a `Dictionary` by `String`: Swift compares strings by canonical equivalence, under which U+00C5 equals
/// U+212B, while a vocabulary may hold both as different pieces. Open addressing over one buffer also looks up a
/// stretch of a text without making a string of it.
struct PieceIndex: Sendable {
    /// All pieces' bytes, one after another; piece `i` ends at `ends[i]`.
    private let bytes: [UInt8]
    private let ends: [Int]
    /// Ids by hash, -1 where free; a power of two, at most half full. Above an id stand bits of the hash, as many as are left:
    /// another piece in the way is passed by without a look at its bytes, which lie elsewhere.
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
        var bytes: [UInt8] = []
        var ends: [Int] = []
        ends.reserveCapacity(pieces.count)
        bytes.reserveCapacity(pieces.reduce(0) { $0 + $1.utf8.count })
        for piece in pieces {
            bytes.append(contentsOf: piece.utf8)
            ends.append(bytes.count)
        }
        try self.init(bytes, ends: ends)
    }

    /// The same of pieces that lie one after another already.
    /// - Parameter ends: Where each ends in `bytes`, rising.
    init(_ bytes: [UInt8], ends: [Int]) throws(Duplicate) {
        var capacity = 16
        while capacity < 2 * ends.count { capacity *= 2 }
        slots = Array(repeating: -1, count: capacity)
        self.bytes = bytes
        self.ends = ends
        var start = 0
        for end in ends {
            longest = max(longest, end - start)
            start = end
        }
        if let duplicate = fill() { throw duplicate }
    }

    /// Puts every id into its slot, or finds two pieces that are equal.
    private mutating func fill() -> Duplicate? {
        slots.withUnsafeMutableBufferPointer { slots in
            bytes.withUnsafeBufferPointer { bytes in
                ends.withUnsafeBufferPointer { ends in
                    let finder = Finder(bytes: bytes, ends: ends, slots: UnsafeBufferPointer(slots))
                    var start = 0
                    for id in ends.indices {
                        let place = finder.place(of: bytes, start..<ends[id])
                        if let first = finder.id(at: place) { return Duplicate(first: first, second: id) }
                        slots[place.slot] = place.mark | Int32(id)
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
        private let slots: UnsafeBufferPointer<Int32>
        /// The bits of a slot that are an id: fewer than half of the slots are taken.
        private let idBits: Int32

        fileprivate init(
            bytes: UnsafeBufferPointer<UInt8>, ends: UnsafeBufferPointer<Int>, slots: UnsafeBufferPointer<Int32>
        ) {
            self.bytes = bytes
            self.ends = ends
            self.slots = slots
            idBits = Int32(truncatingIfNeeded: slots.count / 2 - 1)
        }

        func find(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int? {
            id(at: place(of: text, range))
        }

        /// Whether piece `id` has these bytes; false for an id that there is not.
        func holds(_ id: Int, _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
            guard ends.indices.contains(id) else { return false }
            let start = id == 0 ? 0 : ends[id - 1]
            guard ends[id] - start == range.count else { return false }
            for offset in 0..<range.count where bytes[start + offset] != text[range.lowerBound + offset] {
                return false
            }
            return true
        }

        fileprivate func id(at place: (slot: Int, mark: Int32)) -> Int? {
            slots[place.slot] < 0 ? nil : Int(slots[place.slot] & idBits)
        }

        /// The slot that holds these bytes, or the free one where they would go, and the bits of their hash.
        fileprivate func place(
            of text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
        ) -> (slot: Int, mark: Int32) {
            let hash = hash(text, range)
            let mark = Int32(truncatingIfNeeded: hash >> 32) & .max & ~idBits
            let mask = slots.count - 1
            var slot = Int(truncatingIfNeeded: hash) & mask
            while slots[slot] >= 0 {
                if slots[slot] & ~idBits == mark, holds(Int(slots[slot] & idBits), text, range) { break }
                slot = (slot + 1) & mask
            }
            return (slot, mark)
        }

        private func hash(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> UInt64 {
            let rest = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text)[range])
            var state: UInt64 = 0
            var place = 0
            while place + 8 <= rest.count {
                state = SeededHash.mix(rest.loadUnaligned(fromByteOffset: place, as: UInt64.self), state)
                place += 8
            }
            var word: UInt64 = 0
            let filled = rest.count - place
            while place < rest.count {
                word = word << 8 | UInt64(rest[place])
                place += 1
            }
            // A short word leaves the top byte free, which tells apart texts that differ in leading zero bytes.
            return SeededHash.mix(UInt64(filled) << 56 | word, state)
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
