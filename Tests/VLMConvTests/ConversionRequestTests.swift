import ByteIO
import Conversion
import Foundation
import GGUF
import MobileVLM
import Tensors
import ModelSupport
import TestSupport
import Testing
import VLMConv

/// What a conversion writes, and that it writes all or nothing.
struct ConversionRequestTests {
    /// Converts and returns what lies in the output folder afterwards.
    private func failure(
        of checkpoint: SmallCheckpoint, preset: String = "q4_0", mmproj: String = "f16",
        change: (inout ConversionRequest) -> Void = { _ in }
    ) throws -> (error: String, left: [String]) {
        try withFolder { folder in
            let source = try checkpoint.write(to: folder.appendingPathComponent("model")).path
            let outputs = folder.appendingPathComponent("out")
            try FileManager.default.createDirectory(at: outputs, withIntermediateDirectories: false)
            var request = try ConversionRequest(source, outputs.path + "/m.gguf", preset, mmproj: mmproj)
            change(&request)
            let error = #expect(throws: (any Error).self) { try request.run() }
            return ("\(try #require(error))", try contents(of: outputs))
        }
    }

    @Test("a pair has the keys of both parts, and the report agrees with the files")
    func pair() throws {
        try withFolder { folder in
            let source = try SmallCheckpoint().write(to: folder.appendingPathComponent("tiny")).path
            let output = folder.path + "/m.gguf"
            let report = try ConversionRequest(source, output, "q8_0").run()
            #expect(try contents(of: folder) == ["m.gguf", "mmproj-m.gguf", "tiny"])

            let language = try GGUFFile(path: output)
            #expect(language.metadata["general.architecture"]?.text == "llama")
            #expect(language.metadata["general.name"]?.text == "tiny")
            #expect(language.metadata["general.file_type"] == .uint32(7))
            #expect(language.metadata["general.quantization_version"] == .uint32(2))
            #expect(language.metadata["tokenizer.ggml.tokens"]?.texts?.count == 500)
            let projector = try GGUFFile(path: folder.path + "/mmproj-m.gguf")
            #expect(projector.metadata["general.architecture"]?.text == "clip")
            #expect(projector.metadata["general.file_type"] == .uint32(1))
            #expect(projector.metadata["general.quantization_version"] == nil)
            #expect(projector.metadata["clip.vision.block_count"] == .uint32(2))
            #expect(projector.metadata["clip.vision.feature_layer"] == .int32s([2]))

            #expect(report.files.map(\.path) == [output, folder.path + "/mmproj-m.gguf"])
            for (file, gguf) in zip(report.files, [language, projector]) {
                let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
                #expect(attributes[.size] as? Int == file.bytes)
                #expect(file.tensors == gguf.tensors.count)
                #expect(file.parameters == gguf.tensors.reduce(0) { $0 + $1.elementCount })
                for (type, count) in file.types { #expect(gguf.tensors.filter { $0.type == type }.count == count) }
            }
            // 21 + 37 + 6 are read; two inv_freq, position_ids, the last block and the last norm are not.
            let ledger = try #require(report.ledger)
            #expect(ledger.used.count == 21 + 37 + 6)
            #expect(ledger.dropped.count == 2 + 1 + 16 + 2)
            #expect(ledger.total == SmallCheckpoint().tensors.count)
            #expect(report.advice.first?.contains("4 x 4") == true)
        }
    }

    @Test("the same checkpoint gives the same bytes, whatever the threads and the shards")
    func deterministic() throws {
        try withFolder { folder in
            func convert(threads: Int, shards: Int, digests: Bool) throws -> [Data] {
                var checkpoint = SmallCheckpoint()
                checkpoint.shards = shards
                let run = folder.appendingPathComponent("\(threads)-\(shards)-\(digests)")
                let source = try checkpoint.write(to: run.appendingPathComponent("tiny")).path
                var request = try ConversionRequest(source, run.path + "/m.gguf", "q4_0", mmproj: "q8_0")
                request.storage.threads = threads
                request.storage.digests = digests ? .tensorsAndSources : .nothing
                _ = try request.run()
                return try ["m.gguf", "mmproj-m.gguf"].map { try Data(contentsOf: run.appendingPathComponent($0)) }
            }
            let digested = try convert(threads: 1, shards: 1, digests: true)
            #expect(try convert(threads: 3, shards: 1, digests: true) == digested)
            // With digests the shards' names are in the file.
            let plain = try convert(threads: 1, shards: 1, digests: false)
            #expect(try convert(threads: 2, shards: 3, digests: false) == plain)
        }
    }

    @Test("values are the checkpoint's: BF16 widened, rows of queries reordered")
    func values() throws {
        try withFolder { folder in
            let checkpoint = SmallCheckpoint()
            let source = try checkpoint.write(to: folder.appendingPathComponent("tiny")).path
            _ = try ConversionRequest(source, folder.path + "/m.gguf", "f32", mmproj: "f32").run()
            let language = try GGUFFile(path: folder.path + "/m.gguf")
            let queries = try #require(checkpoint["model.layers.1.self_attn.q_proj.weight"])
            var expected: [UInt8] = []
            for row in 0..<64 {
                // Two heads of 32: new row (h*D + 2i + s) = old row (h*D + s*D/2 + i).
                let (head, inner) = (row / 32, row % 32)
                let old = head * 32 + inner % 2 * 16 + inner / 2
                for column in 0..<64 {
                    let bits = queries[old * 64 + column].bitPattern
                    expected += (0..<4).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) }
                }
            }
            #expect(try language.array("blk.1.attn_q.weight") == expected)
            let projector = try GGUFFile(path: folder.path + "/mmproj-m.gguf")
            let bias = try #require(checkpoint["model.mm_projector.peg.peg.0.bias"])
            #expect(
                try projector.array("mm.model.peg.0.bias")
                    == (0..<64).flatMap { n in (0..<4).map { UInt8(truncatingIfNeeded: bias[n].bitPattern >> (8 * $0)) }
                    })
        }
    }

    @Test("every projector of the family is written", arguments: [SmallCheckpoint.Projector.ldpnet, .ldpnetv2, .mlp])
    func projectors(kind: SmallCheckpoint.Projector) throws {
        try withFolder { folder in
            let source = try SmallCheckpoint(kind).write(to: folder.appendingPathComponent("tiny")).path
            _ = try ConversionRequest(source, folder.path + "/m.gguf", "q4_k_m", mmproj: "q4_k_m").run()
            let type = try GGUFFile(path: folder.path + "/mmproj-m.gguf").metadata["clip.projector_type"]?.text
            #expect(type == [.ldpnet: "ldp", .ldpnetv2: "ldpv2", .mlp: "mlp"][kind])
            // And opens again as a pair.
            let model = try Model(path: folder.path + "/m.gguf")
            #expect(model.configuration.multimodal?.projector.description == kind.rawValue)
        }
    }

    @Test("a linear projector is refused with the reason and the way out; the language model alone is written")
    func linear() throws {
        let (error, left) = try failure(of: SmallCheckpoint(.linear))
        #expect(error.contains("linear") && error.contains("--language-only"), "\(error)")
        #expect(left.isEmpty)
        try withFolder { folder in
            let source = try SmallCheckpoint(.linear).write(to: folder.appendingPathComponent("tiny")).path
            var request = try ConversionRequest(source, folder.path + "/m.gguf", "q4_0")
            request.languageOnly = true
            let report = try request.run()
            #expect(try contents(of: folder) == ["m.gguf", "tiny"])
            #expect(report.files.count == 1)
            #expect(report.advice.isEmpty)
        }
    }

    @Test("the language model of V1 is converted and verified without its tower")
    func languageOnlyWithoutTower() throws {
        try withFolder { folder in
            let source = try SmallCheckpoint(.ldpnet, hasTower: false).write(to: folder.appendingPathComponent("tiny"))
            let output = folder.path + "/m.gguf"
            var request = try ConversionRequest(source.path, output, "q8_0")
            request.languageOnly = true
            let report = try request.run()
            let ledger = try #require(report.ledger)
            let projector = ledger.dropped.filter { $0.name.contains("mm_projector") }
            #expect(!projector.isEmpty && projector.allSatisfy { $0.reason.contains("only the language model") })
            let verdict = try VerificationRequest(
                reference: ModelLocation(source.path), candidate: ModelLocation(output)
            ).run()
            #expect(verdict.passed)
            #expect(verdict.remarks.contains { $0.contains("only the language model") })
            // Against a pair too: its projector is left aside.
            let pair = try SmallCheckpoint(.ldpnet).write(to: folder.appendingPathComponent("whole"))
            _ = try ConversionRequest(pair.path, folder.path + "/pair.gguf", "f32").run()
            let other = try VerificationRequest(
                reference: ModelLocation(folder.path + "/pair.gguf"), candidate: ModelLocation(output)
            ).run()
            #expect(other.passed)
            #expect(other.remarks.contains { $0.contains("only the language model") })
        }
    }

    @Test("verify reproduces the bytes of a file that was made with importance when it is given the same matrix")
    func verifyWithImportance() throws {
        try withFolder { folder in
            let source = try SmallCheckpoint(nil).write(to: folder.appendingPathComponent("tiny")).path
            let text = folder.path + "/text.txt"
            try String(repeating: "A cat sits on a red mat. ", count: 40)
                .write(toFile: text, atomically: true, encoding: .utf8)
            var collection = ImportanceRequest(model: ModelLocation(source), output: folder.path + "/imatrix.gguf")
            collection.texts = [text]
            collection.chunkSize = 16
            _ = try collection.run()
            var request = try ConversionRequest(source, folder.path + "/m.gguf", "q4_0")
            request.storage.importance = collection.output
            _ = try request.run()
            var verification = VerificationRequest(
                reference: ModelLocation(source), candidate: ModelLocation(folder.path + "/m.gguf"))
            let without = try verification.run()
            #expect(without.reproduced < without.tensors.count)
            verification.importance = collection.output
            let with = try verification.run()
            #expect(with.reproduced == with.tensors.count)
        }
    }

    @Test(
        "a value that is no number stops the conversion, names its tensor and leaves nothing",
        arguments: [
            "model.layers.1.mlp.down_proj.weight", "model.layers.0.input_layernorm.weight", "lm_head.weight",
            "model.mm_projector.mlp.mlp.2.bias", SmallCheckpoint.embeddedTower + "encoder.layers.1.mlp.fc1.weight",
        ], ["q4_0", "bf16"])
    func notFinite(name: String, preset: String) throws {
        for value in [Float.nan, .infinity] {
            var checkpoint = SmallCheckpoint()
            checkpoint[name]?[33] = value
            let (error, left) = try failure(of: checkpoint, preset: preset, mmproj: preset)
            #expect(error.contains(name) && error.contains("convert.not-finite"), "\(error)")
            #expect(left.isEmpty)
        }
    }

    @Test("a value that is no number in a tensor that is not used does no harm")
    func notFiniteUnused() throws {
        try withFolder { folder in
            var checkpoint = SmallCheckpoint()
            checkpoint[SmallCheckpoint.embeddedTower + "encoder.layers.2.mlp.fc1.weight"]?[0] = .nan
            let source = try checkpoint.write(to: folder.appendingPathComponent("tiny")).path
            _ = try ConversionRequest(source, folder.path + "/m.gguf", "q4_0").run()
        }
    }

    @Test("nothing of the checkpoint is written over, by whatever name")
    func inputs() throws {
        try withFolder { folder in
            var checkpoint = SmallCheckpoint()
            checkpoint.shards = 2
            let source = try checkpoint.write(to: folder.appendingPathComponent("tiny"))
            let names = try contents(of: source)
            #expect(names.count == 5)
            let link = folder.appendingPathComponent("link.gguf")
            for name in names {
                let path = source.appendingPathComponent(name)
                let before = try Data(contentsOf: path)
                try? FileManager.default.removeItem(at: link)
                try FileManager.default.createSymbolicLink(at: link, withDestinationURL: path)
                for output in [path.path, link.path] {
                    expect(Rule("output.input"), contains: output) {
                        _ = try ConversionRequest(source.path, output, "q4_0").run()
                    }
                    expect(Rule("output.input"), contains: output) {
                        var request = try ConversionRequest(source.path, folder.path + "/m.gguf", "q4_0")
                        request.projectorOutput = output
                        _ = try request.run()
                    }
                }
                #expect(try Data(contentsOf: path) == before, "\(name)")
            }
            #expect(try contents(of: source) == names)
            #expect(try contents(of: folder) == ["link.gguf", "tiny"])
        }
    }

    @Test("two outputs in one place are refused")
    func sameOutput() throws {
        let (error, left) = try failure(of: SmallCheckpoint()) { $0.projectorOutput = $0.output }
        #expect(error.contains("m.gguf"), "\(error)")
        #expect(left.isEmpty)
    }

    @Test("an output that cannot be made leaves the other one unmade as well")
    func unwritable() throws {
        let (error, left) = try failure(of: SmallCheckpoint()) {
            $0.projectorOutput = "/nonexistent-folder/mmproj.gguf"
        }
        #expect(error.contains("/nonexistent-folder/mmproj.gguf"), "\(error)")
        #expect(left.isEmpty)
    }

    @Test("a file that is there already is replaced whole, or kept when the conversion fails")
    func replaces() throws {
        try withFolder { folder in
            let output = folder.appendingPathComponent("m.gguf")
            try Data("older".utf8).write(to: output)
            var broken = SmallCheckpoint(nil)
            broken["lm_head.weight"]?[0] = .nan
            let bad = try broken.write(to: folder.appendingPathComponent("bad")).path
            #expect(throws: (any Error).self) { try ConversionRequest(bad, output.path, "q4_0").run() }
            #expect(try Data(contentsOf: output) == Data("older".utf8))
            let good = try SmallCheckpoint(nil).write(to: folder.appendingPathComponent("good")).path
            _ = try ConversionRequest(good, output.path, "q4_0").run()
            #expect(try GGUFFile(path: output.path).tensors.count == 21)
        }
    }

    @Test("of a GGUF file convert changes the container alone, not the types")
    func gguf() throws {
        try withFolder { folder in
            let source = try SmallCheckpoint(nil).write(to: folder.appendingPathComponent("tiny")).path
            _ = try ConversionRequest(source, folder.path + "/m.gguf", "f16").run()
            expect(Model.notAModel, contains: "m.gguf", "there is quantize") {
                _ = try ConversionRequest(folder.path + "/m.gguf", folder.path + "/n.gguf", "q4_0").run()
            }
        }
    }

    @Test("progress ends at the whole", arguments: [RecordedDigests.nothing, .tensors, .tensorsAndSources])
    func progress(digests: RecordedDigests) throws {
        try withFolder { folder in
            let source = try SmallCheckpoint().write(to: folder.appendingPathComponent("tiny")).path
            var request = try ConversionRequest(source, folder.path + "/m.gguf", "q4_0")
            request.storage.digests = digests
            let seen = Seen()
            _ = try request.run { seen.add($0) }
            #expect(seen.done == seen.total)
            #expect(seen.total > 0)
        }
    }

    private final class Seen: @unchecked Sendable {
        private let lock = NSLock()
        private(set) var done = 0
        private(set) var total = 0

        func add(_ step: ConversionProgress) {
            lock.withLock { (done, total) = (max(done, step.done), step.total) }
        }
    }
}
