/// Byte pair encoding as SentencePiece does it: of all neighbours whose concatenation is a piece, the pair with the
/// highest score is merged first, the leftmost of equals, until no pair is left.
struct PieceMerger {
    let vocabulary: Vocabulary
    /// User-defined pieces, which are cut out before merging and never merged.
    let userDefined: PiecePrefixes

    /// The ids of `text`: UTF-8 in which spaces are already U+2581.
    ///
    /// O(n log n) in the length of the text, by a heap of candidate pairs; a candidate whose symbols have
    /// changed since is recognised by its length and dropped.
    func append(_ text: [UInt8], to ids: inout [Int]) {
        var run = Run(text: text, vocabulary: vocabulary, symbols: split(text))
        for right in run.symbols.indices.dropFirst() { run.consider(right - 1, right) }
        run.mergeAll()
        write(run, to: &ids)
    }

    /// A stretch of the text in the list of its neighbours. Empty once it has been merged into its left one.
    struct Symbol {
        var start: Int
        var count: Int
        var previous: Int
        var next: Int
        var isFixed: Bool
    }

    /// One symbol per Unicode scalar or user-defined piece.
    private func split(_ text: [UInt8]) -> [Symbol] {
        var symbols: [Symbol] = []
        symbols.reserveCapacity(text.count)
        var start = 0
        while start < text.count {
            let fixed = userDefined.isEmpty ? nil : userDefined.longest(in: text, at: start)
            let count = fixed?.count ?? min(UTF8Scalar.announcedLength(text[start]), text.count - start)
            symbols.append(
                Symbol(
                    start: start, count: count, previous: symbols.count - 1, next: symbols.count + 1,
                    isFixed: fixed != nil))
            start += count
        }
        if !symbols.isEmpty { symbols[symbols.count - 1].next = -1 }
        return symbols
    }

    /// The ids of what is left after merging, from left to right.
    private func write(_ run: Run, to ids: inout [Int]) {
        var isAfterUnknown = false
        var current = run.symbols.isEmpty ? -1 : 0
        var pending: [Range<Int>] = []
        while current >= 0 {
            let symbol = run.symbols[current]
            current = symbol.next
            // An unused piece falls apart into the two it was merged from, and so on: `pending` is a stack.
            pending.append(symbol.start..<symbol.start + symbol.count)
            while let range = pending.popLast() {
                let id = run.piece(range)
                if let id, vocabulary.kinds[id] == .unused, let left = run.leftCounts[id] {
                    pending.append(range.lowerBound + left..<range.upperBound)
                    pending.append(range.lowerBound..<range.lowerBound + left)
                } else if let id {
                    ids.append(id)
                    isAfterUnknown = false
                } else if !vocabulary.byteIDs.isEmpty {
                    for byte in run.text[range] { ids.append(vocabulary.byteIDs[Int(byte)]) }
                } else if let unk = vocabulary.unk, !isAfterUnknown {
                    ids.append(unk)
                    isAfterUnknown = true
                }
            }
        }
    }

    /// The state of one encoding.
    struct Run {
        let text: [UInt8]
        let vocabulary: Vocabulary
        var symbols: [Symbol]
        private var candidates = Heap<Candidate>()
        /// For each unused piece that came up, the bytes of the left one of the two it was merged from.
        private(set) var leftCounts: [Int: Int] = [:]

        init(text: [UInt8], vocabulary: Vocabulary, symbols: [Symbol]) {
            self.text = text
            self.vocabulary = vocabulary
            self.symbols = symbols
        }

        /// The id of a stretch that is a piece of text; control and byte pieces never come from text.
        func piece(_ range: Range<Int>) -> Int? {
            guard range.count <= vocabulary.index.longest, let id = vocabulary.index.find(text, range) else {
                return nil
            }
            switch vocabulary.kinds[id] {
            case .normal, .userDefined, .unused: return id
            case .unknown, .control, .byte: return nil
            }
        }

        /// Puts a pair of neighbours on the heap if together they are a piece.
        mutating func consider(_ left: Int, _ right: Int) {
            guard left >= 0, right >= 0, !symbols[left].isFixed, !symbols[right].isFixed else { return }
            let start = symbols[left].start
            let count = symbols[left].count + symbols[right].count
            guard let id = piece(start..<start + count) else { return }
            candidates.push(Candidate(score: vocabulary.scores[id], left: left, right: right, count: count))
            if vocabulary.kinds[id] == .unused { leftCounts[id] = symbols[left].count }
        }

        mutating func mergeAll() {
            while let best = candidates.pop() {
                let left = symbols[best.left]
                let right = symbols[best.right]
                guard left.count > 0, right.count > 0, left.count + right.count == best.count else { continue }
                symbols[best.left].count = best.count
                symbols[best.left].next = right.next
                if right.next >= 0 { symbols[right.next].previous = best.left }
                symbols[best.right].count = 0
                consider(left.previous, best.left)
                consider(best.left, right.next)
            }
        }
    }

    /// Two neighbours that could be merged.
    struct Candidate: HeapElement {
        let score: Float
        let left: Int
        let right: Int
        /// Bytes of both when the candidate was made.
        let count: Int

        func isBetter(than other: Candidate) -> Bool {
            score > other.score || (score == other.score && left < other.left)
        }
    }
}
