import ByteIO
import Foundation
import TestSupport
import Testing

@Suite struct BytesTests {
    private func map(_ contents: [UInt8], _ body: (String) throws -> Void) throws {
        let folder = try Fixtures.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("file").path
        try Data(contents).write(to: URL(fileURLWithPath: path))
        try body(path)
    }

    @Test("a slice keeps its mapping alive after the file is gone")
    func lifetime() throws {
        let contents = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try map(contents) { path in
            var slice: Bytes?
            do {
                let file = try MappedFile(path: path)
                #expect(file.count == 20_000)
                #expect(file.path == path)
                slice = file.bytes.slice(9_000..<9_100)?.slice(50..<60)
            }
            try FileManager.default.removeItem(atPath: path)
            let bytes = try #require(slice).withUnsafeBytes { Array($0) }
            #expect(bytes == Array(contents[9_050..<9_060]))
        }
    }

    @Test("a slice that reaches outside is nil, an empty one at the end is not")
    func slices() {
        let bytes = Bytes([1, 2, 3])
        #expect(bytes.slice(0..<3)?.count == 3)
        #expect(bytes.slice(3..<3)?.count == 0)
        #expect(bytes.slice(0..<4) == nil)
        #expect(bytes.slice(4..<4) == nil)
        #expect(bytes.slice(-1..<2) == nil)
        #expect(bytes.slice(Int.max - 1..<Int.max) == nil)
        #expect(bytes.slice(1..<2)?.slice(0..<2) == nil)
    }

    @Test("fresh memory is zero, aligned to 64 bytes, and filled before anybody sees it")
    func fresh() {
        let bytes = Bytes(count: 100) { $0[99] = 7 }
        bytes.withUnsafeBytes { buffer in
            #expect(buffer.dropLast().allSatisfy { $0 == 0 })
            #expect(buffer[99] == 7)
            #expect(buffer.baseAddress.map { Int(bitPattern: $0) % 64 } == 0)
        }
        #expect(Bytes(count: 0) { _ in }.count == 0)
    }

    @Test("an empty file maps to no bytes")
    func empty() throws {
        try map([]) { path in
            let bytes = try MappedFile(path: path).bytes
            #expect(bytes.count == 0)
            #expect(bytes.slice(0..<0)?.count == 0)
            bytes.giveBackPages()
        }
    }

    @Test("pages given back read the same, whatever part is named")
    func pages() throws {
        let contents = (0..<50_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        try map(contents) { path in
            let bytes = try MappedFile(path: path).bytes
            for range in [0..<50_000, 1..<49_999, 4095..<4097, 4096..<8192, 100..<100, 49_999..<50_000] {
                let slice = try #require(bytes.slice(range))
                slice.giveBackPages()
                #expect(slice.withUnsafeBytes { Array($0) } == Array(contents[range]))
            }
        }
        let memory = Bytes([1, 2, 3])
        memory.giveBackPages()
        #expect(memory.withUnsafeBytes { Array($0) } == [1, 2, 3])
    }

    @Test("what is no regular file is refused without waiting for it")
    func notRegular() throws {
        let folder = try Fixtures.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let pipe = folder.appendingPathComponent("pipe").path
        #expect(mkfifo(pipe, 0o600) == 0)
        for path in [folder.path, pipe, "/dev/zero"] {
            let error = #expect(throws: InputError.self) { try MappedFile(path: path) }
            #expect(error?.rule.id == "file.regular")
            #expect(error?.file == path)
        }
        let missing = #expect(throws: SystemError.self) { try MappedFile(path: folder.path + "/missing") }
        #expect(missing?.code == ENOENT)
    }
}
