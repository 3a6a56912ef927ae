import ByteIO
import CWebP

/// WebP by libwebp: the first frame on its canvas, as Pillow reads it. This file and the other two decoders that call C
/// hold the module's unsafe code.
enum WebPDecoder {
    static func recognises(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count >= 12 && bytes.starts(with: "RIFF".utf8) && bytes[8..<12].elementsEqual("WEBP".utf8)
    }

    static func decode(_ bytes: UnsafeRawBufferPointer, file: String) throws -> RGBImage {
        let source = bytes.bindMemory(to: UInt8.self).baseAddress
        var features = WebPBitstreamFeatures()
        let status = WebPGetFeatures(source, bytes.count, &features)
        guard status == VP8_STATUS_OK else {
            throw failure(
                status == VP8_STATUS_NOT_ENOUGH_DATA ? ImageRule.truncated : ImageRule.damaged,
                "its header is not whole", file)
        }
        // Before the decoder is made, which allocates the canvas.
        try RGBImage.check(width: Int(features.width), height: Int(features.height), file: file)
        let announced = bytes[4..<8].enumerated().reduce(8) { $0 + Int($1.element) << (8 * $1.offset) }
        guard announced <= bytes.count else {
            throw failure(
                ImageRule.truncated, "\(bytes.count) bytes of the \(announced) that it announces are there", file)
        }

        var options = WebPAnimDecoderOptions()
        WebPAnimDecoderOptionsInit(&options)
        options.color_mode = MODE_RGBA
        options.use_threads = 0
        var data = WebPData(bytes: source, size: bytes.count)
        guard let decoder = WebPAnimDecoderNew(&data, &options) else {
            throw failure(ImageRule.damaged, "its chunks make no picture", file)
        }
        defer { WebPAnimDecoderDelete(decoder) }
        var info = WebPAnimInfo()
        guard WebPAnimDecoderGetInfo(decoder, &info) != 0 else {
            throw failure(ImageRule.damaged, "it has no canvas", file)
        }
        let (width, height) = (Int(info.canvas_width), Int(info.canvas_height))
        try RGBImage.check(width: width, height: height, file: file)
        var canvas: UnsafeMutablePointer<UInt8>?
        var timestamp: Int32 = 0
        guard WebPAnimDecoderGetNext(decoder, &canvas, &timestamp) != 0, let canvas else {
            throw failure(ImageRule.damaged, "its first frame cannot be decoded", file)
        }
        var pixels = [UInt8](repeating: 0, count: 3 * width * height)
        for index in 0..<width * height {
            for channel in 0..<3 { pixels[3 * index + channel] = canvas[4 * index + channel] }
        }
        return try RGBImage(width: width, height: height, pixels: pixels, file: file)
    }

    private static func failure(_ rule: Rule, _ problem: String, _ file: String) -> InputError {
        InputError(
            rule, picture: file, problem: "cannot be read as WebP: \(problem)",
            remedy: "Fetch the picture again, or open and save it in an image editor.")
    }
}
