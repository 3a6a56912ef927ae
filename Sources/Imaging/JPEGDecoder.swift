import ByteIO
import CTurboJPEG

/// JPEG by libjpeg-turbo: accurate integer DCT and smooth ("fancy") chroma upsampling, as Pillow has them.
enum JPEGDecoder {
    static let magic: [UInt8] = [0xFF, 0xD8, 0xFF]

    static func decode(_ bytes: UnsafeRawBufferPointer, file: String) throws -> RGBImage {
        do {
            return try decodeWhole(bytes, file: file)
        } catch let warning as StrayBytes {
            // Cameras on boards leave a few bytes in front of the end mark. Pillow skips them; libjpeg warns of them, and
            // of nothing that came before or after it, so that the file without them has to pass with no warning at all.
            guard let whole = warning.without(bytes) else { throw warning.error }
            do {
                return try whole.withUnsafeBytes { try decodeWhole($0, file: file) }
            } catch let warning as StrayBytes {
                throw warning.error
            }
        }
    }

    /// libjpeg's warning of bytes in front of the end mark that belong to nothing.
    private struct StrayBytes: Error {
        let count: Int
        let error: InputError

        /// - Parameter message: "Corrupt JPEG data: 3 extraneous bytes before marker 0xd9"
        init?(_ message: String, error: InputError) {
            let words = message.split(separator: " ")
            guard message.hasSuffix("extraneous bytes before marker 0xd9"), words.count > 3, let count = Int(words[3])
            else {
                return nil
            }
            self.count = count
            self.error = error
        }

        /// The file without the bytes in front of its last end mark.
        func without(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
            guard bytes.count > 2 else { return nil }
            let end = (1..<bytes.count).last { bytes[$0] == 0xD9 && bytes[$0 - 1] == 0xFF }.map { $0 - 1 }
            guard let end, count < end else { return nil }
            return Array(bytes[..<(end - count)]) + [0xFF, 0xD9]
        }
    }

    private static func decodeWhole(_ bytes: UnsafeRawBufferPointer, file: String) throws -> RGBImage {
        guard let decoder = tjInitDecompress() else {
            throw InputError(
                ImageRule.damaged, picture: file, problem: "no JPEG decoder could be made: \(message(nil))",
                remedy: "Free some memory.")
        }
        defer { tjDestroy(decoder) }
        let source = bytes.bindMemory(to: UInt8.self).baseAddress
        let size = UInt(bytes.count)
        var width: Int32 = 0
        var height: Int32 = 0
        var subsampling: Int32 = 0
        var colourSpace: Int32 = 0
        try check(
            tjDecompressHeader3(decoder, source, size, &width, &height, &subsampling, &colourSpace), decoder,
            file: file)
        try RGBImage.check(width: Int(width), height: Int(height), file: file)

        let isCMYK = colourSpace == TJCS_CMYK.rawValue || colourSpace == TJCS_YCCK.rawValue
        let format = isCMYK ? TJPF_CMYK : TJPF_RGB
        let count = Int(width) * Int(height) * (isCMYK ? 4 : 3)
        // A progressive file may ask for any number of passes over the picture; TurboJPEG's limit is 500.
        let flags = TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS | TJFLAG_STOPONWARNING
        let pixels = try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            try check(
                tjDecompress2(decoder, source, size, buffer.baseAddress, width, 0, height, format.rawValue, flags),
                decoder, file: file)
            filled = count
        }
        return try RGBImage(
            width: Int(width), height: Int(height), pixels: isCMYK ? rgb(cmyk: pixels) : pixels, file: file)
    }

    /// Warnings count as errors: they are what libjpeg has for data that end early or make no sense.
    private static func check(_ result: Int32, _ decoder: tjhandle, file: String) throws {
        guard result != 0 else { return }
        let message = message(decoder)
        let error = InputError(
            message.hasPrefix("Premature end") || message.contains("no image")
                ? ImageRule.truncated : ImageRule.damaged, picture: file,
            problem: "cannot be read as JPEG: \(message)",
            remedy: "Fetch the picture again, or open and save it in an image editor.")
        if let stray = StrayBytes(message, error: error) { throw stray }
        throw error
    }

    private static func message(_ decoder: tjhandle?) -> String {
        tjGetErrorStr2(decoder).map { String(cString: $0) } ?? "unknown error"
    }

    /// Pillow's conversion: ink is stored inverted, as Adobe does, whether the file says so or not; then
    /// `(255 - k) * (255 - ink) / 255`, rounded by its integer formula.
    private static func rgb(cmyk: [UInt8]) -> [UInt8] {
        var pixels = [UInt8](repeating: 0, count: cmyk.count / 4 * 3)
        for index in 0..<cmyk.count / 4 {
            let light = Int(cmyk[4 * index + 3])
            for channel in 0..<3 {
                let ink = 255 - Int(cmyk[4 * index + channel])
                let product = ink * light + 128
                pixels[3 * index + channel] = UInt8(clamping: light - ((product >> 8) + product) >> 8)
            }
        }
        return pixels
    }
}
