import ByteIO
import Conversion
import Foundation
import GGUF
import Tensors
import TestSupport
import Testing
import VLMConv

func preset(_ name: String) throws -> Preset { try #require(Preset(named: name)) }

extension ConversionRequest {
    init(_ checkpoint: String, _ output: String, _ name: String, mmproj: String = "f16") throws {
        var storage = StorageOptions(try VLMConvTests.preset(name))
        storage.threads = 2
        self.init(
            checkpoint: ModelLocation(checkpoint), output: output, storage: storage,
            projectorPreset: try VLMConvTests.preset(mmproj))
    }
}

func contents(of folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
}

extension TensorSource {
    func array(_ name: String) throws -> [UInt8] { try bytes(of: name).withUnsafeBytes { Array($0) } }
}

/// A listing of a GGUF file that llama.cpp's own tools wrote.
struct Listing: Decodable {
    struct Tensor: Decodable {
        let name: String
        let type: String
        /// Fastest dimension first.
        let shape: [Int]
        let sha256: String
    }

    let tensors: [Tensor]

    init(_ path: String) throws {
        self = try JSONDecoder().decode(Listing.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    }
}
