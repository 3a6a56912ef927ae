import ByteIO
import CImageShims

/// PNG by libpng, which sits behind a C shim. This file and `JPEGDecoder` hold the module's unsafe code.
enum PNGDecoder {
    static let magic: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    static func decode(_ bytes: UnsafeRawBufferPointer, file: String) throws -> RGBImage {
        var decoder: OpaquePointer?
        var header = vlm_png_header()
        let code = vlm_png_open(bytes.baseAddress, bytes.count, &decoder, &header)
        defer { vlm_png_close(decoder) }
        try check(code, decoder, file: file)
        let width = Int(header.width)
        let height = Int(header.height)
        try RGBImage.check(width: width, height: height, file: file)
        // Deflate turns 258 bytes into 2 bits at best.
        guard header.stored_bytes / 1032 <= bytes.count else {
            throw InputError(
                ImageRule.truncated, picture: file,
                problem: "\(bytes.count) bytes cannot hold the \(width) x \(height) pixels they announce",
                remedy: remedy)
        }
        try check(vlm_png_begin(decoder, &header), decoder, file: file)

        let count = height * header.row_bytes
        let rows = try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            try check(vlm_png_read(decoder, buffer.baseAddress), decoder, file: file)
            filled = count
        }
        return try RGBImage(width: width, height: height, pixels: rgb(rows, header), file: file)
    }

    private static let remedy = "Fetch the picture again, or open and save it in an image editor."

    private static func check(_ code: vlm_png_code, _ decoder: OpaquePointer?, file: String) throws {
        guard code != VLM_PNG_OK else { return }
        let message = decoder.map { String(cString: vlm_png_message($0)) } ?? "out of memory"
        throw InputError(
            code == VLM_PNG_TRUNCATED ? ImageRule.truncated : ImageRule.damaged, picture: file,
            problem: "cannot be read as PNG: \(message)", remedy: remedy)
    }

    private static func rgb(_ rows: [UInt8], _ header: vlm_png_header) -> [UInt8] {
        switch header.layout {
        case VLM_PNG_RGB8:
            return rows
        case VLM_PNG_GRAY8:
            return expand(rows) { ($0, $0, $0) }
        case VLM_PNG_GRAY16:
            // Pillow's conversion of 16-bit gray clips, so that nearly every picture comes out white.
            return expand(stride(from: 0, to: rows.count - 1, by: 2).map { rows[$0] == 0 ? rows[$0 + 1] : 255 }) {
                ($0, $0, $0)
            }
        default:
            // Indices past the palette are black, as in Pillow: the header's palette is full length and zeroed.
            let palette = withUnsafeBytes(of: header.palette) { Array($0) }
            return expand(rows) { (palette[3 * Int($0)], palette[3 * Int($0) + 1], palette[3 * Int($0) + 2]) }
        }
    }

    private static func expand(_ values: [UInt8], by colour: (UInt8) -> (UInt8, UInt8, UInt8)) -> [UInt8] {
        var pixels = [UInt8](repeating: 0, count: values.count * 3)
        for index in values.indices {
            (pixels[3 * index], pixels[3 * index + 1], pixels[3 * index + 2]) = colour(values[index])
        }
        return pixels
    }
}
