import ByteIO
import Foundation
import JSON
import TestSupport
import Testing
import Tokenizer

/// A `tokenizer.json` of fixtures/tokenizer with some of its members replaced.
struct TokenizerFixture {
    var json: JSONValue

    /// Not by Foundation, which drops U+FEFF from strings.
    static func parse(_ file: String) throws -> JSONValue {
        let path = Fixtures.path("tokenizer/\(file)")
        return try JSONValue(parsing: Bytes(Array(try Data(contentsOf: URL(fileURLWithPath: path)))), file: path)
    }

    init(_ file: String) throws { json = try Self.parse(file) }

    subscript(key: String) -> JSONValue? {
        get { json[key] }
        set {
            guard case .object(var object) = json else { return }
            object[key] = newValue
            json = .object(object)
        }
    }

    /// As the golden script does it: members of the model are replaced one by one, others whole.
    mutating func replace(_ members: JSONValue) {
        for (key, value) in members.object?.entries ?? [] {
            if key == "model" { set(model: value) } else { self[key] = value }
        }
    }

    mutating func set(model members: JSONValue) {
        guard case .object(var model)? = json["model"] else { return }
        for (key, value) in members.object?.entries ?? [] { model[key] = value }
        self["model"] = .object(model)
    }

    var bytes: Bytes { Bytes(Array(json.serialized().utf8)) }

    func read() throws -> TokenizerJSON { try TokenizerJSON(bytes, file: "tokenizer.json") }
}

/// Ids and texts recorded from Hugging Face's library (fixtures/tokenizer/make_huggingface.py).
@Suite struct HuggingFaceTests {
    struct Variant {
        let name: String
        let tokenizer: TokenizerJSON
        let ids: [[Int]]
        let chunks: [String]
        let decoded: [([Int], String)]
    }

    let texts: [String]
    let chunk: Int
    let variants: [Variant]

    init() throws {
        let json = try TokenizerFixture.parse("huggingface.json")
        func strings(_ value: JSONValue?) -> [String] { value?.array?.compactMap(\.string) ?? [] }
        func ids(_ value: JSONValue?) -> [Int] { value?.array?.compactMap(\.int) ?? [] }
        texts = strings(json["texts"])
        chunk = try #require(json["chunk"]?.int)
        variants = try (json["variants"]?.array ?? []).map { entry in
            var fixture = try TokenizerFixture(entry["file"]?.string ?? "")
            fixture.replace(entry["replace"] ?? .null)
            return Variant(
                name: entry["name"]?.string ?? "", tokenizer: try fixture.read(),
                ids: (entry["ids"]?.array ?? []).map(ids), chunks: strings(entry["chunks"]),
                decoded: (entry["decoded"]?.array ?? []).map {
                    (ids($0.array?.first), $0.array?.last?.string ?? "")
                })
        }
    }

    @Test(
        "Text becomes the ids that Hugging Face gives, whatever the normalizer, the pre-tokenizer and the added tokens")
    func encode() throws {
        #expect(variants.count == 15)
        #expect(texts.count > 120)
        for variant in variants {
            #expect(variant.ids.count == texts.count && variant.chunks.count > 30 && variant.decoded.count > 15)
            let tokenizer = TextTokenizer(vocabulary: variant.tokenizer.vocabulary)
            for (text, expected) in zip(texts, variant.ids) {
                let ids = tokenizer.encode(text, parseSpecial: true, legacy: variant.tokenizer.legacy)
                #expect(
                    ids == expected,
                    "\(variant.name), \(text.debugDescription): \(tokenizer.pieces(ids)), not \(tokenizer.pieces(expected))"
                )
            }
        }
    }

    @Test("118 kB of many scripts, numbers, spaces and signs become the ids that Hugging Face gives")
    func varied() throws {
        let text = Array(
            String(
                decoding: try Data(contentsOf: URL(fileURLWithPath: Fixtures.path("tokenizer/varied.txt"))),
                as: UTF8.self
            )
            .unicodeScalars)
        for variant in variants {
            let tokenizer = TextTokenizer(vocabulary: variant.tokenizer.vocabulary)
            for (number, expected) in variant.chunks.enumerated() {
                var part = String.UnicodeScalarView()
                part.append(contentsOf: text[number * chunk..<min(text.count, (number + 1) * chunk)])
                let ids = tokenizer.encode(String(part), parseSpecial: true, legacy: variant.tokenizer.legacy)
                let digest = SHA256.hex(Array(ids.map(String.init).joined(separator: ",").utf8)).prefix(16)
                #expect("\(ids.count):\(digest)" == expected, "\(variant.name), chunk \(number)")
            }
        }
    }

    @Test("Ids become the text that Hugging Face gives, broken UTF-8 included")
    func decode() throws {
        for variant in variants {
            let tokenizer = TextTokenizer(vocabulary: variant.tokenizer.vocabulary)
            for (ids, expected) in variant.decoded {
                let text = tokenizer.decode(ids)
                #expect(same(text, expected), "\(variant.name), \(ids): \(text.debugDescription)")
            }
        }
    }

    @Test("A SentencePiece model and the tokenizer.json made of it give the same ids, also by scores alone as in GGUF")
    func sameAsModel() throws {
        let model = try load(Fixtures.path("tokenizer/plain.model"))
        let legacy = try #require(variants.first { $0.name == "legacy" }).tokenizer
        #expect(legacy.notes == [] && legacy.legacy && legacy.templateBOS == 1)
        #expect(Array(legacy.vocabulary.pieces.prefix(500)) == model.vocabulary.pieces)
        #expect(Array(legacy.vocabulary.kinds.prefix(500)) == model.vocabulary.kinds)
        let vocabulary = legacy.vocabulary
        let scored = try Vocabulary(
            pieces: vocabulary.pieces, scores: vocabulary.scores, kinds: vocabulary.kinds.map(\.rawValue), bos: 1,
            eos: 2,
            unk: 0, pad: nil, file: "")
        let (listed, byScores) = (TextTokenizer(vocabulary: legacy.vocabulary), TextTokenizer(vocabulary: scored))
        for text in texts {
            let ids = listed.encode(text, parseSpecial: true)
            guard ids.allSatisfy({ (3..<500).contains($0) }), !text.contains("word") else { continue }
            #expect(byScores.encode(text) == ids, "\(text.debugDescription)")
            #expect(model.encode(text) == ids, "\(text.debugDescription)")
        }
    }

    @Test("Merges that scores cannot express are told")
    func otherMerges() throws {
        var fixture = try TokenizerFixture("spelt.json")
        fixture.replace(["normalizer": ["type": "Replace", "pattern": ["String": " "], "content": "\u{2581}"]])
        let merges = fixture["model"]?["merges"]?.array ?? []
        #expect(try fixture.read().notes == [])
        fixture.set(model: ["merges": .array(Array(merges.dropLast(1)))])
        #expect(try fixture.read().notes.first?.contains("scores") == true)
        // A merge away from the others that make the same piece.
        let texts = merges.map { ($0.array ?? []).compactMap(\.string).joined() }
        let place = try #require(texts.indices.dropLast().first { texts[$0] == texts[$0 + 1] })
        var moved = merges
        moved.append(moved.remove(at: place))
        fixture.set(model: ["merges": .array(moved)])
        #expect(try fixture.read().notes.first?.contains("scores") == true)
    }

    @Test("Special tokens become control pieces, others user-defined ones, and ids that nothing has placeholders")
    func kinds() throws {
        var fixture = try TokenizerFixture("bytes.json")
        fixture.replace(["pre_tokenizer": ["type": "ByteLevel", "add_prefix_space": false]])
        var added = fixture["added_tokens"]?.array ?? []
        let count = try fixture.read().vocabulary.count
        added.append(["id": .integer(Int64(count + 2)), "content": "<far>", "special": false])
        fixture["added_tokens"] = .array(added)
        let vocabulary = try fixture.read().vocabulary
        #expect(vocabulary.count == count + 3)
        #expect(vocabulary.pieces.suffix(3) == ["[PAD\(count)]", "[PAD\(count + 1)]", "<far>"])
        #expect(vocabulary.kinds.suffix(3) == [.unused, .unused, .userDefined])
        #expect(vocabulary.kinds.prefix(4) == [.control, .control, .control, .control])
        #expect(try vocabulary.kinds[#require(vocabulary.id(of: "<sep>"))] == .userDefined)
        // What is not special is one token even where special ones are spelt out.
        let tokenizer = TextTokenizer(vocabulary: vocabulary)
        #expect(tokenizer.encode("<far>") == [count + 2] && tokenizer.encode("<|end|>").count > 1)
        #expect(tokenizer.decode(tokenizer.encode("x<far>y")) == "x<far>y")
    }

    @Test(
        "A piece or a merge that is no UTF-8 is refused",
        arguments: [("a\":", Rule("json.text")), ("a b", .vocabularyMerge)])
    func brokenText(place: String, rule: Rule) throws {
        var fixture = try TokenizerFixture("bytes.json")
        fixture.replace(["pre_tokenizer": ["type": "ByteLevel"]])
        fixture["added_tokens"] = .array([])
        fixture.set(model: ["vocab": ["a": 0, "b": 1, "ab": 2, "xxx": 3], "merges": ["a b"]])
        let text = Array(fixture.json.serialized().utf8)
        _ = try TokenizerJSON(Bytes(text), file: "t")
        let start = try #require(text.indices.first { text[$0...].starts(with: place.utf8) })
        // Of a surrogate, which UTF-8 has none of, a string makes as many bytes again: only their values differ.
        let broken = text[..<start] + [0xED, 0xA0, 0x80] + text[(start + 1)...]
        do {
            _ = try TokenizerJSON(Bytes(Array(broken)), file: "t")
            Issue.record("was read")
        } catch let error as InputError {
            #expect(error.rule == rule, "\(error)")
        }
    }

    @Test("A byte order mark in front is skipped")
    func byteOrderMark() throws {
        var fixture = try TokenizerFixture("bytes.json")
        fixture.replace(["pre_tokenizer": ["type": "ByteLevel"]])
        let bytes = fixture.bytes.withUnsafeBytes { [0xEF, 0xBB, 0xBF] + Array($0) }
        #expect(throws: Never.self) { try TokenizerJSON(Bytes(bytes), file: "tokenizer.json") }
    }
}
