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
        for section in one.sections where !["provenance", "manifest", "tokenizer"].contains(section.name) {
            #expect(section.digest == other.section(section.name)?.digest, "\(section.name)")
        }
        // GGUF does not say that text behind a special token has no space in front.
        let tables = try [one, other].map { file in
            try #require(try file.checked("tokenizer")).withUnsafeBytes { Array($0) }
        }
        #expect(tables[0].enumerated().allSatisfy { $0.offset == 4 || $0.element == tables[1][$0.offset] })
        #expect(tables.map { $0[4] } == [7, 3])
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

    @Test("what a GGUF pair says that vlmconv does not know goes along into an .mvlm file and back")
    func foreignKeys() throws {
        let scratch = try Scratch()
        try #require(
            ConversionRequest(
                checkpoint: ModelLocation(tinyV2), output: scratch.path("own.gguf"),
                storage: StorageOptions(try preset("q4_0")), projectorPreset: try preset("q8_0")
            ).run().files.count == 2)
        let values: [(String, MetadataValue)] = [
            ("general.author", .string("somebody, \u{1F600} and \"others\"")), ("general.description", .string("mine")),
            ("general.tags", .strings(["a", "", "b"])), ("other.u64", .uint64(.max)), ("other.i8", .int8(-128)),
            ("other.f32", .float32(0.1)), ("other.f64", .float64(1e-300)), ("other.infinite", .float32(-.infinity)),
            ("other.flags", .bools([true, false])), ("other.i64s", .int64s([.min, .max])),
            ("other.none", .float64s([])),
            ("other.u16", .uint16(7)), ("other.bytes", .uint8s([0, 255])), ("other.flag", .bool(true)),
        ]
        // The pair as another program would have written it.
        for name in ["own.gguf", "mmproj-own.gguf"] {
            let file = try GGUFFile(path: scratch.path(name))
            var metadata = file.metadata
            for (key, value) in values { metadata[key] = value }
            metadata["vlmconv.version"] = .string("theirs")
            let writer = try GGUFWriter(
                destination: scratch.path(name.replacing("own", with: "other")), metadata: metadata,
                tensors: file.tensors)
            for (number, tensor) in file.tensors.enumerated() {
                try file.bytes(of: tensor.name).withUnsafeBytes { try writer.write($0, tensor: number, offset: 0) }
            }
            try writer.finish()
        }
        _ = try stored(scratch.path("other.gguf"), scratch.path("a.mvlm")).run()
        _ = try stored(scratch.path("a.mvlm"), scratch.path("b.mvlm")).run()
        _ = try stored(scratch.path("b.mvlm"), scratch.path("back.gguf")).run()
        for name in ["back.gguf", "mmproj-back.gguf"] {
            let metadata = try GGUFFile(path: scratch.path(name)).metadata
            for (key, value) in values { #expect(metadata[key] == value, "\(key)") }
            #expect(metadata["vlmconv.version"] != .string("theirs"))
        }
        // A start does not depend on them, nor does what the model states.
        let (a, b) = (try Model(path: scratch.path("other.gguf")), try Model(path: scratch.path("a.mvlm")))
        #expect(a.configuration == b.configuration)
    }

    @Test("the verdict of verify can be written into the file, whose other sections stay as they are")
    func stamp() throws {
        let scratch = try Scratch()
        let path = scratch.path("a.mvlm")
        _ = try ConversionRequest(
            checkpoint: ModelLocation(tinyV2), output: path, storage: StorageOptions(try preset("q4_0")),
            projectorPreset: try preset("q8_0")
        ).run()
        let before = try MVLMFile(path: path).sections.map(\.digest)
        var request = VerificationRequest(reference: ModelLocation(tinyV2), candidate: ModelLocation(path))
        request.questions = ["What shape is it?"]
        for limit in [nil, 0.0] {
            request.maxDivergence = limit
            try VerdictStamp.write(try request.run(), reference: tinyV2, to: path)
            let file = try MVLMFile(path: path)
            #expect(file.sections.map(\.digest).dropLast() == before.dropLast())
            #expect(try file.check().allSatisfy(\.isSame))
            let provenance = try #require(try file.provenance())
            #expect(provenance["vlmconv.verify.verdict"]?.string == (limit == nil ? "pass" : "fail"))
            #expect(provenance["vlmconv.verify.reference"]?.string == "tiny-mobilevlm-v2")
            #expect(Double(provenance["vlmconv.verify.mean_kld"]?.string ?? "").map { $0 > 0 } == true)
            #expect(provenance["vlmconv.verify.faults"]?.array?.isEmpty == (limit == nil))
            // What was there stays, and the file is a model as before.
            #expect(provenance["vlmconv.source.files"] != nil)
            _ = try Model(path: path)
        }
        _ = try stored(path, scratch.path("b.mvlm")).run()
        #expect(try MVLMFile(path: scratch.path("b.mvlm")).provenance()?["vlmconv.verify.verdict"] == nil)
        _ = try stored(path, scratch.path("b.gguf")).run()
        #expect(rule { try VerdictStamp.check(scratch.path("b.gguf")) } == "verify.stamp")
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

    @Test(
        "what is an .mvlm file by its name alone is refused as one, whatever is asked of it",
        arguments: ["", "MVL", "\u{89}MVLM\n", "version https://git-lfs.github.com/spec/v1\n"])
    func nameAlone(content: String) throws {
        let scratch = try Scratch()
        let path = scratch.path("a.mvlm")
        try Data(content.utf8).write(to: URL(fileURLWithPath: path))
        #expect(rule { _ = try Model(path: path) } == "mvlm.magic")
        #expect(rule { _ = try Inspection(ModelLocation(path)) } == "mvlm.magic")
        #expect(rule { _ = try IntegrityCheck(path: path) } == "mvlm.magic")
    }

    @Test("files whose sizes, tokenizer or tensors no model can have are refused by the rule that they break")
    func hostile() throws {
        let scratch = try Scratch()
        var refused = 0
        for file in try MVLMSketch.hostileFiles() where file.rule != "mvlm.padding" && !file.name.contains(" in ") {
            try Data(file.bytes).write(to: URL(fileURLWithPath: scratch.path("a.mvlm")))
            let found = rule { _ = try Model(path: scratch.path("a.mvlm")) }
            // Digests of weights are not looked at when a model is opened; what begins as another container is read as that.
            if file.rule == "mvlm.section.digest", found == nil { continue }
            if file.name == "another magic" { continue }
            #expect(found == file.rule, "\(file.name)")
            refused += 1
        }
        #expect(refused > 150)
    }
}
