import ByteIO

/// The rules of a vocabulary, one function each; `Vocabulary.init` calls them all.
struct VocabularyCheck {
    let file: String

    private static let damaged = "The tokenizer is damaged or of another kind: fetch it again."

    /// Equal numbers, texts, finite scores, known kinds.
    func pieces(_ pieces: [String], scores: [Float], kinds: [Int]) throws -> [PieceKind] {
        guard !pieces.isEmpty, pieces.count < 1 << 30 else {
            throw InputError(
                .vocabularySize, file: file, field: "pieces", problem: "there are \(pieces.count)",
                remedy: Self.damaged)
        }
        guard scores.count == pieces.count, kinds.count == pieces.count else {
            throw InputError(
                .vocabularyLengths, file: file, field: "pieces",
                problem: "\(pieces.count) pieces have \(scores.count) scores and \(kinds.count) kinds",
                remedy: Self.damaged)
        }
        for id in pieces.indices where pieces[id].isEmpty {
            throw InputError(
                .vocabularyEmptyPiece, file: file, field: "piece \(id)", problem: "has no text", remedy: Self.damaged)
        }
        for id in scores.indices where !scores[id].isFinite {
            throw InputError(
                .vocabularyScore, file: file, field: "piece \(id)", problem: "has the score \(scores[id])",
                remedy: Self.damaged)
        }
        return try kinds.enumerated().map { id, kind in
            guard let known = PieceKind(rawValue: kind) else {
                throw InputError(
                    .vocabularyKind, file: file, field: "piece \(id)",
                    problem: "is of kind \(kind); kinds are 1 to 6", remedy: Self.damaged)
            }
            return known
        }
    }

    /// No piece twice.
    /// - Parameter texts: Where the pieces' UTF-8 lies one after another already: that, and where each ends.
    func index(_ pieces: [String], texts: (bytes: [UInt8], ends: [Int])? = nil) throws -> PieceIndex {
        do {
            return if let texts { try PieceIndex(texts.bytes, ends: texts.ends) } else { try PieceIndex(pieces) }
        } catch {
            throw InputError(
                .vocabularyDuplicate, file: file, field: "piece \(error.second)",
                problem: "has the same text as piece \(error.first): \"\(pieces[error.first])\"",
                remedy: Self.damaged)
        }
    }

    /// The 256 byte pieces by byte, or none at all.
    func byteIDs(_ pieces: [String], kinds: [PieceKind]) throws -> [Int] {
        var ids = [Int](repeating: -1, count: 256)
        var found = 0
        for id in pieces.indices where kinds[id] == .byte {
            guard let byte = Vocabulary.byte(of: pieces[id]) else {
                throw InputError(
                    .vocabularyBytes, file: file, field: "piece \(id)",
                    problem: "is a byte piece but reads \"\(pieces[id])\", not like <0x0A>", remedy: Self.damaged)
            }
            ids[Int(byte)] = id
            found += 1
        }
        guard found > 0 else { return [] }
        if let missing = ids.firstIndex(of: -1) {
            throw InputError(
                .vocabularyBytes, file: file, field: "byte pieces",
                problem: "there are \(found) of 256; the first one missing is for byte \(missing)",
                remedy: Self.damaged)
        }
        return ids
    }

    func id(_ id: Int?, name: String, count: Int) throws {
        guard let id, !(0..<count).contains(id) else { return }
        throw InputError(
            .vocabularyID, file: file, field: "\(name) id", problem: "is \(id), but ids are 0 to \(count - 1)",
            remedy: Self.damaged)
    }

    func fallback(hasBytes: Bool, unk: Int?) throws {
        guard !hasBytes, unk == nil else { return }
        throw InputError(
            .vocabularyID, file: file, field: "unk id",
            problem: "is missing, and there are no byte pieces either: some text could not be encoded",
            remedy: Self.damaged)
    }
}
