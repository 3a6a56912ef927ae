import ByteIO
import Dialects
import Foundation
import GGUF
import MobileVLM
import Tensors
import Testing
import ModelSupport
import TestSupport
import VLMConv

/// Quantizing GGUF files, planning, splitting, and the record of where a file comes from.
struct QuantizationRequestTests {
    /// A small checkpoint and its pair in F16, in a fresh folder.
    private func withPair<Result>(_ body: (_ folder: String, _ checkpoint: String) throws -> Result) throws -> Result {
        try withFolder { folder in
            let source = try SmallCheckpoint().write(to: folder.appendingPathComponent("tiny")).path
            _ = try ConversionRequest(source, folder.path + "/f32.gguf", "f32", mmproj: "f32").run()
            return try body(folder.path, source)
        }
    }

    private func quantize(_ input: String, _ output: String, _ name: String) throws -> ConversionReport {
        try QuantizationRequest(input: input, output: output, storage: StorageOptions(preset(name))).run()
    }

    @Test(
        "quantizing the F32 file gives the tensors that converting the checkpoint gives",
        arguments: ["q4_0", "q4_k_m", "q8_0", "f16"])
    func sameAsConvert(name: String) throws {
        try withPair { folder, checkpoint in
            _ = try ConversionRequest(checkpoint, folder + "/direct.gguf", name, mmproj: name).run()
            for prefix in ["", "mmproj-"] {
                _ = try quantize(folder + "/\(prefix)f32.gguf", folder + "/\(prefix)indirect.gguf", name)
                let direct = try GGUFFile(path: folder + "/\(prefix)direct.gguf")
                let indirect = try GGUFFile(path: folder + "/\(prefix)indirect.gguf")
                #expect(direct.tensors.count == indirect.tensors.count)
                for tensor in direct.tensors where !tensor.name.contains("_embd") || prefix.isEmpty {
                    #expect(indirect.info(tensor.name)?.type == tensor.type, "\(tensor.name)")
                    #expect(try indirect.array(tensor.name) == direct.array(tensor.name), "\(tensor.name)")
                }
            }
        }
    }

    @Test("every key is kept, and version and type of the file are set anew at the end")
    func metadata() throws {
        try withPair { folder, _ in
            _ = try quantize(folder + "/mmproj-f32.gguf", folder + "/q.gguf", "q4_0")
            let (before, after) = try (
                GGUFFile(path: folder + "/mmproj-f32.gguf").metadata, GGUFFile(path: folder + "/q.gguf").metadata
            )
            for (key, value) in before.entries where !key.hasPrefix("vlmconv.") && key != "general.file_type" {
                #expect(after[key] == value, "\(key)")
            }
            #expect(after["general.file_type"] == .uint32(2))
            #expect(after["general.quantization_version"] == .uint32(2))
            #expect(after["clip.vision.feature_layer"] == .int32s([2]))
        }
    }

    @Test("what is quantized already is only quantized again on demand")
    func requantize() throws {
        try withPair { folder, _ in
            _ = try quantize(folder + "/f32.gguf", folder + "/q8.gguf", "q8_0")
            expect(QuantizationRequest.alreadyQuantized, contains: "--allow-requantize") {
                _ = try quantize(folder + "/q8.gguf", folder + "/q4.gguf", "q4_0")
            }
            #expect(!FileManager.default.fileExists(atPath: folder + "/q4.gguf"))
            var request = QuantizationRequest(
                input: folder + "/q8.gguf", output: folder + "/q4.gguf", storage: StorageOptions(try preset("q4_0")))
            request.allowsRequantizing = true
            _ = try request.run()
            #expect(try GGUFFile(path: folder + "/q4.gguf").info("blk.0.attn_q.weight")?.type == .q4_0)
            // The same type again copies the tensors.
            _ = try quantize(folder + "/q8.gguf", folder + "/q8b.gguf", "q8_0")
            #expect(
                try GGUFFile(path: folder + "/q8b.gguf").array("blk.0.attn_q.weight")
                    == GGUFFile(path: folder + "/q8.gguf").array("blk.0.attn_q.weight"))
        }
    }

    @Test("a file is never quantized onto itself, nor is a file of another kind quantized")
    func refused() throws {
        try withPair { folder, checkpoint in
            expect(Rule("output.input"), contains: "f32.gguf") {
                _ = try quantize(folder + "/f32.gguf", folder + "/f32.gguf", "q4_0")
            }
            #expect(throws: InputError.self) {
                try quantize(checkpoint + "/model.safetensors", folder + "/q.gguf", "q4_0")
            }
            expect(GGUFLanguageMetadata.wrongKey, contains: "general.architecture") {
                _ = try quantize(Fixtures.path("gguf/types.gguf"), folder + "/q.gguf", "q4_0")
            }
            #expect(!FileManager.default.fileExists(atPath: folder + "/q.gguf"))
        }
    }

    @Test("folders and .mvlm files are told apart from GGUF files by name, and nothing is written")
    func containers() throws {
        try withFolder { folder in
            let source = try SmallCheckpoint().write(to: folder.appendingPathComponent("tiny")).path
            for name in ["m.gguf", "m.mvlm"] {
                _ = try ConversionRequest(source, folder.path + "/" + name, "f16").run()
            }
            for (input, output) in [("m.gguf", "q.mvlm"), ("m.mvlm", "q.gguf"), ("tiny", "q.gguf")] {
                let request = QuantizationRequest(
                    input: folder.path + "/" + input, output: folder.path + "/" + output,
                    storage: StorageOptions(try preset("q4_0")))
                let error = #expect(throws: InputError.self) { try request.run() }
                #expect(error?.rule == QuantizationRequest.container && error?.remedy?.contains("onvert") == true)
            }
            #expect(try contents(of: folder) == ["m.gguf", "m.mvlm", "mmproj-m.gguf", "tiny"])
        }
    }

    @Test("a plan states the types and sizes that the conversion then has, and writes nothing")
    func plan() throws {
        try withFolder { folder in
            let source = try SmallCheckpoint().write(to: folder.appendingPathComponent("tiny")).path
            let request = try ConversionRequest(source, folder.path + "/m.gguf", "q4_k_m", mmproj: "q8_0")
            let plan = try request.plan()
            #expect(try contents(of: folder) == ["tiny"])
            _ = try request.run()
            #expect(plan.files.map(\.path) == [folder.path + "/m.gguf", folder.path + "/mmproj-m.gguf"])
            for file in plan.files {
                let written = try GGUFFile(path: file.path)
                #expect(file.rows.map(\.name) == written.tensors.map(\.name))
                #expect(file.rows.map(\.target) == written.tensors.map(\.type))
                #expect(file.rows.map(\.targetBytes) == written.tensors.map(\.byteCount))
                let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
                #expect(attributes[.size] as? Int == file.bytes)
            }
            #expect(plan.diskBytes == plan.files.reduce(0) { $0 + $1.bytes })
            // F16 keys and values: 2 layers x 2 (keys, values) x 64 x 2 bytes x 1024 positions.
            #expect(plan.cacheBytesPer1024 == 2 * 2 * 64 * 2 * 1024)
        }
    }

    @Test("a file records what it was made of, and a check finds what has changed since")
    func integrity() throws {
        try withFolder { folder in
            let source = try SmallCheckpoint().write(to: folder.appendingPathComponent("tiny"))
            let output = folder.appendingPathComponent("m.gguf")
            _ = try ConversionRequest(source.path, output.path, "q4_0").run()

            let file = try GGUFFile(path: output.path)
            let digests = try #require(file.metadata["vlmconv.tensor.xxh64"]?.texts)
            #expect(digests == (try file.tensors.map { XXH64.hex(try file.array($0.name)) }))
            let names = try #require(file.metadata["vlmconv.source.files"]?.texts)
            #expect(Set(names) == ["config.json", "model.safetensors", "tokenizer.model"])
            let expected = try names.map {
                SHA256.hex(Array(try Data(contentsOf: source.appendingPathComponent($0))))
            }
            #expect(file.metadata["vlmconv.source.sha256"]?.texts == expected)

            #expect(try IntegrityCheck(path: output.path, sourceFolder: source.path).passed)
            // One bit of one tensor, and one file of the checkpoint.
            var bytes = try Data(contentsOf: output)
            let place = try #require(file.offset(of: "blk.1.ffn_up.weight")) + file.dataOffset
            bytes[place + 100] ^= 1
            try bytes.write(to: output)
            try Data("{}".utf8).write(to: source.appendingPathComponent("config.json"))
            try FileManager.default.removeItem(at: source.appendingPathComponent("tokenizer.model"))
            let check = try IntegrityCheck(path: output.path, sourceFolder: source.path)
            #expect(!check.passed)
            #expect(check.tensors.filter { $0.outcome == .differs }.map(\.name) == ["blk.1.ffn_up.weight"])
            #expect(check.sources.filter { $0.outcome == .differs }.map(\.name) == ["config.json"])
            #expect(check.sources.filter { $0.outcome == .missing }.map(\.name) == ["tokenizer.model"])
        }
    }

    @Test("without digests there is nothing to check, and a check says so")
    func noDigests() throws {
        try withFolder { folder in
            let source = try SmallCheckpoint(nil).write(to: folder.appendingPathComponent("tiny")).path
            var request = try ConversionRequest(source, folder.path + "/m.gguf", "q4_0")
            request.storage.digests = .nothing
            _ = try request.run()
            let keys = try GGUFFile(path: folder.path + "/m.gguf").metadata.entries.map(\.key)
            #expect(!keys.contains { $0.hasSuffix(".sha256") || $0.hasSuffix(".xxh64") })
            #expect(keys.contains("vlmconv.plan") && keys.contains("vlmconv.tensor.error"))
            expect(IntegrityCheck.notRecorded, contains: "m.gguf") {
                _ = try IntegrityCheck(path: folder.path + "/m.gguf")
            }
        }
    }

    @Test("quantizing records the tensors' digests, and the input's where it is asked to")
    func quantizedDigests() throws {
        try withFolder { folder in
            let source = try SmallCheckpoint(nil).write(to: folder.appendingPathComponent("tiny")).path
            let input = folder.path + "/f16.gguf"
            let output = folder.path + "/q.gguf"
            _ = try ConversionRequest(source, input, "f16").run()
            var request = QuantizationRequest(
                input: input, output: output, storage: StorageOptions(try preset("q8_0")))
            _ = try request.run()
            #expect(try GGUFFile(path: output).metadata["vlmconv.source.sha256"] == nil)
            #expect(try IntegrityCheck(path: output, sourceFolder: folder.path).passed)
            request.storage.digests = .tensorsAndSources
            _ = try request.run()
            #expect(
                try GGUFFile(path: output).metadata["vlmconv.source.sha256"]?.texts
                    == [SHA256.hex(Array(try Data(contentsOf: URL(fileURLWithPath: input))))])
        }
    }

    @Test("a model cut into parts holds the same tensors, and opens by any of them")
    func split() throws {
        try withFolder { folder in
            let source = try SmallCheckpoint(nil).write(to: folder.appendingPathComponent("tiny")).path
            _ = try ConversionRequest(source, folder.path + "/whole.gguf", "q8_0").run()
            var request = try ConversionRequest(source, folder.path + "/m.gguf", "q8_0")
            request.storage.maximumFileBytes = 50_000
            let report = try request.run()
            let parts = try #require(report.files.first).parts
            #expect(parts.count > 2)
            #expect(
                try Set(contents(of: folder))
                    == Set(parts.map { ($0 as NSString).lastPathComponent } + ["tiny", "whole.gguf"]))
            let whole = try GGUFFile(path: folder.path + "/whole.gguf")
            let joined = try GGUFSplit(path: #require(parts.last))
            #expect(joined.tensors.map(\.name) == whole.tensors.map(\.name))
            for tensor in whole.tensors { #expect(try joined.array(tensor.name) == whole.array(tensor.name)) }
            #expect(try Model(path: parts[0]).configuration.language.layerCount == 2)
            #expect(try IntegrityCheck(path: parts[0]).passed)
        }
    }
}
