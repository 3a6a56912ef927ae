import Foundation
import GGUF
import ModelSupport
import TestSupport
import Testing
import VLMConv

/// A language model in parts, with the tower and projector that belong to it.
struct SplitModelTests {
    @Test("tower and projector stay whole beside a language model in parts, and the pair opens by any part")
    func splitPair() throws {
        try withFolder { folder in
            let source = try SmallCheckpoint().write(to: folder.appendingPathComponent("tiny")).path
            var request = try ConversionRequest(source, folder.path + "/m.gguf", "q8_0")
            request.storage.maximumFileBytes = 20_000
            let report = try request.run()
            let parts = report.files[0].parts
            #expect(parts.count > 2)
            // llama.cpp reads tower and projector from one file only.
            #expect(report.files[1].parts == [folder.path + "/mmproj-m.gguf"])
            for part in parts {
                let pair = try Model(path: part)
                #expect(pair.configuration.multimodal != nil)
                #expect(pair.files == parts + report.files[1].parts)
            }

            var quantization = QuantizationRequest(
                input: report.files[1].path, output: folder.path + "/mmproj-q.gguf", storage: request.storage)
            quantization.storage.maximumFileBytes = 20_000
            #expect(try quantization.run().files[0].parts == [folder.path + "/mmproj-q.gguf"])
        }
    }

    @Test("a byte that changes in any part of a split model is found, by the tensor's name")
    func splitIntegrity() throws {
        try withFolder { folder in
            let source = try SmallCheckpoint(nil).write(to: folder.appendingPathComponent("tiny")).path
            var request = try ConversionRequest(source, folder.path + "/m.gguf", "q8_0")
            request.storage.maximumFileBytes = 20_000
            let parts = try #require(try request.run().files.first).parts
            for path in parts {
                #expect(try IntegrityCheck(path: path).passed)
                let part = try GGUFFile(path: path)
                let tensor = try #require(part.tensors.last)
                let whole = try Data(contentsOf: URL(fileURLWithPath: path))
                var bytes = whole
                bytes[try #require(part.offset(of: tensor.name)) + part.dataOffset + tensor.byteCount - 1] ^= 0x80
                try bytes.write(to: URL(fileURLWithPath: path))
                let check = try IntegrityCheck(path: parts[0])
                #expect(!check.passed)
                #expect(check.tensors.filter { $0.outcome == .differs }.map(\.name) == [tensor.name])
                try whole.write(to: URL(fileURLWithPath: path))
            }
            #expect(try IntegrityCheck(path: parts[0]).passed)
        }
    }
}
