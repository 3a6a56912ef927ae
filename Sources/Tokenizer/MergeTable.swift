/// The merges of a byte pair encoding that lists them: which two pieces become which, and in what order of preference.
struct MergeTable: Sendable {
    struct Merge {
        /// The lower is preferred.
        let rank: Int
        let result: Int
    }

    /// The ids of both parts of each merge, in the order of their ranks.
    let pairs: [SIMD2<Int32>]
    /// The piece that each makes.
    let results: [Int32]
    /// Ranks by hash, -1 where free; a power of two, at most half full.
    private var slots: [Int32]

    /// - Parameter pairs: Fewer than 2^24. Of a pair listed twice the later counts, as in Hugging Face's library.
    init(pairs: [SIMD2<Int32>], results: [Int32]) {
        var capacity = 16
        while capacity < 2 * pairs.count { capacity *= 2 }
        self.pairs = pairs
        self.results = results
        slots = Array(repeating: -1, count: capacity)
        slots.withUnsafeMutableBufferPointer { slots in
            pairs.withUnsafeBufferPointer { pairs in
                for rank in pairs.indices {
                    slots[Self.slot(of: pairs[rank], pairs, UnsafeBufferPointer(slots))] = Int32(rank)
                }
            }
        }
    }

    /// What two neighbours become, or nil.
    func merge(_ left: Int32, _ right: Int32) -> Merge? {
        let rank = slots.withUnsafeBufferPointer { slots in
            pairs.withUnsafeBufferPointer { Int(slots[Self.slot(of: SIMD2(left, right), $0, slots)]) }
        }
        return rank < 0 ? nil : Merge(rank: rank, result: Int(results[rank]))
    }

    /// The slot that holds this pair, or the free one where it would go.
    private static func slot(
        of pair: SIMD2<Int32>, _ pairs: UnsafeBufferPointer<SIMD2<Int32>>, _ slots: UnsafeBufferPointer<Int32>
    ) -> Int {
        let mask = slots.count - 1
        let key = UInt64(UInt32(bitPattern: pair.x)) << 32 | UInt64(UInt32(bitPattern: pair.y))
        var slot = Int(truncatingIfNeeded: SeededHash.mix(key)) & mask
        while slots[slot] >= 0, pairs[Int(slots[slot])] != pair { slot = (slot + 1) & mask }
        return slot
    }
}

/// A hash whose seed is drawn anew in each process, so that no file can be made whose entries all collide.
///
/// `Hasher` promises the same and is several times slower, which shows in vocabularies of 100,000 pieces.
enum SeededHash {
    private static let seeds = (
        UInt64.random(in: .min ... .max) | 1, UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max) | 1
    )

    /// Both halves of a 128-bit product depend on every bit of the word.
    @inline(__always)
    static func mix(_ word: UInt64, _ state: UInt64 = 0) -> UInt64 {
        let product = (word ^ state ^ seeds.1).multipliedFullWidth(by: seeds.0)
        let folded = product.high ^ product.low
        let second = folded.multipliedFullWidth(by: seeds.2)
        return second.high ^ second.low
    }
}
