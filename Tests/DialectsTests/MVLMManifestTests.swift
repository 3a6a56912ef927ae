import Dialects
import JSON
import MobileVLM
import Models
import Testing

/// What the manifest says of a model.
struct MVLMManifestTests {
    /// What decides what a model computes, beside sizes.
    private static let ways: [@Sendable (inout ModelConfiguration) -> Void] = [
        { $0.language.ropeScaling = 4 }, { $0.language.rmsEpsilon = 1e-6 }, { $0.language.tiedEmbeddings = true },
        { $0.conversation = .v1Marked },
        { $0.conversation = Conversation(before: "Q: ", picture: "<image>", after: "\nA:") },
        { $0.multimodal?.vision.imageMean = [0, 0.5, 1.5] }, { $0.multimodal?.vision.padsToSquare = false },
        { $0.multimodal?.vision.activation = .gelu }, { $0.multimodal?.projector = .mlp(depth: 3) },
        { $0.multimodal = nil },
    ]

    @Test("an .mvlm file's manifest reads back as the same model, whatever its ways", arguments: ways.indices)
    func manifest(index: Int) throws {
        var model = GGUFMetadataTests.mini
        Self.ways[index](&model)
        let manifest = JSONValue.object(MVLMManifest.write(model, chatTemplate: "{{ a }}"))
        let (read, pairing, template) = try MVLMManifest.read(manifest, file: "")
        // The file holds only the blocks that run.
        model.multimodal?.vision.layerCount = 4
        #expect(read == model)
        #expect(pairing == .neighbours && template == "{{ a }}")
    }
}
