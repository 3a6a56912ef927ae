import Foundation
import Tensors
import TestSupport
import Testing

@Suite("The example in Python", .enabled(if: Boards.has("python3"), "needs python3"))
struct PythonReaderTests {
    private let script = Fixtures.packageRoot.appendingPathComponent("docs/mvlm.py").path
    private let nano = Fixtures.path("mvlm/nano.mvlm")

    @Test("reads a file, its digests and its values")
    func reads() throws {
        #expect(try Boards.run(["python3", script, nano, "--check"]) == "all digests match\n")
        let list = try Boards.run(["python3", script, nano])
        #expect(list.contains("model.layers.1.mlp.up_proj.weight a5g32 plain [128, 64]"))
        let values = try Boards.run([
            "python3", script, nano, "--values", "model.layers.0.self_attn.q_proj.weight", "0",
        ])
        #expect(values.split(separator: " ").count == 8)
    }

    @Test("reads the same values from every layout", arguments: ["q4_0", "s4g64"])
    func tiles(preset: String) throws {
        let folder = try Fixtures.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let layouts: [[RowLayout]] = [[], [.tiles(rows: 4)], [.tiles(rows: 16)], [.tiles(rows: 8), .plain]]
        let values = try layouts.map { layouts in
            let path = folder.appendingPathComponent("a.mvlm").path
            try Boards.convert("tiny-mobilevlm-v2", preset, layouts: layouts, to: path)
            #expect(try Boards.run(["python3", script, path, "--check"]) == "all digests match\n")
            return try ["0", "6", "255"].map {
                try Boards.run(["python3", script, path, "--values", "model.layers.1.mlp.down_proj.weight", $0])
            }
        }
        #expect(Set(values[0]).count == 3 && values.allSatisfy { $0 == values[0] })
    }

    @Test("refuses what the readers refuse, as far as it looks")
    func refuses() throws {
        let folder = try Fixtures.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("a.mvlm").path
        for file in try MVLMSketch.hostileFiles() where ["version 2", "cut by a byte"].contains(file.name) {
            try Data(file.bytes).write(to: URL(fileURLWithPath: path))
            #expect(throws: Boards.Failure.self) { try Boards.run(["python3", script, path]) }
        }
    }

    @Test("writes the fixture again, byte for byte")
    func writes() throws {
        let folder = try Fixtures.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("nano.mvlm").path
        _ = try Boards.run(["python3", Fixtures.path("mvlm/make.py"), path])
        #expect(FileManager.default.contentsEqual(atPath: path, andPath: nano))
    }
}
