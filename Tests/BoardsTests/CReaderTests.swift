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

    @Test("refuses a file laid out in tiles by the feature that it requires")
    func tiles() throws {
        let folder = try Fixtures.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("a.mvlm")
        var sketch = try MVLMSketch.nano()
        sketch.features = 3
        try Data(sketch.bytes()).write(to: path)
        #expect(try Boards.probe([path.path]) == ["mvlm.features"])
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
