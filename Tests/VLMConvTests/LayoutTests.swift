import ByteIO
import Foundation
import MVLM
import Tensors
import TestSupport
import Testing
import VLMConv

private let tinyV2 = Fixtures.path("tiny-mobilevlm-v2")

@Suite("Models laid out for a processor")
struct LayoutTests {
    /// A folder that goes when the test ends.
    private struct Scratch: ~Copyable {
        let folder: URL
        init() throws { folder = try Fixtures.temporaryFolder() }
        deinit { try? FileManager.default.removeItem(at: folder) }
        func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
    }

    private func convert(
        _ source: String, to output: String, _ name: String = "stored", layout: RowLayout = .plain
    ) throws {
        let preset = name == "stored" ? Preset.stored : try VLMConvTests.preset(name)
        var storage = StorageOptions(preset)
        storage.threads = 2
        storage.layout = layout
        storage.digests = .nothing
        _ = try ConversionRequest(
            checkpoint: ModelLocation(source), output: output, storage: storage,
            projectorPreset: name == "stored" ? .stored : try VLMConvTests.preset("q8_0")
        ).run()
    }

    private func rule(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch let error as InputError { return error.rule.id } catch { return "\(error)" }
    }

    @Test(
        "a pair laid out in tiles and made a pair again has the bytes of one that went through a plain file",
        arguments: ["q4_0", "q4_k_m", "q6_k", "iq4_nl"])
    func thereAndBack(name: String) throws {
        let scratch = try Scratch()
        try convert(tinyV2, to: scratch.path("a.gguf"), name)
        try convert(scratch.path("a.gguf"), to: scratch.path("plain.mvlm"))
        try convert(scratch.path("plain.mvlm"), to: scratch.path("plain.gguf"))
        for layout in RowLayout.all where layout != .plain {
            try convert(scratch.path("a.gguf"), to: scratch.path("tiles.mvlm"), layout: layout)
            let file = try MVLMFile(path: scratch.path("tiles.mvlm"))
            #expect(file.tensors.contains { $0.layout == layout } && file.tensors.contains { $0.layout == .plain })
            #expect(file.info("model.embed_tokens.weight")?.layout == .plain)
            try convert(scratch.path("tiles.mvlm"), to: scratch.path("back.gguf"))
            for pair in [("plain.gguf", "back.gguf"), ("mmproj-plain.gguf", "mmproj-back.gguf")] {
                #expect(
                    FileManager.default.contentsEqual(atPath: scratch.path(pair.0), andPath: scratch.path(pair.1)))
            }
            // From the checkpoint, or from a file of another layout, the tensors are the same.
            try convert(tinyV2, to: scratch.path("direct.mvlm"), name, layout: layout)
            try convert(scratch.path("tiles.mvlm"), to: scratch.path("other.mvlm"), layout: .tiles(rows: 8))
            try convert(scratch.path("other.mvlm"), to: scratch.path("again.mvlm"), layout: layout)
            for other in ["direct.mvlm", "again.mvlm"] {
                let other = try MVLMFile(path: scratch.path(other))
                for section in ["language", "tower", "projector"] {
                    #expect(other.section(section)?.digest == file.section(section)?.digest)
                }
            }
        }
    }

    @Test(
        "logits of the reference do not depend on the layout, in fast arithmetic answers do not",
        arguments: ["q4_0", "q4_k_m", "s4g64", "a8g32"])
    func logits(name: String) throws {
        let scratch = try Scratch()
        let picture = Fixtures.path("pictures/scene-02-336x420.png")
        func results(_ layout: RowLayout, _ arithmetic: Arithmetic) throws -> ([Float], [Int]) {
            let path = scratch.path("\(layout).mvlm")
            if !FileManager.default.fileExists(atPath: path) { try convert(tinyV2, to: path, name, layout: layout) }
            let session = try Session(Model(path: path), arithmetic: arithmetic, threads: 2)
            let features = try session.executor.encodeImage(try session.pixels(picture))
            let ids = session.tokens(question: "What shape is it?", images: 0).ids
            let logits = try session.executor.forward(
                [.image(features), .tokens(ids)], cache: session.executor.makeCache())
            let answer = try session.answer(
                session.tokens(question: "Answer in a sentence. What shape is it?", images: 1),
                images: [try session.pixels(picture)], sampler: .greedy, maxTokens: 12)
            return (logits.elements, answer.tokens)
        }
        for arithmetic in [Arithmetic.reference, .fast] {
            let plain = try results(.plain, arithmetic)
            for layout in RowLayout.all where layout != .plain {
                let other = try results(layout, arithmetic)
                if arithmetic == .reference { #expect(other.0 == plain.0, "\(layout)") }
                // Many rows at once are multiplied from panels, which are the same from any layout.
                let worst = zip(other.0, plain.0).map { abs($0 - $1) }.max() ?? 1
                #expect(worst < 1e-3, "\(layout)")
                #expect(other.1 == plain.1, "\(layout)")
            }
        }
    }

    @Test("a layout belongs into an .mvlm file, and one file has one")
    func refused() throws {
        let scratch = try Scratch()
        let tiles = RowLayout.tiles(rows: 16)
        #expect(
            rule { try convert(tinyV2, to: scratch.path("a.gguf"), "q4_0", layout: tiles) } == "request.layouts")
        #expect(rule { _ = try StorageOptions.layout(for: [.avx2, .neon]) } == "request.layouts")
        #expect(try StorageOptions.layout(for: [.avx2, .avx2VNNI, .avx512]) == .tiles(rows: 8))
        #expect(try StorageOptions.layout(for: []) == .plain)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.folder.path).isEmpty)
    }
}
