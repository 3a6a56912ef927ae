import Foundation
import Imaging
import TestSupport
import Testing

func contents(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

extension PixelValues {
    /// The values as they lie in a file: little-endian.
    var bytes: [UInt8] { values.map(\.bitPattern.littleEndian).withUnsafeBytes { Array($0) } }
}

/// Small pictures of every kind; digests recorded from Pillow (fixtures/images/make.py).
@Suite struct PillowTests {
    struct Recorded: Decodable {
        struct Result: Decodable {
            let size: Int
            let pad: Bool
            let crop, values: String
        }
        let file, decoded: String
        let width, height: Int
        let results: [Result]
    }

    static func recorded() throws -> [Recorded] {
        let data = try Data(contentsOf: URL(fileURLWithPath: Fixtures.path("images/expected.json")))
        return try JSONDecoder().decode([Recorded].self, from: data)
    }

    @Test("Every kind of PNG and JPEG decodes to Pillow's pixels")
    func decode() throws {
        let recorded = try Self.recorded()
        #expect(recorded.count == 17)
        for example in recorded {
            let image = try ImageDecoder.decode(contents(Fixtures.path("images/\(example.file)")), file: example.file)
            #expect(image.width == example.width && image.height == example.height, "\(example.file)")
            #expect(SHA256.hex(image.pixels) == example.decoded, "\(example.file)")
        }
    }

    @Test("Padding, resizing, cutting and normalising give Pillow's and NumPy's bits")
    func preprocess() throws {
        for example in try Self.recorded() {
            let image = try ImageDecoder.decode(contents(Fixtures.path("images/\(example.file)")), file: example.file)
            for result in example.results {
                let values = try CLIPPreprocessor.openAI(imageSize: result.size, padToSquare: result.pad)(image)
                let what = Comment(rawValue: "\(example.file) to \(result.size), padded: \(result.pad)")
                #expect(values.shape == [3, result.size, result.size], what)
                #expect(SHA256.hex(values.crop.pixels) == result.crop, what)
                #expect(SHA256.hex(values.bytes) == result.values, what)
            }
        }
    }
}

/// The large set of pictures beside the project, with the values of the original image processor.
@Suite(.enabled(if: Fixtures.hasGolden)) struct GoldenTests {
    struct Recorded: Decodable {
        struct Picture: Decodable {
            struct Result: Decodable {
                let crop, values: String
                enum CodingKeys: String, CodingKey {
                    case crop = "crop_uint8_sha256"
                    case values = "pixel_values_sha256"
                }
            }
            let file, decoded: String
            let width, height: Int
            let pad, nopad: Result
            enum CodingKeys: String, CodingKey {
                case file, width, height, pad, nopad
                case decoded = "decoded_rgb_sha256"
            }
        }
        let images: [Picture]
    }

    static func pictures() throws -> [Recorded.Picture] {
        let path = try #require(Fixtures.golden("images/expected.json"))
        return try JSONDecoder().decode(Recorded.self, from: Data(contentsOf: URL(fileURLWithPath: path))).images
    }

    static func image(_ file: String) throws -> RGBImage {
        let path = try #require(Fixtures.golden("images/files/\(file)"))
        return try ImageDecoder.decode(contents(path), file: path)
    }

    @Test("All 30 pictures give the recorded pixels, crops and pixel values")
    func all() throws {
        let pictures = try Self.pictures()
        #expect(pictures.count == 30)
        for picture in pictures {
            let image = try Self.image(picture.file)
            #expect(image.width == picture.width && image.height == picture.height, "\(picture.file)")
            #expect(SHA256.hex(image.pixels) == picture.decoded, "\(picture.file)")
            for (pad, result) in [(true, picture.pad), (false, picture.nopad)] {
                let values = try CLIPPreprocessor.openAI(padToSquare: pad)(image)
                #expect(SHA256.hex(values.crop.pixels) == result.crop, "\(picture.file), padded: \(pad)")
                #expect(SHA256.hex(values.bytes) == result.values, "\(picture.file), padded: \(pad)")
            }
        }
    }

    @Test("Preprocessing a camera's picture takes no longer than five readings of its PNG", .disabled(if: isSanitized))
    func speed() throws {
        // In turn, and by the processor's time: a ratio holds on a slow machine, and on one that has other work.
        let preprocessor = try CLIPPreprocessor.openAI()
        let ratios = try (0..<5).map { _ in
            var image: RGBImage?
            let reading = try threadTime { image = try Self.image("rgb_901x677.png") }
            let picture = try #require(image)
            return try threadTime { _ = try preprocessor(picture) } / reading
        }
        let best = ratios.min() ?? .infinity
        #expect(best < 5, "\(ratios)")
    }
}

@Suite struct DigestTests {
    @Test("SHA-256 gives the digests of the standard's examples")
    func examples() {
        #expect(SHA256.hex([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(
            SHA256.hex(Array("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            SHA256.hex([UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000))
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }
}
