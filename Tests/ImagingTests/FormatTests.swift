import ByteIO
import Foundation
import Imaging
import TestSupport
import Testing

/// WebP, GIF and BMP, EXIF orientations and stray bytes; digests recorded from Pillow (fixtures/images/make_formats.py).
@Suite struct FormatTests {
    struct Recorded: Decodable {
        let file, decoded: String
        let width, height: Int
        let orientation: Int?
        let upright: String?
    }

    static func recorded() throws -> [Recorded] {
        let data = try Data(contentsOf: URL(fileURLWithPath: Fixtures.path("images/formats.json")))
        return try JSONDecoder().decode([Recorded].self, from: data)
    }

    static func bytes(_ file: String) throws -> [UInt8] { try contents(Fixtures.path("images/formats.d/\(file)")) }

    @Test("WebP, GIF, BMP, and JPEGs with stray bytes before their end decode to Pillow's pixels")
    func decode() throws {
        let recorded = try Self.recorded()
        #expect(recorded.count == 43)
        for example in recorded {
            let image = try ImageDecoder.decode(Self.bytes(example.file), file: example.file)
            #expect(image.width == example.width && image.height == example.height, "\(example.file)")
            #expect(SHA256.hex(image.pixels) == example.decoded, "\(example.file)")
        }
    }

    @Test("EXIF orientations are found in JPEG, PNG and WebP, and turned upright as Pillow does it")
    func orientation() throws {
        for example in try Self.recorded() {
            let bytes = try Self.bytes(example.file)
            let orientation = ImageDecoder.orientation(bytes)
            #expect(orientation?.rawValue == example.orientation, "\(example.file)")
            if let orientation, let upright = example.upright {
                let image = try ImageDecoder.decode(bytes, file: example.file).upright(orientation)
                #expect(SHA256.hex(image.pixels) == upright, "\(example.file)")
            }
        }
    }

    @Test("A picture cut short at any byte is an error or, behind its last pixel, the same picture")
    func truncated() throws {
        for example in try Self.recorded() {
            let whole = try Self.bytes(example.file)
            for count in stride(from: 0, to: whole.count, by: whole.count > 3000 ? 13 : 1) {
                do {
                    let image = try ImageDecoder.decode(Array(whole[..<count]), file: example.file)
                    #expect(SHA256.hex(image.pixels) == example.decoded, "\(example.file) cut to \(count)")
                } catch is InputError {}
                _ = ImageDecoder.orientation(Array(whole[..<count]))
            }
        }
    }

    @Test("A picture with bytes changed decodes or is refused, never a trap")
    func flipped() throws {
        var generator = SeededGenerator(state: 8)
        for example in try Self.recorded() {
            let whole = try Self.bytes(example.file)
            for _ in 0..<200 {
                var bytes = whole
                for _ in 0..<Int.random(in: 1...3, using: &generator) {
                    bytes[Int.random(in: 2..<bytes.count, using: &generator)] = UInt8.random(
                        in: 0...255, using: &generator)
                }
                do { _ = try ImageDecoder.decode(bytes, file: "picture") } catch is InputError {}
                _ = ImageDecoder.orientation(bytes)
            }
        }
    }

    @Test("Headers that announce enormous pictures are refused without allocating them")
    func enormous() throws {
        func code(_ bytes: [UInt8]) -> Rule? {
            do { _ = try ImageDecoder.decode(bytes, file: "picture") } catch let error as InputError {
                return error.rule
            } catch {}
            return nil
        }
        var gif = try Self.bytes("palette_40x30.gif")
        gif.replaceSubrange(6..<10, with: [0xFF, 0xFF, 0xFF, 0xFF])
        #expect(code(gif) == ImageRule.size)
        var bmp = try Self.bytes("rgb_23x17.bmp")
        bmp.replaceSubrange(18..<26, with: [0x00, 0x30, 0, 0, 0x00, 0x30, 0, 0])
        #expect(code(bmp) == ImageRule.truncated)
        bmp.replaceSubrange(18..<26, with: [0xFF, 0xFF, 0xFF, 0x7F, 1, 0, 0, 0])
        #expect(code(bmp) == ImageRule.size)
        var rows = try Self.bytes("rle8_16x6.bmp")
        rows.replaceSubrange(18..<26, with: [0x00, 0x30, 0, 0, 0x00, 0x30, 0, 0])
        #expect(code(rows) == ImageRule.truncated)
        // VP8L keeps 14 bits of each side behind its signature.
        var webp = try Self.bytes("lossless_31x23.webp")
        webp.replaceSubrange(21..<25, with: [0xFF, 0xFF, 0xFF, 0x0F])
        #expect(code(webp) != nil)
    }
}
