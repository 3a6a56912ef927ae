/// Finds added tokens in text: of those that start at the leftmost place the longest, as Hugging Face's libraries and
/// llama.cpp do it.
struct AddedTokenFinder: Sendable {
    enum Segment: Equatable {
        case text(Range<Int>)
        case token(Int)
    }

    /// Those that are looked for first, and those that are looked for in what is left.
    private let passes: [PiecePrefixes]
    private let rules: [Int: AddedTokenRules]

    init(_ vocabulary: Vocabulary, _ kinds: Set<PieceKind>) {
        rules = vocabulary.contents.addedRules
        // A handful of kinds: asked one by one they are found sooner than by hashing, once per piece of a vocabulary.
        let wanted = Array(kinds)
        let ids = vocabulary.pieces.indices.filter { wanted.contains(vocabulary.kinds[$0]) }
        let rules = rules
        passes = [false, true].map { isLate in
            let group = ids.filter { rules[$0]?.contains(.normalized) ?? false == isLate }
            return PiecePrefixes(group.map { (vocabulary.pieces[$0], $0) })
        }
        .filter { !$0.isEmpty }
    }

    var isEmpty: Bool { passes.isEmpty }

    /// The text cut at its added tokens. No stretch of text is empty.
    func segments(of text: [UInt8]) -> [Segment] {
        var segments: [Segment] = text.isEmpty ? [] : [.text(0..<text.count)]
        for pass in passes {
            var cut: [Segment] = []
            for segment in segments {
                if case .text(let range) = segment {
                    find(pass, in: text, range, into: &cut)
                } else {
                    cut.append(segment)
                }
            }
            segments = cut
        }
        return segments
    }

    private func find(_ tokens: PiecePrefixes, in text: [UInt8], _ range: Range<Int>, into segments: inout [Segment]) {
        var start = range.lowerBound
        var position = start
        while position < range.upperBound {
            guard let found = tokens.longest(in: text, at: position, end: range.upperBound) else {
                position += 1
                continue
            }
            var (left, right) = (position, position + found.count)
            position = right
            if let rules = rules[found.id] {
                if rules.contains(.singleWord), Self.touchesWord(text, left, right, range) { continue }
                if rules.contains(.stripsLeft) { left = Self.start(ofSpaceBefore: left, in: text, from: start) }
                if rules.contains(.stripsRight) { right = Self.end(ofSpaceAt: right, in: text, to: range.upperBound) }
            }
            if start < left { segments.append(.text(start..<left)) }
            segments.append(.token(found.id))
            start = right
            position = max(position, right)
        }
        if start < range.upperBound { segments.append(.text(start..<range.upperBound)) }
    }

    /// Whether a letter, digit, mark or connector is beside the stretch (`\w`).
    private static func touchesWord(_ text: [UInt8], _ left: Int, _ right: Int, _ range: Range<Int>) -> Bool {
        func isWord(_ scalar: Unicode.Scalar?) -> Bool {
            guard let properties = scalar?.properties else { return false }
            switch properties.generalCategory {
            case .connectorPunctuation, .decimalNumber, .nonspacingMark, .spacingMark, .enclosingMark: return true
            default: return properties.isAlphabetic
            }
        }
        return isWord(scalar(before: left, in: text, from: range.lowerBound))
            || isWord(scalar(at: right, in: text, to: range.upperBound))
    }

    private static func start(ofSpaceBefore place: Int, in text: [UInt8], from lowest: Int) -> Int {
        var place = place
        while let scalar = scalar(before: place, in: text, from: lowest), scalar.properties.isWhitespace {
            place -= UTF8.width(scalar)
        }
        return place
    }

    private static func end(ofSpaceAt place: Int, in text: [UInt8], to highest: Int) -> Int {
        var place = place
        while let scalar = scalar(at: place, in: text, to: highest), scalar.properties.isWhitespace {
            place += UTF8.width(scalar)
        }
        return place
    }

    private static func scalar(at place: Int, in text: [UInt8], to end: Int) -> Unicode.Scalar? {
        guard place < end else { return nil }
        let count = min(UTF8Scalar.announcedLength(text[place]), end - place)
        return String(decoding: text[place..<place + count], as: UTF8.self).unicodeScalars.first
    }

    private static func scalar(before place: Int, in text: [UInt8], from lowest: Int) -> Unicode.Scalar? {
        guard place > lowest else { return nil }
        var start = place - 1
        while start > lowest, text[start] & 0xC0 == 0x80 { start -= 1 }
        return scalar(at: start, in: text, to: place)
    }
}
