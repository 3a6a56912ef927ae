import Foundation
import TestSupport
import Testing
import Tokenizer

/// Ids and texts recorded from the SentencePiece library (fixtures/tokenizer/make.py).
@Suite struct LibraryTests {
    struct Recorded: Decodable {
        struct Encoded: Decodable {
            let text: String
            let ids: [Int]
            let decoded: String
        }
        struct Decoded: Decodable {
            let ids: [Int]
            let text: String
        }
        let bos, eos, unk, pad, count: Int
        let encode: [Encoded]
        let decode: [Decoded]
    }

    static let models = ["plain", "kinds"]

    @Test("The size and the marks are those the library reports", arguments: models)
    func header(name: String) throws {
        let recorded = try json(Recorded.self, Fixtures.path("tokenizer/\(name).json"))
        let vocabulary = try load(Fixtures.path("tokenizer/\(name).model")).vocabulary
        #expect(vocabulary.count == recorded.count)
        #expect(vocabulary.bos == recorded.bos && vocabulary.eos == recorded.eos && vocabulary.unk == recorded.unk)
        #expect(vocabulary.pad ?? -1 == recorded.pad)
        #expect(vocabulary.addDummyPrefix == (name == "plain"))
        for id in 0..<vocabulary.count { #expect(vocabulary.id(of: vocabulary.pieces[id]) == id) }
    }

    @Test("Text becomes the ids that the library gives, for every kind of piece", arguments: models)
    func encode(name: String) throws {
        let recorded = try json(Recorded.self, Fixtures.path("tokenizer/\(name).json"))
        let tokenizer = try load(Fixtures.path("tokenizer/\(name).model"))
        #expect(recorded.encode.count > 80)
        for example in recorded.encode {
            let ids = tokenizer.encode(example.text)
            #expect(ids == example.ids, "\(example.text.debugDescription): \(tokenizer.pieces(ids))")
        }
    }

    @Test("Ids become the text that the library gives, broken UTF-8 included", arguments: models)
    func decode(name: String) throws {
        let recorded = try json(Recorded.self, Fixtures.path("tokenizer/\(name).json"))
        let tokenizer = try load(Fixtures.path("tokenizer/\(name).model"))
        for example in recorded.decode {
            let text = tokenizer.decode(example.ids)
            #expect(same(text, example.text), "\(example.ids): \(text.debugDescription)")
        }
        // Where text was lost to the unknown piece, the library puts a mark and we put nothing.
        for example in recorded.encode where !example.ids.contains(recorded.unk) {
            #expect(same(tokenizer.decode(example.ids), example.decoded), "\(example.text.debugDescription)")
        }
    }
}

/// LLaMA's own vocabulary; the ids of SentencePiece, Hugging Face and llama.cpp for 284 texts.
@Suite(.enabled(if: Fixtures.hasGolden)) struct LlamaTests {
    struct Recorded: Decodable {
        struct Case: Decodable {
            let text: String
            let ids: [Int]
            let legacyFalse: [Int]?
            let legacyTrue: [Int]?
            let llamaCpp: [Int]?
            let decoded: String?
            enum CodingKeys: String, CodingKey {
                case text, ids, decoded
                case legacyFalse = "hf_legacy_false"
                case legacyTrue = "hf_legacy_true"
                case llamaCpp = "llama.cpp_parse_special"
            }
        }
        let cases: [Case]
    }

    struct Prompts: Decodable {
        struct Prompt: Decodable {
            let prompt: String
            let ids: [Int]
        }
        let prompts: [Prompt]
    }

    let tokenizer: TextTokenizer

    init() throws { tokenizer = try load(#require(Fixtures.golden("mini-v2/model/tokenizer.model"))) }

    @Test("The vocabulary is LLaMA's: 32000 pieces, marks 0 1 2, 256 bytes")
    func vocabulary() {
        let vocabulary = tokenizer.vocabulary
        #expect(vocabulary.count == 32000)
        #expect(vocabulary.unk == 0 && vocabulary.bos == 1 && vocabulary.eos == 2 && vocabulary.pad == nil)
        #expect(vocabulary.kinds.count { $0 == .byte } == 256 && vocabulary.kinds.count { $0 == .normal } == 31741)
        #expect(vocabulary.pieces[260] == "\u{2581}t" && vocabulary.scores[260] == -1)
        #expect(vocabulary.scores[31999] == -31740 && vocabulary.scores[29871] == -1e9)
    }

    @Test("All 284 recorded texts become the recorded ids in all four ways, and back")
    func cases() throws {
        let recorded = try json(Recorded.self, #require(Fixtures.golden("tokenizer/cases.json")))
        #expect(recorded.cases.count == 284)
        for example in recorded.cases {
            let what = Comment(rawValue: example.text.debugDescription)
            #expect(tokenizer.encode(example.text) == example.ids, what)
            let special = { tokenizer.encode(example.text, parseSpecial: true, legacy: $0) }
            #expect(special(false) == example.legacyFalse ?? example.ids, what)
            #expect(special(true) == example.legacyTrue ?? example.ids, what)
            #expect(special(true) == example.llamaCpp ?? example.ids, what)
            #expect(same(tokenizer.decode(example.ids), example.decoded ?? example.text), what)
        }
    }

    @Test("Prompts split at the image become the ids of upstream's tokenizer_image_token")
    func prompts() throws {
        let recorded = try json(Prompts.self, #require(Fixtures.golden("tokenizer/image-prompts.json")))
        #expect(!recorded.prompts.isEmpty)
        for example in recorded.prompts {
            let chunks = example.prompt.components(separatedBy: "<image>").map {
                tokenizer.encode($0, parseSpecial: true, legacy: false)
            }
            #expect([1] + Array(chunks.joined(separator: [-200])) == example.ids)
        }
    }

    @Test("A megabyte takes no more than linear-logarithmic time")
    func speed() {
        func time(_ text: String) -> Double {
            var count = 0
            let time = threadTime { count = tokenizer.encode(text).count }
            #expect(count > 0)
            return time
        }
        let sentence = "The quick brown fox, größer als 12345, jumps over the lazy dog. "
        for unit in [sentence, " ", "a", "\u{1F600}", "</s>"] {
            let small = time(String(repeating: unit, count: (1 << 16) / unit.utf8.count))
            let large = time(String(repeating: unit, count: (1 << 20) / unit.utf8.count))
            // 16 times the text, and less at home in the caches; quadratic time would be 256 times as long.
            #expect(large < 120 * max(small, 0.002), "\(unit.debugDescription): \(small) s, \(large) s")
        }
    }
}
