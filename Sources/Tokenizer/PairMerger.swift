/// Byte pair encoding by a list of merges: of all neighbours that the list has, the pair that stands first in it is
/// merged first, the leftmost of equals, until none is left.
struct PairMerger {
    private let table: MergeTable
    /// Ids of the symbols; those that have been merged into their left neighbour are skipped by `next`.
    private var symbols: [Int32] = []
    private var previous: [Int32] = []
    private var next: [Int32] = []
    private var candidates = Heap<Candidate>()

    init(_ table: MergeTable) { self.table = table }

    private struct Candidate: HeapElement {
        let rank: Int32
        /// Place of the left one of both.
        let left: Int32
        /// What they become.
        let result: Int32

        func isBetter(than other: Candidate) -> Bool {
            rank < other.rank || (rank == other.rank && left < other.left)
        }
    }

    /// Merges `word` and appends what it becomes. O(n log n).
    mutating func append(_ word: some Collection<Int32>, to ids: inout [Int]) {
        symbols.removeAll(keepingCapacity: true)
        symbols.append(contentsOf: word)
        guard symbols.count > 1 else {
            ids.append(contentsOf: symbols.lazy.map { Int($0) })
            return
        }
        let count = Int32(symbols.count)
        previous.removeAll(keepingCapacity: true)
        next.removeAll(keepingCapacity: true)
        previous.append(contentsOf: -1..<count - 1)
        next.append(contentsOf: 1..<count)
        next.append(-1)
        for left in 0..<count - 1 { consider(left) }
        while let best = candidates.pop() { apply(best) }

        var index: Int32 = 0
        while index >= 0 {
            ids.append(Int(symbols[Int(index)]))
            index = next[Int(index)]
        }
    }

    /// Puts a symbol and the one behind it on the heap if the list has them.
    private mutating func consider(_ left: Int32) {
        guard left >= 0, next[Int(left)] >= 0,
            let merge = table.merge(symbols[Int(left)], symbols[Int(next[Int(left)])])
        else { return }
        candidates.push(Candidate(rank: Int32(merge.rank), left: left, result: Int32(merge.result)))
    }

    private mutating func apply(_ best: Candidate) {
        let left = Int(best.left)
        // Either symbol may have been merged with another since; then the pair, if any, is another one.
        guard symbols[left] >= 0, next[left] >= 0 else { return }
        let right = Int(next[left])
        guard let merge = table.merge(symbols[left], symbols[right]), merge.result == Int(best.result) else { return }
        symbols[left] = best.result
        next[left] = next[right]
        if next[right] >= 0 { previous[Int(next[right])] = best.left }
        symbols[right] = -1
        consider(previous[left])
        consider(best.left)
    }
}
