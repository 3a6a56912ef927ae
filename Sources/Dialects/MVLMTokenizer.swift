import ByteIO
import MVLM
import Tokenizer

/// The tables of the section `tokenizer` (formats/mvlm.md).
enum MVLMTokenizer {
    private static let headBytes = 32

    /// - Parameter legacy: Whether text behind a special token gets a leading space too.
    /// - Throws: `InputError` with `mvlm.tokenizer` for a vocabulary that the tables cannot hold.
    static func write(_ vocabulary: Vocabulary, legacy: Bool, file: String) throws -> [UInt8] {
        guard vocabulary.contents.spelling == .sentencePiece, vocabulary.contents.mergePairs.isEmpty,
            vocabulary.contents.otherEnds.isEmpty
        else {
            throw InputError(
                MVLMRule.tokenizer, file: file, field: "tokenizer",
                problem: "is no SentencePiece vocabulary that merges by scores and ends answers with one token",
                remedy: "An .mvlm file holds no other; GGUF does.")
        }
        var bytes: [UInt8] = []
        func put(_ number: UInt32) {
            for shift in [0, 8, 16, 24] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
        }
        let texts = vocabulary.pieces.map { Array($0.utf8) }
        put(UInt32(texts.count))
        put((vocabulary.addBOS ? 1 : 0) | (vocabulary.addDummyPrefix ? 2 : 0) | (legacy ? 4 : 0))
        for id in [vocabulary.bos, vocabulary.eos, vocabulary.unk, vocabulary.pad] {
            put(id.map { UInt32($0) } ?? .max)
        }
        put(UInt32(texts.reduce(0) { $0 + $1.count }))
        put(0)
        for score in vocabulary.scores { put(score.bitPattern) }
        var end: UInt32 = 0
        for text in texts {
            end += UInt32(text.count)
            put(end)
        }
        for id in texts.indices.sorted(by: { texts[$0].lexicographicallyPrecedes(texts[$1]) }) { put(UInt32(id)) }
        bytes += vocabulary.kinds.map { UInt8($0.rawValue) }
        for text in texts { bytes += text }
        return bytes
    }

    /// - Returns: Also whether text behind a special token gets a leading space.
    /// - Throws: `InputError` with `mvlm.tokenizer`.
    static func read(_ section: Bytes, file: String) throws -> (Vocabulary, legacy: Bool) {
        func refuse(_ problem: String) -> InputError {
            InputError(
                MVLMRule.tokenizer, file: file, field: "section tokenizer", problem: problem,
                remedy: "The file is damaged or was made by another program: fetch or make it again.")
        }
        return try section.withUnsafeBytes { bytes in
            func word(_ offset: Int) -> UInt32 {
                UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
            }
            guard bytes.count >= headBytes else { throw refuse("ends in its header") }
            let count = Int(word(0))
            let textBytes = Int(word(24))
            guard (1...(1 << 21)).contains(count), word(4) < 8, word(28) == 0,
                bytes.count == headBytes + 13 * count + textBytes
            else { throw refuse("has tables that do not fit into it") }
            func words(_ table: Int) -> [UInt32] { (0..<count).map { word(headBytes + 4 * (count * table + $0)) } }
            let ends = words(1).map(Int.init)
            let kinds = bytes[(headBytes + 12 * count)...].prefix(count)
            let texts = Array(bytes[(headBytes + 13 * count)...])
            // Checked once for all texts; then a piece is whole unless it begins within a character.
            let areWhole = String(validating: texts, as: UTF8.self) != nil
            var pieces: [String] = []
            pieces.reserveCapacity(count)
            var start = 0
            for end in ends {
                guard areWhole, end > start, end <= textBytes, texts[start] & 0xC0 != 0x80 else {
                    throw refuse("has a piece \(pieces.count) without text, or whose text is not UTF-8")
                }
                pieces.append(String(decoding: texts[start..<end], as: UTF8.self))
                start = end
            }
            guard start == textBytes else { throw refuse("has text that belongs to no piece") }
            try checkOrder(words(2), ends: ends, texts: texts, refuse)
            let ids = try [8, 12, 16, 20].map { offset -> Int? in
                let id = word(offset)
                guard id == .max || id < count else { throw refuse("has a special id outside its \(count) pieces") }
                return id == .max ? nil : Int(id)
            }
            var contents = VocabularyContents(
                pieces: pieces, scores: words(0).map { Float(bitPattern: $0) }, kinds: kinds.map { Int($0) })
            (contents.bos, contents.eos, contents.unk, contents.pad) = (ids[0], ids[1], ids[2], ids[3])
            contents.addBOS = word(4) & 1 != 0
            contents.prefix = word(4) & 2 != 0 ? .always : .none
            do {
                return (try Vocabulary(contents, texts: texts, ends: ends, file: file), word(4) & 4 != 0)
            } catch let error as InputError {
                throw refuse("\(error.field) \(error.problem)")
            }
        }
    }

    /// The ids in the order of their texts, so that readers may search.
    private static func checkOrder(
        _ order: [UInt32], ends: [Int], texts: [UInt8], _ refuse: (String) -> InputError
    ) throws {
        /// The text of a piece, as a range of `texts`.
        func place(_ id: UInt32) -> Range<Int> { (id == 0 ? 0 : ends[Int(id) - 1])..<ends[Int(id)] }
        var previous = 0..<0
        for id in order {
            guard id < ends.count else { throw refuse("sorts a piece that it does not have") }
            let next = place(id)
            var shared = 0
            let most = min(previous.count, next.count)
            while shared < most, texts[previous.lowerBound + shared] == texts[next.lowerBound + shared] { shared += 1 }
            let isRising =
                shared < most
                ? texts[previous.lowerBound + shared] < texts[next.lowerBound + shared] : previous.count < next.count
            guard isRising else { throw refuse("does not sort its pieces") }
            previous = next
        }
    }
}
