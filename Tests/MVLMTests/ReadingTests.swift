import ByteIO
import Foundation
import MVLM
import TestSupport
import Testing

@Suite("Reading .mvlm files")
struct ReadingTests {
    @Test("a file that another program wrote by the specification is read as it was written")
    func nano() throws {
        let file = try MVLMFile(path: Fixtures.path("mvlm/nano.mvlm"))
        let sketch = try MVLMSketch.nano()
        #expect(file.sections.map(\.name) == ["manifest", "tokenizer", "projector", "tower", "language"])
        #expect(file.manifest["name"]?.string == "nano")
        #expect(file.tensors.count == sketch.tensors.count)
        let info = try #require(file.info("model.layers.1.mlp.up_proj.weight"))
        #expect(info.type == .a5g32)
        #expect(info.shape == [128, 64])
        #expect(file.section(of: info.name) == "language")
        for tensor in sketch.tensors {
            let name = try #require(tensor["name"] as? String)
            let offset = try #require(tensor["offset"] as? Int)
            let size = try #require(tensor["bytes"] as? Int)
            let section = sketch.sections[sketch.index(try #require(tensor["section"] as? String))]
            let bytes = try file.bytes(of: name).withUnsafeBytes { Array($0) }
            #expect(bytes == Array(section.data[offset..<offset + size]), "\(name)")
        }
        #expect(try file.check().allSatisfy(\.isSame))
    }

    @Test("each hostile file is refused by the rule that it breaks")
    func hostile() throws {
        let folder = try Fixtures.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("hostile.mvlm").path
        // Those of model and vocabulary are for whoever reads these.
        let elsewhere = ["mvlm.manifest.field", "mvlm.tokenizer", "mvlm.model.size", "mvlm.model.tensor"]
        var refused = 0
        for file in try MVLMSketch.hostileFiles() where !elsewhere.contains(file.rule) {
            try Data(file.bytes).write(to: URL(fileURLWithPath: path))
            let rule = Self.rule { try open(path) }
            #expect(rule == file.rule, "\(file.name)")
            refused += 1
        }
        #expect(refused > 100)
    }

    /// Opens a file and compares all digests.
    private func open(_ path: String) throws {
        let file = try MVLMFile(path: path)
        for section in try file.check() where !section.isSame {
            throw InputError(MVLMRule.sectionDigest, file: path, field: section.section, problem: "differs")
        }
    }

    static func rule(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch let error as InputError {
            return error.rule.id
        } catch {
            return "\(error)"
        }
    }
}
