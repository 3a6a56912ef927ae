import ByteIO

/// Reads PNG, JPEG, WebP, GIF and BMP files to the pixels that Pillow's `Image.open(file).convert("RGB")` gives.
///
/// Those are what the checkpoint was evaluated on: alpha is dropped, not blended; an EXIF orientation and colour
/// profiles are ignored; of 16 bits per channel the high byte is kept, but 16-bit gray is clipped at 255. Of several frames
/// the first is taken.
public enum ImageDecoder {
    /// - Parameter file: Named in errors.
    /// - Throws: `InputError`. Damage that Pillow forgives is an error here, but for stray bytes in front of a JPEG's
    ///   end, as cameras leave them.
    public static func decode(_ bytes: UnsafeRawBufferPointer, file: String) throws -> RGBImage {
        if bytes.starts(with: PNGDecoder.magic) { return try PNGDecoder.decode(bytes, file: file) }
        if bytes.starts(with: JPEGDecoder.magic) { return try JPEGDecoder.decode(bytes, file: file) }
        if WebPDecoder.recognises(bytes) { return try WebPDecoder.decode(bytes, file: file) }
        if GIFDecoder.magics.contains(where: { bytes.starts(with: $0) }) {
            return try GIFDecoder.decode(bytes, file: file)
        }
        if bytes.starts(with: BMPDecoder.magic) { return try BMPDecoder.decode(bytes, file: file) }
        throw InputError(
            ImageRule.format, picture: file,
            problem: bytes.isEmpty ? "is empty" : "is neither PNG, JPEG, WebP, GIF nor BMP by its first bytes",
            remedy: "Convert the picture to PNG or JPEG.")
    }

    /// As above, of an array.
    public static func decode(_ bytes: [UInt8], file: String) throws -> RGBImage {
        try bytes.withUnsafeBytes { try decode($0, file: file) }
    }
}
