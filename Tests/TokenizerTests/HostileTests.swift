import ByteIO
import Foundation
import TestSupport
import Testing
import Tokenizer

@Suite struct HostileTests {
    @Test("A model cut short at any byte is an error, never a trap")
    func truncated() throws {
        let path = Fixtures.path("tokenizer/plain.model")
        let whole = Bytes(Array(try Data(contentsOf: URL(fileURLWithPath: path))))
        for count in 0..<whole.count {
            let part = try #require(whole.slice(0..<count))
            #expect(throws: InputError.self, "\(count)") { try Vocabulary(sentencePieceModel: part, file: path) }
        }
    }

    @Test("A model with one byte changed is read or refused, never a trap")
    func flipped() throws {
        let path = Fixtures.path("tokenizer/kinds.model")
        let whole = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        var generator = SeededGenerator(state: 4)
        for offset in whole.indices {
            var bytes = whole
            bytes[offset] ^= UInt8.random(in: 1...255, using: &generator)
            do {
                let tokenizer = TextTokenizer(
                    vocabulary: try Vocabulary(sentencePieceModel: Bytes(bytes), file: path))
                _ = tokenizer.decode(tokenizer.encode("of the <sep> 123 towers\n", parseSpecial: true))
            } catch is InputError {}
        }
    }

    @Test("Damaged protocol buffers are named as such")
    func protobuf() {
        let eleven = [UInt8](repeating: 0x80, count: 10) + [1]
        for bytes: [UInt8] in [
            Array("{\"model\": 1}".utf8), Array("version https://git-lfs.github.com/spec/v1\n".utf8),
            // A varint of 11 bytes as the length of a piece, and as an unknown field.
            [0x0A] + eleven, [0x78] + eleven,
            // Lengths beyond the end: 127 bytes, 2^31, 2^63.
            [0x0A, 0x7F, 0x00], [0x0A, 0x80, 0x80, 0x80, 0x80, 0x08], [0x0A] + [UInt8](repeating: 0xFF, count: 9) + [1],
            // A piece whose text is longer than the piece; text that is no UTF-8; a group without end; field 0.
            [0x0A, 0x02, 0x0A, 0x7F], [0x0A, 0x03, 0x0A, 0x01, 0xFF], [0x7B], [0x02, 0x00],
        ] {
            expect(.sentencePieceFormat) { _ = try ProtobufBytes(bytes: bytes).vocabulary() }
        }
        // Deep nesting of unknown groups.
        let groups = [UInt8](repeating: 0x7B, count: 1_000_000)
        expect(.sentencePieceFormat) { _ = try ProtobufBytes(bytes: groups).vocabulary() }
    }

    @Test("Models that break a rule of the vocabulary are refused by that rule")
    func models() throws {
        let marks = ProtobufBytes.marks
        let good = try marks.piece("a", -1).settings().vocabulary()
        #expect(good.pieces == ["<unk>", "<s>", "</s>", "a"] && good.kinds[3] == .normal && good.addDummyPrefix)

        expect(.vocabularySize) { _ = try ProtobufBytes().settings().vocabulary() }
        expect(.vocabularyEmptyPiece) { _ = try marks.piece("").settings().vocabulary() }
        expect(.vocabularyDuplicate) { _ = try marks.piece("a").piece("b").piece("a").settings().vocabulary() }
        expect(.vocabularyScore) { _ = try marks.piece("a", .nan).settings().vocabulary() }
        expect(.vocabularyScore) { _ = try marks.piece("a", -.infinity).settings().vocabulary() }
        for kind in [0, 7, -1, 1 << 31, .max] {
            expect(.vocabularyKind) { _ = try marks.piece("a", kind: kind).settings().vocabulary() }
        }
        expect(.vocabularyBytes) { _ = try marks.allBytes(except: 77).settings().vocabulary() }
        expect(.vocabularyBytes) { _ = try marks.piece("<0x1>", kind: 6).settings().vocabulary() }
        expect(.vocabularyBytes) { _ = try marks.piece("<0x0a>", kind: 6).settings().vocabulary() }
        let training = ProtobufBytes.training
        expect(.vocabularyBytes) { _ = try marks.settings(training: training.varint(35, 1)).vocabulary() }
        #expect(throws: Never.self) { try marks.allBytes().settings(training: training.varint(35, 1)).vocabulary() }
        for field in 40...43 {
            for id in [3, -2, 1 << 20] {
                expect(.vocabularyID) { _ = try marks.settings(training: training.varint(field, id)).vocabulary() }
            }
        }
        expect(.vocabularyID) { _ = try marks.settings(training: training.varint(40, -1)).vocabulary() }
    }

    @Test("Models of another algorithm or with a normalisation are refused")
    func settings() {
        let marks = ProtobufBytes.marks
        for algorithm in [0, 1, 3, 4, 99] {
            let training = ProtobufBytes().varint(3, algorithm)
            expect(.sentencePieceAlgorithm) { _ = try marks.settings(training: training).vocabulary() }
        }
        // Unigram is the format's default, so a file without the setting is one.
        expect(.sentencePieceAlgorithm) { _ = try marks.settings(training: ProtobufBytes()).vocabulary() }
        expect(.sentencePieceAlgorithm) {
            _ = try marks.settings(training: ProtobufBytes.training.varint(24, 1)).vocabulary()
        }
        for normalization in [
            ProtobufBytes(), ProtobufBytes().varint(4, 1), ProtobufBytes.normalization.varint(5, 0),
            ProtobufBytes.normalization.message(2, [1, 2, 0xFF]),
        ] {
            expect(.sentencePieceNormalization) {
                _ = try marks.settings(normalization: normalization).vocabulary()
            }
        }
    }

    @Test("Values of a GGUF file are held to the same rules")
    func values() throws {
        func make(
            _ pieces: [String] = ["<unk>", "<s>", "a"], scores: [Float] = [0, 0, -1], kinds: [Int] = [2, 3, 1],
            bos: Int? = 1, unk: Int? = 0
        ) throws -> Vocabulary {
            try Vocabulary(
                pieces: pieces, scores: scores, kinds: kinds, bos: bos, eos: nil, unk: unk, pad: nil, addBOS: false,
                addDummyPrefix: false, file: "model.gguf")
        }
        let good = try make()
        #expect(good.bos == 1 && !good.addBOS && TextTokenizer(vocabulary: good).encode("aba") == [2, 0, 2])
        expect(.vocabularyLengths) { _ = try make(scores: [0, 0]) }
        expect(.vocabularyLengths) { _ = try make(kinds: [2, 3, 1, 1]) }
        expect(.vocabularyKind) { _ = try make(kinds: [2, 3, 0]) }
        expect(.vocabularyID) { _ = try make(bos: 3) }
        expect(.vocabularyID) { _ = try make(unk: nil) }
        expect(.vocabularyDuplicate) { _ = try make(["<unk>", "a", "a"]) }
        // Letters that Swift calls equal are different pieces.
        #expect(try make(["<unk>", "\u{C5}", "\u{212B}"], kinds: [2, 1, 1]).id(of: "\u{212B}") == 2)
    }

    @Test("Added tokens must continue the ids; a repeated base token must be the same")
    func added() throws {
        let base = try ProtobufBytes.marks.piece("a").settings().vocabulary()
        func add(_ tokens: [(text: String, id: Int, special: Bool)]) throws -> Vocabulary {
            try base.adding(tokens: tokens, file: "added_tokens.json")
        }
        #expect(try add([]).count == 4)
        #expect(try add([("b", 5, false), ("c", 4, true), ("a", 3, false)]).pieces[4...] == ["c", "b"])
        expect(.vocabularyAdded) { _ = try add([("b", 5, false)]) }
        expect(.vocabularyAdded) { _ = try add([("b", -1, false)]) }
        expect(.vocabularyAdded) { _ = try add([("b", 3, false)]) }
        expect(.vocabularyAdded) { _ = try add([("b", 4, false), ("c", 4, false)]) }
        expect(.vocabularyAdded) { _ = try add([("b", .max, false)]) }
        expect(.vocabularyDuplicate) { _ = try add([("a", 4, false)]) }
        expect(.vocabularyEmptyPiece) { _ = try add([("", 4, false)]) }
    }

    @Test("A chain of unused pieces falls apart without deep recursion")
    func unusedChain() throws {
        // a, aa, aaa, ... all unused but the first: "aaaa..." is merged to the longest and split again.
        let length = 3000
        let pieces = ["<unk>"] + (1...length).map { String(repeating: "a", count: $0) }
        let vocabulary = try Vocabulary(
            pieces: pieces, scores: pieces.indices.map { Float($0) },
            kinds: [2, 1] + Array(repeating: 5, count: length - 1),
            bos: nil, eos: nil, unk: 0, pad: nil, addDummyPrefix: false, file: "test")
        let ids = TextTokenizer(vocabulary: vocabulary).encode(String(repeating: "a", count: length))
        #expect(ids == Array(repeating: 1, count: length))
    }
}
