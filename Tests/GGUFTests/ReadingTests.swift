import ByteIO
import Foundation
import GGUF
import TestSupport
import Tensors
import Testing

@Suite("Reading GGUF files that others wrote")
struct ReadingTests {
    @Test(
        "a file by gguf-py reads as what gguf-py was told to write",
        arguments: ["types", "align64", "version2", "ones", "no-tensors"])
    func readsWhatGGUFPyWrote(name: String) throws {
        let expected = try Content(of: name)
        let file = try GGUFFile(path: fixture("\(name).gguf"))
        #expect(file.version == expected.version)
        #expect(file.alignment == expected.alignment)
        #expect(file.dataOffset == expected.data_offset)
        #expect(file.files == [fixture("\(name).gguf")])
        #expect(file.metadata.entries.map { described($0.key, $0.value) } == expected.kv)
        #expect(file.tensors.map(\.name) == expected.tensors.map(\.name))
        for tensor in expected.tensors {
            let info = try #require(file.info(tensor.name))
            #expect(info.type.name == tensor.type)
            #expect(info.shape == Shape(tensor.shape), "\(tensor.name)")
            #expect(info.byteCount == tensor.nbytes)
            #expect(file.offset(of: tensor.name) == tensor.offset)
            #expect(try file.bytes(of: tensor.name).array == tensor.bytes, "\(tensor.name)")
        }
    }

    @Test("the fixture holds every value type, alone and in arrays, and every tensor type with a ggml id")
    func fixtureCoversAllTypes() throws {
        let content = try Content(of: "types")
        #expect(Set(content.kv.filter { !$0.array }.map(\.type)).count == 12)
        #expect(Set(content.kv.filter(\.array).map(\.type)).count == 12)
        let named = ElementType.allCases.filter { $0.ggmlType != nil }.map(\.name)
        #expect(Set(content.tensors.map(\.type)) == Set(named))
    }

    @Test("a file by llama-imatrix has the pairs, offsets and digests that gguf-py sees in it")
    func readsWhatLlamaCppWrote() throws {
        let object = try JSONSerialization.jsonObject(
            with: Data(contentsOf: URL(fileURLWithPath: fixture("imatrix.json"))))
        let layout = try #require(object as? [String: Any])
        let file = try GGUFFile(path: fixture("imatrix.gguf"))
        #expect(file.version == 3)
        #expect(file.alignment == layout["alignment"] as? Int)
        #expect(file.dataOffset == layout["data_offset"] as? Int)
        #expect(
            file.metadata.entries.map(\.key)
                == ["general.type", "imatrix.datasets", "imatrix.chunk_count", "imatrix.chunk_size"])
        #expect(file.metadata["general.type"] == .string("imatrix"))
        #expect(file.metadata["imatrix.datasets"] == .strings(["calibration.txt"]))
        #expect(file.metadata["imatrix.chunk_count"] == .uint32(89))
        #expect(file.metadata["imatrix.chunk_size"] == .uint32(512))

        let pairs = try #require(layout["kv"] as? [String: Any])
        let datasets = try #require(pairs["imatrix.datasets"] as? [String: Any])
        let payload = Builder().string("calibration.txt").bytes
        #expect(SHA256.hex(payload) == datasets["sha256"] as? String)

        let tensors = try #require(layout["tensors"] as? [[String: Any]])
        #expect(file.tensors.map(\.name) == tensors.map { $0["name"] as? String })
        for tensor in tensors {
            let name = try #require(tensor["name"] as? String)
            let ne = try #require(tensor["shape"] as? [Int])
            #expect(file.info(name)?.type.name == tensor["type"] as? String)
            #expect(file.info(name)?.shape == Shape(ne.reversed()))
            #expect(file.offset(of: name) == tensor["offset"] as? Int)
            #expect(SHA256.hex(try file.bytes(of: name).array) == tensor["sha256"] as? String)
        }
    }

    @Test("the magic alone is what a file is recognised by")
    func recognisesByMagic() {
        #expect(GGUFFile.recognises(Bytes(Array("GGUF".utf8))))
        #expect(!GGUFFile.recognises(Bytes(Array("FUGG".utf8))))
        #expect(!GGUFFile.recognises(Bytes(Array("GGU".utf8))))
        #expect(!GGUFFile.recognises(Bytes([])))
    }

    @Test("a tensor that is not there is an error that names it")
    func missingTensor() throws {
        let file = try GGUFFile(path: fixture("ones.gguf"))
        #expect(file.info("nothing") == nil)
        #expect(file.offset(of: "nothing") == nil)
        #expect(try brokenRule { _ = try file.bytes(of: "nothing") } == GGUFRule.tensorMissing)
    }

    @Test("empty arrays keep their element type")
    func emptyArrays() throws {
        let file = try parse(
            Builder.header(pairs: 2).pair("a", type: 9).u32(6).u64(0).pair("b", type: 9).u32(8).u64(0).bytes)
        #expect(file.metadata["a"] == .float32s([]))
        #expect(file.metadata["b"] == .strings([]))
    }

    @Test("what ggml accepts at the edges is accepted: no dimensions, an empty tensor, no last padding")
    func acceptedEdges() throws {
        let scalar = try parse(Builder.header(tensors: 1).tensor("t", ne: []).padded().u32(7).bytes)
        #expect(scalar.tensors.map(\.shape) == [[1]])
        #expect(try scalar.bytes(of: "t").array == [7, 0, 0, 0])

        let empty = try parse(
            Builder.header(tensors: 3).tensor("a", ne: [8]).tensor("none", ne: [0, 5], offset: 32)
                .tensor("b", ne: [1], offset: 32).padded().zeros(32).u32(9).bytes)
        #expect(empty.info("none")?.byteCount == 0)
        #expect(try empty.bytes(of: "none").array == [])
        #expect(try empty.bytes(of: "b").array == [9, 0, 0, 0])

        let last = try parse(
            Builder.header(tensors: 2).tensor("a", ne: [1]).tensor("none", ne: [0], offset: 32).padded().u32(9).bytes)
        #expect(try last.bytes(of: "none").array == [])
        #expect(try parse(Builder.header(pairs: 1).pair("k", type: 0).u8(1).bytes).metadata["k"] == .uint8(1))
        #expect(try parse(Builder.header(tensors: 1).tensor("/../etc/passwd", ne: [0]).bytes).tensors.count == 1)
    }

    @Test("Four times as many tensors and tokens take less than eight times as long to read")
    func readsLargeHeadersInLinearTime() throws {
        // In turn, and by the processor's time: a ratio holds on a slow machine, and on one that has other work.
        // A loop over all for each one would make it sixteen.
        let ratios = try (0..<3).map { _ in
            let few = try time(tokens: 25_000, tensors: 25_000)
            return try time(tokens: 100_000, tensors: 100_000) / few
        }
        let best = ratios.min() ?? .infinity
        #expect(best < 8, "\(ratios)")
    }

    /// Seconds of the processor.
    private func time(tokens: Int, tensors: Int) throws -> Double {
        var file = Builder.header(tensors: UInt64(tensors), pairs: 2).bytes
        file += Builder().pair("tokens", type: 9).u32(8).u64(UInt64(tokens)).bytes
        for token in 0..<tokens { file += Builder().string("▁token\(token)").bytes }
        file += Builder().pair("scores", type: 9).u32(6).u64(UInt64(tokens)).zeros(4 * tokens).bytes
        for tensor in 0..<tensors {
            file += Builder().tensor("blk.\(tensor).weight", ne: [8], offset: UInt64(tensor * 32)).bytes
        }
        file += [UInt8](repeating: 0, count: (32 - file.count % 32) % 32 + 32 * tensors)
        let bytes = Bytes(file)
        var parsed: GGUFFile?
        let time = try threadTime { parsed = try GGUFFile(bytes: bytes, name: "test.gguf") }
        #expect(parsed?.tensors.count == tensors)
        #expect(parsed?.metadata["tokens"]?.texts?.last == "▁token\(tokens - 1)")
        return time
    }
}
