import ByteIO
import Foundation
import GGUF
import MobileVLM
import Tensors
import ModelSupport
import Models
import Opening
import TestSupport
import Testing
import VLMConv

/// `fix`: projector files as older scripts left them.
struct RepairTests {
    /// A projector file that vlmconv writes, changed, as `legacy.gguf`.
    private func withFile(
        name: (String) -> String = { $0 }, change: (inout Metadata) -> Void, extra: [TensorInfo] = [],
        _ body: (_ good: String, _ bad: String) throws -> Void
    ) throws {
        try withFolder { folder in
            let source = try SmallCheckpoint().write(to: folder.appendingPathComponent("tiny"))
            _ = try ConversionRequest(source.path, folder.path + "/m.gguf", "f16").run()
            let good = folder.path + "/mmproj-m.gguf"
            let bad = folder.path + "/legacy.gguf"
            let file = try GGUFFile(path: good)
            var metadata = file.metadata
            change(&metadata)
            let infos = try file.tensors.map {
                try #require(TensorInfo(name: name($0.name), type: $0.type, shape: $0.shape))
            }
            let writer = try GGUFWriter(destination: bad, metadata: metadata, tensors: infos + extra)
            for (number, info) in file.tensors.enumerated() {
                try file.bytes(of: info.name).withUnsafeBytes { try writer.write($0, tensor: number, offset: 0) }
            }
            for (number, info) in extra.enumerated() {
                try [UInt8](repeating: 0, count: info.byteCount).withUnsafeBytes {
                    try writer.write($0, tensor: infos.count + number, offset: 0)
                }
            }
            try writer.finish()
            try body(good, bad)
        }
    }

    private func swapped(_ name: String) -> String {
        name.contains("ffn_up")
            ? name.replacingOccurrences(of: "ffn_up", with: "ffn_down")
            : name.replacingOccurrences(of: "ffn_down", with: "ffn_up")
    }

    @Test("a file of the older scripts becomes the one that vlmconv writes, but for its own keys")
    func legacy() throws {
        let norm = try #require(TensorInfo(name: "v.post_ln.weight", type: .f32, shape: [32]))
        try withFile(
            name: swapped,
            change: { metadata in
                for key in [
                    "clip.vision.feature_layer", "general.type", "clip.projector_type", "clip.vision.image_mean",
                ] {
                    metadata[key] = nil
                }
                metadata["clip.vision.image_std"] = .float32s([1, 0, 1])
                metadata["clip.vision.block_count"] = .uint32(24)
                metadata["clip.vision.image_grid_pinpoints"] = .int32s([336, 672])
            }, extra: [norm]
        ) { good, bad in
            let before = try Inspection(ModelLocation(bad))
            for word in [
                "feature_layer is missing", "have each other's names", "v.post_ln", "projector_type is missing",
                "image_mean",
                "image_std", "general.type", "block_count is 24, but the file has 2", "pinpoints", "vlmconv fix",
            ] {
                #expect(before.warnings.contains { $0.contains(word) }, "\(word)")
            }
            let original = try Data(contentsOf: URL(fileURLWithPath: bad))
            let report = try RepairRequest(input: bad, output: bad + ".fixed").run()
            #expect(report.findings.allSatisfy { $0.repair != nil })
            #expect(try Data(contentsOf: URL(fileURLWithPath: bad)) == original)
            let (fixed, wanted) = try (GGUFFile(path: bad + ".fixed"), GGUFFile(path: good))
            #expect(fixed.tensors == wanted.tensors)
            for info in wanted.tensors {
                #expect(try fixed.array(info.name) == wanted.array(info.name), "\(info.name)")
            }
            for (key, value) in wanted.metadata.entries where !key.hasPrefix("vlmconv.") {
                #expect(fixed.metadata[key] == value, "\(key)")
            }
            #expect(fixed.metadata["clip.vision.image_grid_pinpoints"] == nil)
            #expect(try Inspection(ModelLocation(bad + ".fixed")).warnings.isEmpty)
            expect(RepairRequest.nothingToRepair, contains: "no known fault") {
                _ = try RepairRequest(input: bad + ".fixed", output: bad + ".again").run()
            }
        }
    }

    @Test("a file of today's converter, which holds every block, runs one fewer")
    func modern() throws {
        try withFile(change: { metadata in
            metadata["clip.vision.feature_layer"] = nil
            metadata["clip.has_llava_projector"] = nil
        }) { _, bad in
            _ = try RepairRequest(input: bad, output: bad + ".fixed").run()
            #expect(try GGUFFile(path: bad + ".fixed").metadata["clip.vision.feature_layer"] == .int32s([1]))
        }
    }

    @Test("a feature layer of another type, or deeper than the tower, is put right")
    func featureLayer() throws {
        for (value, fixed) in [
            (MetadataValue.uint32s([1]), [1] as [Int32]), (.int32(2), [2]), (.int32s([9]), [2]), (.int32s([-1]), [2]),
        ] {
            try withFile(change: { $0["clip.vision.feature_layer"] = value }) { _, bad in
                _ = try RepairRequest(input: bad, output: bad + ".fixed").run()
                #expect(try GGUFFile(path: bad + ".fixed").metadata["clip.vision.feature_layer"] == .int32s(fixed))
            }
        }
    }

    @Test("what needs other numbers is told and left")
    func untouched() throws {
        try withFile(change: { $0["clip.vision.image_mean"] = .float32s([0.5, 0.5, 0.5]) }) { _, bad in
            let warnings = try Inspection(ModelLocation(bad)).warnings
            #expect(warnings.contains { $0.contains("image_mean is [0.5") })
            expect(RepairRequest.nothingToRepair, contains: "image_mean", "Convert the checkpoint") {
                _ = try RepairRequest(input: bad, output: bad + ".fixed").run()
            }
            #expect(!FileManager.default.fileExists(atPath: bad + ".fixed"))
        }
    }

    @Test("only a projector file can be fixed, and never onto itself")
    func refused() throws {
        try withFile(change: { $0["clip.vision.feature_layer"] = nil }) { good, bad in
            let model = good.replacingOccurrences(of: "mmproj-", with: "")
            expect(RepairRequest.notAProjector, contains: "llama") {
                _ = try RepairRequest(input: model, output: bad + ".fixed").run()
            }
            expect(Rule("output.input"), contains: "legacy.gguf") {
                _ = try RepairRequest(input: bad, output: bad).run()
            }
        }
    }
}
