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

    @Test("limits can be set, and one that is missed is named with its value")
    func limits() throws {
        try Workshop.with { shop in
            try shop.convert("m", "--q4_0")
            for (option, value, subject) in [
                ("--max-kld", "0", "Mean KLD"), ("--min-same-top", "1.01", "Same top p"),
                ("--min-feature-cosine", "1.01", "image features"),
            ] {
                let result = try Tool.run("verify", shop.path("tiny"), shop.path("m.gguf"), option, value)
                #expect(result.status == 1)
                #expect(result.output.contains("FAIL\n  \(subject)"), "\(result.output)")
            }
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

    @Test("what cannot be compared is 2, with the reason on standard error")
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
                ([shop.path("other"), pair], "feed-forward size"), ([shop.path("mlp"), pair], "projector"),
                ([tiny, shop.path("nowhere.gguf")], "nowhere.gguf"), ([shop.path("nowhere"), pair], "nowhere"),
                ([tiny, shop.path("cut.gguf")], "cut.gguf"), ([tiny, shop.path("text")], "no model file"),
                ([tiny, pair, "--prompts", shop.path("none.txt")], "none.txt"),
                ([tiny, pair, "--image", shop.path("text")], "text"),
                ([tiny, pair, "--mmproj", shop.path("nowhere.gguf")], "nowhere.gguf"),
            ] {
                let result = try Tool.run(["verify"] + arguments)
                #expect(result.status == 2, "\(arguments): \(result.errors)")
                #expect(result.output.isEmpty)
                #expect(result.errors.contains(part), "\(result.errors)")
            }
        }
    }

    @Test("a file made with another tokenizer cannot be compared")
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
            let result = try Tool.run("verify", shop.path("tiny"), shop.path("m.gguf"))
            #expect(result.status == 2)
            #expect(result.errors.contains("token"), "\(result.errors)")
        }
    }
}
