import ByteIO
import Foundation
import Imaging
import MobileVLM
import TestSupport
import Testing
import TorchArchive
import VLMConv

/// Numbers that no call can work with: an error before anything is opened, never a trap.
struct ArgumentTests {
    /// Calls that are wrong in one number, on a model that is not there: the number is found first.
    private static let calls: [(field: String, call: @Sendable () throws -> Void)] = {
        @Sendable func storage(_ change: (inout StorageOptions) -> Void) throws -> StorageOptions {
            var options = StorageOptions(try preset("q4_0"))
            change(&options)
            return options
        }
        @Sendable func benchmark(_ change: (inout BenchmarkRequest) -> Void) throws {
            var request = BenchmarkRequest(model: ModelLocation("nowhere"))
            change(&request)
            _ = try request.run()
        }
        @Sendable func importance(_ change: (inout ImportanceRequest) -> Void) throws {
            var request = ImportanceRequest(model: ModelLocation("nowhere"), output: "nowhere.imatrix")
            change(&request)
            _ = try request.run()
        }
        @Sendable func verify(_ change: (inout VerificationRequest) -> Void) throws {
            var request = VerificationRequest(
                reference: ModelLocation("nowhere"), candidate: ModelLocation("nowhere.gguf"))
            change(&request)
            _ = try request.run()
        }
        return [
            ("repetitions", { try benchmark { $0.repetitions = 0 } }),
            ("repetitions", { try benchmark { $0.repetitions = -1 } }),
            ("repetitions", { try benchmark { $0.repetitions = .max } }),
            ("prompt tokens", { try benchmark { $0.promptTokens = 0 } }),
            ("prompt tokens", { try benchmark { $0.promptTokens = .min } }),
            ("answer tokens", { try benchmark { $0.answerTokens = -1 } }),
            ("tokens before decoding", { try benchmark { $0.depth = -1 } }),
            ("threads", { try benchmark { $0.threads = [0] } }),
            ("threads", { try benchmark { $0.threads = [1, .max] } }),
            ("chunk size", { try importance { $0.chunkSize = 0 } }),
            ("chunk size", { try importance { $0.chunkSize = -5 } }),
            ("number of chunks", { try importance { $0.maximumChunks = -1 } }),
            ("threads", { try importance { $0.threads = -1 } }),
            ("answer length", { try verify { $0.answerLength = -1 } }),
            ("threads", { try verify { $0.threads = 0 } }),
            ("largest divergence", { try verify { $0.maxDivergence = .nan } }),
            (
                "threads",
                {
                    var request = TraceRequest(
                        model: ModelLocation("nowhere"), input: .tokens([1]), output: "nowhere.safetensors")
                    request.threads = -3
                    _ = try request.run()
                }
            ),
            ("threads", { _ = try IntegrityCheck(path: "nowhere", threads: 0) }),
            (
                "most bytes of a file",
                {
                    _ = try ConversionRequest(
                        checkpoint: ModelLocation("nowhere"), output: "nowhere.gguf",
                        storage: storage { $0.maximumFileBytes = 0 },
                        projectorPreset: preset("f16")
                    ).plan()
                }
            ),
            (
                "threads",
                {
                    _ = try QuantizationRequest(
                        input: "nowhere", output: "nowhere.gguf", storage: storage { $0.threads = 0 }
                    ).run()
                }
            ),
        ]
    }()

    @Test("a number that a call cannot work with is named, and nothing traps", arguments: 0..<calls.count)
    func refused(number: Int) {
        let (field, call) = Self.calls[number]
        let error = #expect(throws: InputError.self, "\(field)") { try call() }
        #expect(error?.rule.id == "request.argument")
        #expect(error?.field == field)
    }

    @Test("keys of a GGUF file that overflow what is computed from them are refused by inspect, quantize and open")
    func overflowingKeys() throws {
        try withFolder { folder in
            let source = try SmallCheckpoint().write(to: folder.appendingPathComponent("tiny")).path
            let path = folder.path + "/m.gguf"
            _ = try ConversionRequest(source, path, "f16").run()
            // Both are u32 in the file: the type and the value that follow the key are replaced.
            for (name, key, value) in [
                ("m.gguf", "llama.block_count", UInt32.max), ("m.gguf", "llama.attention.head_count", 0),
                ("mmproj-m.gguf", "clip.vision.patch_size", 0), ("mmproj-m.gguf", "clip.vision.image_size", .max),
                ("mmproj-m.gguf", "clip.vision.embedding_length", .max),
            ] {
                let place = folder.appendingPathComponent(name)
                let original = try Data(contentsOf: place)
                var data = original
                let range = try #require(data.range(of: Data(key.utf8)))
                data.replaceSubrange(
                    range.upperBound + 4..<range.upperBound + 8,
                    with: withUnsafeBytes(of: value.littleEndian) { Data($0) })
                try data.write(to: place)
                #expect(throws: InputError.self, "\(key)") { try Inspection(ModelLocation(place.path)) }
                #expect(throws: InputError.self, "\(key)") { try Model(ModelLocation(path)) }
                if name == "m.gguf" {
                    #expect(throws: InputError.self, "\(key)") {
                        try QuantizationRequest(
                            input: path, output: folder.path + "/out.gguf", storage: StorageOptions(preset("q4_k_m"))
                        ).run()
                    }
                }
                try original.write(to: place)
            }
        }
    }

    @Test("the largest picture of a configuration is the largest of the preprocessor")
    func pictureLimit() throws {
        func vision(_ side: Int) -> VisionConfiguration {
            VisionConfiguration(
                hiddenSize: 32, feedForwardSize: 64, layerCount: 2, headCount: 2, imageSize: side, patchSize: side,
                layerNormEpsilon: 1e-5, activation: .quickGELU, featureLayer: 2, projectionSize: 32, padsToSquare: true)
        }
        let largest = CLIPPreprocessor.sides.upperBound
        try vision(largest).validate(file: "")
        #expect(throws: InputError.self) { try vision(largest + 1).validate(file: "") }
    }

    @Test("the members of PyTorch archives are held to their checksums")
    func archiveChecksums() throws {
        try withFolder { folder in
            let path = folder.path + "/types.bin"
            try FileManager.default.copyItem(atPath: Fixtures.path("containers/types.bin"), toPath: path)
            let whole = try IntegrityCheck(path: path)
            #expect(whole.passed && whole.members.count > 5)
            #expect(try IntegrityCheck(path: folder.path).members.map(\.name) == whole.members.map(\.name))
            var data = try Data(contentsOf: URL(fileURLWithPath: path))
            // A byte of a tensor: the archive still opens.
            let values = try TorchArchive(path: path).bytes(of: "f32").withUnsafeBytes { Data($0) }
            data[try #require(data.range(of: values)).lowerBound] ^= 1
            try data.write(to: URL(fileURLWithPath: path))
            let damaged = try IntegrityCheck(path: folder.path)
            #expect(!damaged.passed)
            #expect(damaged.members.filter { $0.outcome == .differs }.count == 1)
            try FileManager.default.removeItem(atPath: path)
            let error = #expect(throws: InputError.self) { try IntegrityCheck(path: folder.path) }
            #expect(error?.rule == IntegrityCheck.notRecorded)
        }
    }
}
