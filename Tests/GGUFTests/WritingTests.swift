import ByteIO
import Foundation
import GGUF
import TestSupport
import Tensors
import Testing

/// A folder that is gone after the test.
final class Folder {
    let url: URL

    init() throws { url = try Fixtures.temporaryFolder() }
    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }
    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() }
}

/// Writes what `source` holds to `destination`, in pieces of `piece` bytes.
func rewrite(_ source: GGUFFile, to destination: String, piece: Int = .max, alignment: Int? = nil) throws {
    let writer = try GGUFWriter(
        destination: destination, inputs: source.files, metadata: source.metadata, tensors: source.tensors,
        alignment: alignment)
    // From the last tensor to the first: the order of writing means nothing.
    for (number, info) in source.tensors.enumerated().reversed() {
        try source.bytes(of: info.name).withUnsafeBytes { bytes in
            for start in stride(from: 0, to: bytes.count, by: piece) {
                try writer.write(
                    UnsafeRawBufferPointer(rebasing: bytes[start...].prefix(piece)), tensor: number, offset: start)
            }
        }
    }
    try writer.finish()
}

func tensor(_ name: String, _ type: ElementType = .f32, _ shape: Shape = [8]) throws -> TensorInfo {
    try #require(TensorInfo(name: name, type: type, shape: shape))
}

@Suite("Writing GGUF files")
struct WritingTests {
    static let foreign = [
        "types", "align64", "no-tensors", "imatrix", "split-00001-of-00003", "split-00002-of-00003",
        "split-00003-of-00003",
    ]

    @Test("a file by gguf-py or llama.cpp, read and written again, is the same file", arguments: foreign)
    func reproducesForeignFiles(name: String) throws {
        let folder = try Folder()
        let original = fixture("\(name).gguf")
        for piece in [1, 7, 4096, Int.max] {
            try rewrite(try GGUFFile(path: original), to: folder.path("out.gguf"), piece: piece)
            #expect(try contents(folder.path("out.gguf")) == contents(original), "in pieces of \(piece)")
        }
        #expect(try folder.names() == ["out.gguf"])
    }

    @Test("the layout knows the size of the file and the place of every tensor beforehand", arguments: foreign)
    func layoutIsKnownBeforehand(name: String) throws {
        let file = try GGUFFile(path: fixture("\(name).gguf"))
        let layout = try GGUFLayout(metadata: file.metadata, tensors: file.tensors)
        #expect(try layout.fileSize == contents(fixture("\(name).gguf")).count)
        #expect(layout.dataOffset == file.dataOffset)
        #expect(layout.alignment == file.alignment)
        #expect(layout.offsets == file.tensors.compactMap { file.offset(of: $0.name) })
    }

    @Test("version 2 is written again as version 3, else unchanged")
    func raisesVersion() throws {
        let folder = try Folder()
        try rewrite(try GGUFFile(path: fixture("version2.gguf")), to: folder.path("out.gguf"))
        var expected = try contents(fixture("version2.gguf"))
        expected[4] = 3
        #expect(try contents(folder.path("out.gguf")) == expected)
    }

    @Test("leading dimensions of 1 are left out, as ggml's writer does, and the tensors stay the same")
    func dropsOnes() throws {
        let folder = try Folder()
        let infos = [
            try tensor("lead", .f32, [1, 1, 7]), try tensor("all", .f32, [1, 1, 1, 1, 1]),
            try tensor("inner", .f32, [3, 1, 2]), try tensor("scalar", .f32, []),
        ]
        let writer = try GGUFWriter(destination: folder.path("out.gguf"), metadata: Metadata(), tensors: infos)
        let source = try GGUFFile(path: fixture("ones.gguf"))
        for (number, info) in infos.enumerated() {
            try source.bytes(of: info.name).withUnsafeBytes { try writer.write($0, tensor: number, offset: 0) }
        }
        try writer.finish()
        let header = Builder.header(tensors: 4).tensor("lead", ne: [7]).tensor("all", ne: [1], offset: 32)
            .tensor("inner", ne: [2, 1, 3], offset: 64).tensor("scalar", ne: [1], offset: 96).padded()
        let written = try contents(folder.path("out.gguf"))
        #expect(Array(written[..<header.bytes.count]) == header.bytes)
        #expect(try GGUFFile(path: folder.path("out.gguf")).tensors == source.tensors)
    }

    @Test("an alignment other than 32 is added to the metadata, and one already there is kept")
    func writesAlignment() throws {
        let folder = try Folder()
        var metadata = Metadata()
        metadata["k"] = .bool(true)
        let infos = [try tensor("a", .f32, [5]), try tensor("empty", .f16, [0, 4]), try tensor("b", .i8, [3])]
        let writer = try GGUFWriter(
            destination: folder.path("out.gguf"), metadata: metadata, tensors: infos, alignment: 128)
        try [UInt8](repeating: 1, count: 20).withUnsafeBytes { try writer.write($0, tensor: 0, offset: 0) }
        try [UInt8](repeating: 2, count: 3).withUnsafeBytes { try writer.write($0, tensor: 2, offset: 0) }
        try writer.finish()
        let expected = Builder.header(tensors: 3, pairs: 2).pair("k", type: 7).u8(1)
            .pair("general.alignment", type: 4).u32(128)
            .tensor("a", ne: [5]).tensor("empty", ne: [4, 0], type: 1, offset: 128)
            .tensor("b", ne: [3], type: 24, offset: 128)
            .padded(to: 128).adding([UInt8](repeating: 1, count: 20)).padded(to: 128).adding([2, 2, 2]).padded(to: 128)
        #expect(try contents(folder.path("out.gguf")) == expected.bytes)
        #expect(writer.fileSize == expected.bytes.count)

        let kept = try GGUFFile(path: fixture("align64.gguf"))
        #expect(try GGUFLayout(metadata: kept.metadata, tensors: []).alignment == 64)
        #expect(
            try brokenRule { _ = try GGUFLayout(metadata: kept.metadata, tensors: [], alignment: 32) }
                == GGUFRule.alignment)
    }

    @Test("what a GGUF file cannot hold is refused before any file appears")
    func refusesWhatCannotBeHeld() throws {
        func rule(_ key: String, _ value: MetadataValue = .bool(true)) throws -> Rule? {
            var metadata = Metadata()
            metadata[key] = value
            return try brokenRule { _ = try GGUFLayout(metadata: metadata, tensors: []) }
        }
        #expect(try rule("") == GGUFRule.keyLength)
        #expect(try rule(String(repeating: "k", count: 65535)) == nil)
        #expect(try rule(String(repeating: "k", count: 65536)) == GGUFRule.keyLength)
        #expect(try rule("a\nb") == GGUFRule.keyText)
        #expect(try rule("general.alignment", .uint32(13)) == GGUFRule.alignment)
        #expect(try rule("general.alignment", .int32(32)) == GGUFRule.alignment)

        let folder = try Folder()
        func rule(_ tensors: TensorInfo..., alignment: Int? = nil) throws -> Rule? {
            try brokenRule {
                _ = try GGUFWriter(
                    destination: folder.path("out.gguf"), metadata: Metadata(), tensors: tensors, alignment: alignment)
            }
        }
        #expect(try rule(tensor("")) == GGUFRule.nameLength)
        #expect(try rule(tensor(String(repeating: "é", count: 32))) == GGUFRule.nameLength)
        #expect(try rule(tensor("a\u{7F}")) == GGUFRule.nameText)
        #expect(try rule(tensor("a"), tensor("b"), tensor("a")) == GGUFRule.nameDuplicate)
        #expect(try rule(tensor("a", .u8)) == GGUFRule.tensorType)
        #expect(try rule(tensor("a", .bool)) == GGUFRule.tensorType)
        #expect(try rule(tensor("a", .f32, [2, 1, 1, 1, 1])) == GGUFRule.tensorRank)
        #expect(try rule(tensor("a", .i8, [1 << 62]), tensor("b", .i8, [1 << 62])) == GGUFRule.tensorSize)
        #expect(try rule(tensor("a"), alignment: 0) == GGUFRule.alignment)
        #expect(try rule(tensor("a"), alignment: 24) == GGUFRule.alignment)
        #expect(try folder.names() == [])
    }

    @Test("a writer that is dropped midway leaves nothing behind")
    func droppedMidway() throws {
        let folder = try Folder()
        do {
            let writer = try GGUFWriter(
                destination: folder.path("out.gguf"), metadata: Metadata(), tensors: [try tensor("a")])
            try [UInt8](repeating: 0, count: 9).withUnsafeBytes { try writer.write($0, tensor: 0, offset: 0) }
            #expect(try folder.names().count == 1)
        }
        #expect(try folder.names() == [])
    }

    @Test("a tensor is read back as it was written, and nothing outside it", arguments: [nil, 32])
    func readBack(maximumBytes: Int?) throws {
        let folder = try Folder()
        let writer = try GGUFSplitWriter(
            destination: folder.path("out.gguf"), metadata: Metadata(), tensors: [try tensor("a"), try tensor("b")],
            maximumBytes: maximumBytes)
        for number in 0..<2 {
            try (0..<32).map { UInt8(100 * number + $0) }.withUnsafeBytes {
                try writer.write($0, tensor: number, offset: 0)
            }
        }
        func reading(_ tensor: Int, _ offset: Int, _ count: Int) throws -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: count)
            try bytes.withUnsafeMutableBytes { try writer.read(into: $0, tensor: tensor, offset: offset) }
            return bytes
        }
        #expect(try reading(1, 5, 3) == [105, 106, 107])
        #expect(try reading(0, 0, 32) == (0..<32).map { UInt8($0) })
        for (tensor, offset, count) in [(0, 0, 33), (0, 32, 1), (1, -1, 2), (0, .max, 1), (2, 0, 1)] {
            #expect(try brokenRule { _ = try reading(tensor, offset, count) } == GGUFRule.writeExcess)
        }
    }

    @Test("bytes too many or too few are refused, and nothing is left behind")
    func wrongNumberOfBytes() throws {
        let folder = try Folder()
        func writing(_ pieces: (tensor: Int, offset: Int, count: Int)...) throws -> Rule? {
            try brokenRule {
                let writer = try GGUFWriter(
                    destination: folder.path("out.gguf"), metadata: Metadata(),
                    tensors: [try tensor("a"), try tensor("b")])
                for piece in pieces {
                    try [UInt8](repeating: 0, count: piece.count).withUnsafeBytes {
                        try writer.write($0, tensor: piece.tensor, offset: piece.offset)
                    }
                }
                try writer.finish()
            }
        }
        // Two tensors of 32 bytes: a piece never reaches from one into the next.
        #expect(try writing((0, 0, 33)) == GGUFRule.writeExcess)
        #expect(try writing((0, 20, 13)) == GGUFRule.writeExcess)
        #expect(try writing((0, -1, 1)) == GGUFRule.writeExcess)
        #expect(try writing((0, .max, 1)) == GGUFRule.writeExcess)
        #expect(try writing((2, 0, 1)) == GGUFRule.writeExcess)
        #expect(try writing((0, 0, 20), (0, 0, 20)) == GGUFRule.writeExcess)
        #expect(try writing() == GGUFRule.writeMissing)
        #expect(try writing((0, 0, 31), (1, 0, 32)) == GGUFRule.writeMissing)
        #expect(try writing((1, 0, 32)) == GGUFRule.writeMissing)
        #expect(try folder.names() == [])
        #expect(try writing((1, 31, 1), (0, 0, 32), (1, 0, 0), (1, 0, 31)) == nil)
        #expect(try folder.names() == ["out.gguf"])
    }

    @Test("an input is never overwritten, by whatever name it goes")
    func outputIsInput() throws {
        let folder = try Folder()
        let manager = FileManager.default
        try manager.copyItem(atPath: fixture("ones.gguf"), toPath: folder.path("in.gguf"))
        try manager.createSymbolicLink(atPath: folder.path("soft.gguf"), withDestinationPath: folder.path("in.gguf"))
        try manager.linkItem(atPath: folder.path("in.gguf"), toPath: folder.path("hard.gguf"))
        let source = try GGUFFile(path: folder.path("in.gguf"))
        for name in ["in.gguf", "soft.gguf", "hard.gguf"] {
            #expect(try brokenRule { try rewrite(source, to: folder.path(name)) } == Rule("output.input"), "\(name)")
        }
        #expect(try contents(folder.path("in.gguf")) == contents(fixture("ones.gguf")))
        #expect(try folder.names() == ["hard.gguf", "in.gguf", "soft.gguf"])
    }

    @Test("a file that the disk did not keep is found out before it gets its name", arguments: [4, 24, 60])
    func checksWhatWasWritten(position: Int) throws {
        let folder = try Folder()
        var metadata = Metadata()
        metadata["general.architecture"] = .string("llama")
        let writer = try GGUFWriter(
            destination: folder.path("out.gguf"), metadata: metadata, tensors: [try tensor("a")])
        try [UInt8](repeating: 0, count: 32).withUnsafeBytes { try writer.write($0, tensor: 0, offset: 0) }
        let unfinished = try #require(try folder.names().first)
        let handle = try #require(FileHandle(forUpdatingAtPath: folder.path(unfinished)))
        try handle.seek(toOffset: UInt64(position))
        try handle.write(contentsOf: Data([0x7A]))
        try handle.close()
        #expect(try brokenRule { try writer.finish() } == GGUFRule.writeCheck)
        #expect(try folder.names() == [])
    }

    @Test(
        "offsets are those of the files that llama-quantize and the legacy converters wrote",
        .enabled(if: Fixtures.hasGolden, "needs the golden data set beside the project"))
    func offsetsAsLlamaCpp() throws {
        let folders = ["llama-quantize", "legacy"].compactMap { Fixtures.golden("mini-v2/\($0)") }
        var files = 0
        for folder in folders {
            for name in try FileManager.default.contentsOfDirectory(atPath: folder) where !name.hasPrefix("_") {
                let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
                let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
                let stored = try #require(object["tensors"] as? [[String: Any]])
                let infos = try stored.map { entry in
                    let ne = try #require(entry["shape"] as? [Int])
                    let type = try #require((entry["type"] as? String).flatMap(ElementType.init(rawValue:)))
                    return try tensor(try #require(entry["name"] as? String), type, Shape(ne.reversed()))
                }
                let layout = try GGUFLayout(metadata: Metadata(), tensors: infos)
                #expect(layout.offsets == stored.compactMap { $0["offset"] as? Int }, "\(name)")
                #expect(layout.tensors.map(\.byteCount) == stored.compactMap { $0["nbytes"] as? Int }, "\(name)")
                let size = try #require(object["file_bytes"] as? Int)
                let start = try #require(object["data_offset"] as? Int)
                #expect(layout.fileSize - layout.dataOffset == size - start, "\(name)")
                files += 1
            }
        }
        #expect(files > 30)
    }
}

/// The Python whose gguf-py reads our files: `VLMCONV_PYTHON`, else `python3`; nil where it has no gguf-py.
private let pythonWithGGUF: String? = {
    let python = ProcessInfo.processInfo.environment["VLMCONV_PYTHON"] ?? "python3"
    return (try? output(of: [python, "-c", "import gguf"])) == nil ? nil : python
}()

private func output(of command: [String]) throws -> Data {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
    return data
}

@Suite("Our files in the eyes of gguf-py")
struct GGUFPyTests {
    @Test(
        "gguf-py reads in a file of ours what was written into it",
        .enabled(
            if: pythonWithGGUF != nil, "needs python3 with the package gguf (VLMCONV_PYTHON names another python)"),
        arguments: ["types", "align64", "version2", "ones"])
    func readByGGUFPy(name: String) throws {
        let python = try #require(pythonWithGGUF)
        let folder = try Folder()
        let path = folder.path("out.gguf")
        try rewrite(try GGUFFile(path: fixture("\(name).gguf")), to: path)
        let expected = try Content(of: name)
        let seen = try JSONDecoder().decode(Content.self, from: output(of: [python, fixture("dump.py"), path]))
        #expect(seen.version == 3)
        #expect(seen.alignment == expected.alignment)
        #expect(seen.kv == expected.kv)
        #expect(seen.tensors.map(\.name) == expected.tensors.map(\.name))
        for (mine, theirs) in zip(seen.tensors, expected.tensors) {
            #expect(mine.type == theirs.type)
            #expect(mine.shape == theirs.shape)
            #expect(mine.offset == theirs.offset)
            let bytes = theirs.bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
            #expect(mine.data == bytes, "\(mine.name)")
        }
    }
}
