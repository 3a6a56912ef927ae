import ByteIO
import Delivery
import Foundation
import GGUF
import Imaging
import JSON
import MVLM
import MobileVLM
import Safetensors
import Tensors
import TestSupport
import Testing
import Tokenizer
import TorchArchive
import VLMConv

/// The inputs that fuzzing kept (fixtures/fuzz): each reader on each of them, without a fuzzer.
@Suite struct CorpusTests {
    private static let readers: [String: @Sendable ([UInt8]) throws -> Void] = [
        "safetensors": { try fetchAll(SafetensorsFile(Bytes($0), path: "corpus")) },
        "torch": { try fetchAll(TorchArchive(Bytes($0), path: "corpus")) },
        "pickle": { try fetchAll(TorchArchive(Bytes(archive(of: $0)), path: "corpus")) },
        "gguf": { try fetchAll(GGUFFile(bytes: Bytes($0), name: "corpus")) },
        "imatrix": { bytes in
            let matrix = try ImportanceMatrix(bytes: Bytes(bytes), name: "corpus")
            for name in matrix.names { _ = matrix[name] }
        },
        "json": { _ = try JSONValue(parsing: Bytes($0), file: "corpus").serialized() },
        "config": { bytes in
            let json = try JSONValue(parsing: Bytes(bytes), file: "corpus")
            _ = try HuggingFaceConfiguration(json, file: "corpus").language(shape: { _ in nil })
        },
        "sentencepiece": { _ = try Vocabulary(sentencePieceModel: Bytes($0), file: "corpus") },
        "tokenizer": { bytes in
            let tokenizer = TextTokenizer(vocabulary: try TokenizerJSON(Bytes(bytes), file: "corpus").vocabulary)
            _ = tokenizer.decode(tokenizer.encode("The picture shows 2 red squares"))
        },
        "adapter": { bytes in
            try withFolder { folder in
                let (config, tensors) = halves(bytes)
                let base = folder.appendingPathComponent("base")
                try FileManager.default.copyItem(atPath: Fixtures.path("adapters/plain/base"), toPath: base.path)
                try Data(contents("tokenizer/plain.model")).write(to: base.appendingPathComponent("tokenizer.model"))
                try Data(config).write(to: folder.appendingPathComponent("adapter_config.json"))
                try Data(tensors).write(to: folder.appendingPathComponent("adapter_model.bin"))
                let model = try Model(ModelLocation(folder.path, base: base.path))
                for tensor in model.configuration.tensors {
                    _ = try model.weights.tensor(tensor.key, shape: tensor.shape)
                }
            }
        },
        "delta": { bytes in
            try withFolder { folder in
                let (nano, place) = (Fixtures.path("mvlm/nano.mvlm"), folder.appendingPathComponent("delta"))
                try Data(delta(halves(bytes), of: nano)).write(to: place)
                _ = try Delta.apply(place.path, to: nano, output: folder.path + "/out.mvlm", threads: 1)
            }
        },
        "image": { bytes in
            _ = ImageDecoder.orientation(bytes)
            _ = try ImageDecoder.decode(bytes, file: "corpus")
        },
    ]

    /// What stands in front of the first NUL, and behind it.
    private static func halves(_ bytes: [UInt8]) -> ([UInt8], [UInt8]) {
        let end = bytes.firstIndex(of: 0) ?? bytes.count
        return (Array(bytes[..<end]), Array(bytes[end...].dropFirst()))
    }

    /// A delta of a list of parts and of frames, with the index that belongs around the list.
    private static func delta(_ halves: (parts: [UInt8], frames: [UInt8]), of old: String) throws -> [UInt8] {
        let size = try JSONValue(parsing: Bytes(halves.parts), file: "corpus").array?.last?["new"]?.array ?? []
        let file = try MappedFile(path: old)
        let head = file.bytes.slice(0..<(try MVLMFile(path: old)).sections[0].range.lowerBound) ?? Bytes([])
        let digest = String(head.withUnsafeBytes { MVLMDigest.xxh64($0) }, radix: 16)
        let index =
            "{\"delta\":1,\"old\":{\"bytes\":\(file.count),\"head\":\"\(digest)\"},\"new\":{\"bytes\":"
            + "\(size.compactMap(\.int).reduce(0, &+))},\"parts\":"
        let text = Array(index.utf8) + halves.parts + Array("}".utf8)
        let count = (0..<4).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
        return [0x50, 0x2A, 0x4D, 0x18] + count + text + halves.frames
    }

    /// A zip archive as torch writes it around a pickle, with its checksum.
    private static func archive(of pickle: [UInt8]) -> [UInt8] {
        func little(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        var file: [UInt8] = []
        var directory: [UInt8] = []
        for (name, data) in [("a/data.pkl", pickle), ("a/data/0", [UInt8](repeating: 1, count: 64))] {
            let fields =
                little(20, 2) + little(0, 8) + little(Int(PNGChunks.crc(data[...])), 4) + little(data.count, 4)
                + little(data.count, 4) + little(name.utf8.count, 2) + little(0, 2)
            directory +=
                little(0x0201_4B50, 4) + little(20, 2) + fields + little(0, 10) + little(file.count, 4) + name.utf8
            file += little(0x0403_4B50, 4) + fields + name.utf8 + data
        }
        let end = little(0x0605_4B50, 4) + little(0, 4) + little(2, 2) + little(2, 2)
        return file + directory + end + little(directory.count, 4) + little(file.count, 4) + little(0, 2)
    }

    @Test("every kept input of fuzzing gives a typed error or a value", arguments: readers.keys.sorted())
    func corpus(target: String) throws {
        let folder = Fixtures.path("fuzz/\(target)")
        let reader = try #require(Self.readers[target])
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(!files.isEmpty)
        for file in files {
            do { try reader(contents("fuzz/\(target)/\(file)")) } catch { expectTyped(error, "\(target)/\(file)") }
        }
    }
}
