import Foundation
import GGUF
import Tensors
import TestSupport
import Testing

struct ConvertCommandTests {
    @Test("--for gives the same bytes on every instruction set, and a copy for sets that read another layout")
    func layouts() throws {
        try Workshop.with { workshop in
            for isa in ["plain", "avx2", "neon", "avx512-vnni"] {
                let result = try Tool.run(
                    ["convert", workshop.path("tiny"), workshop.path("\(isa).mvlm"), "--q8_0", "--for", "avx512-vnni"],
                    environment: ["VLMCONV_ISA": isa])
                #expect(result.status == 0, "\(result.errors)")
                #expect(
                    FileManager.default.contentsEqual(
                        atPath: workshop.path("\(isa).mvlm"), andPath: workshop.path("plain.mvlm")))
            }
            #expect(try Tool.run("inspect", workshop.path("plain.mvlm")).output.contains("tiles16"))
            let both = try Tool.run(
                "convert", workshop.path("tiny"), workshop.path("both.mvlm"), "--q8_0", "--for", "avx2,neon")
            #expect(both.status == 0)
            #expect(try Tool.run("inspect", workshop.path("both.mvlm")).output.contains("section language.tiles4"))
            let plan = try Tool.run("plan", workshop.path("tiny"), "both.mvlm", "--q8_0", "--for", "avx2,neon")
            #expect(plan.output.contains("Q8_0 tiles8, tiles4"), "\(plan.output)")
            let unknown = try Tool.run(
                "convert", workshop.path("tiny"), workshop.path("x.mvlm"), "--q8_0", "--for", "sse2")
            #expect(unknown.status != 0 && unknown.errors.contains("avx512-vnni"))
            #expect(!FileManager.default.fileExists(atPath: workshop.path("x.mvlm")))
        }
    }

    @Test("a pair appears under its names, with a summary of files, types and tensors")
    func pair() throws {
        try Workshop.with { shop in
            let result = try Tool.run("convert", shop.path("tiny"), shop.path("m.gguf"), "--q4_0")
            #expect(result.status == 0)
            #expect(try shop.contents() == ["m.gguf", "mmproj-m.gguf", "tiny"])
            for part in [
                "projector ldpnetv2", "mmproj-m.gguf", "15 Q4_0", "85 tensors in the checkpoint: 64 used, 21 not used",
                "block 2 comes after the features are taken",
            ] {
                #expect(result.output.contains(part), "\(result.output)")
            }
            let names = try Tool.run("convert", shop.path("tiny"), shop.path("m.gguf"), "--q4_0", "--ledger")
            #expect(names.output.contains("model.layers.0.self_attn.rotary_emb.inv_freq: "))
        }
    }

    @Test("--mmproj and --mmproj-type place and type the projector file; --language-only leaves it out")
    func options() throws {
        try Workshop.with { shop in
            try shop.convert("a", "--q4_0", "--mmproj", shop.path("p.gguf"), "--mmproj-type", "q8_0")
            #expect(try shop.contents() == ["a.gguf", "p.gguf", "tiny"])
            #expect(try GGUFFile(path: shop.path("p.gguf")).info("v.blk.0.attn_q.weight")?.type == .q8_0)
            try shop.convert("b", "--q4_0", "--language-only")
            #expect(try shop.contents() == ["a.gguf", "b.gguf", "p.gguf", "tiny"])
        }
    }

    @Test("a type may be given as a flag or as a value; both write the same")
    func typeAsValue() throws {
        try Workshop.with { shop in
            try shop.convert("a", "--q4_k_m")
            try shop.convert("b", "--type", "Q4_K_M")
            try shop.convert("c", "--type=q4_k")
            let bytes = try ["a", "b", "c"].map { try Data(contentsOf: URL(fileURLWithPath: shop.path($0 + ".gguf"))) }
            #expect(bytes[0] == bytes[1] && bytes[0] == bytes[2])
        }
    }

    @Test("without a type the usual three are named, and the way to the others, in two lines")
    func missingType() throws {
        for command in ["convert", "quantize"] {
            let result = try Tool.run(command, "a", "b")
            #expect(result.status == 64)
            let lines = result.errors.split(separator: "\n").prefix { !$0.hasPrefix("Usage") }
            #expect(lines.count == 2, "\(result.errors)")
            #expect(lines.first?.contains("--q4_0, --q4_k_m or --q8_0") == true, "\(result.errors)")
            #expect(lines.last?.contains("vlmconv help convert") == true)
            #expect(result.errors.contains("\nUsage: vlmconv \(command) "), "\(result.errors)")
        }
        let twice = try Tool.run("convert", "a", "b", "--q4_0", "--type", "q8_0")
        #expect(twice.status == 64)
    }

    @Test("paths are taken as the shell gives them: relative, with spaces, with a trailing slash")
    func paths() throws {
        try Workshop.with { shop in
            let result = try Tool.run(["convert", "tiny/", "my model.gguf", "--f16"], in: shop.folder)
            #expect(result.status == 0, "\(result.errors)")
            #expect(try shop.contents() == ["mmproj-my model.gguf", "my model.gguf", "tiny"])
            #expect(try GGUFFile(path: shop.path("my model.gguf")).metadata["general.name"]?.text == "tiny")
        }
    }

    @Test("V1 without a tower asks for --vision-tower, and works with it")
    func visionTower() throws {
        try Workshop.with(SmallCheckpoint(.ldpnet, hasTower: false)) { shop in
            try SmallCheckpoint.clip().write(to: shop.folder.appendingPathComponent("clip"))
            let without = try Tool.run("convert", shop.path("tiny"), shop.path("m.gguf"), "--q4_0")
            #expect(without.status == 65)
            #expect(without.errors.contains("--vision-tower"))
            #expect(try shop.contents() == ["clip", "tiny"])
            try shop.convert("m", "--q4_0", "--vision-tower", shop.path("clip"))
            #expect(try shop.contents() == ["clip", "m.gguf", "mmproj-m.gguf", "tiny"])
            let verified = try Tool.run(
                "verify", shop.path("tiny"), shop.path("m.gguf"), "--vision-tower", shop.path("clip"))
            #expect(verified.status == 0, "\(verified.output)")
        }
    }

    @Test("the ledger has the same order in every run")
    func ledgerOrder() throws {
        try Workshop.with { shop in
            try SmallCheckpoint.clip().write(to: shop.folder.appendingPathComponent("clip"))
            func ledger() throws -> [Substring] {
                let result = try Tool.run(
                    "convert", shop.path("tiny"), shop.path("m.gguf"), "--f16", "--vision-tower", shop.path("clip"),
                    "--ledger")
                return result.output.split(separator: "\n").filter { $0.hasPrefix("  ") }
            }
            let first = try ledger()
            #expect(first.filter { $0.contains("replaced by the tower") }.count == 55)
            #expect(try ledger() == first)
        }
    }

    /// What is broken, and what the message must say.
    private static let broken: [(String, [String], @Sendable (Workshop) throws -> Void)] = {
        func write(_ text: String, _ name: String) -> @Sendable (Workshop) throws -> Void {
            { try Data(text.utf8).write(to: $0.tiny(name)) }
        }
        func remove(_ name: String) -> @Sendable (Workshop) throws -> Void {
            { try FileManager.default.removeItem(at: $0.tiny(name)) }
        }
        let first = SmallCheckpoint.shardName(0, of: 2)
        let index = "model.safetensors.index.json"
        return [
            (
                "the folder is missing", ["tiny", "No such file"],
                { try FileManager.default.removeItem(atPath: $0.path("tiny")) }
            ),
            (
                "the folder is empty", ["tiny", "config.json"],
                {
                    try FileManager.default.removeItem(atPath: $0.path("tiny"))
                    try FileManager.default.createDirectory(atPath: $0.path("tiny"), withIntermediateDirectories: true)
                }
            ),
            (
                "a shard is cut short", [first],
                { try Data(contentsOf: $0.tiny(first)).dropLast(100).write(to: $0.tiny(first)) }
            ),
            ("a shard is missing", [first, "shard"], remove(first)),
            (
                "the index leads outside", [index, "../x", "plain file name"],
                write(#"{"weight_map": {"lm_head.weight": "../x"}}"#, index)
            ),
            (
                "a shard is a Git LFS pointer", [first, "git lfs pull"],
                write("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", first)
            ),
            ("there is no tokenizer", ["tokenizer.model", "tokenizer.json"], remove("tokenizer.model")),
            ("the tokenizer is something else", ["tokenizer.model"], write("{}", "tokenizer.model")),
            ("the config is no JSON", ["config.json"], write("{", "config.json")),
            (
                "the config is of a model of another family", ["config.json", "qwen2"],
                write(#"{"model_type": "qwen2"}"#, "config.json")
            ),
        ]
    }()

    @Test("what is broken is named with its file, and nothing is left", arguments: 0..<10)
    func broken(number: Int) throws {
        let (what, parts, damage) = Self.broken[number]
        var checkpoint = SmallCheckpoint()
        checkpoint.shards = 2
        try Workshop.with(checkpoint) { shop in
            try FileManager.default.createDirectory(atPath: shop.path("out"), withIntermediateDirectories: true)
            try damage(shop)
            let result = try Tool.run("convert", shop.path("tiny"), shop.path("out/m.gguf"), "--q4_0")
            #expect([65, 66, 69].contains(result.status), "\(what): \(result.status)")
            #expect(result.output.isEmpty)
            for part in parts { #expect(result.errors.contains(part), "\(what): \(result.errors)") }
            #expect(try shop.contents("out").isEmpty, "\(what)")
        }
    }

    @Test("an unknown tensor, a linear projector, a value that is no number: a message, and nothing is left")
    func refused() throws {
        var unknown = SmallCheckpoint()
        unknown["model.extra.weight"] = .init("model.extra.weight", [2], [1, 2])
        var notFinite = SmallCheckpoint()
        notFinite["model.layers.1.mlp.up_proj.weight"]?[5] = .nan
        for (checkpoint, parts, status) in [
            (unknown, ["model.extra.weight", "nothing is known"], Int32(65)),
            (SmallCheckpoint(.linear), ["linear", "--language-only"], 69),
            (notFinite, ["model.layers.1.mlp.up_proj.weight", "NaN"], 65),
        ] {
            try Workshop.with(checkpoint) { shop in
                let result = try Tool.run("convert", shop.path("tiny"), shop.path("m.gguf"), "--q4_0")
                #expect(result.status == status)
                for part in parts { #expect(result.errors.contains(part), "\(result.errors)") }
                #expect(try shop.contents() == ["tiny"])
            }
        }
    }

    @Test("an input that is no model is never written over either: importance, pictures, texts, by path or by link")
    func ontoOtherInputs() throws {
        try Workshop.with { shop in
            try shop.convert("m", "--f16")
            let (model, picture, text) = (shop.path("m.gguf"), shop.path("pictures/p.png"), shop.path("text.txt"))
            try FileManager.default.createDirectory(atPath: shop.path("pictures"), withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: Fixtures.path("images/rgb_64x40.png"), toPath: picture)
            try Data(String(repeating: "What is the capital of France? ", count: 40).utf8).write(
                to: URL(fileURLWithPath: text))
            let collected = shop.path("collected.gguf")
            let imatrix = ["imatrix", model, "--text", text, "--images", shop.path("pictures"), "--chunk", "32", "-o"]
            let made = try Tool.run(imatrix + [collected])
            #expect(made.status == 0, "\(made.errors)")
            for input in [model, picture, text, collected] {
                try FileManager.default.linkItem(atPath: input, toPath: input + ".hard")
                try FileManager.default.createSymbolicLink(atPath: input + ".soft", withDestinationPath: input)
            }
            for (arguments, inputs) in [
                (["trace", model, "--prompt", "a", "--image", picture, "-o"], [model, picture]),
                (imatrix, [model, picture, text]),
                (["quantize", "--q4_0", "--imatrix", collected, model], [model, collected]),
                (["convert", "--q4_0", "--imatrix", collected, shop.path("tiny")], [collected]),
            ] {
                for input in inputs {
                    let before = try Data(contentsOf: URL(fileURLWithPath: input))
                    for output in [input, input + ".hard", input + ".soft"] {
                        let result = try Tool.run(arguments + [output])
                        #expect(result.status == 65, "\(arguments) \(output): \(result.errors)")
                        #expect(result.errors.contains("same file as the input"), "\(result.errors)")
                        #expect(try Data(contentsOf: URL(fileURLWithPath: input)) == before)
                    }
                }
            }
        }
    }

    @Test("an input is never written over")
    func ontoInput() throws {
        try Workshop.with { shop in
            for name in ["model.safetensors", "config.json", "tokenizer.model"] {
                let path = shop.path("tiny/" + name)
                let before = try Data(contentsOf: URL(fileURLWithPath: path))
                let result = try Tool.run("convert", shop.path("tiny"), path, "--q4_0")
                #expect(result.status == 65)
                #expect(result.errors.contains(path) && result.errors.contains("same file as the input"))
                #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
            }
            #expect(try shop.contents() == ["tiny"])
            #expect(try shop.contents("tiny").count == 3)
        }
    }

    @Test("a link is not written onto, whether it leads to a file or nowhere")
    func link() throws {
        try Workshop.with { shop in
            try shop.convert("m", "--q8_0")
            let before = try Data(contentsOf: URL(fileURLWithPath: shop.path("m.gguf")))
            for (name, target) in [("whole.gguf", "m.gguf"), ("dangling.gguf", "none.gguf")] {
                try FileManager.default.createSymbolicLink(
                    atPath: shop.path(name), withDestinationPath: shop.path(target))
                let result = try Tool.run(["convert", shop.path("tiny"), shop.path(name), "--q4_0"])
                #expect(result.status == 65 && result.errors.contains("is a symbolic link [output.kind]"))
                #expect(
                    try FileManager.default.destinationOfSymbolicLink(atPath: shop.path(name)) == shop.path(target))
            }
            #expect(try Data(contentsOf: URL(fileURLWithPath: shop.path("m.gguf"))) == before)
        }
    }

    @Test("a file of a checkpoint stands for its folder, with the same types")
    func configuration() throws {
        try Workshop.with { shop in
            let tiny = Fixtures.path("tiny-mobilevlm-v2")
            for (name, input) in [("a", tiny), ("b", tiny + "/config.json")] {
                let result = try Tool.run(["convert", input, shop.path("\(name).gguf"), "--q4_0"])
                #expect(result.status == 0)
            }
            for prefix in ["", "mmproj-"] {
                let types = try ["a", "b"].map { name in
                    try GGUFFile(path: shop.path("\(prefix)\(name).gguf")).tensors.map(\.type)
                }
                #expect(types[0] == types[1])
            }
        }
    }

    @Test("what could not be written is refused before it is calibrated")
    func early() throws {
        try Workshop.with { shop in
            try shop.convert("m", "--f16")
            try shop.convert("q", "--q4_0")
            try FileManager.default.createDirectory(atPath: shop.path("d.gguf"), withIntermediateDirectories: true)
            let (m, out) = (shop.path("m.gguf"), shop.path("out.gguf"))
            for (arguments, message) in [
                (["quantize", m, out, "--s4g64"], "ggml has no type s4g64"),
                (["quantize", m, m, "--q4_0"], "is the same file"),
                (["quantize", m, shop.path("d.gguf"), "--q4_0"], "not a regular file"),
                (["convert", shop.path("tiny"), shop.path("d.gguf"), "--q4_0"], "not a regular file"),
                (["convert", shop.path("tiny"), out, "--s4g64"], "ggml has no type s4g64"),
                (["quantize", shop.path("q.gguf"), out, "--q4_0"], "[quantize.already-quantized]"),
            ] {
                let result = try Tool.run(arguments + ["--calibrate", "--effort", "quick"])
                #expect(result.status == 65 && result.errors.contains(message), "\(arguments): \(result.errors)")
            }
            let names = try shop.contents()
            #expect(!names.contains { $0.hasSuffix(".unfinished") })
        }
    }

    @Test("what is named beside a file that would pass it over is refused")
    func parts() throws {
        try Workshop.with { shop in
            try shop.convert("m", "--q8_0")
            let (pair, whole) = (shop.path("m.gguf"), shop.path("m.mvlm"))
            #expect(try Tool.run(["convert", pair, whole]).status == 0)
            for arguments in [
                [pair, "--lora", shop.path("none")], [pair, "--vision-tower", shop.path("tiny")],
                [whole, "--mmproj", shop.path("mmproj-m.gguf")], [whole, "--lora", shop.path("none")],
            ] {
                let result = try Tool.run(["run"] + arguments + ["--prompt", "a"])
                #expect(
                    result.status == 65 && result.errors.contains("[model.parts]"), "\(arguments): \(result.errors)")
            }
        }
    }

    @Test("an interrupt leaves nothing behind", arguments: [SIGINT, SIGTERM])
    func interrupt(signal: Int32) throws {
        // Several seconds of work for one thread, so that the signal arrives in the midst of it.
        try Workshop.with(SmallCheckpoint(nil, feedForward: 64 * 1024)) { shop in
            try FileManager.default.createDirectory(atPath: shop.path("out"), withIntermediateDirectories: true)
            let running = try Tool.Running(
                ["convert", shop.path("tiny"), shop.path("out/m.gguf"), "--iq4_nl", "--threads", "1"])
            // The unfinished file shows that the work has begun.
            while try shop.contents("out").isEmpty, running.process.isRunning { usleep(2000) }
            #expect(try shop.contents("out").allSatisfy { $0.hasSuffix(".partial") })
            kill(running.process.processIdentifier, signal)
            let result = running.finish()
            #expect(result.status == 128 + signal)
            #expect(try shop.contents("out").isEmpty)
        }
    }
}
