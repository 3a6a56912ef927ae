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
        "protocol-5.bin", "legacy.bin", "legacy-module.bin", "legacy-protocol-3.bin", "legacy-protocol-4.bin",
        "legacy-protocol-5.bin", "no-checksums.bin", "untyped.bin", "training.bin", "mp_rank_00_model_states.pt",
    ]

    @Test("files of torch.save read as torch.load reads them", arguments: readable)
    func reads(name: String) throws {
        let expected = try #require(ExpectedTensor.listing("expected.json")[name])
        let archive = try TorchArchive(path: Fixtures.path("containers/" + name))
        try check(archive, expected)
        #expect(try archive.checksums().allSatisfy { $0.found == $0.recorded })
    }

    @Test("the golden checkpoint's shards read as torch.load reads them", .enabled(if: Fixtures.hasGolden))
    func golden() throws {
        let listing = try ExpectedTensor.listing("mini-v2.json")
        #expect(listing.count == 2)
        for (name, expected) in listing {
            let path = try #require(Fixtures.golden("mini-v2/model/" + name))
            let archive = try TorchArchive(path: path)
            try check(archive, expected)
            #expect(try archive.checksums().allSatisfy { $0.found == $0.recorded })
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

    @Test("rows of any view are those of the whole tensor", arguments: ["views.bin", "types.bin", "edge.bin"])
    func rows(name: String) throws {
        let archive = try TorchArchive(path: Fixtures.path("containers/" + name))
        for info in archive.tensors {
            let whole = try archive.bytes(of: info.name).withUnsafeBytes { Array($0) }
            for start in 0...info.rows {
                for end in start...info.rows {
                    let part = try archive.rows(start..<end, of: info.name).withUnsafeBytes { Array($0) }
                    #expect(part == Array(whole[start * info.rowBytes..<end * info.rowBytes]), "\(info.name)")
                }
            }
            #expect(throws: InputError.self) { try archive.rows(0..<info.rows + 1, of: info.name) }
            #expect(throws: InputError.self) { try archive.rows(-1..<0, of: info.name) }
        }
        #expect(throws: InputError.self) { try archive.rows(0..<0, of: "no such tensor") }
    }

    @Test("a state dict is found among a training's other objects, and those are told, not read")
    func ignored() throws {
        let training = try TorchArchive(path: Fixtures.path("containers/training.bin"))
        #expect(training.stateDictPath == ["model", "module"])
        #expect(training.ignoredKeys.starts(with: ["optimizer", "epoch", "args"]))
        let deepSpeed = try TorchArchive(path: Fixtures.path("containers/mp_rank_00_model_states.pt"))
        #expect(deepSpeed.stateDictPath == ["module"])
        #expect(deepSpeed.ignoredKeys.contains("frozen_param_fragments"))
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
            ("complex.bin", .torchPickleGlobal, "torch"),
            ("two-models.bin", .torchRoot, "state_dict, model"),
            ("optimizer.pt", .torchRoot, "state, param_groups"),
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

    @Test("a storage of more than 4 GiB, and those behind it, are found by their zip64 fields")
    func large() throws {
        let folder = try Fixtures.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("large.bin")
        // Sparse: only headers, the first numbers and the last ones take space.
        let elements: UInt64 = (5 << 30) / 4
        func tensor(_ key: String, _ count: UInt64) -> [UInt8] {
            Pickle.tensor(Pickle.storage(key: key, count: Int64(count)), offset: Int64(count) - 4)
        }
        let pickle = Pickle.dict([
            (Pickle.text("large"), tensor("0", elements)), (Pickle.text("behind"), tensor("1", 4)),
        ])
        #expect(FileManager.default.createFile(atPath: path.path, contents: nil))
        let handle = try FileHandle(forWritingTo: path)
        defer { try? handle.close() }
        var directory: [UInt8] = []
        var offset: UInt64 = 0
        for (name, contents, size) in [
            ("a/data.pkl", pickle, UInt64(pickle.count)), ("a/data/0", Zip.floats, elements * 4),
            ("a/data/1", Zip.floats, 16),
        ] {
            let isLarge = size > UInt64(UInt32.max)
            let crc = isLarge ? 0 : ExpectedTensor.crc32(contents)
            let field = isLarge ? UInt32.max : UInt32(size)
            let sizes = isLarge ? le(size) + le(size) : []
            let localExtra = isLarge ? le(UInt16(1)) + le(UInt16(16)) + sizes : []
            let local =
                le(UInt32(0x0403_4B50)) + le(UInt16(45)) + le(UInt32(0)) + le(UInt32(0)) + le(crc) + le(field)
                + le(field) + le(UInt16(name.utf8.count)) + le(UInt16(localExtra.count)) + Array(name.utf8) + localExtra
            let isFar = offset > UInt64(UInt32.max)
            let wide = sizes + (isFar ? le(offset) : [])
            let extra = wide.isEmpty ? [] : le(UInt16(1)) + le(UInt16(wide.count)) + wide
            directory += le(UInt32(0x0201_4B50)) + le(UInt32(45 << 16 | 45)) + le(UInt32(0)) + le(UInt32(0)) + le(crc)
            directory += le(field) + le(field) + le(UInt16(name.utf8.count)) + le(UInt16(extra.count)) + le(UInt16(0))
            directory += le(UInt16(0)) + le(UInt16(0)) + le(UInt32(0)) + le(isFar ? .max : UInt32(offset))
            directory += Array(name.utf8) + extra
            try handle.seek(toOffset: offset)
            try handle.write(contentsOf: Data(local))
            let end = offset + UInt64(local.count) + size
            try handle.seek(toOffset: end - UInt64(contents.count))
            try handle.write(contentsOf: Data(contents))
            offset = end
        }
        let size = UInt64(directory.count)
        directory += Zip.zip64(offset: offset, size: size, count: 3, recordAt: offset + size)
        directory += le(UInt32(0x0605_4B50)) + le(UInt32(0)) + le(UInt16(3)) + le(UInt16(3)) + le(UInt32(size))
        directory += le(UInt32.max) + le(UInt16(0))
        try handle.write(contentsOf: Data(directory))

        let archive = try TorchArchive(path: path.path)
        for name in ["large", "behind"] {
            #expect(try archive.bytes(of: name).withUnsafeBytes { Array($0) } == Zip.floats)
        }
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
        let different = try archive.checksums().filter { $0.found != $0.recorded }
        #expect(different.count == 1)
        #expect(different.first?.member.contains("/data/") == true)
    }
}
