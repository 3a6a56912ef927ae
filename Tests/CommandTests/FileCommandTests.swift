import ByteIO
import Foundation
import GGUF
import Safetensors
import Tensors
import TestSupport
import Testing

/// The commands that deliver, time and list a model: unpack, bench, inspect.
struct FileCommandTests {
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
