import Foundation
import GGUF
import ModelSupport
import TestSupport
import Testing
import VLMConv

/// The committed models, trained on coloured shapes, against digests that gguf-py's numpy code gave.
///
/// One is V2 in float16, with its tower inside, in torch shards; the other V1 in bfloat16, with grouped-query attention
/// and its tower in a folder of its own, in safetensors shards.
@Suite(
    "tensors of the tiny models against gguf-py",
    .enabled(if: FileManager.default.fileExists(atPath: Fixtures.path("tiny-mobilevlm-v1"))))
struct TinyModelTests {
    /// Type, shape and digest; no digest where gguf-py cannot quantize to the type.
    private struct Expected: Decodable {
        let type: String
        let shape: [Int]
        let digest: String?

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            type = try list.decode(String.self)
            shape = try list.decode([Int].self)
            digest = try list.decode(String?.self)
        }
    }

    private struct Listing: Decodable {
        let language, projector: [String: [String: Expected]]
    }

    @Test(
        "every tensor has the type, shape and bytes of gguf-py", arguments: [1, 2],
        ["f32", "f16", "bf16", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0"])
    func digests(version: Int, name: String) throws {
        try withFolder { folder in
            let output = folder.path + "/tiny.gguf"
            let model = Fixtures.path("tiny-mobilevlm-v\(version)")
            let report = try ConversionRequest(model, output, name, mmproj: name).run()
            #expect(report.files.map(\.path) == [output, folder.path + "/mmproj-tiny.gguf"])
            let listing = try JSONDecoder().decode(
                Listing.self,
                from: Data(contentsOf: URL(fileURLWithPath: Fixtures.path("mini-quantize/tiny-v\(version).json"))))
            for (path, expected) in zip(report.files.map(\.path), [listing.language, listing.projector]) {
                let file = try GGUFFile(path: path)
                let tensors = try #require(expected[name])
                #expect(Set(file.tensors.map(\.name)) == Set(tensors.keys))
                for (tensor, expected) in tensors {
                    #expect(file.info(tensor)?.type.name == expected.type, "\(tensor)")
                    #expect(file.info(tensor)?.shape.dimensions == expected.shape, "\(tensor)")
                    if let digest = expected.digest {
                        #expect(SHA256.hex(try file.array(tensor)) == digest, "\(tensor)")
                    }
                }
            }
        }
    }

    @Test("the recorded digests cover all but the Q6_K output head")
    func coverage() throws {
        for version in [1, 2] {
            let listing = try JSONDecoder().decode(
                Listing.self,
                from: Data(contentsOf: URL(fileURLWithPath: Fixtures.path("mini-quantize/tiny-v\(version).json"))))
            let missing = listing.language.values.flatMap { $0.filter { $0.value.digest == nil }.map(\.key) }
            #expect(Set(missing) == ["output.weight"])
            #expect(!listing.projector.values.contains { $0.values.contains { $0.digest == nil } })
            #expect(listing.language["q4_0"]?.count == 39)
            #expect(listing.projector["q4_0"]?.count == (version == 1 ? 77 : 59))
        }
    }
}
