import ByteIO
import Foundation
import GGUF
import Safetensors
import ModelSupport
import TestSupport
import Tensors
import Testing
import VLMConv

/// What `vlmconv imatrix` collects, against PyTorch's hooks and against llama-imatrix's own file.
struct ImportanceRequestTests {
    /// What the trained models are measured on; `fixtures/importance/make.py` holds the same.
    private static let pictures = ["scene-01-420x336.png", "scene-09-448x448.jpg"]
    private static let chunk = 64

    /// Sums and counts of a file, by tensor name.
    private func values(_ file: some TensorSource) throws -> [String: [Float]] {
        try Dictionary(
            uniqueKeysWithValues: file.tensors.map { info in
                var reader = ByteReader(try file.bytes(of: info.name), file: "test")
                return (info.name, try (0..<info.elementCount).map { _ in try reader.read(Float.self, info.name) })
            })
    }

    /// The largest difference of two lists, as a part of the second's value. A millionth of the mean is added to that:
    /// far out in the tail of GELU, erf gives 0 or next to nothing.
    private func deviation(_ found: [Float], _ expected: [Float]) -> Float {
        guard found.count == expected.count else { return .infinity }
        let least = expected.reduce(0, +) / Float(expected.count) * 1e-6
        return zip(found, expected).map { abs($0 - $1) / ($1 + least) }.max() ?? 0
    }

    /// Measures a tiny model on the fixture's text, its pictures or both.
    private func measure(_ version: Int, text: Bool, pictures: Bool, threads: Int = 2) throws -> [UInt8] {
        try withFolder { folder in
            let output = folder.path + "/out.gguf"
            var request = ImportanceRequest(
                model: ModelLocation(Fixtures.path("tiny-mobilevlm-v\(version)")), output: output)
            request.chunkSize = Self.chunk
            request.threads = threads
            if text { request.texts = [Fixtures.path("importance/text.txt")] }
            if pictures {
                let place = folder.appendingPathComponent("pictures")
                try FileManager.default.createDirectory(at: place, withIntermediateDirectories: false)
                for name in Self.pictures {
                    try FileManager.default.copyItem(
                        atPath: Fixtures.path("pictures/" + name), toPath: place.appendingPathComponent(name).path)
                }
                try Data("no picture".utf8).write(to: place.appendingPathComponent("notes.txt"))
                request.imageFolders = [place.path]
            }
            let report = try request.run()
            #expect(report.chunks == (text ? 4 : 0))
            #expect(report.pictures == (pictures ? 2 : 0))
            return Array(try Data(contentsOf: URL(fileURLWithPath: output)))
        }
    }

    @Test(
        "sums and counts of a trained model are PyTorch's: decoder, tower and projector, pictures in the prompt",
        arguments: [1, 2], ["text", "pictures", "both"])
    func torch(version: Int, kind: String) throws {
        var expected: [String: [Float]] = [:]
        for (key, list) in try values(SafetensorsFile(path: Fixtures.path("importance/v\(version).safetensors"))) {
            let parts = key.split(separator: "/").map(String.init)
            guard parts[0] == kind || kind == "both" else { continue }
            expected[parts[1]] = expected[parts[1]].map { zip($0, list).map(+) } ?? list
        }
        let bytes = try measure(version, text: kind != "pictures", pictures: kind != "text")
        let found = try values(GGUFFile(bytes: Bytes(bytes), name: "out.gguf"))
        #expect(Set(found.keys) == Set(expected.keys))
        for (name, list) in expected {
            if name.hasSuffix(".counts") {
                #expect(found[name] == list, "\(name)")
            } else {
                // 32-bit floats on both sides: what is left is the order in which they are added. Measured: 1.4e-5.
                #expect(deviation(try #require(found[name]), list) < 5e-5, "\(name)")
            }
        }
    }

    @Test("the file is the same for any number of threads")
    func threads() throws {
        #expect(
            try measure(2, text: true, pictures: true, threads: 1)
                == measure(2, text: true, pictures: true, threads: 3))
    }

    @Test(
        "of llama-imatrix's model and text: its keys, names, shapes and counts, and its sums as far as F16 carries",
        .enabled(if: Fixtures.hasGolden))
    func llamaImatrix() throws {
        try withFolder { folder in
            func golden(_ path: String) throws -> String { try #require(Fixtures.golden("mini-v2/\(path)")) }
            var request = ImportanceRequest(
                model: ModelLocation(try golden("model")), output: folder.path + "/out.gguf")
            request.texts = [try golden("imatrix/calibration.txt")]
            _ = try request.run()
            let ours = try GGUFFile(path: request.output)
            let theirs = try GGUFFile(path: golden("imatrix/imatrix.gguf"))
            #expect(ours.metadata.entries.map(\.key) == theirs.metadata.entries.map(\.key))
            #expect(ours.metadata.entries.map(\.value) == theirs.metadata.entries.map(\.value))
            #expect(ours.tensors == theirs.tensors)
            let found = try values(ours)
            for (name, expected) in try values(theirs) {
                if name.hasSuffix(".counts") {
                    #expect(found[name] == expected, "\(name)")
                } else {
                    // llama.cpp keeps keys and values in F16 and rounds what goes into an F16 matrix to F16, 11 bits:
                    // a square is off by up to 1e-3, a sum of 45568 squares by less. Measured: 1.1e-3 at most.
                    #expect(deviation(try #require(found[name]), expected) < 2e-3, "\(name)")
                }
            }
        }
    }

    @Test("a text shorter than a chunk and a folder without pictures say what to do; nothing is written")
    func noInput() throws {
        try withFolder { folder in
            let (text, output) = (folder.path + "/short.txt", folder.path + "/out.gguf")
            try Data("a few words".utf8).write(to: URL(fileURLWithPath: text))
            var request = ImportanceRequest(model: ModelLocation(Fixtures.path("tiny-mobilevlm-v2")), output: output)
            request.texts = [text]
            expect(ImportanceRequest.noInput, contains: "short.txt", "512", "--chunk") { _ = try request.run() }
            request.texts = []
            request.imageFolders = [folder.path]
            expect(ImportanceRequest.noInput, contains: "picture") { _ = try request.run() }
            #expect(try contents(of: folder) == ["short.txt"])
        }
    }
}
