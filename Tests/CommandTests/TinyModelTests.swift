import ByteIO
import Foundation
import GGUF
import TestSupport
import Testing

/// verify on the trained models: weights that mean something, answers that can go wrong.
@Suite(
    "verify on the tiny models",
    .enabled(if: FileManager.default.fileExists(atPath: Fixtures.path("tiny-mobilevlm-v1"))))
struct TinyModelTests {
    private func model(_ version: Int) -> String { Fixtures.path("tiny-mobilevlm-v\(version)") }

    private func convert(_ version: Int, _ shop: Workshop, _ arguments: String...) throws {
        let result = try Tool.run(["convert", model(version), shop.path("m.gguf")] + arguments)
        try #require(result.status == 0, "\(result.errors)")
    }

    @Test("right conversions of both models pass", arguments: [1, 2], ["f16", "q8_0", "q4_0"])
    func passes(version: Int, preset: String) throws {
        try Workshop.with(nil) { shop in
            try convert(version, shop, "--\(preset)")
            let result = try Tool.run("verify", model(version), shop.path("m.gguf"))
            #expect(result.status == 0, "\(result.output)\(result.errors)")
            #expect(result.output.contains("PASS"))
        }
    }

    @Test(
        "a matrix of another layer is found in both parts of the pair",
        arguments: [
            ("m.gguf", "blk.2.attn_v.weight", "blk.1.attn_v.weight"),
            ("mmproj-m.gguf", "v.blk.0.attn_out.weight", "v.blk.1.attn_out.weight"),
        ])
    func otherLayer(file: String, name: String, other: String) throws {
        try Workshop.with(nil) { shop in
            try convert(2, shop, "--q4_0")
            let gguf = try GGUFFile(path: shop.path(file))
            let bytes = try gguf.bytes(of: other).withUnsafeBytes { Data($0) }
            let start = try #require(gguf.offset(of: name)) + gguf.dataOffset
            try shop.edit(file) { $0.replaceSubrange(start..<start + bytes.count, with: bytes) }
            let result = try Tool.run("verify", model(2), shop.path("m.gguf"))
            #expect(result.status == 1)
            #expect(result.output.contains("\n  \(name): differs from the checkpoint"), "\(result.output)")
        }
    }

    @Test("limits can be set, and one that is missed is named with its value")
    func limits() throws {
        try Workshop.with(nil) { shop in
            try convert(1, shop, "--q4_0", "--mmproj-type", "q4_0")
            for (option, value, subject) in [
                ("--max-kld", "0", "Mean KLD"), ("--min-same-top", "1", "Same top p"),
                ("--min-feature-cosine", "1", "image features"),
            ] {
                let result = try Tool.run("verify", model(1), shop.path("m.gguf"), option, value)
                #expect(result.status == 1, "\(result.errors)")
                #expect(result.output.contains("FAIL\n  \(subject)"), "\(result.output)")
            }
        }
    }

    @Test("a legacy file that runs one block too few has other image features")
    func wrongBlock() throws {
        try Workshop.with(nil) { shop in
            try convert(2, shop, "--f16")
            // The only array of one i32 in the file: 3 becomes 2.
            try shop.edit("mmproj-m.gguf") { data in
                let key = try #require(data.range(of: Data("clip.vision.feature_layer".utf8)))
                let value = key.upperBound + 4 + 4 + 8
                try #require(data[value] == 3)
                data[value] = 2
            }
            let result = try Tool.run("verify", model(2), shop.path("m.gguf"))
            #expect(result.status == 65)
            #expect(result.errors.contains("number of vision blocks that run"), "\(result.errors)")
        }
    }

    @Test("two models of one family cannot be verified against each other")
    func otherModel() throws {
        try Workshop.with(nil) { shop in
            try convert(1, shop, "--q8_0")
            let result = try Tool.run("verify", model(2), shop.path("m.gguf"))
            #expect(result.status == 65)
            #expect(result.output.isEmpty)
        }
    }
}
