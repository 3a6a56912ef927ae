import ByteIO
import Foundation
import Imaging
import Platform
import TestSupport
import Testing

@Suite struct HostileImageTests {
    static let files = [
        "rgb_64x40.png", "palette2_short_20x12.png", "gray16_31x23.png", "adam7_13x1.png", "icc_gamma_8x8.png",
        "ycc420_50x37.jpg", "ycc422_progressive_45x52.jpg", "cmyk_24x30.jpg", "gray_exif6_40x25.jpg",
    ]

    func code(_ bytes: [UInt8]) -> Rule? {
        do {
            _ = try ImageDecoder.decode(bytes, file: "picture")
            return nil
        } catch let error as InputError {
            #expect(!error.problem.isEmpty && error.remedy?.isEmpty == false && error.file == "picture")
            return error.rule
        } catch {
            Issue.record("\(error)")
            return nil
        }
    }

    @Test("A picture cut short at any byte is an error", arguments: files)
    func truncated(file: String) throws {
        let whole = try contents(Fixtures.path("images/\(file)"))
        #expect(code(whole) == nil)
        for count in stride(from: 0, to: whole.count, by: whole.count > 4000 ? 7 : 1) {
            #expect(code(Array(whole[..<count])) != nil, "\(count)")
        }
        // Cut in the middle of the pixels, it is said to be cut.
        #expect(code(Array(whole[..<(whole.count - 30)])) == ImageRule.truncated)
    }

    @Test("A picture with bytes changed decodes or is refused, never a trap", arguments: files)
    func flipped(file: String) throws {
        let whole = try contents(Fixtures.path("images/\(file)"))
        var generator = SeededGenerator(state: 5)
        for _ in 0..<600 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let offset = Int.random(in: 2..<bytes.count, using: &generator)
                bytes[offset] = UInt8.random(in: 0...255, using: &generator)
            }
            _ = code(bytes)
        }
    }

    @Test("What is no picture is named as such")
    func garbage() {
        let texts = ["", "\u{89}", "GIF88a", "P6\n-1 -1\n255\n", "RIFF    WAVE", "<html>", "B"]
        for text in texts { #expect(code(Array(text.utf8)) == ImageRule.format) }
        for text in ["GIF89a", "RIFF    WEBP", "BM"] { #expect(code(Array(text.utf8)) == ImageRule.truncated) }
        #expect(code([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) == ImageRule.truncated)
        #expect(code([0xFF, 0xD8, 0xFF]) != nil)
        #expect(code([0xFF, 0xD8, 0xFF] + [UInt8](repeating: 0, count: 1000)) != nil)
    }

    /// A PNG file that announces a size and holds 30 bytes of pixels.
    private func header(
        _ width: UInt32, _ height: UInt32, depth: UInt8 = 8, colour: UInt8 = 2, interlaced: Bool = false
    ) -> [UInt8] {
        func four(_ x: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: x >> (24 - 8 * $0)) } }
        func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
            let body = Array(name.utf8) + data
            return four(UInt32(data.count)) + body + four(crc32(body))
        }
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
            + chunk("IHDR", four(width) + four(height) + [depth, colour, 0, 0, interlaced ? 1 : 0])
            + chunk("IDAT", [0x78, 0x9C, 0x01] + [UInt8](repeating: 0, count: 30)) + chunk("IEND", [])
    }

    @Test(
        "A picture of a hundred bytes that announces a wide one takes no memory in proportion",
        arguments: [false, true])
    func widePNG(interlaced: Bool) {
        let before = Machine.peakMemory
        for width: UInt32 in [20_000_000, 40_000_000, .max >> 1] {
            #expect(code(header(width, 1, interlaced: interlaced)) == ImageRule.size)
        }
        #expect(Machine.peakMemory - before < 16 << 20)
    }

    @Test("PNG headers that announce impossible or enormous pictures are refused without allocating them")
    func enormousPNG() {
        #expect(code(header(65535, 65535)) == ImageRule.size)
        #expect(code(header(65536, 1)) == ImageRule.size)
        #expect(code(header(1, .max >> 1)) == ImageRule.size)
        #expect(code(header(13000, 13000)) == ImageRule.truncated)
        #expect(code(header(0, 0)) == ImageRule.damaged)
        #expect(code(header(0, 5)) == ImageRule.damaged)
        #expect(code(header(.max, .max)) == ImageRule.damaged)
        #expect(code(header(4, 4, depth: 3)) == ImageRule.damaged)
        #expect(code(header(4, 4, colour: 5)) == ImageRule.damaged)
        #expect(code(header(4, 4, colour: 3)) == ImageRule.damaged, "a palette picture without palette")
        #expect(code(header(4, 4)) != nil)
    }

    @Test(
        "JPEG headers that announce impossible or enormous pictures are refused",
        arguments: ["ycc420_50x37.jpg", "ycc422_progressive_45x52.jpg"])
    func enormousJPEG(file: String) throws {
        let whole = try contents(Fixtures.path("images/\(file)"))
        // The frame header: FF C0 or FF C2, two bytes of length, one of precision, then height and width.
        let frame = try #require(
            whole.indices.dropLast().first { whole[$0] == 0xFF && [0xC0, 0xC2].contains(whole[$0 + 1]) })
        func sized(_ width: UInt16, _ height: UInt16) -> [UInt8] {
            var bytes = whole
            bytes[frame + 5] = UInt8(height >> 8)
            bytes[frame + 6] = UInt8(height & 0xFF)
            bytes[frame + 7] = UInt8(width >> 8)
            bytes[frame + 8] = UInt8(width & 0xFF)
            return bytes
        }
        #expect(code(sized(65535, 65535)) != nil)
        #expect(code(sized(65000, 65000)) == ImageRule.size)
        #expect(code(sized(13000, 13000)) != nil)
        #expect(code(sized(0, 0)) != nil)
        #expect(code(sized(45, 0)) != nil)
        var precision = whole
        precision[frame + 4] = 12
        #expect(code(precision) == ImageRule.damaged)
    }

    @Test("A progressive JPEG of ten thousand passes is refused at once")
    func scans() throws {
        let whole = try contents(Fixtures.path("images/ycc422_progressive_45x52.jpg"))
        let last = try #require(whole.indices.dropLast().last { whole[$0] == 0xFF && whole[$0 + 1] == 0xDA })
        let end = whole.count - 2
        let bytes = whole[..<end] + repeatElement(whole[last..<end], count: 10_000).joined() + whole[end...]
        let time = threadTime { #expect(code(Array(bytes)) == ImageRule.damaged) }
        #expect(time < patience)
    }

    @Test("A JPEG with data missing in the middle is refused, not filled with gray")
    func hole() throws {
        let whole = try contents(Fixtures.path("images/ycc420_50x37.jpg"))
        #expect(code(Array(whole[..<(whole.count - 200)] + [0xFF, 0xD9])) != nil)
    }
}

/// CRC-32 as PNG has it, bit by bit.
private func crc32(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { crc, byte in
        (0..<8).reduce(crc ^ UInt32(byte)) { value, _ in value >> 1 ^ (value & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
}
