import ByteIO
import Foundation
import Imaging
import JSON
import TestSupport
import Testing
import Tokenizer

/// Tokenizers and pictures: what a model reads beside its numbers.
@Suite struct ContentTests {
    private static func use(_ vocabulary: Vocabulary) {
        #expect(vocabulary.kinds.count == vocabulary.count)
        for id in [vocabulary.bos, vocabulary.eos, vocabulary.unk, vocabulary.pad] {
            #expect(id.map { (0..<vocabulary.count).contains($0) } ?? true)
        }
    }

    @Test("SentencePiece models: damage is refused, or gives a vocabulary that can be used")
    func sentencePiece() throws {
        try damage(["tokenizer/plain.model", "tokenizer/kinds.model"], rounds: 400) {
            Self.use(try Vocabulary(sentencePieceModel: Bytes($0), file: "damaged"))
        }
    }

    @Test("tokenizer.json: damage is refused, or gives a tokenizer that works")
    func tokenizerJSON() throws {
        let text = "The picture shows, 2 red squares \u{1F600}\n"
        // The fixture leaves its spaces open, as several releases have them.
        func spelt(_ bytes: [UInt8]) -> [UInt8] {
            let steps = #""normalizer":{"type":"Replace","pattern":{"String":" "},"content":"\u2581"}"#
            return Array(String(decoding: bytes, as: UTF8.self).replacing("\"normalizer\":null", with: steps).utf8)
        }
        func read(_ bytes: [UInt8]) throws {
            let vocabulary = try TokenizerJSON(Bytes(bytes), file: "damaged").vocabulary
            Self.use(vocabulary)
            let tokenizer = TextTokenizer(vocabulary: vocabulary)
            let ids = tokenizer.encode(text)
            #expect(ids.allSatisfy { (0..<vocabulary.count).contains($0) })
            _ = tokenizer.decode(ids)
        }
        let readable =
            try damage(["tokenizer/spelt.json"], rounds: 800, isText: true, prepare: spelt, read)
            + damage(["tokenizer/bytes.json"], rounds: 800, isText: true, read)
        #expect(readable > 20)
    }

    private func readPicture(_ bytes: [UInt8]) throws {
        _ = ImageDecoder.orientation(bytes)
        let image = try ImageDecoder.decode(bytes, file: "damaged")
        #expect(image.pixels.count == 3 * image.width * image.height)
    }

    @Test("PNG and JPEG: damage is refused, or gives a picture of the size that it states")
    func pictures() throws {
        let png = [
            "adam7_13x1", "gray16_31x23", "gray_1bit_31x23", "palette2_short_20x12", "rgba_33x47", "rgb16_trns_14x18",
        ]
        let jpeg = ["ycc420_50x37", "cmyk_24x30", "ycc422_progressive_45x52", "gray_exif6_40x25", "rgb_not_ycc_26x26"]
        try damage(png.map { "images/\($0).png" }, rounds: 700, prepare: { $0 }, readPicture)
        // Damage that the checksums of PNG's chunks do not reveal.
        try damage(png.map { "images/\($0).png" }, rounds: 700) { try readPicture(PNGChunks.repaired($0)) }
        try damage(jpeg.map { "images/\($0).jpg" }, rounds: 700, readPicture)
    }

    @Test("WebP, GIF, BMP and EXIF data: damage is refused, or gives a picture of the size that it states")
    func formats() throws {
        let folder = Fixtures.path("images/formats.d")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(Set(files.compactMap { $0.split(separator: ".").last }).isSuperset(of: ["webp", "gif", "bmp", "jpg"]))
        try damage(files.map { "images/formats.d/\($0)" }, rounds: 300, readPicture)
    }

    @Test("EXIF data: a damaged entry gives an orientation or none")
    func exif() throws {
        for file in ["orientation6_24x16.jpg", "orientation3_motorola_24x16.jpg", "orientation8_24x16.webp"] {
            let original = try contents("images/formats.d/\(file)")
            let start = try #require(
                original.indices.dropLast(4).first { original[$0..<$0 + 4].elementsEqual("Exif".utf8) }
                    ?? original.indices.dropLast(4).first { original[$0..<$0 + 4].elementsEqual("EXIF".utf8) })
            var mutator = Mutator(seed: 31)
            for _ in 0..<3000 {
                _ = ImageDecoder.orientation(Array(original[..<start]) + mutator.bytes(Array(original[start...])))
            }
        }
    }
}
