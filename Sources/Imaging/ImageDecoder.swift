/// Reads PNG and JPEG files to the pixels that Pillow's `Image.open(file).convert("RGB")` gives.
///
/// Those are what the checkpoint was evaluated on: alpha is dropped, not blended; an EXIF orientation and colour
/// profiles are ignored; of 16 bits per channel the high byte is kept, but 16-bit gray is clipped at 255.
public enum ImageDecoder {
    /// - Parameter file: Named in errors.
    /// - Throws: `ImageError`. Damage that Pillow forgives (a missing end of file behind the last pixel, stray
    ///   bytes in a JPEG) is an error here.
    public static func decode(_ bytes: UnsafeRawBufferPointer, file: String) throws -> RGBImage {
        if bytes.starts(with: PNGDecoder.magic) { return try PNGDecoder.decode(bytes, file: file) }
        if bytes.starts(with: JPEGDecoder.magic) { return try JPEGDecoder.decode(bytes, file: file) }
        throw ImageError(
            .format, file: file,
            problem: bytes.isEmpty ? "is empty" : "is neither PNG nor JPEG by its first bytes",
            remedy: "Convert the picture to PNG or JPEG.")
    }

    /// As above, of an array.
    public static func decode(_ bytes: [UInt8], file: String) throws -> RGBImage {
        try bytes.withUnsafeBytes { try decode($0, file: file) }
    }
}
