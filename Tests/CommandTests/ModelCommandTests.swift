import ByteIO
import Foundation
import GGUF
import Safetensors
import Tensors
import TestSupport
import Testing

/// The commands that ask a model: tokenize, run, trace.
struct ModelCommandTests {
    // MARK: tokenize

    private struct Cases: Decodable {
        struct Case: Decodable {
            let text: String
            let ids: [Int]
        }
        let encode: [Case]
    }

    @Test("tokenize prints the SentencePiece library's ids, of the checkpoint and of its conversion")
    func tokenize() throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: Fixtures.path("tokenizer/plain.json")))
        let cases = try JSONDecoder().decode(Cases.self, from: data).encode
            .filter { !$0.text.contains("<") && !$0.text.contains("\0") && !$0.text.hasPrefix("-") }
        try Workshop.with(SmallCheckpoint(nil)) { shop in
            try shop.convert("m", "--f16")
            for item in cases.prefix(12) + cases.suffix(4) {
                let ids = (["1"] + item.ids.map(String.init)).joined(separator: ",")
                for model in ["tiny", "m.gguf"] {
                    let result = try Tool.run("tokenize", shop.path(model), item.text)
                    #expect(result.output == ids + "\n", "\(item.text)")
                    let bare = try Tool.run("tokenize", shop.path(model), item.text, "--no-bos")
                    #expect(bare.output == ids.dropFirst(ids == "1" ? 1 : 2) + "\n", "\(item.text)")
                }
            }
            let pieces = try Tool.run("tokenize", shop.path("tiny"), "<image>", "--pieces")
            #expect(pieces.output == "   1  <s>\n-200  <image>\n")
        }
    }

    private struct Prompts: Decodable {
        struct Prompt: Decodable {
            let prompt: String
            let ids: [Int]
        }
        let prompts: [Prompt]
    }

    @Test("tokenize gives upstream's ids of prompts with pictures", .enabled(if: Fixtures.hasGolden))
    func tokenizeGolden() throws {
        let path = try #require(Fixtures.golden("tokenizer/image-prompts.json"))
        let model = try #require(Fixtures.golden("mini-v2/model"))
        for item in try JSONDecoder().decode(Prompts.self, from: Data(contentsOf: URL(fileURLWithPath: path))).prompts {
            let result = try Tool.run("tokenize", model, item.prompt)
            #expect(result.output == item.ids.map(String.init).joined(separator: ",") + "\n", "\(item.prompt)")
        }
    }

    // MARK: run

    private func run(_ shop: Workshop, _ arguments: String...) throws -> String {
        let result = try Tool.run(["run", shop.path("tiny"), "--max-tokens", "12"] + arguments)
        #expect(result.status == 0, "\(result.errors)")
        return result.output
    }

    @Test("a seed gives the same answer again, another seed another one; temperature 0 needs none")
    func seeds() throws {
        try Workshop.with { shop in
            func answer(_ seed: Int) throws -> String {
                try run(shop, "--prompt", "What?", "--temperature", "1.5", "--seed", "\(seed)")
            }
            let first = try answer(1)
            #expect(try answer(1) == first)
            #expect(try Set([2, 3, 4].map { try answer($0) } + [first]).count > 1)
            #expect(try run(shop, "--prompt", "What?", "--seed", "1") == run(shop, "--prompt", "What?", "--seed", "2"))
        }
    }

    @Test("--raw takes the prompt as it is; otherwise it is put into the template")
    func raw() throws {
        try Workshop.with { shop in
            let template =
                "A chat between a curious user and an artificial intelligence assistant. The assistant gives helpful, "
                + "detailed, and polite answers to the user's questions. USER: What? ASSISTANT:"
            let asked = try run(shop, "--prompt", "What?")
            #expect(try run(shop, "--raw", "--prompt", template) == asked)
            #expect(try run(shop, "--raw", "--prompt", "What?") != asked)
        }
    }

    @Test("pictures go where the template or <image> puts them, and their number must fit")
    func pictures() throws {
        try Workshop.with { shop in
            let picture = Fixtures.path("images/rgb_64x40.png")
            let asked = try run(shop, "--prompt", "What?", "--image", picture)
            #expect(asked != (try run(shop, "--prompt", "What?")))
            _ = try run(shop, "--raw", "--prompt", "<image> a <image>", "--image", picture, "--image", picture)
            for (prompt, count) in [("no place", 1), ("<image><image>", 1), ("<image>", 0)] {
                let images = Array(repeating: ["--image", picture], count: count).flatMap(\.self)
                let result = try Tool.run(["run", shop.path("tiny"), "--raw", "--prompt", prompt] + images)
                #expect(result.status == 65)
                #expect(result.errors.contains("pictures") && result.errors.contains("--image"), "\(result.errors)")
            }
            let broken = try Tool.run(
                "run", shop.path("tiny"), "--prompt", "a", "--image", shop.path("tiny/config.json"))
            #expect(broken.status == 65)
            #expect(broken.errors.contains("config.json"))
        }
    }

    @Test("a picture for a model without a tower is refused with the reason")
    func noTower() throws {
        try Workshop.with(SmallCheckpoint(nil)) { shop in
            let result = try Tool.run(
                "run", shop.path("tiny"), "--prompt", "a", "--image", Fixtures.path("images/rgb_64x40.png"))
            #expect(result.status == 65)
            #expect(result.errors.contains("no vision tower"))
        }
    }

    @Test("--timings reports the stages on standard error")
    func timings() throws {
        try Workshop.with { shop in
            let result = try Tool.run(
                "run", shop.path("tiny"), "--raw", "--prompt", "a", "--max-tokens", "3", "--timings")
            #expect(result.errors.contains("prompt of 2 positions") || result.errors.contains("prompt of 3 positions"))
            #expect(!result.output.contains("positions"))
        }
    }

    private struct Report: Decodable {
        struct Case: Decodable { let greedy_text: String }
        let text_prompt: String
        let cases: [String: Case]
    }

    @Test("run continues a text as PyTorch does", .enabled(if: Fixtures.hasGolden))
    func runGolden() throws {
        let path = try #require(Fixtures.golden("mini-v2/taps/report.json"))
        let report = try JSONDecoder().decode(Report.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
        let result = try Tool.run(
            "run", try #require(Fixtures.golden("mini-v2/model")), "--raw", "--prompt", report.text_prompt,
            "--max-tokens", "16", "--arithmetic", "reference")
        let expected = try #require(report.cases["text"]).greedy_text
        #expect(
            result.output.trimmingCharacters(in: .whitespaces) == expected.trimmingCharacters(in: .whitespaces) + "\n")
    }

    // MARK: trace

    @Test("trace writes tokens, pixels, logits and every tap in PyTorch's shapes")
    func trace() throws {
        try Workshop.with { shop in
            let output = shop.path("trace.safetensors")
            let result = try Tool.run(
                "trace", shop.path("tiny"), "--tokens", "1,-200, 7,9", "--image",
                Fixtures.path("images/rgb_64x40.png"), "-o", output)
            #expect(result.status == 0, "\(result.errors)")
            let file = try SafetensorsFile(path: output)
            let rows = 3 + 144
            let expected: [(String, ElementType, Shape)] = [
                ("tokens", .i32, [4]), ("pixel_values", .f32, [1, 3, 56, 56]), ("clip.embeddings", .f32, [17, 32]),
                ("clip.pre_layernorm", .f32, [17, 32]), ("clip.layer.0", .f32, [17, 32]),
                ("clip.layer.1", .f32, [17, 32]), ("clip.selected", .f32, [16, 32]), ("projector.mlp", .f32, [16, 64]),
                ("projector.pool", .f32, [144, 64]), ("projector.peg_conv", .f32, [144, 64]),
                ("projector.out", .f32, [144, 64]), ("llama.embeddings", .f32, [rows, 64]),
                ("llama.layer.0", .f32, [rows, 64]), ("llama.layer.1", .f32, [rows, 64]),
                ("llama.norm", .f32, [rows, 64]), ("logits", .f32, [rows, 500]),
            ]
            #expect(file.tensors.map(\.name) == expected.map(\.0))
            for (name, type, shape) in expected {
                #expect(file.info(name)?.type == type, "\(name)")
                #expect(file.info(name)?.shape == shape, "\(name)")
                #expect(result.output.contains(name))
            }
            #expect(try integers(file, "tokens") == [1, -200, 7, 9])
            // The projector's rows are what the language model reads at the picture's place.
            #expect(try floats(file, "llama.embeddings")[64..<145 * 64] == floats(file, "projector.out")[...])
        }
    }

    @Test("--taps selects by name or by the part before a dot; tokens and logits are always there")
    func taps() throws {
        try Workshop.with(SmallCheckpoint(nil)) { shop in
            for (taps, expected) in [
                ("none", ["tokens", "logits"]), ("llama.norm", ["tokens", "llama.norm", "logits"]),
                ("llama.layer", ["tokens", "llama.layer.0", "llama.layer.1", "logits"]),
                ("llama.layer.1,llama.embeddings", ["tokens", "llama.embeddings", "llama.layer.1", "logits"]),
            ] {
                let output = shop.path("trace.safetensors")
                let result = try Tool.run(
                    "trace", shop.path("tiny"), "--prompt", "a", "--taps", taps, "-o", output)
                #expect(result.status == 0, "\(result.errors)")
                #expect(try SafetensorsFile(path: output).tensors.map(\.name) == expected)
            }
        }
    }

    @Test("a tap that there is not is refused, with some that there are, and no file appears")
    func unknownTap() throws {
        try Workshop.with(SmallCheckpoint(nil)) { shop in
            for taps in ["nope", "llama.norm,llama.layer.9", "clip.selected"] {
                let result = try Tool.run(
                    "trace", shop.path("tiny"), "--prompt", "a", "--taps", taps, "-o", shop.path("t.safetensors"))
                #expect(result.status == 65, "\(taps)")
                #expect(
                    result.errors.contains("[trace.tap]") && result.errors.contains("llama.norm")
                        && result.errors.contains("docs/graph.md"), "\(result.errors)")
                #expect(try shop.contents() == ["tiny"])
            }
        }
    }

    @Test("imatrix and --calibrate tell a picture from a folder of pictures, and both from nothing")
    func pictureForFolder() throws {
        try Workshop.with { shop in
            let picture = Fixtures.path("images/rgb_64x40.png")
            for command in [
                ["imatrix", shop.path("tiny"), "-o", shop.path("out.gguf")],
                ["convert", shop.path("tiny"), shop.path("out.gguf"), "--q4_0", "--calibrate", "--effort", "quick"],
            ] {
                let file = try Tool.run(command + ["--images", picture])
                #expect(file.status == 65, "\(file.errors)")
                #expect(file.errors.contains("\(picture): pictures: is not a folder"), "\(file.errors)")
                let nothing = try Tool.run(command + ["--images", shop.path("nowhere")])
                #expect(nothing.status == 66, "\(nothing.errors)")
            }
        }
    }

    @Test("a request that the model cannot answer is told by rule, with what to do")
    func requests() throws {
        try Workshop.with(SmallCheckpoint(nil)) { shop in
            for (ids, rule, remedy) in [
                ("1,500", "[execution.token]", "tokenizer"),
                ([String](repeating: "1", count: 5000).joined(separator: ","), "[execution.positions]", "Shorten"),
            ] {
                let result = try Tool.run("trace", shop.path("tiny"), "--tokens", ids, "-o", shop.path("t.safetensors"))
                #expect(result.status == 65)
                #expect(result.errors.contains(rule) && result.errors.contains(remedy), "\(result.errors)")
            }
        }
    }

    @Test("token ids outside the vocabulary are refused, and no file appears")
    func badTokens() throws {
        try Workshop.with(SmallCheckpoint(nil)) { shop in
            for ids in ["500", "-1", "-200", "2147483647"] {
                let result = try Tool.run(
                    "trace", shop.path("tiny"), "--tokens=1,\(ids)", "-o", shop.path("t.safetensors"))
                #expect(result.status == 65, "\(ids)")
                #expect(!result.errors.isEmpty)
                #expect(try shop.contents() == ["tiny"])
            }
        }
    }

    @Test(
        "trace gives PyTorch's pixels exactly and its taps to rounding", .enabled(if: Fixtures.hasGolden),
        arguments: [("text", nil), ("image_wide", "wide_320x200.png")] as [(String, String?)])
    func traceGolden(name: String, picture: String?) throws {
        try Workshop.with(nil) { shop in
            func golden(_ path: String) throws -> String { try #require(Fixtures.golden("mini-v2/\(path)")) }
            let reference = try SafetensorsFile(path: golden("taps/\(name).safetensors"))
            let ids = try integers(reference, "input_ids")
            let images = try picture.map { ["--image", try golden("images/\($0)")] } ?? []
            let output = shop.path("trace.safetensors")
            let result = try Tool.run(
                ["trace", golden("model"), "--tokens=" + ids.map(String.init).joined(separator: ","), "-o", output]
                    + images)
            #expect(result.status == 0, "\(result.errors)")
            let file = try SafetensorsFile(path: output)
            #expect(try integers(file, "tokens") == ids)
            var compared = 0
            for tensor in file.tensors where reference.info(tensor.name) != nil {
                compared += 1
                let (found, expected) = try (floats(file, tensor.name), floats(reference, tensor.name))
                #expect(tensor.shape == reference.info(tensor.name)?.shape)
                if tensor.name == "pixel_values" {
                    #expect(found == expected)
                } else {
                    let error = zip(found, expected).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
                    let size = expected.reduce(0.0) { $0 + Double($1) * Double($1) }
                    #expect((error / size).squareRoot() < 1e-5, "\(tensor.name)")
                }
            }
            #expect(compared == (picture == nil ? 7 : 18))
        }
    }

    @Test("a picture taken with the camera turned: trace and verify tell it, and turn it on demand")
    func orientation() throws {
        try Workshop.with { shop in
            try shop.convert("m", "--q8_0")
            let picture = Fixtures.path("images/formats.d/orientation6_24x16.jpg")
            func pixels(_ arguments: String...) throws -> ([Float], String) {
                let output = shop.path("t.safetensors")
                let result = try Tool.run(
                    [
                        "trace", shop.path("tiny"), "--prompt", "What?", "--image", picture, "-o", output, "--taps",
                        "none",
                    ]
                        + arguments)
                #expect(result.status == 0, "\(result.errors)")
                return (try floats(SafetensorsFile(path: output), "pixel_values"), result.errors)
            }
            let (lying, turned) = (try pixels(), try pixels("--exif-rotate"))
            #expect(lying.0 != turned.0)
            #expect(lying.1.contains("note:") && lying.1.contains("--exif-rotate") && turned.1.isEmpty)
            func verify(_ arguments: String...) throws -> String {
                let result = try Tool.run(
                    ["verify", shop.path("tiny"), shop.path("m.gguf"), "--image", picture] + arguments)
                #expect(result.status == 0, "\(result.errors)")
                return result.output
            }
            #expect(try verify().contains("--exif-rotate"))
            #expect(try !verify("--exif-rotate").contains("--exif-rotate"))
        }
    }

    @Test(
        "a folder of pictures that were taken with the camera turned: imatrix and --calibrate tell it, and turn them on demand"
    )
    func orientationOfFolders() throws {
        try Workshop.with { shop in
            try FileManager.default.createDirectory(atPath: shop.path("pictures"), withIntermediateDirectories: false)
            for name in ["1.jpg", "2.jpg"] {
                try FileManager.default.copyItem(
                    atPath: Fixtures.path("images/formats.d/orientation6_24x16.jpg"),
                    toPath: shop.path("pictures/" + name))
            }
            for command in [
                ["imatrix", shop.path("tiny"), "-o", shop.path("out.gguf")],
                ["convert", shop.path("tiny"), shop.path("out.gguf"), "--q4_0", "--calibrate", "--effort", "quick"],
            ] {
                func make(_ arguments: String...) throws -> (file: Data, text: String) {
                    let result = try Tool.run(command + ["--images", shop.path("pictures")] + arguments)
                    #expect(result.status == 0, "\(result.errors)")
                    return (
                        try Data(contentsOf: URL(fileURLWithPath: shop.path("out.gguf"))), result.output + result.errors
                    )
                }
                let (lying, turned) = (try make(), try make("--exif-rotate"))
                #expect(lying.file != turned.file)
                #expect(
                    lying.text.contains("1.jpg: its EXIF data") && lying.text.contains("for 1 more"), "\(lying.text)")
                #expect(!turned.text.contains("EXIF"), "\(turned.text)")
            }
            let alone = try Tool.run("convert", shop.path("tiny"), shop.path("out.gguf"), "--q4_0", "--exif-rotate")
            #expect(alone.status == 64 && alone.errors.contains("--calibrate"))
        }
    }

    private func floats(_ file: SafetensorsFile, _ name: String) throws -> [Float] {
        try file.bytes(of: name).withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
        }
    }

    private func integers(_ file: SafetensorsFile, _ name: String) throws -> [Int] {
        try file.bytes(of: name).withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map { Int(bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self)) }
        }
    }
}
