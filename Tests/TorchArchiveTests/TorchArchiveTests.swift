import ByteIO
import Foundation
import Tensors
import TestSupport
import Testing
import TorchArchive

@Suite struct TorchArchiveTests {
    static let readable = [
        "types.bin", "views.bin", "tied.bin", "parameters.bin", "edge.bin", "module.bin", "nested.bin",
        "shard-00001-of-00002.bin", "shard-00002-of-00002.bin", "empty.bin", "protocol-3.bin", "protocol-4.bin",
        "protocol-5.bin", "legacy.bin", "legacy-module.bin", "no-checksums.bin",
    ]

    @Test("files of torch.save read as torch.load reads them", arguments: readable)
    func reads(name: String) throws {
        let expected = try #require(ExpectedTensor.listing("expected.json")[name])
        let archive = try TorchArchive(path: Fixtures.path("containers/" + name))
        try check(archive, expected)
        try archive.verifyChecksums()
    }

    @Test("the golden checkpoint's shards read as torch.load reads them", .enabled(if: Fixtures.hasGolden))
    func golden() throws {
        let listing = try ExpectedTensor.listing("mini-v2.json")
        #expect(listing.count == 2)
        for (name, expected) in listing {
            let path = try #require(Fixtures.golden("mini-v2/model/" + name))
            let archive = try TorchArchive(path: path)
            try check(archive, expected)
            try archive.verifyChecksums()
        }
    }

    private func check(_ archive: TorchArchive, _ expected: [ExpectedTensor]) throws {
        #expect(archive.tensors.map(\.name) == expected.map(\.name))
        for tensor in expected {
            let info = try #require(archive.info(tensor.name))
            #expect(info.type.safetensorsName == tensor.dtype, "\(tensor.name)")
            #expect(info.shape.dimensions == tensor.shape, "\(tensor.name)")
            let bytes = try archive.bytes(of: tensor.name)
            #expect(bytes.count == info.byteCount)
            #expect(bytes.withUnsafeBytes { tensor.matches($0) }, "\(tensor.name)")
        }
    }

    @Test("contiguous tensors are views into the file, tied ones the same view")
    func views() throws {
        let file = try MappedFile(path: Fixtures.path("containers/tied.bin")).bytes
        let tied = try TorchArchive(file, path: "tied.bin")
        func address(_ name: String) throws -> UnsafeRawPointer? {
            try tied.bytes(of: name).withUnsafeBytes { $0.baseAddress }
        }
        #expect(try address("embed.weight") == address("head.weight"))
        let inside = try #require(try address("embed.weight"))
        file.withUnsafeBytes { whole in
            let start = whole.baseAddress.map { inside - $0 } ?? -1
            #expect((0..<whole.count).contains(start))
        }
    }

    @Test("keys beside a state dict are told, not read")
    func ignored() throws {
        #expect(
            try TorchArchive(path: Fixtures.path("containers/nested.bin")).ignoredKeys == ["epoch", "loss", "args"])
        #expect(try TorchArchive(path: Fixtures.path("containers/module.bin")).ignoredKeys == [])
    }

    @Test(
        "what torch saves beside plain tensors is refused by rule",
        arguments: [
            ("whole-model.bin", Rule.torchPickleGlobal, "__main__.Whole"),
            ("broadcast.bin", .torchTensorRepeat, "w: repeats the 1 elements"),
            ("list.bin", .torchRoot, "is a list"),
            ("not-tensors.bin", .torchRoot, "name: is a str"),
            ("sparse.bin", .torchPickleGlobal, "torch._utils._rebuild_sparse_tensor"),
            ("unsigned.bin", .torchPickleGlobal, "torch"),
            ("script.pt", .torchKind, "TorchScript"),
        ])
    func refuses(name: String, rule: Rule, words: String) throws {
        let error = #expect(throws: InputError.self) {
            try TorchArchive(path: Fixtures.path("containers/refused/" + name))
        }
        #expect(error?.rule == rule)
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
        #expect(error?.remedy != nil)
    }

    @Test("a name that is not there is an error, not a trap")
    func missing() throws {
        let archive = try TorchArchive(path: Fixtures.path("containers/tied.bin"))
        #expect(archive.info("nothing") == nil)
        #expect(throws: InputError.self) { try archive.bytes(of: "nothing") }
        #expect(archive.files == [Fixtures.path("containers/tied.bin")])
    }

    @Test("the first bytes tell the format, old form and new")
    func recognises() throws {
        for name in Self.readable {
            #expect(try TorchArchive.recognises(MappedFile(path: Fixtures.path("containers/" + name)).bytes))
        }
        let other = try MappedFile(path: Fixtures.path("containers/types.safetensors")).bytes
        #expect(!TorchArchive.recognises(other))
        #expect(!TorchArchive.recognises(Bytes([])))
        #expect(!TorchArchive.recognises(Bytes([0x50, 0x4B])))
    }

    @Test("a changed value is found by its checksum")
    func checksum() throws {
        var bytes = try MappedFile(path: Fixtures.path("containers/types.bin")).bytes.withUnsafeBytes { Array($0) }
        let ramp = try TorchArchive(Bytes(bytes), path: "t").bytes(of: "f32").withUnsafeBytes { Array($0) }
        let place = try #require(Data(bytes).firstRange(of: Data(ramp)))
        bytes[place.lowerBound] ^= 1
        let archive = try TorchArchive(Bytes(bytes), path: "t")
        let error = #expect(throws: InputError.self) { try archive.verifyChecksums() }
        #expect(error?.rule == .torchZipChecksum)
    }
}
