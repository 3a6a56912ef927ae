import ByteIO
import Foundation
import GGUF
import Safetensors
import Tensors
import TestSupport
import Testing

/// The commands that open a model: run, trace, tokenize, bench, inspect.
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

    // MARK: pack

    @Test("unpack names the packed file that is damaged, and tells a file that is not packed at all")
    func damagedPacking() throws {
        try Workshop.with(nil) { shop in
            let (model, packed, output) = (Fixtures.path("mvlm/nano.mvlm"), shop.path("n.zst"), shop.path("n.mvlm"))
            #expect(try Tool.run("pack", model, "-o", packed).status == 0)
            let whole = try Data(contentsOf: URL(fileURLWithPath: packed))
            for place in stride(from: 100, to: whole.count, by: whole.count / 16) {
                try shop.edit("n.zst") {
                    $0 = whole
                    $0[place] ^= 0x55
                }
                let result = try Tool.run("unpack", packed, "-o", output)
                #expect(result.status == 65, "byte \(place)")
                #expect(result.errors.hasPrefix("vlmconv: \(packed): "), "\(result.errors)")
                #expect(result.errors.contains("Fetch the file again"), "\(result.errors)")
                #expect(try shop.contents() == ["n.zst"])
            }
            let plain = try Tool.run("unpack", model, "-o", output)
            #expect(plain.status == 65)
            #expect(plain.errors.contains("is not packed; this is an .mvlm file"), "\(plain.errors)")
            #expect(try Tool.run("inspect", "--check", model).output == "5 of 5 sections as recorded\n")
        }
    }

    // MARK: bench

    @Test("bench --json has the four stages, each with plausible times")
    func bench() throws {
        try Workshop.with { shop in
            let report = try Tool.run(
                "bench", shop.path("tiny"), "--json", "--repetitions", "3", "--prompt-tokens", "8",
                "--answer-tokens", "4", "--threads", "2"
            ).json()
            #expect(report["threads"] as? Int == 2)
            #expect(report["repetitions"] as? Int == 3)
            #expect((report["peak_memory_bytes"] as? Int ?? 0) > 1 << 20)
            let stages = try #require(report["stages"] as? [[String: Any]])
            #expect(stages.map { $0["name"] as? String } == ["load", "image encode", "prefill", "decode"])
            #expect(stages.map { $0["tokens"] as? Int } == [nil, 144, 8, 4])
            for stage in stages {
                let times = try ["min_seconds", "median_seconds", "max_seconds"].map {
                    try #require(stage[$0] as? Double)
                }
                #expect(times == times.sorted() && times[0] > 0)
                if let tokens = stage["tokens"] as? Int {
                    let rate = try #require(stage["tokens_per_second"] as? Double)
                    #expect(abs(rate * times[1] - Double(tokens)) < 1e-6 * Double(tokens))
                }
            }
        }
    }

    @Test("bench of a language model alone has no picture to encode")
    func benchLanguage() throws {
        try Workshop.with(SmallCheckpoint(nil)) { shop in
            let report = try Tool.run(
                "bench", shop.path("tiny"), "--json", "--repetitions", "1", "--prompt-tokens", "4",
                "--answer-tokens", "2"
            ).json()
            let stages = try #require(report["stages"] as? [[String: Any]])
            #expect(stages.map { $0["name"] as? String } == ["load", "prefill", "decode"])
        }
    }

    @Test("bench decodes after as many tokens as --depth asks for, and says where the context ends")
    func benchDepth() throws {
        try Workshop.with(SmallCheckpoint(nil)) { shop in
            let arguments = ["bench", shop.path("tiny"), "--json", "-r", "1", "-p", "4", "-n", "2"]
            #expect(try Tool.run(arguments).json()["depth"] as? Int == 0)
            #expect(try Tool.run(arguments + ["-d", "9"]).json()["depth"] as? Int == 9)
            let beyond = try Tool.run(arguments + ["--depth", "1000000"])
            #expect(beyond.status != 0 && beyond.errors.contains("2 after 1000000"))
        }
    }

    @Test("bench measures several numbers of threads, names its arithmetic and prints tables for other programs")
    func benchTables() throws {
        try Workshop.with { shop in
            let arguments = ["bench", shop.path("tiny"), "-p", "8", "-n", "4", "-r", "1", "-t", "1,2"]
            let report = try Tool.run(arguments + ["--json", "--arithmetic", "reference"]).json()
            let runs = try #require(report["runs"] as? [[String: Any]])
            #expect(runs.map { $0["threads"] as? Int } == [1, 2])
            #expect(report["arithmetic"] as? String == "reference" && report["cache"] as? String == "f32")
            for key in ["prefill_tps", "decode_tps", "encode_s", "read_bytes_per_second", "peak_products_per_second"] {
                #expect(runs.allSatisfy { ($0[key] as? Double ?? 0) > 0 }, "\(key)")
            }
            #expect((report["decode_tps"] as? Double ?? 0) > 0)
            let text = try Tool.run(arguments + ["--no-image"])
            #expect(text.output.contains("fast arithmetic, cache f16") && !text.output.contains("image encode"))
            let csv = try Tool.run(arguments + ["--csv"]).output.split(separator: "\n")
            #expect(
                csv.count == 9
                    && Set(csv.map { $0.split(separator: ",", omittingEmptySubsequences: false).count }) == [10])
            let markdown = try Tool.run(arguments + ["--markdown", "--cache", "q8_0"])
            #expect(markdown.output.hasPrefix("| stage | threads |"), "\(markdown.errors)")
        }
    }

    // MARK: inspect

    @Test("inspect lists what every container holds")
    func inspect() throws {
        try Workshop.with { shop in
            try shop.convert("m", "--q4_0")
            for (path, parts) in [
                ("tiny", ["Hugging Face checkpoint", "model.layers.1.mlp.up_proj.weight", "ldpnetv2, 144 tokens"]),
                ("tiny/model.safetensors", ["safetensors", "lm_head.weight", "[500, 64]"]),
                ("m.gguf", ["GGUF", "tokenizer.chat_template", "blk.1.ffn_up.weight", "Q4_0"]),
                ("mmproj-m.gguf", ["GGUF", "clip.vision.feature_layer", "[2]", "mm.model.peg.0.weight"]),
            ] {
                let result = try Tool.run("inspect", shop.path(path))
                #expect(result.status == 0, "\(result.errors)")
                for part in parts { #expect(result.output.contains(part), "\(path): \(part)") }
                #expect(!result.output.contains("feature_layer is missing"))
            }
            let archive = try Tool.run("inspect", Fixtures.path("containers/module.bin"))
            #expect(archive.output.contains("PyTorch archive"))
            let nothing = try Tool.run("inspect", shop.path("tiny/config.json"))
            #expect(nothing.status == 65)
            #expect(nothing.errors.contains("config.json") && nothing.errors.contains("JSON"))
        }
    }

    @Test("inspect warns of a legacy projector file without feature_layer")
    func inspectLegacy() throws {
        try Workshop.with { shop in
            try shop.convert("m", "--f16")
            let file = try GGUFFile(path: shop.path("mmproj-m.gguf"))
            var metadata = file.metadata
            metadata["clip.vision.feature_layer"] = nil
            let writer = try GGUFWriter(
                destination: shop.path("legacy.gguf"), metadata: metadata, tensors: file.tensors)
            for (number, info) in file.tensors.enumerated() {
                try file.bytes(of: info.name).withUnsafeBytes { try writer.write($0, tensor: number, offset: 0) }
            }
            try writer.finish()
            let result = try Tool.run("inspect", shop.path("legacy.gguf"))
            #expect(result.status == 0)
            #expect(result.output.contains("note: clip.vision.feature_layer is missing"))
            let warnings = try Tool.run("inspect", shop.path("legacy.gguf"), "--json").json()["warnings"] as? [String]
            #expect(warnings?.contains { $0.hasPrefix("clip.vision.feature_layer is missing") } == true)
        }
    }
}
