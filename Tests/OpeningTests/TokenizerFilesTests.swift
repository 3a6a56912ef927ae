import ByteIO
import Foundation
import ModelSupport
import Opening
import TestSupport
import Testing
import Tokenizer

/// What the small files of a folder say of the tokenizer, and what becomes of it. The checkpoint has 504 rows for the 500
/// pieces of its tokenizer.model.
struct TokenizerFilesTests {
    private func open<Result>(_ files: [String: String], rows: Int = 504, _ body: (Model) throws -> Result) throws
        -> Result
    {
        var checkpoint = SmallCheckpoint(nil)
        for name in ["model.embed_tokens.weight", "lm_head.weight"] {
            checkpoint[name] = .init(name, [rows, 64], Array(repeating: 0.5, count: rows * 64))
        }
        for (name, text) in files where name != "config" { checkpoint.files[name] = Data(text.utf8) }
        if let config = files["config"],
            let fields = try JSONSerialization.jsonObject(with: Data(config.utf8)) as? [String: Any]
        {
            checkpoint.config.merge(fields) { $1 }
        }
        return try withFolder { folder in
            let source = try checkpoint.write(to: folder.appendingPathComponent("tiny"))
            return try body(Model(path: source.path))
        }
    }

    private static let decoder = #"""
        "added_tokens_decoder": {"500": {"content": "<im_start>", "special": true, "normalized": false},
        "501": {"content": "<sep>", "special": false, "normalized": false}}
        """#

    // MARK: End token

    @Test(
        "An added token that any of the files calls the end is one, and stands first in GGUF",
        arguments: [
            ["config": #"{"eos_token_id": 500}"#],
            ["generation_config.json": #"{"eos_token_id": 500}"#],
            ["tokenizer_config.json": #"{"eos_token": "<im_start>", \#(decoder)}"#],
            ["tokenizer_config.json": #"{"eos_token": {"content": "<im_start>", "lstrip": false}, \#(decoder)}"#],
            ["special_tokens_map.json": #"{"eos_token": "<im_start>"}"#],
        ])
    func end(files: [String: String]) throws {
        var files = files
        files["tokenizer_config.json"] = files["tokenizer_config.json"] ?? "{\(Self.decoder)}"
        try open(files) { model in
            #expect(model.tokenizer.vocabulary.eos == 500 && model.tokenizer.vocabulary.ends == [500])
            #expect(!model.notes.contains { $0.contains("disagree") })
        }
    }

    @Test("Lists are taken whole, and files that disagree are told; answers then end at any of their tokens")
    func ends() throws {
        let decoder = "{\(Self.decoder)}"
        try open([
            "generation_config.json": #"{"eos_token_id": [2, 500]}"#, "config": #"{"eos_token_id": 2}"#,
            "tokenizer_config.json": decoder,
        ]) {
            #expect($0.tokenizer.vocabulary.ends == [2, 500])
            #expect(!$0.notes.contains { $0.contains("disagree") })
        }
        try open([
            "config": #"{"eos_token_id": 2}"#, "generation_config.json": #"{"eos_token_id": 501}"#,
            "tokenizer_config.json": #"{"eos_token": "<im_start>", \#(Self.decoder)}"#,
        ]) { model in
            #expect(model.tokenizer.vocabulary.ends == [501, 500, 2])
            let note = try #require(model.notes.first { $0.contains("disagree") })
            #expect(note.contains("generation_config.json: 501") && note.contains("config.json: 2"))
        }
        try open(["config": #"{"eos_token_id": [2, 9999, -1]}"#]) { model in
            #expect(model.tokenizer.vocabulary.ends == [2])
            #expect(model.notes.contains { $0.contains("9999") })
        }
        try open([:]) { #expect($0.tokenizer.vocabulary.ends == [2]) }
    }

    // MARK: Added tokens

    @Test("Added tokens of every file are found; those that are not special are user-defined and always one token")
    func added() throws {
        let json =
            #"{"added_tokens": [{"id": 502, "content": "<json>", "special": true}], "model": {"vocab": {}, "merges": []}}"#
        let files = [
            "tokenizer_config.json": "{\(Self.decoder)}", "tokenizer.json": json,
            "added_tokens.json": #"{"<old>": 503, "<sep>": 501}"#,
        ]
        try open(files) { model in
            let vocabulary = model.tokenizer.vocabulary
            #expect(vocabulary.pieces.suffix(4) == ["<im_start>", "<sep>", "<json>", "<old>"])
            #expect(vocabulary.kinds.suffix(4) == [.control, .userDefined, .control, .userDefined])
            #expect(model.tokenizer.encode("a<sep>b").contains(501))
            #expect(model.tokenizer.encode("a<sep>b", parseSpecial: true).contains(501))
            #expect(!model.tokenizer.encode("<im_start>").contains(500))
            #expect(model.tokenizer.decode([501, 500]) == "<sep>")
            #expect(!model.notes.contains { $0.contains("[PAD") })
        }
    }

    @Test(
        "Rows without a token get a placeholder that no text becomes, and a note; tokens without a row are left out, with a note"
    )
    func rows() throws {
        try open(["added_tokens.json": #"{"<late>": 502}"#]) { model in
            let vocabulary = model.tokenizer.vocabulary
            #expect(vocabulary.pieces.suffix(4) == ["[PAD500]", "[PAD501]", "<late>", "[PAD503]"])
            #expect(vocabulary.kinds.suffix(4) == [.unused, .unused, .userDefined, .unused])
            #expect(
                model.notes.contains { $0.contains("[PAD500]") } && model.notes.contains { $0.contains("[PAD503]") })
            #expect(!model.tokenizer.encode("[PAD500]", parseSpecial: true).contains(500))
        }
        try open(["tokenizer_config.json": "{\(Self.decoder)}"], rows: 501) { model in
            #expect(model.tokenizer.vocabulary.count == 501)
            #expect(model.notes.contains { $0.contains("\"<sep>\"") && $0.contains("501") })
        }
    }

    @Test("Files that name different tokens for an id are told, and a piece that was renamed too")
    func contradictions() throws {
        try open(["tokenizer_config.json": "{\(Self.decoder)}", "added_tokens.json": #"{"<other>": 500}"#]) { model in
            #expect(model.tokenizer.vocabulary.pieces[500] == "<im_start>")
            #expect(model.notes.contains { $0.contains("<other>") })
        }
        try open(["added_tokens.json": #"{"<renamed>": 499}"#]) { model in
            #expect(model.tokenizer.vocabulary.pieces[499] == "<renamed>")
            #expect(model.notes.contains { $0.contains("<renamed>") })
        }
    }

    // MARK: Conversation

    @Test("A checkpoint's own chat template is kept and told; of two the file of its own counts")
    func template() throws {
        try open([:]) { #expect($0.chatTemplate == nil && $0.notes.allSatisfy { !$0.contains("template") }) }
        try open(["tokenizer_config.json": #"{"chat_template": "{{ 1 }}"}"#]) { model in
            #expect(model.chatTemplate == "{{ 1 }}")
            #expect(model.notes.contains { $0.contains("chat template of its own") })
        }
        try open([
            "tokenizer_config.json":
                #"{"chat_template": [{"name": "rag", "template": "a"}, {"name": "default", "template": "b"}]}"#
        ]) {
            #expect($0.chatTemplate == "b")
        }
        try open(["chat_template.jinja": "own", "tokenizer_config.json": #"{"chat_template": "other"}"#]) { model in
            #expect(model.chatTemplate == "own")
            #expect(model.notes.contains { $0.contains("differ") })
        }
        expect(Rule("checkpoint.chat-template")) {
            try open(["chat_template.jinja": String(repeating: "x", count: 2 << 20)]) { _ in }
        }
    }

    // MARK: Without tokenizer.model

    @Test("Without tokenizer.model the tokenizer is read from tokenizer.json, with the same ids")
    func json() throws {
        let path = Fixtures.path("tokenizer/spelt.json")
        var fields = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path))) as? [String: Any])
        fields["added_tokens"] = [["id": 500, "content": "<sep>", "special": false]]
        fields["normalizer"] = [
            "type": "Sequence",
            "normalizers": [
                ["type": "Prepend", "prepend": "\u{2581}"],
                ["type": "Replace", "pattern": ["String": " "], "content": "\u{2581}"],
            ],
        ]
        let text = String(decoding: try JSONSerialization.data(withJSONObject: fields), as: UTF8.self)
        let expected = try open([:]) { ($0.tokenIDs("The quick brown fox, 12 of them."), $0.tokenizer.vocabulary) }
        try open(["tokenizer.json": text], without: "tokenizer.model") { model in
            #expect(model.tokenIDs("The quick brown fox, 12 of them.") == expected.0)
            #expect(Array(model.tokenizer.vocabulary.pieces.prefix(500)) == Array(expected.1.pieces.prefix(500)))
            #expect(model.tokenizer.vocabulary.pieces[500] == "<sep>" && model.tokenizer.vocabulary.addBOS)
            #expect(model.notes.contains { $0.contains("tokenizer.json") })
            #expect(model.files.contains { $0.hasSuffix("tokenizer.json") })
        }
        expect(Rule("checkpoint.no-tokenizer")) { try open([:], without: "tokenizer.model") { _ in } }
        expect(Rule("checkpoint.no-tokenizer"), contains: "Git LFS") {
            try open(["tokenizer.model": "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"]) { _ in }
        }
    }

    private func open<Result>(_ files: [String: String], without name: String, _ body: (Model) throws -> Result) throws
        -> Result
    {
        var checkpoint = SmallCheckpoint(nil)
        for tensor in ["model.embed_tokens.weight", "lm_head.weight"] {
            checkpoint[tensor] = .init(tensor, [504, 64], Array(repeating: 0.5, count: 504 * 64))
        }
        for (name, text) in files { checkpoint.files[name] = Data(text.utf8) }
        checkpoint.files[name] = nil
        return try withFolder { folder in
            let source = try checkpoint.write(to: folder.appendingPathComponent("tiny"))
            return try body(Model(path: source.path))
        }
    }
}
