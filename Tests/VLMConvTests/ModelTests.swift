import ByteIO
import Dialects
import Foundation
import GGUF
import MobileVLM
import Models
import ModelSupport
import Tensors
import Testing
import TestSupport
import VLMConv

/// A converted pair opened again, files of other writers, and what `inspect` says of each container.
struct ModelTests {
    /// A small checkpoint and its pair in F16, in a fresh folder.
    private func withPair<Result>(_ body: (_ folder: URL, _ pair: String) throws -> Result) throws -> Result {
        try withFolder { folder in
            let source = try SmallCheckpoint().write(to: folder.appendingPathComponent("tiny")).path
            _ = try ConversionRequest(source, folder.path + "/m.gguf", "f16").run()
            return try body(folder, folder.path + "/m.gguf")
        }
    }

    /// Copies a GGUF file with changes to its keys and names.
    private func rewrite(
        _ path: String, to target: String, name: (String) -> String = { $0 }, _ change: (inout Metadata) -> Void
    ) throws {
        let file = try GGUFFile(path: path)
        var metadata = file.metadata
        change(&metadata)
        let infos = try file.tensors.map {
            try #require(TensorInfo(name: name($0.name), type: $0.type, shape: $0.shape))
        }
        let writer = try GGUFWriter(destination: target, metadata: metadata, tensors: infos)
        for (number, info) in file.tensors.enumerated() {
            try file.bytes(of: info.name).withUnsafeBytes { try writer.write($0, tensor: number, offset: 0) }
        }
        try writer.finish()
    }

    @Test("a pair opens as the model that it was made from")
    func pair() throws {
        try withPair { folder, pair in
            let checkpoint = try Model(path: folder.path + "/tiny")
            let model = try Model(path: pair)
            #expect(model.container == .gguf)
            #expect(model.ledger == nil)
            #expect(model.configuration.name == "tiny")
            #expect(model.configuration.language == checkpoint.configuration.language)
            var multimodal = checkpoint.configuration.multimodal
            multimodal?.vision.layerCount = 2  // the file holds the blocks that run
            #expect(model.configuration.multimodal == multimodal)
            #expect(model.files == [pair, folder.path + "/mmproj-m.gguf"])
            #expect(model.tokenIDs("a circle <image>\nb") == checkpoint.tokenIDs("a circle <image>\nb"))
        }
    }

    @Test("the projector file is found beside the model, or where it is named; without it there are no pictures")
    func projectorPlace() throws {
        try withPair { folder, pair in
            let moved = folder.path + "/elsewhere.gguf"
            try FileManager.default.moveItem(atPath: folder.path + "/mmproj-m.gguf", toPath: moved)
            #expect(try Model(path: pair).configuration.multimodal == nil)
            #expect(try Model(ModelLocation(pair, projector: moved)).configuration.multimodal != nil)
            #expect(throws: (any Error).self) {
                try Model(ModelLocation(pair, projector: folder.path + "/nowhere.gguf"))
            }
            expect(Session.noVision, contains: "--mmproj") {
                _ = try Session(Model(path: pair)).pixels(Fixtures.path("images/rgb_64x40.png"))
            }
        }
        #expect(GGUFDialect.projectorPath(for: "a/b/m.gguf") == "a/b/mmproj-m.gguf")
        #expect(GGUFDialect.projectorPath(for: "m.gguf") == "mmproj-m.gguf")
    }

    /// A projector file as the legacy scripts write it: no feature_layer, no general.type, ffn names swapped.
    private func makeLegacy(_ folder: URL) throws -> String {
        let path = folder.path + "/legacy.gguf"
        try rewrite(folder.path + "/mmproj-m.gguf", to: path) { name in
            name.contains("ffn_up")
                ? name.replacingOccurrences(of: "ffn_up", with: "ffn_down")
                : name.replacingOccurrences(of: "ffn_down", with: "ffn_up")
        } _: { metadata in
            metadata["clip.vision.feature_layer"] = nil
            metadata["general.type"] = nil
            metadata["vlmconv.tower_activation"] = nil
            metadata["vlmconv.pads_to_square"] = nil
        }
        return path
    }

    @Test("a legacy projector file is the same model")
    func legacy() throws {
        try withPair { folder, pair in
            let legacy = try Model(ModelLocation(pair, projector: makeLegacy(folder)))
            let current = try Model(path: pair)
            #expect(legacy.configuration == current.configuration)
            for tensor in current.configuration.towerTensors {
                let (a, b) = try (
                    legacy.weights.tensor(tensor.key, shape: tensor.shape),
                    current.weights.tensor(tensor.key, shape: tensor.shape)
                )
                #expect(a.bytes.withUnsafeBytes { Array($0) } == b.bytes.withUnsafeBytes { Array($0) }, "\(tensor.key)")
            }
        }
    }

    @Test("a projector of another model's width is refused")
    func otherProjector() throws {
        try withPair { folder, pair in
            let other = folder.path + "/other.gguf"
            try rewrite(pair, to: other) { $0["llama.embedding_length"] = .uint32(32) }
            #expect(throws: InputError.self) {
                try Model(ModelLocation(other, projector: folder.path + "/mmproj-m.gguf"))
            }
        }
    }

    @Test("a projector file, one file of weights, a text, nothing at all: none is a model, and each is told why")
    func noModel() throws {
        try withPair { folder, pair in
            expect(Rule("gguf.model-key"), contains: "mmproj-m.gguf", "projector") {
                _ = try Model(path: folder.path + "/mmproj-m.gguf")
            }
            let alone = folder.appendingPathComponent("alone.safetensors")
            try FileManager.default.copyItem(at: folder.appendingPathComponent("tiny/model.safetensors"), to: alone)
            expect(Model.notAModel, contains: "alone.safetensors", "without its configuration") {
                _ = try Model(path: alone.path)
            }
            let text = folder.appendingPathComponent("notes.txt")
            try Data("about this model".utf8).write(to: text)
            expect(Model.notAModel, contains: "notes.txt", "no model file") { _ = try Model(path: text.path) }
            #expect(throws: SystemError.self) { try Model(path: folder.path + "/nowhere") }
            #expect(throws: SystemError.self) { try Model(ModelLocation(pair, projector: "/nowhere")) }
            #expect(throws: SystemError.self) {
                try Model(ModelLocation(folder.path + "/tiny", visionTower: folder.path + "/nowhere"))
            }
        }
    }

    // MARK: Inspection

    @Test("every container is inspected by what is in it")
    func inspection() throws {
        try withPair { folder, pair in
            let checkpoint = try Inspection(ModelLocation(folder.path + "/tiny"))
            #expect(checkpoint.kind == "Hugging Face checkpoint")
            #expect(checkpoint.tensors.count == 21 + 37 + 6)
            #expect(checkpoint.facts.contains { $0.name == "projector" && $0.value.contains("ldpnetv2, 144 tokens") })
            #expect(checkpoint.warnings.contains { $0.contains("not used") })

            let language = try Inspection(ModelLocation(pair))
            #expect(language.kind == "GGUF")
            #expect(language.tensors.count == 21)
            #expect(language.metadata.contains { $0.key == "llama.block_count" && $0.value == "2" })
            let tokens = language.metadata.first { $0.key == "tokenizer.ggml.tokens" }?.value
            #expect(tokens?.hasSuffix("(500)") == true)
            #expect(language.warnings.isEmpty)
            #expect(
                language.parameterCount == 2 * 500 * 64 + 2 * (4 * 64 * 64 + 3 * 96 * 64) + 5 * 64)

            let projector = try Inspection(ModelLocation(folder.path + "/mmproj-m.gguf"))
            #expect(projector.tensors.count == 43)
            #expect(projector.warnings.isEmpty)
            #expect(projector.facts.contains { $0.name == "vision tower" && $0.value.hasPrefix("2 of 2 blocks") })

            let safetensors = try Inspection(ModelLocation(folder.path + "/tiny/model.safetensors"))
            #expect(safetensors.kind == "safetensors")
            #expect(safetensors.tensors.count == SmallCheckpoint().tensors.count)

            let archive = try Inspection(ModelLocation(Fixtures.path("containers/module.bin")))
            #expect(archive.kind == "PyTorch archive")
            #expect(!archive.tensors.isEmpty)
            #expect(throws: (any Error).self) { try Inspection(ModelLocation(folder.path + "/tiny/config.json")) }
        }
    }

    @Test("a legacy projector file without feature_layer gives the warning")
    func legacyWarning() throws {
        try withPair { folder, _ in
            let inspection = try Inspection(ModelLocation(makeLegacy(folder)))
            #expect(inspection.warnings.contains { $0.contains("clip.vision.feature_layer is missing") })
        }
    }

    @Test("reports as JSON parse and say the same")
    func json() throws {
        try withPair { folder, pair in
            func parse(_ text: String) throws -> [String: Any] {
                try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            }
            let inspection = try parse(Inspection(ModelLocation(pair)).json)
            #expect(inspection["kind"] as? String == "GGUF")
            #expect((inspection["tensors"] as? [[String: Any]])?.count == 21)
            let first = (inspection["tensors"] as? [[String: Any]])?.first { $0["name"] as? String == "output.weight" }
            #expect(first?["shape"] as? [Int] == [500, 64])

            let report = try ConversionRequest(folder.path + "/tiny", folder.path + "/q.gguf", "q4_0").run()
            let conversion = try parse(report.json)
            #expect(conversion["model"] as? String == "tiny")
            let files = try #require(conversion["files"] as? [[String: Any]])
            #expect(files.map { $0["path"] as? String } == [folder.path + "/q.gguf", folder.path + "/mmproj-q.gguf"])
            #expect((files.first?["types"] as? [String: Int])?["Q4_0"] == 15)
            let ledger = try #require(conversion["ledger"] as? [String: Any])
            #expect(ledger["used"] as? Int == 64)
            #expect((ledger["dropped"] as? [[String: Any]])?.count == 21)
        }
    }

    // MARK: Questions

    @Test("a file of questions: one a line, blank lines and # lines left out")
    func questions() throws {
        try withFolder { folder in
            let path = folder.path + "/questions.txt"
            try Data("# comment\n\n  What is this?\r\nIs it red? \n#\n\tWhy\u{2028}not?".utf8).write(
                to: URL(fileURLWithPath: path))
            #expect(try QuestionFile.read(path).first == "What is this?")
            #expect(try QuestionFile.read(path).contains("Is it red? "))
            try Data("# nothing\n\n".utf8).write(to: URL(fileURLWithPath: path))
            expect(QuestionFile.empty, contains: path) { _ = try QuestionFile.read(path) }
            try Data([0x41, 0xFF]).write(to: URL(fileURLWithPath: path))
            expect(.notUTF8, contains: path) { _ = try QuestionFile.read(path) }
        }
    }
}
