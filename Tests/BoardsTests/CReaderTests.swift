import Foundation
import TestSupport
import Testing

@Suite("The reader in C")
struct CReaderTests {
    @Test("accepts the file that another program wrote by the specification")
    func good() throws {
        let folder = try Fixtures.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let again = folder.appendingPathComponent("again.mvlm")
        try Data(try MVLMSketch.nano().bytes()).write(to: again)
        #expect(try Boards.probe([Fixtures.path("mvlm/nano.mvlm"), again.path]) == ["mvlm.ok", "mvlm.ok"])
    }

    @Test("names for each hostile file the rule that it breaks, and never crashes")
    func hostile() throws {
        let folder = try Fixtures.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = try MVLMSketch.hostileFiles()
        let paths = try files.enumerated().map { number, file in
            let path = folder.appendingPathComponent("\(number).mvlm")
            try Data(file.bytes).write(to: path)
            return path.path
        }
        let rules = try Boards.probe(paths)
        #expect(rules.count == files.count)
        for (file, rule) in zip(files, rules) { #expect(rule == file.rule, "\(file.name)") }
    }

    @Test("opens tensors in tiles, and passes over copies in layouts that it does not know")
    func tiles() throws {
        let folder = try Fixtures.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let paths = try ["tiles4", "tiles8", "tiles16"].map { layout in
            var sketch = try MVLMSketch.nano()
            sketch.features = 3
            var tensors = sketch.tensors
            let index = try #require(
                tensors.firstIndex { $0["name"] as? String == "model.layers.0.self_attn.o_proj.weight" })
            var other = tensors[index]
            tensors[index]["layout"] = layout
            other["layout"] = "sve2-mmla"
            other["section"] = "sve2"
            other["offset"] = 0
            other["bytes"] = 64
            sketch.sections.append(MVLMSketch.Section("sve2", [UInt8](repeating: 1, count: 64)))
            sketch.tensors = tensors + [other]
            let path = folder.appendingPathComponent("\(layout).mvlm")
            try Data(sketch.bytes()).write(to: path)
            return path.path
        }
        #expect(try Boards.probe(paths) == ["mvlm.ok", "mvlm.ok", "mvlm.ok"])
    }

    @Test("refuses what is no file")
    func noFile() throws {
        let folder = try Fixtures.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let pipe = folder.appendingPathComponent("pipe").path
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(
            try Boards.probe([folder.path, folder.path + "/missing", pipe]) == ["mvlm.file", "mvlm.file", "mvlm.file"])
    }

    @Test("refuses a file that is cut anywhere")
    func cut() throws {
        let folder = try Fixtures.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let bytes = try MVLMSketch.nano().bytes()
        let paths = try (0...17).map { power in
            let path = folder.appendingPathComponent("\(power).mvlm")
            try Data(bytes.prefix(1 << power)).write(to: path)
            return path.path
        }
        #expect(try Boards.probe(paths).allSatisfy { $0 == "mvlm.magic" || $0 == "mvlm.size" })
    }
}
