import ByteIO
import Delivery
import Foundation
import JSON
import MVLM
import TestSupport
import Testing

private let nano = Fixtures.path("mvlm/nano.mvlm")

/// A folder that goes when the test ends.
private struct Scratch: ~Copyable {
    let folder: URL
    init() throws { folder = try Fixtures.temporaryFolder() }
    deinit { try? FileManager.default.removeItem(at: folder) }
    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
    var names: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() } }
}

private func rule(_ body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch let error as InputError { return error.rule.id } catch { return "\(error)" }
}

@Suite("Packing")
struct PackingTests {
    /// A file of several frames per section: the nano model with a section of noise and one of a pattern.
    private func large(_ path: String) throws {
        var sketch = try MVLMSketch.nano()
        var random = SystemRandomNumberGenerator()
        let noise = (0..<(1 << 21)).flatMap { _ in
            let word = random.next()
            return (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
        }
        sketch.sections.append(.init("noise", noise))
        sketch.sections.append(.init("pattern", (0..<(9 << 20)).map { UInt8(truncatingIfNeeded: $0 / 1000) }))
        try Data(sketch.bytes()).write(to: URL(fileURLWithPath: path))
    }

    @Test("what is packed is unpacked as it was, also by zstd's own program")
    func roundTrip() throws {
        let scratch = try Scratch()
        let source = scratch.path("a.mvlm")
        try large(source)
        let result = try Packing.pack(source, to: scratch.path("a.zst"), level: 3, threads: 2)
        #expect(result.bytes < result.unpackedBytes)
        #expect(result.sections.map(\.name).suffix(2) == ["noise", "pattern"])
        _ = try Packing.unpack(scratch.path("a.zst"), to: scratch.path("b.mvlm"), threads: 2)
        #expect(FileManager.default.contentsEqual(atPath: source, andPath: scratch.path("b.mvlm")))
        let zstd = Process()
        zstd.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        zstd.arguments = ["zstd", "-q", "-d", scratch.path("a.zst"), "-o", scratch.path("c.mvlm")]
        zstd.standardError = FileHandle.nullDevice
        try zstd.run()
        zstd.waitUntilExit()
        guard zstd.terminationStatus != 127 else { return }
        #expect(FileManager.default.contentsEqual(atPath: source, andPath: scratch.path("c.mvlm")))
    }

    @Test("the packed bytes do not depend on the number of threads")
    func threads() throws {
        let scratch = try Scratch()
        for threads in [1, 3] {
            _ = try Packing.pack(nano, to: scratch.path("\(threads)"), level: 5, threads: threads)
        }
        #expect(FileManager.default.contentsEqual(atPath: scratch.path("1"), andPath: scratch.path("3")))
    }

    @Test("unpacking goes on with what an interrupted run left")
    func resumes() throws {
        let scratch = try Scratch()
        let source = scratch.path("a.mvlm")
        try large(source)
        _ = try Packing.pack(source, to: scratch.path("a.zst"), level: 1, threads: 2)
        let content = try Data(contentsOf: URL(fileURLWithPath: source))
        // The first frames are there, the last of them in part; what is whole is not unpacked again.
        try content.prefix(content.count / 2).write(to: URL(fileURLWithPath: scratch.path("b.mvlm.unfinished")))
        nonisolated(unsafe) var first: Int?
        _ = try Packing.unpack(scratch.path("a.zst"), to: scratch.path("b.mvlm"), threads: 1) { done, _ in
            first = first ?? done
        }
        #expect((first ?? 0) > 0)
        #expect(FileManager.default.contentsEqual(atPath: source, andPath: scratch.path("b.mvlm")))
        #expect(try scratch.names == ["a.mvlm", "a.zst", "b.mvlm"])
    }

    @Test("what an interrupted run left of another file is found out, and nothing is left behind")
    func foreignRest() throws {
        let scratch = try Scratch()
        _ = try Packing.pack(nano, to: scratch.path("a.zst"), level: 1, threads: 1)
        var content = try Data(contentsOf: URL(fileURLWithPath: nano))
        content[content.count / 2] ^= 1
        try content.dropLast(100).write(to: URL(fileURLWithPath: scratch.path("b.unfinished")))
        #expect(
            rule { _ = try Packing.unpack(scratch.path("a.zst"), to: scratch.path("b"), threads: 1) }
                == "mvlm.section.digest")
        #expect(try scratch.names == ["a.zst"])
    }

    @Test("damaged packed files are refused")
    func damaged() throws {
        let scratch = try Scratch()
        _ = try Packing.pack(nano, to: scratch.path("a.zst"), level: 1, threads: 1)
        let packed = try Data(contentsOf: URL(fileURLWithPath: scratch.path("a.zst")))
        func refused(_ bytes: Data) throws -> Bool {
            try bytes.write(to: URL(fileURLWithPath: scratch.path("bad")))
            let id = rule { _ = try Packing.unpack(scratch.path("bad"), to: scratch.path("b"), threads: 1) }
            return id?.hasPrefix("mvlm.") == true
        }
        for count in stride(from: 0, to: packed.count, by: max(1, packed.count / 50)) {
            #expect(try refused(packed.prefix(count)))
        }
        for place in [0, 100, packed.count / 3, packed.count - 20, packed.count - 5, packed.count - 1] {
            var bytes = packed
            bytes[place] ^= 0x55
            #expect(try refused(bytes), "byte \(place)")
        }
        #expect(try scratch.names == ["a.zst", "bad"])
    }

    @Test("a table of frames that are empty, or larger than pack makes them, is refused before anything is unpacked")
    func impossibleFrames() throws {
        let scratch = try Scratch()
        _ = try Packing.pack(nano, to: scratch.path("a.zst"), level: 1, threads: 1)
        let packed = Array(try Data(contentsOf: URL(fileURLWithPath: scratch.path("a.zst"))))
        // Nine bytes end the file; before them stand eight for each frame: its length and its content's.
        let entries = packed.count - 9 - 16
        func word(_ place: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(packed[place + $1]) << (8 * $1) } }
        let both = word(entries) + word(entries + 8)
        let impossible: [[Int: UInt32]] = [[12: .max], [12: (8 << 20) + 1], [0: both, 8: 0]]
        for changes in impossible {
            var bytes = packed
            for (offset, value) in changes {
                for byte in 0..<4 {
                    bytes[entries + offset + byte] = UInt8(truncatingIfNeeded: value >> UInt32(8 * byte))
                }
            }
            try Data(bytes).write(to: URL(fileURLWithPath: scratch.path("bad")))
            do {
                _ = try Packing.unpack(scratch.path("bad"), to: scratch.path("b"), threads: 1)
                Issue.record("was unpacked")
            } catch let error as InputError {
                #expect(error.rule.id == "mvlm.packed" && error.field == "table of frames", "\(error)")
            }
        }
        #expect(try scratch.names == ["a.zst", "bad"])
    }
}

@Suite("Deltas")
struct DeltaTests {
    private func write(_ sketch: MVLMSketch, _ path: String) throws {
        try Data(sketch.bytes()).write(to: URL(fileURLWithPath: path))
    }

    @Test("a delta with the old file gives the new file")
    func roundTrip() throws {
        let scratch = try Scratch()
        var sketch = try MVLMSketch.nano()
        for index in sketch.sections[2].data.indices.dropFirst(1000).prefix(200) { sketch.sections[2].data[index] ^= 7 }
        sketch.sections.append(.init("provenance", Array("{\"new\":true}".utf8)))
        try write(sketch, scratch.path("new"))
        let made = try Delta.make(old: nano, new: scratch.path("new"), to: scratch.path("d"), level: 9, threads: 2)
        // The sections that did not change are 200 KB.
        #expect(made.bytes < 10_000)
        _ = try Delta.apply(scratch.path("d"), to: nano, output: scratch.path("again"), threads: 2)
        #expect(FileManager.default.contentsEqual(atPath: scratch.path("new"), andPath: scratch.path("again")))
    }

    @Test("the delta of a file with itself holds next to nothing")
    func same() throws {
        let scratch = try Scratch()
        let made = try Delta.make(old: nano, new: nano, to: scratch.path("d"), level: 9, threads: 1)
        #expect(made.bytes < 2000)
        _ = try Delta.apply(scratch.path("d"), to: nano, output: scratch.path("again"), threads: 1)
        #expect(FileManager.default.contentsEqual(atPath: nano, andPath: scratch.path("again")))
    }

    @Test("a delta is refused with another file than the one it was made from")
    func otherBase() throws {
        let scratch = try Scratch()
        var sketch = try MVLMSketch.nano()
        sketch.sections[2].data[5] ^= 1
        try write(sketch, scratch.path("other"))
        _ = try Delta.make(old: nano, new: nano, to: scratch.path("d"), level: 1, threads: 1)
        let id = rule {
            _ = try Delta.apply(scratch.path("d"), to: scratch.path("other"), output: scratch.path("x"), threads: 1)
        }
        #expect(id == "mvlm.delta.base")
        #expect(try scratch.names == ["d", "other"])
    }

    @Test("damaged deltas are refused, and leave nothing behind")
    func damaged() throws {
        let scratch = try Scratch()
        var sketch = try MVLMSketch.nano()
        sketch.sections[2].data[5] ^= 1
        try write(sketch, scratch.path("new"))
        _ = try Delta.make(old: nano, new: scratch.path("new"), to: scratch.path("d"), level: 1, threads: 1)
        let delta = try Data(contentsOf: URL(fileURLWithPath: scratch.path("d")))
        var bad: [Data] = stride(from: 0, to: delta.count, by: max(1, delta.count / 40)).map { delta.prefix($0) }
        let text = String(decoding: delta, as: UTF8.self)
        #expect(text.contains("\"parts\""))
        for place in [0, 4, 9, delta.count - 3] {
            var bytes = delta
            bytes[place] ^= 0x11
            bad.append(bytes)
        }
        for bytes in bad {
            try bytes.write(to: URL(fileURLWithPath: scratch.path("bad")))
            let id = rule { _ = try Delta.apply(scratch.path("bad"), to: nano, output: scratch.path("x"), threads: 1) }
            #expect(id?.hasPrefix("mvlm.") == true)
        }
        #expect(try scratch.names == ["bad", "d", "new"])
    }
}
