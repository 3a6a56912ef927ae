import Foundation

/// A file that breaks one rule of formats/mvlm.md.
public struct MVLMHostileFile: Sendable {
    public let name: String
    public let rule: String
    public let bytes: [UInt8]
}

extension MVLMSketch {
    /// Files that both readers refuse, each by the same rule.
    public static func hostileFiles() throws -> [MVLMHostileFile] {
        let good = try nano()
        let whole = good.bytes()
        var files: [MVLMHostileFile] = []
        func raw(_ name: String, _ rule: String, _ bytes: [UInt8]) {
            files.append(MVLMHostileFile(name: name, rule: rule, bytes: bytes))
        }
        func file(_ name: String, _ rule: String, _ edit: (inout MVLMSketch) -> Void) {
            var sketch = good
            edit(&sketch)
            raw(name, rule, sketch.bytes())
        }
        /// A change of one tensor's entry.
        func tensor(_ name: String, _ rule: String, _ edit: (inout [String: Any]) -> Void) {
            file(name, rule) { edit(&$0.tensors[$0.tensors.count - 1]) }
        }

        // Header
        raw("nothing", "mvlm.magic", [])
        raw("seven bytes", "mvlm.magic", Array(whole.prefix(7)))
        raw("a magic alone", "mvlm.size", Array(whole.prefix(8)))
        raw("half a header", "mvlm.size", Array(whole.prefix(127)))
        raw("a header alone", "mvlm.size", Array(whole.prefix(128)))
        raw("cut by a byte", "mvlm.size", Array(whole.dropLast()))
        raw("a byte too long", "mvlm.size", whole + [0])
        file("another magic", "mvlm.magic") { $0.magic = Array("GGUF\u{3}\0\0\0".utf8) }
        file("line endings changed", "mvlm.magic") { $0.magic = [0x89, 0x4D, 0x56, 0x4C, 0x4D, 0x0A, 0x1A, 1] }
        file("version 0", "mvlm.version") { $0.version = 0 }
        file("version 2", "mvlm.version") { $0.version = 2 }
        file("bytes swapped", "mvlm.version") { $0.version = 1 << 24 }
        file("a longer header", "mvlm.header") { $0.headerLength = 256 }
        file("longer entries", "mvlm.header") { $0.entryLength = 65 }
        file("a reserved byte", "mvlm.header") { $0.reserved = 1 }
        file("a wrong header digest", "mvlm.header.digest") { $0.headerDigest = 1 }
        file("an unknown feature", "mvlm.features") { $0.features = 1 << 40 }
        file("every feature", "mvlm.features") { $0.features = .max }
        file("a huge length", "mvlm.size") { $0.fileLength = .max }
        file("no sections", "mvlm.section.count") { $0.sectionCount = 0 }
        file("201 sections", "mvlm.section.count") { $0.sectionCount = 201 }
        file("2^32 - 1 sections", "mvlm.section.count") { $0.sectionCount = .max }
        file("a wrong table digest", "mvlm.section.table") { $0.tableDigest = 1 }

        // Sections
        file("a section without a name", "mvlm.section.name") { $0.sections[2].name = [] }
        file("a name of 32 bytes", "mvlm.section.name") { $0.sections[2].name = Array(repeating: 97, count: 32) }
        file("a name with a slash", "mvlm.section.name") { $0.sections[2].name = Array("../tower".utf8) }
        file("a name in capitals", "mvlm.section.name") { $0.sections[2].name = Array("Tower".utf8) }
        file("bytes behind a name", "mvlm.section.name") { $0.sections[2].name = Array("tower\0x".utf8) }
        file("a name twice", "mvlm.section.name") { $0.sections[2].name = Array("language".utf8) }
        file("a page of 4 KiB", "mvlm.section.offset") {
            // The file ends where it ended, and nothing overlaps.
            let length = $0.sections[4].data.count
            $0.sections[4].offset = UInt64(whole.count - length + 4096)
            $0.sections[4].length = UInt64(length - 4096)
        }
        file("a section in the header", "mvlm.section.offset") { $0.sections[0].offset = 0 }
        file("a section past the end", "mvlm.section.offset") { $0.sections[4].offset = 1 << 40 }
        file("an offset near 2^64", "mvlm.section.offset") { $0.sections[4].offset = .max - 16383 }
        file("an offset that wraps", "mvlm.section.offset") { $0.sections[4].length = .max }
        file("sections that overlap", "mvlm.section.offset") { $0.sections[2].length = 1 << 17 }
        file("sections on one place", "mvlm.section.offset") { $0.sections[1].offset = 16384 }
        file("sections out of order", "mvlm.section.offset") {
            let end = UInt64(whole.count) / 16384 * 16384
            $0.sections[0].offset = end
            $0.sections[0].length = 1
        }
        file("bytes after the last section", "mvlm.section.end") {
            $0.sections[4].length = UInt64($0.sections[4].data.count - 1)
        }
        file("a reserved field of a section", "mvlm.header") { $0.sections[1].reserved = 1 }
        file("no manifest", "mvlm.section.missing") { $0.sections[0].name = Array("manifesto".utf8) }
        file("no tokenizer", "mvlm.section.missing") { $0.sections[1].name = Array("tokens".utf8) }
        for name in ["manifest", "tokenizer", "projector", "tower", "language"] {
            file("a wrong digest of \(name)", "mvlm.section.digest") { $0.sections[$0.index(name)].digest = 1 }
            file("a flipped bit in \(name)", "mvlm.section.digest") {
                let index = $0.index(name)
                $0.sections[index].digest = digest($0.sections[index].data)
                $0.sections[index].data[$0.sections[index].data.count / 2] ^= 1
            }
        }
        var dirty = whole
        dirty[16383] = 1
        raw("a byte in the padding", "mvlm.padding", dirty)

        // JSON
        let tooDeep = String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000)
        let manyKeys = "{" + (0..<257).map { "\"k\($0)\":0" }.joined(separator: ",") + "}"
        let texts: [(String, String)] = [
            ("an empty manifest", ""), ("white space alone", " \n"), ("an array", "[]"), ("a number", "1"),
            ("an open object", "{"), ("a byte order mark", "\u{FEFF}{}"), ("text after the object", "{} x"),
            ("a comma too many", "{\"a\":1,}"), ("no colon", "{\"a\" 1}"), ("a key twice", "{\"a\":1,\"a\":2}"),
            ("keys that are equal once decoded", "{\"a\":1,\"\\u0061\":2}"), ("10000 levels", tooDeep),
            ("257 members", manyKeys), ("a zero in front", "{\"a\":01}"), ("a plus", "{\"a\":+1}"),
            ("no digits", "{\"a\":-}"), ("a point alone", "{\"a\":1.}"), ("no exponent", "{\"a\":1e}"),
            ("16 digits", "{\"a\":1234567890123456}"), ("a large power", "{\"a\":1e23}"),
            ("a huge power", "{\"a\":1e99999999999}"), ("not a number", "{\"a\":NaN}"),
            ("an unknown escape", "{\"a\":\"\\x\"}"), ("half a pair", "{\"a\":\"\\ud800\"}"),
            ("a low half first", "{\"a\":\"\\udc00\"}"), ("a zero character", "{\"a\":\"\\u0000\"}"),
            ("a control character", "{\"a\":\"\u{1}\"}"), ("an open string", "{\"a\":\"b"), ("a word", "{\"a\":nul}"),
        ]
        for (name, text) in texts {
            file("JSON: \(name)", "mvlm.json") { $0.sections[0].data = Array(text.utf8) }
        }
        file("JSON: invalid UTF-8", "mvlm.json") {
            $0.sections[0].data = Array("{\"a\":\"".utf8) + [0xC0, 0x80, 34, 125]
        }
        file("JSON: a surrogate in UTF-8", "mvlm.json") {
            $0.sections[0].data = Array("{\"a\":\"".utf8) + [0xED, 0xA0, 0x80, 34, 125]
        }

        // Tensors
        file("no tensors", "mvlm.manifest.field") { $0.manifest["tensors"] = nil }
        file("tensors as an object", "mvlm.manifest.field") { $0.manifest["tensors"] = ["a": 1] }
        tensor("no name", "mvlm.tensor.name") { $0["name"] = nil }
        tensor("an empty name", "mvlm.tensor.name") { $0["name"] = "" }
        tensor("a name of 256 bytes", "mvlm.tensor.name") { $0["name"] = String(repeating: "a", count: 256) }
        tensor("a tensor twice", "mvlm.tensor.name") { $0["name"] = "model.norm.weight" }
        tensor("an unknown format", "mvlm.tensor.format") { $0["format"] = "Q4_2" }
        tensor("a format in lower case", "mvlm.tensor.format") { $0["format"] = "q4_0" }
        tensor("groups of 16", "mvlm.tensor.format") { $0["format"] = "s4g16" }
        tensor("a format that is a number", "mvlm.tensor.format") { $0["format"] = 2 }
        tensor("no layout", "mvlm.tensor.layout") { $0["layout"] = nil }
        tensor("another processor's layout alone", "mvlm.tensor.layout") { $0["layout"] = "sve2-mmla" }
        tensor("no shape", "mvlm.tensor.shape") { $0["shape"] = nil }
        for (name, shape) in [
            ("no dimensions", []), ("five dimensions", [1, 1, 1, 1, 64]), ("a dimension of 0", [0, 64]),
            ("a negative dimension", [-1, 64]), ("half a dimension", [1.5, 64]), ("2^31", [2_147_483_648, 64]),
            ("2^62 elements", [2_147_483_647, 2_147_483_647]),
            ("four large dimensions", [65536, 65536, 65536, 65536]), ("a row that cuts a block", [128, 33]),
        ] as [(String, [Double])] {
            tensor("shape: \(name)", "mvlm.tensor.shape") { $0["shape"] = shape }
        }
        tensor("a section that is not there", "mvlm.tensor.section") { $0["section"] = "attic" }
        tensor("no section", "mvlm.tensor.section") { $0["section"] = nil }
        tensor("a byte less", "mvlm.tensor.bytes") { $0["bytes"] = ($0["bytes"] as? Int ?? 0) - 1 }
        tensor("no bytes", "mvlm.tensor.bytes") { $0["bytes"] = 0 }
        tensor("negative bytes", "mvlm.tensor.bytes") { $0["bytes"] = -64 }
        tensor("another shape", "mvlm.tensor.bytes") { $0["shape"] = [64, 64] }
        tensor("an offset of 32", "mvlm.tensor.offset") { $0["offset"] = ($0["offset"] as? Int ?? 0) + 32 }
        tensor("an offset past the section", "mvlm.tensor.offset") { $0["offset"] = 1 << 40 }
        tensor("a negative offset", "mvlm.tensor.offset") { $0["offset"] = -64 }
        tensor("an end past the section", "mvlm.tensor.offset") { $0["offset"] = ($0["offset"] as? Int ?? 0) + 64 }
        tensor("two tensors on the same bytes", "mvlm.tensor.offset") { $0["offset"] = 0 }

        // Tiles
        func tiles(
            _ name: String, _ rule: String, of tensor: String = "model.layers.0.self_attn.o_proj.weight",
            _ layout: String = "tiles16", shape: [Int]? = nil, features: UInt64 = 3,
            copy: ((inout [String: Any]) -> Void)? = nil
        ) {
            file("tiles: \(name)", rule) { sketch in
                sketch.features = features
                var tensors = sketch.tensors
                guard let index = tensors.firstIndex(where: { $0["name"] as? String == tensor }) else { return }
                tensors[index]["layout"] = layout
                if let shape { tensors[index]["shape"] = shape }
                if let copy {
                    // Another section holds the copy.
                    var other = tensors[index]
                    sketch.sections.append(Section("copies", [UInt8](repeating: 0, count: other["bytes"] as? Int ?? 0)))
                    other["section"] = "copies"
                    other["offset"] = 0
                    copy(&other)
                    tensors.append(other)
                }
                sketch.tensors = tensors
            }
        }
        tiles("not required", "mvlm.tensor.layout", features: 1)
        tiles("of a format that has none", "mvlm.tensor.layout", of: "model.layers.1.mlp.up_proj.weight")
        tiles("of a vector", "mvlm.tensor.layout", of: "model.norm.weight")
        tiles("of four dimensions", "mvlm.tensor.layout", of: "vision_model.embeddings.patch_embedding.weight")
        tiles("half full", "mvlm.tensor.layout", "tiles4", shape: [2, 2048])
        tiles("of 32 rows", "mvlm.tensor.layout", "tiles32")
        tiles("a copy twice", "mvlm.tensor.name") { _ in }
        tiles("a copy on the same bytes", "mvlm.tensor.offset") { $0["section"] = "language" }
        tiles("a copy that is longer", "mvlm.tensor.bytes") { $0["bytes"] = ($0["bytes"] as? Int ?? 0) + 64 }
        tiles("a copy past its section", "mvlm.tensor.offset") { $0["offset"] = 64 }
        tiles("a copy of another shape", "mvlm.tensor.shape") {
            $0["layout"] = "tiles4"
            $0["shape"] = [32, 128]
        }
        tiles("a copy of another format", "mvlm.tensor.shape") {
            $0["layout"] = "tiles4"
            $0["format"] = "IQ4_NL"
        }

        // Tokenizer
        func tokens(_ name: String, _ edit: @escaping (inout [UInt8]) -> Void) {
            file("tokenizer: \(name)", "mvlm.tokenizer") { $0.tokenizer(edit) }
        }
        let header = good.sections[good.index("tokenizer")].data
        let count = Int(header[0]) + Int(header[1]) << 8
        tokens("nothing") { $0 = [] }
        tokens("31 bytes") { $0 = Array($0.prefix(31)) }
        tokens("cut") { $0.removeLast() }
        tokens("a byte more") { $0.append(0) }
        tokens("no pieces") { $0.replaceSubrange(0..<4, with: [0, 0, 0, 0]) }
        tokens("2^32 - 1 pieces") { $0.replaceSubrange(0..<4, with: [255, 255, 255, 255]) }
        tokens("an unknown flag") { $0[4] = 8 }
        tokens("an id outside") { $0.replaceSubrange(8..<12, with: little(Int32(count))) }
        tokens("an id of -2") { $0.replaceSubrange(12..<16, with: little(Int32(-2))) }
        tokens("a reserved byte") { $0[28] = 1 }
        tokens("longer texts") { $0[24] += 1 }
        tokens("a score that is no number") { $0.replaceSubrange(32..<36, with: little(Float.nan.bitPattern)) }
        tokens("an infinite score") { $0.replaceSubrange(32..<36, with: little(Float.infinity.bitPattern)) }
        tokens("ends that fall") { $0[32 + 4 * count + 4] = 1 }
        tokens("an end past the texts") { $0[32 + 4 * count + 3] = 1 }
        tokens("an order with an id outside") { $0[32 + 8 * count + 3] = 1 }
        tokens("an order with an id twice") { data in
            for byte in 0..<4 { data[32 + 8 * count + byte] = data[32 + 8 * count + 4 + byte] }
        }
        tokens("kind 0") { $0[32 + 12 * count] = 0 }
        tokens("kind 7") { $0[32 + 12 * count] = 7 }
        tokens("a byte piece that is none") { $0[32 + 12 * count] = 6 }
        tokens("a byte piece missing") { $0[32 + 12 * count + 3] = 1 }
        tokens("a text that is no UTF-8") { $0[32 + 13 * count + 1] = 0xFF }

        // Model
        for (object, key) in [
            ("language", "hidden_size"), ("language", "rms_epsilon"), ("language", "rotary_pairing"),
            ("language", "tied_embeddings"), ("vision", "image_size"), ("vision", "feature_layer"),
            ("vision", "activation"), ("preprocessing", "mean"), ("preprocessing", "pad_to_square"),
            ("vision", "projection_size"), ("conversation", "before"), ("conversation", "template"),
        ] {
            file("no \(key)", "mvlm.manifest.field") { $0.set(object, key, nil) }
            file("\(key) of another kind", "mvlm.manifest.field") { $0.set(object, key, ["x": 1]) }
        }
        for (object, key, value) in [
            ("language", "hidden_size", 0), ("language", "hidden_size", 1 << 40), ("language", "layers", 1_000_000_000),
            ("language", "heads", 0), ("language", "key_value_heads", 65), ("language", "context_length", 0),
            ("language", "rms_epsilon", 0), ("language", "rms_epsilon", -1), ("language", "rope_base", 0),
            ("language", "vocabulary_size", -1), ("vision", "patch_size", 0), ("vision", "image_size", 1 << 31),
            ("vision", "feature_layer", -1), ("vision", "layer_norm_epsilon", 2),
        ] as [(String, String, Int)] {
            file("\(key) of \(value)", "mvlm.manifest.field") { $0.set(object, key, value) }
        }
        file("no name", "mvlm.manifest.field") { $0.manifest["name"] = nil }
        file("positions scaled by 0", "mvlm.manifest.field") { $0.set("language", "rope_scaling", 0) }
        file("half a head", "mvlm.manifest.field") { $0.set("language", "heads", 1.5) }
        file("an unknown pairing", "mvlm.manifest.field") { $0.set("language", "rotary_pairing", "thirds") }
        file("an unknown activation", "mvlm.manifest.field") { $0.set("vision", "activation", "relu") }
        for name in ["qformer", "mlp 2x_gelu", "mlp02x_gelu", "mlp2x_gelu "] {
            file("the projector \(name)", "mvlm.manifest.field") { $0.manifest["projector"] = name }
        }
        file("two means", "mvlm.manifest.field") { $0.set("preprocessing", "mean", [0.5, 0.5]) }
        file("a std of 0", "mvlm.manifest.field") { $0.set("preprocessing", "std", [0.5, 0, 0.5]) }
        file("a colour of 256", "mvlm.manifest.field") { $0.set("preprocessing", "pad_colour", [0, 256, 0]) }
        file("a colour that is not the mean's", "mvlm.manifest.field") {
            $0.set("preprocessing", "pad_colour", [122, 116, 105])
        }
        file("three heads", "mvlm.model.size") { $0.set("language", "heads", 3) }
        file("a patch that does not divide", "mvlm.model.size") { $0.set("vision", "patch_size", 13) }
        file("a layer more", "mvlm.model.tensor") { $0.set("language", "layers", 3) }
        file("a wider feed forward", "mvlm.model.tensor") { $0.set("language", "feed_forward_size", 256) }
        file("another projector", "mvlm.model.tensor") { $0.manifest["projector"] = "ldpnet" }
        file("an embedding of three dimensions", "mvlm.model.tensor") { sketch in
            sketch.tensors = sketch.tensors.map { tensor in
                guard tensor["name"] as? String == "model.embed_tokens.weight" else { return tensor }
                let rows = (tensor["shape"] as? [Int])?.first ?? 0
                return tensor.merging(["shape": [rows, 2, 32]]) { $1 }
            }
        }
        file("a tensor missing", "mvlm.model.tensor") { $0.tensors.removeLast() }
        file("a name misspelt", "mvlm.model.tensor") { $0.replace("lm_head.weight", with: "lm_heap.weight") }
        return files
    }
}
