import Conversion
import Dialects
import Foundation
import GGUF
import ModelSupport
import Tensors
import Testing
import TestSupport
import VLMConv

/// Converted files against llama.cpp's: every tensor's type, shape and bytes.
@Suite("tensors against llama.cpp's files", .enabled(if: Fixtures.hasGolden))
struct DigestTests {
    private func golden(_ path: String) throws -> String { try #require(Fixtures.golden("mini-v2/\(path)")) }

    private func expect(_ file: GGUFFile, equals tensors: [Listing.Tensor]) throws {
        #expect(Set(file.tensors.map(\.name)) == Set(tensors.map(\.name)))
        for expected in tensors {
            let info = try #require(file.info(expected.name), "\(expected.name)")
            #expect(info.type.name == expected.type, "\(expected.name)")
            #expect(info.shape.dimensions == expected.shape.reversed(), "\(expected.name)")
            #expect(SHA256.hex(try file.array(expected.name)) == expected.sha256, "\(expected.name)")
        }
    }

    @Test(
        "a language model has llama-quantize's bytes in every tensor",
        arguments: Preset.all.map(\.name).filter { $0 != "q2_k_s" })
    func language(name: String) throws {
        try withFolder { folder in
            let output = folder.appendingPathComponent("mini.gguf").path
            var request = try ConversionRequest(golden("model"), output, name)
            request.languageOnly = true
            _ = try request.run()
            try expect(
                GGUFFile(path: output), equals: Listing(golden("llama-quantize/\(name).json")).tensors)
        }
    }

    @Test(
        "with importance and with its options a language model has llama-quantize's bytes too",
        arguments: [
            "q4_0-imatrix", "q4_k_m-imatrix", "q4_k_m-imatrix-dat", "iq4_xs-imatrix", "q5_k_m-imatrix",
            "q3_k_m-imatrix", "q2_k-imatrix", "q2_k_s-imatrix", "q4_0-pure", "q5_0-pure", "q4_k-pure",
            "q4_k_m-leave-output", "q4_0-types",
        ])
    func options(run: String) throws {
        try withFolder { folder in
            let output = folder.appendingPathComponent("mini.gguf").path
            let parts = run.split(separator: "-", maxSplits: 1).map(String.init)
            var request = try ConversionRequest(golden("model"), output, parts[0])
            request.languageOnly = true
            switch parts[1] {
            case "imatrix": request.storage.importance = try golden("imatrix/imatrix.gguf")
            case "imatrix-dat": request.storage.importance = try golden("imatrix/imatrix.dat")
            case "pure": request.storage.isPure = true
            case "leave-output": request.storage.outputType = .f16
            default: (request.storage.outputType, request.storage.embeddingType) = (.q8_0, .q4_K)
            }
            _ = try request.run()
            try expect(
                GGUFFile(path: output), equals: Listing(golden("llama-quantize/\(run).json")).tensors)
        }
    }

    @Test(
        "tower and projector have llama.cpp's bytes under today's names",
        arguments: ["f16", "q8_0", "q4_0", "q6_k", "q4_k_m"])
    func projector(name: String) throws {
        try withFolder { folder in
            let output = folder.appendingPathComponent("mini.gguf").path
            _ = try ConversionRequest(golden("model"), output, "f16", mmproj: name).run()
            let path = name == "f16" ? "legacy/mmproj-f16.json" : "llama-quantize/mmproj-\(name).json"
            var tensors = try Listing(golden(path)).tensors
            // The legacy names of fc1 and fc2 are the other way round.
            tensors = tensors.map {
                Listing.Tensor(
                    name: Self.swapped($0.name), type: $0.type, shape: $0.shape, sha256: $0.sha256)
            }
            let file = try GGUFFile(path: GGUFDialect.projectorPath(for: output))
            if name == "q4_k_m" {
                // By its name llama-quantize took fc1 for the matrix that gets more bits; here it is fc2.
                tensors.removeAll { $0.name.contains("ffn_") && $0.name.hasSuffix("weight") }
                for block in 0..<4 {
                    #expect(file.info("v.blk.\(block).ffn_down.weight")?.type == .q6_K)
                    #expect(file.info("v.blk.\(block).ffn_up.weight")?.type == .q5_0)
                }
                for tensor in tensors {
                    #expect(SHA256.hex(try file.array(tensor.name)) == tensor.sha256, "\(tensor.name)")
                }
            } else {
                try expect(file, equals: tensors)
            }
        }
    }

    private static func swapped(_ name: String) -> String {
        let (up, down) = (".ffn_up.", ".ffn_down.")
        return name.contains(up)
            ? name.replacingOccurrences(of: up, with: down) : name.replacingOccurrences(of: down, with: up)
    }

    private struct Vocabulary: Decodable {
        struct Recorded: Decodable { let sha256: String }
        struct Keys: Decodable {
            let tokens, scores, kinds: Recorded
            enum CodingKeys: String, CodingKey {
                case tokens = "tokenizer.ggml.tokens"
                case scores = "tokenizer.ggml.scores"
                case kinds = "tokenizer.ggml.token_type"
            }
        }
        let kv: Keys
    }

    @Test("texts, scores and kinds of all 32000 tokens are the legacy converter's")
    func vocabulary() throws {
        try withFolder { folder in
            let output = folder.appendingPathComponent("mini.gguf").path
            var request = try ConversionRequest(golden("model"), output, "q8_0")
            request.languageOnly = true
            _ = try request.run()
            let metadata = try GGUFFile(path: output).metadata
            let expected = try JSONDecoder().decode(
                Vocabulary.self, from: Data(contentsOf: URL(fileURLWithPath: golden("legacy/llm-f16.json"))))
            func little(_ value: some FixedWidthInteger) -> [UInt8] {
                withUnsafeBytes(of: value.littleEndian) { Array($0) }
            }
            let texts = try #require(metadata["tokenizer.ggml.tokens"]?.texts)
            #expect(
                SHA256.hex(texts.flatMap { little(UInt64($0.utf8.count)) + Array($0.utf8) })
                    == expected.kv.tokens.sha256)
            let scores = try #require(metadata["tokenizer.ggml.scores"]?.floats)
            #expect(SHA256.hex(scores.flatMap { little($0.bitPattern) }) == expected.kv.scores.sha256)
            let kinds = try #require(metadata["tokenizer.ggml.token_type"]?.integers)
            #expect(SHA256.hex(kinds.flatMap { little(Int32($0)) }) == expected.kv.kinds.sha256)
        }
    }
}
