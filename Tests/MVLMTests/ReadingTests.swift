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
        for file in try MVLMSketch.hostileFiles() {
            let isOfModel = elsewhere.contains(file.rule)
            // What has another digest is no error of `inspect --check` but its verdict.
            if file.rule != MVLMRule.sectionDigest.id {
                HostileFiles.keep(
                    file.bytes, family: "mvlm", what: file.name, rule: file.rule,
                    command: isOfModel ? ["run", "--prompt", "a", "--max-tokens", "1"] : ["inspect", "--check"])
            }
            guard !isOfModel else { continue }
            try Data(file.bytes).write(to: URL(fileURLWithPath: path))
            let rule = Self.rule { try open(path) }
            #expect(rule == file.rule, "\(file.name)")
            refused += 1
        }
        #expect(refused > 100)
    }

    @Test("tensors in tiles alone are read where the header says so, and layouts that cannot be are refused")
    func layouts() throws {
        let folder = try Fixtures.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("a.mvlm").path
        /// What a file does in which a tensor claims a layout.
        func found(_ tensor: String, _ layout: String, features: UInt64 = 3, twice: Bool = false) throws -> String? {
            var sketch = try MVLMSketch.nano()
            sketch.features = features
            var tensors = sketch.tensors
            let index = try #require(tensors.firstIndex { $0["name"] as? String == tensor })
            tensors[index]["layout"] = layout
            if twice {
                // Another section holds the copy.
                tensors.append(tensors[index])
                tensors[tensors.count - 1]["section"] = "copies"
                tensors[tensors.count - 1]["offset"] = 0
                let bytes = try #require(tensors[index]["bytes"] as? Int)
                sketch.sections.append(MVLMSketch.Section("copies", [UInt8](repeating: 0, count: bytes)))
            }
            sketch.tensors = tensors
            try Data(sketch.bytes()).write(to: URL(fileURLWithPath: path))
            return Self.rule { try open(path) }
        }
        let up = "model.layers.1.mlp.up_proj.weight"  // a5g32
        let output = "model.layers.0.self_attn.o_proj.weight"  // Q4_0 [64, 64]
        for layout in ["tiles4", "tiles8", "tiles16"] {
            #expect(try found(output, layout) == nil)
            #expect(try MVLMFile(path: path).info(output)?.layout.description == layout)
            #expect(try found(output, layout, features: 1) == "mvlm.tensor.layout")
            #expect(try found(output, layout, twice: true) == "mvlm.tensor.name")
            #expect(try found(up, layout) == "mvlm.tensor.layout")
            #expect(try found("model.norm.weight", layout) == "mvlm.tensor.layout")
            #expect(try found("vision_model.embeddings.patch_embedding.weight", layout) == "mvlm.tensor.layout")
        }
        for layout in ["tiles", "tiles0", "tiles1", "tiles32", "tiles016", "TILES16", "tiles-16", "avx2"] {
            #expect(try found(output, layout) == "mvlm.tensor.layout")
        }
        // 282 rows.
        #expect(try found("lm_head.weight", "tiles8") == "mvlm.tensor.layout")
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
