import ByteIO
import Foundation
import GGUF
import Tensors
import TestSupport
import Testing

struct VerifyCommandTests {
    @Test("a rightly converted pair passes", arguments: ["f32", "f16", "bf16", "q8_0", "q5_1", "q4_0", "q4_k_m"])
    func passes(preset: String) throws {
        try Workshop.with { shop in
            try shop.convert("m", "--\(preset)")
            let result = try Tool.run("verify", shop.path("tiny"), shop.path("m.gguf"))
            #expect(result.status == 0, "\(result.output)\(result.errors)")
            #expect(result.output.contains("PASS"))
            #expect(result.output.contains("64 of 64 tensors hold exactly what quantizing"))
        }
    }

    @Test("a file without its projector is verified as the language model that it is")
    func languageOnly() throws {
        try Workshop.with { shop in
            try shop.convert("m", "--q8_0", "--language-only")
            let result = try Tool.run("verify", shop.path("tiny"), shop.path("m.gguf"))
            #expect(result.status == 0, "\(result.output)\(result.errors)")
            #expect(result.output.contains("21 of 21 tensors"))
            #expect(!result.output.contains("image features: mean cosine"))
        }
    }

    @Test("verify --json has the verdict, the figures of every prompt and every tensor")
    func json() throws {
        try Workshop.with { shop in
            try shop.convert("m", "--q4_0")
            let report = try Tool.run("verify", shop.path("tiny"), shop.path("m.gguf"), "--json").json()
            #expect(report["passed"] as? Bool == true)
            #expect((report["faults"] as? [Any])?.isEmpty == true)
            // Four texts, and two questions about each of two pictures.
            let prompts = try #require(report["prompts"] as? [[String: Any]])
            #expect(prompts.count == 8)
            #expect(prompts.filter { $0["feature_cosine"] != nil }.count == 4)
            let logits = try #require(report["logits"] as? [String: Any])
            for key in [
                "positions", "max_delta", "mean_delta", "mean_cosine", "min_cosine", "mean_kld", "max_kld",
                "same_top_p",
                "sure_positions", "same_top_p_sure",
            ] { #expect(logits[key] is NSNumber, "\(key)") }
            let tensors = try #require(report["tensors"] as? [[String: Any]])
            #expect(tensors.count == 64)
            #expect(report["tensors_reproduced"] as? Int == 64)
        }
    }

    /// A way to damage a converted pair, and the tensor that must be named for it.
    private struct Damage: Sendable {
        let file: String
        let tensor: String
        let change: @Sendable (inout Data, Range<Int>, GGUFFile) throws -> Void

        init(
            _ tensor: String, in file: String = "m.gguf",
            _ change: @escaping @Sendable (inout Data, Range<Int>, GGUFFile) throws -> Void
        ) {
            self.file = file
            self.tensor = tensor
            self.change = change
        }
    }

    /// Where a tensor's bytes lie in its file.
    private static func place(_ name: String, in file: GGUFFile) throws -> Range<Int> {
        let start = try #require(file.offset(of: name)) + file.dataOffset
        return start..<start + (try #require(file.info(name)).byteCount)
    }

    private static let mmproj = "mmproj-m.gguf"
    private static let damages = [
        // A byte of the scale of one Q4_0 block, the exponent in its high half.
        Damage("blk.1.ffn_up.weight") { data, range, _ in data[range.lowerBound + 9 * 18 + 1] ^= 0x08 },
        // The lowest bit of a scale: no bound sees it, the comparison with a fresh quantization does.
        Damage("blk.0.ffn_gate.weight") { data, range, _ in data[range.lowerBound + 4 * 18] ^= 0x01 },
        // One nibble.
        Damage("token_embd.weight") { data, range, _ in data[range.lowerBound + 77 * 18 + 5] ^= 0x10 },
        // A block of zeros.
        Damage("blk.0.attn_v.weight") { data, range, _ in
            let start = range.lowerBound + 33 * 18
            data.replaceSubrange(start..<start + 18, with: Data(count: 18))
        },
        // A norm's weight.
        Damage("output_norm.weight") { data, range, _ in data[range.lowerBound + 4 * 20 + 2] ^= 0x40 },
        // Another layer's matrix.
        Damage("blk.0.attn_q.weight") { data, range, file in
            data.replaceSubrange(range, with: data[try Self.place("blk.1.attn_q.weight", in: file)])
        },
        // Keys whose neighbouring rows changed places.
        Damage("blk.1.attn_k.weight") { data, range, _ in
            let rowBytes = 36
            for row in 0..<16 {
                for byte in 0..<rowBytes {
                    let (a, b) = (
                        range.lowerBound + (2 * row + 1) * rowBytes + byte,
                        range.lowerBound + (2 * row) * rowBytes + byte
                    )
                    (data[a], data[b]) = (data[b], data[a])
                }
            }
        },
        // A bias of the projector.
        Damage("mm.model.mlp.2.bias", in: mmproj) { data, range, _ in data[range.lowerBound + 4 * 7 + 3] ^= 0x80 },
        // The sign of a weight of the tower.
        Damage("v.blk.1.attn_k.weight", in: mmproj) { data, range, _ in data[range.lowerBound + 201] ^= 0x80 },
        // Two positions that changed places.
        Damage("v.position_embd.weight", in: mmproj) { data, range, _ in
            let (a, b) = (range.lowerBound..<range.lowerBound + 64, range.lowerBound + 64..<range.lowerBound + 128)
            let first = data[a]
            data.replaceSubrange(a, with: data[b])
            data.replaceSubrange(b, with: first)
        },
        // NaN in the depthwise kernel.
        Damage("mm.model.peg.0.weight", in: mmproj) { data, range, _ in
            data[range.lowerBound + 101] = 0x7E
        },
    ]

    @Test("one damaged tensor fails the file and is named, nobody else's weights are", arguments: 0..<11)
    func damaged(number: Int) throws {
        let damage = Self.damages[number]
        try Workshop.with { shop in
            try shop.convert("m", "--q4_0")
            let file = try GGUFFile(path: shop.path(damage.file))
            let range = try Self.place(damage.tensor, in: file)
            try shop.edit(damage.file) { try damage.change(&$0, range, file) }

            let result = try Tool.run("verify", shop.path("tiny"), shop.path("m.gguf"), "--json")
            #expect(result.status == 1, "\(damage.tensor): \(result.errors)")
            let report = try result.json()
            #expect(report["passed"] as? Bool == false)
            let faults = try #require(report["faults"] as? [[String: String]]).compactMap { $0["subject"] }
            let names = try #require(report["tensors"] as? [[String: Any]]).compactMap { $0["name"] as? String }
            #expect(faults.filter(names.contains) == [damage.tensor])

            let text = try Tool.run("verify", shop.path("tiny"), shop.path("m.gguf"))
            #expect(text.status == 1)
            #expect(text.output.contains("FAIL\n") && text.output.contains("\n  \(damage.tensor): "))
        }
    }

    @Test("questions and pictures of one's own take the place of the built-in ones")
    func ownPrompts() throws {
        try Workshop.with { shop in
            try shop.convert("m", "--f16")
            try Data("# mine\nFirst?\nSecond?\n".utf8).write(to: shop.folder.appendingPathComponent("questions.txt"))
            func names(_ arguments: String...) throws -> [String] {
                let result = try Tool.run(["verify", shop.path("tiny"), shop.path("m.gguf"), "--json"] + arguments)
                let prompts = try #require(result.json()["prompts"] as? [[String: Any]])
                return prompts.compactMap { $0["name"] as? String }
            }
            #expect(try names("--prompts", shop.path("questions.txt")).count == 2 + 2 * 2)
            let picture = Fixtures.path("images/rgb_64x40.png")
            #expect(try names("--image", picture) == ["rgb_64x40.png 1", "rgb_64x40.png 2"])
            #expect(try names("--image", picture, "--prompts", shop.path("questions.txt")).count == 2)
        }
    }

    @Test("what cannot be compared is neither 0 nor 1, with the reason on standard error")
    func cannotRun() throws {
        try Workshop.with { shop in
            try shop.convert("m", "--q8_0")
            try SmallCheckpoint(nil, feedForward: 128).write(to: shop.folder.appendingPathComponent("other"))
            try SmallCheckpoint(.mlp).write(to: shop.folder.appendingPathComponent("mlp"))
            try FileManager.default.copyItem(atPath: shop.path("m.gguf"), toPath: shop.path("cut.gguf"))
            try shop.edit("cut.gguf") { $0.removeLast(1000) }
            try Data("no questions".utf8).write(to: shop.folder.appendingPathComponent("text"))
            try Data("# none\n".utf8).write(to: shop.folder.appendingPathComponent("none.txt"))
            let (tiny, pair) = (shop.path("tiny"), shop.path("m.gguf"))
            for (arguments, part) in [
                ([shop.path("other"), pair], "feed-forward width"), ([shop.path("mlp"), pair], "projector"),
                ([tiny, shop.path("nowhere.gguf")], "nowhere.gguf"), ([shop.path("nowhere"), pair], "nowhere"),
                ([tiny, shop.path("cut.gguf")], "cut.gguf"), ([tiny, shop.path("text")], "no model file"),
                ([tiny, pair, "--prompts", shop.path("none.txt")], "none.txt"),
                ([tiny, pair, "--image", shop.path("text")], "text"),
                ([tiny, pair, "--mmproj", shop.path("nowhere.gguf")], "nowhere.gguf"),
            ] {
                let result = try Tool.run(["verify"] + arguments)
                #expect([65, 66].contains(result.status), "\(arguments): \(result.errors)")
                #expect(result.output.isEmpty)
                #expect(result.errors.contains(part), "\(result.errors)")
            }
        }
    }

    @Test("a file made with another tokenizer fails, and the first different token is named")
    func otherTokenizer() throws {
        try Workshop.with { shop in
            try shop.convert("m", "--q8_0", "--language-only")
            // Another piece for the question's first letters: two texts of the vocabulary change places.
            try shop.edit("m.gguf") { data in
                let (what, where_) = (Data("\u{2581}W".utf8), Data("\u{2581}I".utf8))
                let (a, b) = (try #require(data.range(of: what)), try #require(data.range(of: where_)))
                data.replaceSubrange(a, with: where_)
                data.replaceSubrange(b, with: what)
            }
            try expectFaults(shop, ["tokens' texts", "tokenizer"])
        }
    }

    /// That `verify` fails the file for exactly these reasons among its statements.
    private func expectFaults(
        _ shop: Workshop, _ subjects: [String], reference: String = "tiny", _ arguments: String...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let result = try Tool.run(["verify", shop.path(reference), shop.path("m.gguf"), "--json"] + arguments)
        #expect(result.status == 1, "\(result.output)\(result.errors)", sourceLocation: sourceLocation)
        let faults = try #require(result.json()["faults"] as? [[String: String]]).compactMap { $0["subject"] }
        let measures = ["Mean KLD", "Same top p", "image features"]
        let statements = faults.filter { fault in !measures.contains { fault.hasPrefix($0) } }
        #expect(statements == subjects, "\(faults)", sourceLocation: sourceLocation)
    }

    /// Changes the four bytes behind a key and what precedes its first value.
    private func replace(
        _ shop: Workshop, _ file: String, _ key: String, skip: Int, with value: UInt32
    ) throws {
        try shop.edit(file) { data in
            let place = try #require(data.range(of: Data(key.utf8))).upperBound + 4 + skip
            data.replaceSubrange(place..<place + 4, with: withUnsafeBytes(of: value.littleEndian) { Data($0) })
        }
    }

    @Test("constants of the pictures' preprocessing that differ fail, each by name")
    func preprocessing() throws {
        try Workshop.with { shop in
            // An array: element type and count come before its first value.
            for (key, subject) in [
                ("clip.vision.image_mean", "image mean"), ("clip.vision.image_std", "image standard deviation"),
            ] {
                try shop.convert("m", "--f16")
                try replace(shop, "mmproj-m.gguf", key, skip: 12, with: Float(0.5).bitPattern)
                try expectFaults(shop, [subject])
            }
            try shop.convert("m", "--f16")
            try replace(
                shop, "mmproj-m.gguf", "clip.vision.attention.layer_norm_epsilon", skip: 0, with: Float(1e-3).bitPattern
            )
            try expectFaults(shop, ["layer norm epsilon"])
            try shop.convert("m", "--f16")
            try shop.edit("mmproj-m.gguf") { data in
                let key = try #require(data.range(of: Data("vlmconv.pads_to_square".utf8)))
                data[key.upperBound + 4] = 0
            }
            try expectFaults(shop, ["padding of pictures to a square"])
        }
    }

    @Test("a vocabulary of other scores, types or marks fails though every question has the same tokens")
    func vocabulary() throws {
        try Workshop.with { shop in
            for (key, subject, value) in [
                ("tokenizer.ggml.scores", "tokens' scores", Float(-7).bitPattern),
                ("tokenizer.ggml.token_type", "tokens' types", 3),
            ] {
                try shop.convert("m", "--f16", "--language-only")
                // The last element, which no question needs.
                try replace(shop, "m.gguf", key, skip: 12 + 4 * 499, with: value)
                try expectFaults(shop, [subject])
            }
            try shop.convert("m", "--f16", "--language-only")
            try replace(shop, "m.gguf", "tokenizer.ggml.eos_token_id", skip: 0, with: 7)
            try expectFaults(shop, ["tokens that end an answer", "token that ends a text"])
        }
    }

    @Test("constants of the language model that differ fail by name, also where the prompts hardly show it")
    func languageConstants() throws {
        try Workshop.with { shop in
            for (key, subject, value) in [
                ("llama.rope.freq_base", "rotary base", Float(10_001).bitPattern),
                ("llama.attention.layer_norm_rms_epsilon", "RMS epsilon", Float(1.1e-5).bitPattern),
                ("llama.context_length", "context length", 1024),
            ] {
                try shop.convert("m", "--f16", "--language-only")
                try replace(shop, "m.gguf", key, skip: 0, with: value)
                try expectFaults(shop, [subject])
            }
        }
    }

    @Test("a tower that only the file has fails: nothing vouches for it")
    func towerOfOneSide() throws {
        try Workshop.with { shop in
            try SmallCheckpoint(nil).write(to: shop.folder.appendingPathComponent("text"))
            try shop.convert("m", "--f16")
            let result = try Tool.run("verify", shop.path("text"), shop.path("m.gguf"), "--json")
            #expect(result.status == 1)
            let faults = try #require(result.json()["faults"] as? [[String: String]]).compactMap { $0["subject"] }
            #expect(faults.contains("vision tower"))
        }
    }
}
