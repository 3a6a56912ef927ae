import ByteIO
import Foundation
import JSON
import MVLM
import Tensors
import TestSupport
import Testing

@Suite("Writing .mvlm files")
struct WritingTests {
    /// The tensors of the fixture, laid out again.
    private func layout(_ file: MVLMFile) throws -> MVLMLayout {
        var manifest = try #require(file.manifest.object)
        manifest["tensors"] = nil
        return try MVLMLayout(
            manifest: manifest, tokenizer: try #require(try file.checked("tokenizer")).withUnsafeBytes { Array($0) },
            tensors: file.tensors.map { MVLMLayout.Entry($0, section: file.section(of: $0.name) ?? "") }, file: "test")
    }

    private func write(_ file: MVLMFile, to path: String, threads: Int, reversed: Bool = false) throws {
        let writer = try MVLMWriter(destination: path, layout: try layout(file), threads: threads)
        let numbers = Array(file.tensors.indices)
        for number in reversed ? numbers.reversed() : numbers {
            try file.bytes(of: file.tensors[number].name).withUnsafeBytes {
                try writer.write($0, tensor: number, offset: 0)
            }
        }
        writer.set(provenance: ["made": "by a test"])
        try writer.finish()
    }

    @Test("what was written is read again, tensor by tensor, and every digest matches")
    func again() throws {
        let folder = try Fixtures.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("a.mvlm").path
        let file = try MVLMFile(path: Fixtures.path("mvlm/nano.mvlm"))
        try write(file, to: path, threads: 1)
        let written = try MVLMFile(path: path)
        #expect(written.tensors == file.tensors)
        #expect(written.manifest == file.manifest)
        for tensor in file.tensors {
            let (old, new) = (try file.bytes(of: tensor.name), try written.bytes(of: tensor.name))
            #expect(old.withUnsafeBytes { Array($0) } == new.withUnsafeBytes { Array($0) })
            #expect(new.withUnsafeBytes { Int(bitPattern: $0.baseAddress) } % 64 == 0)
        }
        #expect(try written.check().allSatisfy(\.isSame))
        #expect(try written.provenance()?["made"]?.string == "by a test")
    }

    @Test("the bytes depend neither on threads nor on the order in which tensors come")
    func same() throws {
        let folder = try Fixtures.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let paths = ["a", "b"].map { folder.appendingPathComponent($0).path }
        let file = try MVLMFile(path: Fixtures.path("mvlm/nano.mvlm"))
        try write(file, to: paths[0], threads: 1)
        try write(file, to: paths[1], threads: 3, reversed: true)
        #expect(FileManager.default.contentsEqual(atPath: paths[0], andPath: paths[1]))
    }

    @Test("a file whose tensors did not all come leaves nothing behind")
    func incomplete() throws {
        let folder = try Fixtures.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = try MVLMFile(path: Fixtures.path("mvlm/nano.mvlm"))
        let path = folder.appendingPathComponent("a.mvlm").path
        let writer = try MVLMWriter(destination: path, layout: try layout(file))
        #expect(ReadingTests.rule { try writer.finish() } == "mvlm.write")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test("bytes beyond a tensor's end are refused")
    func excess() throws {
        let folder = try Fixtures.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = try MVLMFile(path: Fixtures.path("mvlm/nano.mvlm"))
        let writer = try MVLMWriter(
            destination: folder.appendingPathComponent("a.mvlm").path, layout: try layout(file))
        let bytes = [UInt8](repeating: 0, count: 8)
        let size = file.tensors[0].byteCount
        for (tensor, offset) in [(0, size - 4), (0, -1), (0, size + 1), (file.tensors.count, 0), (-1, 0)] {
            let rule = ReadingTests.rule {
                try bytes.withUnsafeBytes { try writer.write($0, tensor: tensor, offset: offset) }
            }
            #expect(rule == "mvlm.write")
        }
    }
}
