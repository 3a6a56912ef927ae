import ByteIO
import Conversion
import Foundation
import GGUF
import MVLM
import Tensors
import TestSupport
import Testing
import VLMConv

private let tinyV2 = Fixtures.path("tiny-mobilevlm-v2")

/// A folder that goes when the test ends.
private struct Scratch: ~Copyable {
    let folder: URL
    init() throws { folder = try Fixtures.temporaryFolder() }
    deinit { try? FileManager.default.removeItem(at: folder) }
    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
    var names: [String] { get throws { try contents(of: folder) } }
}

private func stored(_ source: String, _ output: String) -> ConversionRequest {
    var storage = StorageOptions(.stored)
    storage.threads = 2
    return ConversionRequest(
        checkpoint: ModelLocation(source), output: output, storage: storage, projectorPreset: .stored)
}

private func rule(_ body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch let error as InputError { return error.rule.id } catch { return "\(error)" }
}

@Suite("Models in .mvlm files")
struct MVLMFileTests {
    @Test("a checkpoint converted to .mvlm has the tensors of its GGUF pair, byte for byte, and the same logits")
    func samePair() throws {
        let scratch = try Scratch()
        _ = try ConversionRequest(tinyV2, scratch.path("a.gguf"), "q4_0").run()
        let report = try ConversionRequest(tinyV2, scratch.path("a.mvlm"), "q4_0").run()
        #expect(report.files.count == 1)
        let (pair, whole) = (try Model(path: scratch.path("a.gguf")), try Model(path: scratch.path("a.mvlm")))
        #expect(pair.configuration.language == whole.configuration.language)
        #expect(pair.configuration.multimodal == whole.configuration.multimodal)
        #expect(whole.tokenizer.vocabulary.pieces == pair.tokenizer.vocabulary.pieces)
        for tensor in pair.configuration.tensors {
            let (left, right) = (
                try pair.weights.tensor(tensor.key, shape: tensor.shape),
                try whole.weights.tensor(tensor.key, shape: tensor.shape)
            )
            #expect(left.info.type == right.info.type)
            #expect(left.bytes.withUnsafeBytes { Array($0) } == right.bytes.withUnsafeBytes { Array($0) })
        }
        let picture = Fixtures.path("pictures/scene-02-336x420.png")
        let sessions = try [pair, whole].map { try Session($0, threads: 2) }
        let logits = try sessions.map { session in
            let features = try session.executor.encodeImage(try session.pixels(picture))
            return try session.executor.forward(
                [.image(features), .tokens(session.tokens(question: "What shape is it?", images: 0).ids)],
                cache: session.executor.makeCache())
        }
        #expect(logits[0] == logits[1])
        #expect(try scratch.names == ["a.gguf", "a.mvlm", "mmproj-a.gguf"])
    }

    @Test("a pair becomes an .mvlm file, and that a pair, without loss")
    func thereAndBack() throws {
        let scratch = try Scratch()
        _ = try ConversionRequest(tinyV2, scratch.path("a.gguf"), "q4_k_m", mmproj: "q8_0").run()
        _ = try ConversionRequest(tinyV2, scratch.path("direct.mvlm"), "q4_k_m", mmproj: "q8_0").run()
        _ = try stored(scratch.path("a.gguf"), scratch.path("a.mvlm")).run()
        _ = try stored(scratch.path("a.mvlm"), scratch.path("b.gguf")).run()
        let (one, other) = (try MVLMFile(path: scratch.path("a.mvlm")), try MVLMFile(path: scratch.path("direct.mvlm")))
        for section in one.sections where !["provenance", "manifest"].contains(section.name) {
            #expect(section.digest == other.section(section.name)?.digest, "\(section.name)")
        }
        for name in ["a.gguf", "mmproj-a.gguf"] {
            let before = try GGUFFile(path: scratch.path(name))
            let after = try GGUFFile(path: scratch.path(name.replacingOccurrences(of: "a.gguf", with: "b.gguf")))
            #expect(before.tensors == after.tensors)
            for tensor in before.tensors { #expect(try before.array(tensor.name) == after.array(tensor.name)) }
            let keys = before.metadata.entries.filter { !$0.key.hasPrefix("vlmconv.") && $0.key != "general.name" }
            for (key, value) in keys { #expect(after.metadata[key] == value, "\(key)") }
            #expect(after.metadata.entries.count == before.metadata.entries.count)
        }
    }

    @Test("the bytes do not depend on the number of threads")
    func threads() throws {
        let scratch = try Scratch()
        for threads in [1, 3] {
            var request = try ConversionRequest(tinyV2, scratch.path("\(threads).mvlm"), "s4g64")
            request.storage.threads = threads
            _ = try request.run()
        }
        #expect(FileManager.default.contentsEqual(atPath: scratch.path("1.mvlm"), andPath: scratch.path("3.mvlm")))
    }

    @Test("group scales are written, read and run", arguments: ["s4g64", "a4g32", "a5g128", "s8g32"])
    func groupScales(name: String) throws {
        let scratch = try Scratch()
        _ = try ConversionRequest(tinyV2, scratch.path("a.mvlm"), name).run()
        let model = try Model(path: scratch.path("a.mvlm"))
        let up = try #require(model.configuration.tensors.first { $0.key.hasSuffix("up_proj.weight") })
        #expect(try model.weights.check(up.key, shape: up.shape).type.name == name)
        let session = try Session(model, threads: 2)
        let picture = try session.pixels(Fixtures.path("pictures/scene-02-336x420.png"))
        let answer = try session.answer(
            session.tokens(question: "Answer in a sentence. What shape is it?", images: 1), images: [picture],
            sampler: .greedy, maxTokens: 12)
        #expect(answer.text.hasSuffix("."))
    }

    @Test("a GGUF pair cannot hold group scales, and nothing is left behind")
    func noGroupsInGGUF() throws {
        let scratch = try Scratch()
        #expect(rule { _ = try ConversionRequest(tinyV2, scratch.path("a.gguf"), "s4g64").run() } == "gguf.tensor.type")
        #expect(try scratch.names.isEmpty)
    }

    @Test("inspect lists the sections, and its check finds a flipped bit")
    func inspects() throws {
        let scratch = try Scratch()
        _ = try ConversionRequest(tinyV2, scratch.path("a.mvlm"), "q4_0").run()
        let inspection = try Inspection(ModelLocation(scratch.path("a.mvlm")))
        #expect(inspection.kind == ".mvlm")
        #expect(inspection.facts.contains { $0.name == "section language" })
        #expect(try IntegrityCheck(path: scratch.path("a.mvlm")).passed)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: scratch.path("a.mvlm")))
        bytes[bytes.count / 2] ^= 4
        try bytes.write(to: URL(fileURLWithPath: scratch.path("b.mvlm")))
        let check = try IntegrityCheck(path: scratch.path("b.mvlm"))
        #expect(!check.passed)
        #expect(check.tensors.filter { $0.outcome == .differs }.count == 1)
    }

    @Test("files whose sizes, tokenizer or tensors no model can have are refused by the rule that they break")
    func hostile() throws {
        let scratch = try Scratch()
        var refused = 0
        for file in try MVLMSketch.hostileFiles() where file.rule != "mvlm.padding" && !file.name.contains(" in ") {
            try Data(file.bytes).write(to: URL(fileURLWithPath: scratch.path("a.mvlm")))
            let found = rule { _ = try Model(path: scratch.path("a.mvlm")) }
            // Digests of weights are not looked at when a model is opened; a wrong magic makes it no model at all.
            if file.rule == "mvlm.section.digest", found == nil { continue }
            if file.rule == "mvlm.magic" { continue }
            #expect(found == file.rule, "\(file.name)")
            refused += 1
        }
        #expect(refused > 150)
    }
}
