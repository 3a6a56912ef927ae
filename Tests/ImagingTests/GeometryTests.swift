import ByteIO
import Imaging
import TestSupport
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The most memory this process has had so far, in bytes.
func peakMemory() -> Int {
    var usage = rusage()
    #if canImport(Darwin)
        getrusage(RUSAGE_SELF, &usage)
        return usage.ru_maxrss
    #else
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss * 1024
    #endif
}

@Suite struct GeometryTests {
    /// A picture whose pixels are all of one colour.
    static func plain(_ width: Int, _ height: Int, _ colour: [UInt8]) throws -> RGBImage {
        try RGBImage(
            width: width, height: height, pixels: Array(repeatElement(colour, count: width * height).joined()))
    }

    @Test("A 3 x 2 picture pads to rows 0 and 1 with the colour in row 2; a 2 x 3 one to the right")
    func padding() throws {
        let red: [UInt8] = [255, 0, 0]
        let pad: [UInt8] = [122, 116, 104]
        let preprocessor = try CLIPPreprocessor.openAI(imageSize: 3)
        let wide = try preprocessor(Self.plain(3, 2, red)).crop
        #expect(wide.pixels == red + red + red + red + red + red + pad + pad + pad)
        let tall = try preprocessor(Self.plain(2, 3, red)).crop
        #expect(tall.pixels == red + red + pad + red + red + pad + red + red + pad)
    }

    @Test("Normalised values are those of the paper's constants, channel by channel")
    func normalization() throws {
        let image = try RGBImage(width: 2, height: 1, pixels: [0, 0, 0, 255, 255, 255])
        let values = try CLIPPreprocessor.openAI(imageSize: 2)(image).values
        #expect(values.prefix(2) == [-1.7922626, 1.9303361])
        #expect(values[4..<6] == [(0 - 0.4578275) / 0.26130258, (1 - 0.4578275) / 0.26130258])
        #expect(values[8..<10] == [(0 - 0.40821073) / 0.27577711, (1 - 0.40821073) / 0.27577711])
    }

    @Test("Without padding the middle of the longer side is kept")
    func cut() throws {
        let pixels = (0..<5).flatMap { [UInt8](repeating: UInt8(10 * $0), count: 3) }
        let image = try RGBImage(width: 5, height: 1, pixels: pixels)
        let crop = try CLIPPreprocessor.openAI(imageSize: 1, padToSquare: false)(image).crop
        #expect(crop.pixels == [20, 20, 20])
    }

    @Test(
        "The longest and thinnest pictures take neither gigabytes nor minutes",
        arguments: [(1, 65535), (65535, 1), (2, 60000), (65535, 3)])
    func thin(width: Int, height: Int) throws {
        let image = try Self.plain(width, height, [10, 200, 90])
        let cut = try CLIPPreprocessor.openAI(padToSquare: false)(image).crop
        #expect(cut.pixels.prefix(3) == [10, 200, 90] && Set(cut.pixels) == [10, 200, 90])
        // Hundreds of lines of padding are averaged into one: the picture all but vanishes.
        let padded = try CLIPPreprocessor.openAI()(image).crop
        #expect(padded.pixels.prefix(3) == [122, 116, 104])
        // The canvas would be 13 GB, the resized picture 22 GB; other tests run in this process too.
        #expect(peakMemory() < 6 << 30)
    }

    @Test("Sizes that no picture can have are refused")
    func sizes() {
        for (width, height, bytes) in [(0, 1, 0), (1, 0, 0), (-1, -1, 3), (1, 1, 2), (65536, 1, 196_608)] {
            let error = #expect(throws: InputError.self) {
                try RGBImage(width: width, height: height, pixels: [UInt8](repeating: 0, count: bytes))
            }
            #expect(error?.rule == ImageRule.size)
        }
    }

    @Test("Settings that no image processor can have are refused")
    func settings() {
        let makers: [() throws -> CLIPPreprocessor] = [
            { try CLIPPreprocessor.openAI(imageSize: 0) }, { try CLIPPreprocessor.openAI(imageSize: 1 << 31) },
            { try CLIPPreprocessor.openAI(mean: [0, 0]) }, { try CLIPPreprocessor.openAI(mean: [0, .nan, 0]) },
            { try CLIPPreprocessor.openAI(std: [1, 1, 0]) }, { try CLIPPreprocessor.openAI(std: [1, 1, 1, 1]) },
            { try CLIPPreprocessor.openAI(std: [1, .infinity, 1]) },
        ]
        for make in makers {
            let error = #expect(throws: InputError.self) { try make() }
            #expect(error?.rule == ImageRule.setting)
        }
    }
}
