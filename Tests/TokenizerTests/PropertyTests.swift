import TestSupport
import Testing
import Tokenizer

@Suite struct PropertyTests {
    let tokenizer: TextTokenizer

    init() throws { tokenizer = try load(Fixtures.path("tokenizer/plain.model")) }

    /// Mixes letters the model knows with any Unicode scalar but U+2581, which means a space.
    static func text(_ generator: inout SeededGenerator) -> String {
        let common = Array(" \n\tetaoinshrdlu.,<>/0123456789éß鳥птица<s></s>".unicodeScalars)
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...40, using: &generator) {
            if Int.random(in: 0..<4, using: &generator) > 0 {
                text.append(common.randomElement(using: &generator) ?? "a")
            } else if let scalar = Unicode.Scalar(UInt32.random(in: 0...0x10FFFF, using: &generator)),
                scalar != "\u{2581}"
            {
                text.append(scalar)
            }
        }
        return String(text)
    }

    @Test("Decoding what was encoded gives the text back, whatever the text")
    func roundTrip() {
        var generator = SeededGenerator(state: 1)
        for _ in 0..<5000 {
            let text = Self.text(&generator)
            let back = tokenizer.decode(tokenizer.encode(text))
            #expect(same(back, text), "\(text.debugDescription) became \(back.debugDescription)")
        }
    }

    @Test("Ids taken one by one give the text of all together, and never a broken scalar")
    func stream() {
        var generator = SeededGenerator(state: 2)
        for round in 0..<3000 {
            let source = round % 2 == 0 ? Self.text(&generator) : nil
            let ids =
                source.map { tokenizer.encode($0) } ?? (0..<12).map { _ in Int.random(in: -3..<510, using: &generator) }
            for skipSpecial in [true, false] {
                var stream = TokenStream(vocabulary: tokenizer.vocabulary, skipSpecial: skipSpecial)
                var text = ""
                for id in ids {
                    text.unicodeScalars.append(contentsOf: stream.append(id).unicodeScalars)
                }
                text.unicodeScalars.append(contentsOf: stream.finish().unicodeScalars)
                #expect(same(text, tokenizer.decode(ids, skipSpecial: skipSpecial)), "\(ids)")
                if let source { #expect(same(text, source), "\(ids)") }
            }
        }
    }

    @Test("A scalar spelt in byte pieces appears with its last byte")
    func streamedBytes() {
        var stream = TokenStream(vocabulary: tokenizer.vocabulary)
        let parts = [0xF0, 0x9F, 0x98, 0x80].map { stream.append(3 + $0) }
        #expect(parts == ["", "", "", "😀"])
        #expect(stream.append(3 + 0xE2) == "")
        #expect(stream.append(3 + 0x41) == "\u{FFFD}A")
        #expect(stream.append(3 + 0xC3) == "")
        #expect(stream.finish() == "\u{FFFD}")
        #expect(stream.finish() == "")
    }

    @Test("Merging gives what the rule gives when it is carried out word for word")
    func merging() {
        var generator = SeededGenerator(state: 3)
        for _ in 0..<1500 {
            let text = Self.text(&generator)
            #expect(tokenizer.encode(text) == slowly(text), "\(text.debugDescription)")
        }
    }

    /// The definition: look through all neighbours, merge the best pair, begin again.
    private func slowly(_ text: String) -> [Int] {
        guard !text.isEmpty else { return [] }
        let vocabulary = tokenizer.vocabulary
        func id(_ piece: String) -> Int? {
            vocabulary.id(of: piece).flatMap { vocabulary.kinds[$0] == .normal ? $0 : nil }
        }
        var symbols = (" " + text).unicodeScalars.map { $0 == " " ? "\u{2581}" : String($0) }
        while true {
            var best: (position: Int, score: Float)?
            for position in symbols.indices.dropLast() {
                guard let id = id(symbols[position] + symbols[position + 1]) else { continue }
                if let best, best.score >= vocabulary.scores[id] { continue }
                best = (position, vocabulary.scores[id])
            }
            guard let best else { break }
            symbols[best.position] += symbols.remove(at: best.position + 1)
        }
        return symbols.flatMap { symbol in id(symbol).map { [$0] } ?? symbol.utf8.map { Int($0) + 3 } }
    }

    @Test("Special tokens in a text are spelt out unless asked for, and split it if asked for")
    func specials() throws {
        let added = try TextTokenizer(
            vocabulary: tokenizer.vocabulary.adding(
                tokens: [
                    ("<im_end>", 501, true), ("<im_start>", 500, true), ("<s>", 1, true), ("<plain>", 502, false),
                ],
                file: "added_tokens.json"))
        let the = try #require(tokenizer.vocabulary.id(of: "\u{2581}the"))
        #expect(added.vocabulary.kinds[500...] == [.control, .control, .userDefined])
        #expect(added.encode("<im_start>") == tokenizer.encode("<im_start>"))
        #expect(added.encode("<s>", parseSpecial: true) == [1])
        #expect(added.encode("the<im_start>the<im_end>", parseSpecial: true) == [the, 500, the, 501])
        // Without legacy, text behind a token has no prefix but the space of its own.
        #expect(added.encode(" the", parseSpecial: true, legacy: false) == added.encode(" the"))
        #expect(added.encode("<s> the", parseSpecial: true, legacy: false) == [1, the])
        #expect(added.encode("<s>the", parseSpecial: true, legacy: true) == [1, the])
        #expect(added.encode("<s>the", parseSpecial: true, legacy: false).first == 1)
        #expect(added.encode("<s>the", parseSpecial: true, legacy: false) != [1, the])
        // A user-defined token is kept whole in any text.
        #expect(added.encode("the<plain>").last == 502)
        #expect(added.decode([1, the, 500, 502, 2]) == "the<plain>")
        #expect(added.decode([1, the, 500, 502, 2], skipSpecial: false) == "<s> the<im_start><plain></s>")
        #expect(added.pieces([1, the, -200, 503]) == ["<s>", "\u{2581}the", "[-200]", "[503]"])
    }
}
