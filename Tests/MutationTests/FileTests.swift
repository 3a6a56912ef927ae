import ByteIO
import Delivery
import Foundation
import GGUF
import MVLM
import TestSupport
import Testing
import VLMConv

/// Readers that open files by their paths: .mvlm files, what is packed of them, GGUF files in parts.
@Suite struct FileTests {
    private static let nano = Fixtures.path("mvlm/nano.mvlm")

    /// Reads `bytes` as an .mvlm file in every way.
    private func readModel(_ bytes: [UInt8], _ place: URL, _ what: String) throws {
        try Data(bytes).write(to: place)
        func attempt(_ body: () throws -> Void) {
            do { try body() } catch { expectTyped(error, what) }
        }
        attempt {
            let file = try MVLMFile(path: place.path)
            try fetchAll(file)
            _ = try file.check()
            _ = try file.provenance()
        }
        attempt { _ = try Inspection(ModelLocation(place.path)) }
        attempt { _ = try Model(ModelLocation(place.path)).configuration }
    }

    @Test(".mvlm: damage anywhere, with digests that reveal it")
    func model() throws {
        try withFolder { folder in
            let original = try contents("mvlm/nano.mvlm")
            var mutator = Mutator(seed: 41)
            for round in 0..<300 {
                try readModel(mutator.bytes(original), folder.appendingPathComponent("m.mvlm"), "round \(round)")
            }
        }
    }

    @Test(".mvlm: damage behind digests that were made for it: table, manifest, tokenizer")
    func digestedModel() throws {
        try withFolder { folder in
            let place = folder.appendingPathComponent("m.mvlm")
            let sketch = try MVLMSketch.nano()
            var mutator = Mutator(seed: 42)
            for round in 0..<1200 {
                var copy = sketch
                switch round % 4 {
                case 0:
                    let index = copy.index("manifest")
                    copy.sections[index].data = mutator.text(copy.sections[index].data)
                case 1: copy.tokenizer { $0 = mutator.bytes($0) }
                case 2:
                    let (section, value) = (
                        round / 4 % copy.sections.count, Mutator.extremes[round / 4 % Mutator.extremes.count]
                    )
                    if round % 8 == 2 {
                        copy.sections[section].offset = value
                    } else {
                        copy.sections[section].length = value
                    }
                default:
                    let value = Mutator.extremes[round / 4 % Mutator.extremes.count]
                    switch round / 4 % 4 {
                    case 0: copy.fileLength = value
                    case 1: copy.sectionCount = UInt32(truncatingIfNeeded: value)
                    case 2: copy.sections[round / 16 % copy.sections.count].name = mutator.bytes(Array("language".utf8))
                    default: copy.features = value
                    }
                }
                try readModel(copy.bytes(), place, "round \(round)")
            }
        }
    }

    @Test("what was packed, and a delta: damage is refused and leaves nothing, or does no harm")
    func delivery() throws {
        try withFolder { folder in
            func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
            var other = try MVLMSketch.nano()
            other.sections[other.index("language")].data[7] ^= 0x55
            try Data(other.bytes()).write(to: URL(fileURLWithPath: path("new.mvlm")))
            _ = try Packing.pack(Self.nano, to: path("a.zst"), level: 1, threads: 1)
            _ = try Delta.make(old: Self.nano, new: path("new.mvlm"), to: path("a.delta"), level: 1, threads: 1)
            let packed = Array(try Data(contentsOf: URL(fileURLWithPath: path("a.zst"))))
            let delta = Array(try Data(contentsOf: URL(fileURLWithPath: path("a.delta"))))
            let index = 8 + Int(delta[4]) + Int(delta[5]) << 8
            var mutator = Mutator(seed: 43)
            func attempt(_ what: String, _ bytes: [UInt8], _ body: (_ input: String, _ output: String) throws -> Void)
                throws
            {
                try Data(bytes).write(to: URL(fileURLWithPath: path("bad")))
                do { try body(path("bad"), path("out")) } catch { expectTyped(error, what) }
                try? FileManager.default.removeItem(atPath: path("out"))
                let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
                #expect(left == ["a.delta", "a.zst", "bad", "new.mvlm"], "\(what)")
            }
            for round in 0..<400 {
                // The table of frames lies at the end.
                let tail = packed.count - 64
                let bytes =
                    round % 2 == 0
                    ? mutator.bytes(packed) : Array(packed[..<tail]) + mutator.bytes(Array(packed[tail...]))
                try attempt("packed, round \(round)", bytes) { _ = try Packing.unpack($0, to: $1, threads: 1) }
            }
            for round in 0..<800 {
                var bytes = mutator.bytes(delta)
                if round % 2 == 0 {
                    let text = mutator.text(Array(delta[8..<index]))
                    let count = (0..<4).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
                    bytes = Array(delta[..<4]) + count + text + delta[index...]
                }
                try attempt("delta, round \(round)", bytes) {
                    _ = try Delta.apply($0, to: Self.nano, output: $1, threads: 1)
                }
            }
        }
    }

    @Test("GGUF in parts: damage to any of them is refused or harmless")
    func split() throws {
        try withFolder { folder in
            let names = (1...3).map { "split-0000\($0)-of-00003.gguf" }
            let originals = try names.map { try contents("gguf/\($0)") }
            var mutator = Mutator(seed: 44)
            for round in 0..<1500 {
                for (number, name) in names.enumerated() {
                    let bytes = number == round % 3 ? mutator.bytes(originals[number]) : originals[number]
                    try Data(bytes).write(to: folder.appendingPathComponent(name))
                }
                do {
                    try fetchAll(GGUFSplit(path: folder.appendingPathComponent(names[0]).path))
                } catch {
                    expectTyped(error, "round \(round)")
                }
            }
        }
    }

    @Test("adapters: a damaged configuration or factor is refused or harmless", arguments: ["plain", "patterns"])
    func adapter(name: String) throws {
        try withFolder { folder in
            let adapter = folder.appendingPathComponent(name)
            try FileManager.default.copyItem(at: URL(fileURLWithPath: Fixtures.path("adapters/\(name)")), to: adapter)
            let base = adapter.appendingPathComponent("base")
            try FileManager.default.copyItem(
                at: URL(fileURLWithPath: Fixtures.path("tokenizer/plain.model")),
                to: base.appendingPathComponent("tokenizer.model"))
            var mutator = Mutator(seed: 45)
            for (file, isText) in [("adapter_config.json", true), ("adapter_model.safetensors", false)] {
                let place = adapter.appendingPathComponent(file)
                let original = Array(try Data(contentsOf: place))
                for round in 0..<200 {
                    try Data(isText ? mutator.text(original) : mutator.bytes(original)).write(to: place)
                    do {
                        let model = try Model(ModelLocation(adapter.path, base: base.path))
                        for tensor in model.configuration.tensors {
                            _ = try model.weights.tensor(tensor.key, shape: tensor.shape)
                        }
                    } catch {
                        expectTyped(error, "\(file), round \(round)")
                    }
                }
                try Data(original).write(to: place)
            }
        }
    }
}
