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
        _ source: String, to output: String, _ name: String = "stored", layouts: [RowLayout] = []
    ) throws {
        let preset = name == "stored" ? Preset.stored : try VLMConvTests.preset(name)
        var storage = StorageOptions(preset)
        storage.threads = 2
        storage.layouts = layouts
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
            try convert(scratch.path("a.gguf"), to: scratch.path("tiles.mvlm"), layouts: [layout])
            let file = try MVLMFile(path: scratch.path("tiles.mvlm"))
            #expect(file.tensors.contains { $0.layout == layout } && file.tensors.contains { $0.layout == .plain })
            #expect(file.info("model.embed_tokens.weight")?.layout == .plain)
            try convert(scratch.path("tiles.mvlm"), to: scratch.path("back.gguf"))
            for pair in [("plain.gguf", "back.gguf"), ("mmproj-plain.gguf", "mmproj-back.gguf")] {
                #expect(
                    FileManager.default.contentsEqual(atPath: scratch.path(pair.0), andPath: scratch.path(pair.1)))
            }
            // From the checkpoint, or from a file of another layout, the tensors are the same.
            try convert(tinyV2, to: scratch.path("direct.mvlm"), name, layouts: [layout])
            try convert(scratch.path("tiles.mvlm"), to: scratch.path("other.mvlm"), layouts: [.tiles(rows: 8)])
            try convert(scratch.path("other.mvlm"), to: scratch.path("again.mvlm"), layouts: [layout])
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
            if !FileManager.default.fileExists(atPath: path) { try convert(tinyV2, to: path, name, layouts: [layout]) }
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

    @Test("a file may hold several layouts, of which each processor reads its own; what is taken out is what went in")
    func several() throws {
        let scratch = try Scratch()
        let tiles = RowLayout.tiles(rows: 16)
        let layouts: [[RowLayout]] = [[tiles, .tiles(rows: 4)], [.tiles(rows: 8), .plain, tiles]]
        try convert(tinyV2, to: scratch.path("plain.mvlm"), "q4_k_m")
        try convert(scratch.path("plain.mvlm"), to: scratch.path("plain.gguf"))
        for layouts in layouts {
            let path = scratch.path("several.mvlm")
            try convert(tinyV2, to: path, "q4_k_m", layouts: layouts)
            let mapped = try MappedFile(path: path)
            let name = "model.layers.0.mlp.down_proj.weight"
            for layout in RowLayout.all {
                let file = try MVLMFile(mapped, preferring: layout)
                let found = file.info(name)?.layout
                #expect(found == (layouts.contains(layout) ? layout : layouts.contains(.plain) ? .plain : layouts[0]))
                #expect(
                    file.copies.filter { $0.name == name }.map(\.layout) == [layouts[0]]
                        + RowLayout.all.filter {
                            layouts.dropFirst().contains($0)
                        })
                // Copies lie apart from all that a processor of another kind reads.
                let section = layout == layouts[0] || !layouts.contains(layout) ? "language" : "language.\(layout)"
                if layouts.contains(layout) { #expect(file.section(of: name) == section) }
                #expect(file.info("model.embed_tokens.weight")?.layout == .plain)
            }
            // The feature bit says whether a reader of plain files is enough.
            let needsTiles = mapped.bytes.withUnsafeBytes { $0[16] & 2 != 0 }
            #expect(needsTiles == !layouts.contains(.plain))
            try convert(path, to: scratch.path("back.gguf"))
            for pair in [("plain.gguf", "back.gguf"), ("mmproj-plain.gguf", "mmproj-back.gguf")] {
                #expect(
                    FileManager.default.contentsEqual(atPath: scratch.path(pair.0), andPath: scratch.path(pair.1)))
            }
            try convert(path, to: scratch.path("one.mvlm"), layouts: [tiles])
            try convert(tinyV2, to: scratch.path("direct.mvlm"), "q4_k_m", layouts: [tiles])
            let (one, direct) = (
                try MVLMFile(path: scratch.path("one.mvlm")), try MVLMFile(path: scratch.path("direct.mvlm"))
            )
            for section in ["language", "tower", "projector"] {
                #expect(one.section(section)?.digest == direct.section(section)?.digest)
            }
        }
    }

    @Test("plan tells the size of a file with several layouts")
    func size() throws {
        let scratch = try Scratch()
        func request(_ layouts: [RowLayout]) throws -> ConversionRequest {
            var storage = StorageOptions(try VLMConvTests.preset("q4_0"))
            storage.layouts = layouts
            return ConversionRequest(
                checkpoint: ModelLocation(tinyV2), output: scratch.path("a.mvlm"), storage: storage,
                projectorPreset: try VLMConvTests.preset("q8_0"))
        }
        let one = try request([.plain]).plan()
        let two = try request([.plain, .tiles(rows: 4)]).plan()
        let written = try request([.plain, .tiles(rows: 4)]).run()
        #expect(two.files[0].bytes > one.files[0].bytes * 3 / 2 && two.files[0].bytes < one.files[0].bytes * 2)
        // The provenance comes after what is planned.
        #expect((0..<100_000).contains(written.files[0].bytes - two.files[0].bytes))
        #expect(two.files[0].bitsPerWeight == one.files[0].bitsPerWeight)
    }

    @Test("layouts belong into an .mvlm file")
    func refused() throws {
        let scratch = try Scratch()
        let tiles = RowLayout.tiles(rows: 16)
        #expect(
            rule { try convert(tinyV2, to: scratch.path("a.gguf"), "q4_0", layouts: [tiles]) } == "request.layouts")
        #expect(
            StorageOptions.layouts(for: [.avx2, .neon, .avx512, .plain]) == [.tiles(rows: 8), .tiles(rows: 4), .plain])
        #expect(StorageOptions.layouts(for: []).isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.folder.path).isEmpty)
    }
}
