import ByteIO
import Foundation
import Safetensors
import Tensors
import TestSupport
import Testing

private func info(_ name: String, _ type: ElementType, _ shape: Shape) throws -> TensorInfo {
    try #require(TensorInfo(name: name, type: type, shape: shape))
}

@Suite struct SafetensorsWriterTests {
    @Test("a file comes out byte for byte as the specification says")
    func bytes() throws {
        let folder = try Fixtures.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("out.safetensors").path
        let writer = try SafetensorsWriter(
            destination: path,
            tensors: [info("b", .f16, [2]), info("a", .u8, [3, 1]), info("none", .f32, [0, 7]), info("s", .f32, [])],
            metadata: [("z", "1"), ("y", "größe")])
        try [UInt8](1...4).withUnsafeBytes { try writer.write($0) }
        try [UInt8](5...11).withUnsafeBytes { try writer.write($0) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
        #expect(!FileManager.default.fileExists(atPath: path))
        try writer.finish()

        var header =
            #"{"__metadata__":{"z":"1","y":"größe"},"b":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"#
            + #""a":{"dtype":"U8","shape":[3,1],"data_offsets":[4,7]},"none":{"dtype":"F32","shape":[0,7],"#
            + #""data_offsets":[7,7]},"s":{"dtype":"F32","shape":[],"data_offsets":[7,11]}}"#
        while header.utf8.count % 8 != 0 { header += " " }
        let length = header.utf8.count
        let expected =
            [UInt8(length & 0xFF), UInt8(length >> 8), 0, 0, 0, 0, 0, 0] + Array(header.utf8) + Array(1...11)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(expected))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["out.safetensors"])
    }

    @Test("a file of the reference library, written anew, has the same header and data")
    func rewrite() throws {
        let folder = try Fixtures.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in SafetensorsFileTests.small {
            let source = Fixtures.path("containers/" + name)
            let file = try SafetensorsFile(path: source)
            let path = folder.appendingPathComponent(name).path
            let writer = try SafetensorsWriter(
                destination: path, inputs: file.files, tensors: file.tensors,
                metadata: file.metadata.entries.map { ($0.key, $0.value.text ?? "") })
            for tensor in file.tensors { try file.bytes(of: tensor.name).withUnsafeBytes { try writer.write($0) } }
            try writer.finish()
            let (ours, theirs) = try (
                Data(contentsOf: URL(fileURLWithPath: path)), Data(contentsOf: URL(fileURLWithPath: source))
            )
            #expect(ours == theirs, "\(name)")
        }
    }

    @Test("too few and too many bytes are errors, and leave nothing behind")
    func count() throws {
        let folder = try Fixtures.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("out.safetensors").path
        do {
            let writer = try SafetensorsWriter(destination: path, tensors: [info("t", .u8, [4])])
            try [UInt8](1...3).withUnsafeBytes { try writer.write($0) }
            #expect(throws: InputError.self) { try writer.finish() }
            let error = #expect(throws: InputError.self) {
                try [UInt8](1...2).withUnsafeBytes { try writer.write($0) }
            }
            #expect(error?.rule == .safetensorsSize)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test("what the format cannot say is refused before anything is written")
    func refused() throws {
        let folder = try Fixtures.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("out.safetensors").path
        let cases: [([TensorInfo], Rule)] = try [
            ([info("t", .u8, [4]), info("t", .u8, [2])], .safetensorsName),
            ([info("__metadata__", .u8, [4])], .safetensorsName),
            ([info("t", .q4_0, [1, 32])], .safetensorsDtype),
            ([info("t", .u8, [Int.max]), info("u", .u8, [Int.max])], .safetensorsShape),
            ([info("t", .u8, [Int.max])], .safetensorsShape),
        ]
        for (tensors, rule) in cases {
            let error = #expect(throws: InputError.self) {
                try SafetensorsWriter(destination: path, tensors: tensors)
            }
            #expect(error?.rule == rule)
        }
        let input = Fixtures.path("containers/types.safetensors")
        #expect(throws: InputError.self) { try SafetensorsWriter(destination: input, inputs: [input], tensors: []) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
}
