extension VocabularyContents {
    /// Gives pieces scores by which SentencePiece, and so GGUF's `llama` tokenizer, merges as the list of merges says.
    ///
    /// SentencePiece merges any two pieces that together are one, by that piece's score; a list of merges names the pairs.
    /// Both do the same if the list has every pair of pieces that together are one, and all pairs of one result next to
    /// each other. That is so in files that were made of a SentencePiece model, as all of LLaMA's family are.
    /// - Parameter count: Pieces of the vocabulary before any were added.
    /// - Returns: A note if both do not do the same.
    mutating func setScoresByMerges(count: Int, index: PieceIndex) -> [String] {
        guard let merges else { return [] }
        // The ranks of the first and the last merge that make a piece.
        var first = [Int](repeating: .max, count: pieces.count)
        var last = [Int](repeating: -1, count: pieces.count)
        for (rank, result) in merges.results.enumerated() {
            first[Int(result)] = min(first[Int(result)], rank)
            last[Int(result)] = rank
        }
        for id in 0..<count where last[id] >= 0 { scores[id] = -Float(first[id]) }

        var isSame = true
        var end = -1
        for id in (0..<count).filter({ last[$0] >= 0 }).sorted(by: { first[$0] < first[$1] }) {
            if first[id] <= end { isSame = false }
            end = last[id]
        }
        for id in 0..<count where isSame && kinds[id] == PieceKind.normal.rawValue {
            isSame = Self.hasAllMerges(of: pieces[id], merges, index, kinds)
        }
        return isSame
            ? []
            : [
                "The merges of tokenizer.json are not those of a SentencePiece model. GGUF's \"llama\" tokenizer merges by "
                    + "scores, which cannot say the same: some text gets other token ids there."
            ]
    }

    /// Whether the list has every pair of pieces that together are `piece`.
    private static func hasAllMerges(
        of piece: String, _ merges: MergeTable, _ index: PieceIndex, _ kinds: [Int]
    ) -> Bool {
        let bytes = Array(piece.utf8)
        for cut in bytes.indices.dropFirst() where bytes[cut] & 0xC0 != 0x80 {
            guard let left = index.find(bytes, 0..<cut), let right = index.find(bytes, cut..<bytes.count),
                kinds[left] == PieceKind.normal.rawValue, kinds[right] == PieceKind.normal.rawValue
            else { continue }
            if merges.merge(Int32(left), Int32(right)) == nil { return false }
        }
        return true
    }
}
