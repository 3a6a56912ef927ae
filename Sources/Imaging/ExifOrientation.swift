/// How a camera was held, by the EXIF tag 0x0112: what has to be done to a picture's pixels to see it upright.
///
/// Upstream's evaluation ignores the tag, so that by default nothing is done; a picture taken with a phone held upright
/// then lies on its side for the model, too.
public enum ExifOrientation: Int, Sendable, CaseIterable {
    case mirrored = 2
    case upsideDown = 3
    case flipped = 4
    case transposed = 5
    /// To be turned clockwise by a quarter.
    case turnedLeft = 6
    case transversed = 7
    /// To be turned counterclockwise by a quarter.
    case turnedRight = 8

    /// Whether columns become rows.
    var swapsSides: Bool { rawValue >= 5 }
}

extension ImageDecoder {
    /// The orientation that the EXIF data of a JPEG, PNG or WebP file state; nil for upright, for none, and for data that
    /// make no sense.
    public static func orientation(_ bytes: UnsafeRawBufferPointer) -> ExifOrientation? {
        guard let exif = exif(bytes), let value = ExifData(exif).orientation else { return nil }
        return ExifOrientation(rawValue: value)
    }

    /// As above, of an array.
    public static func orientation(_ bytes: [UInt8]) -> ExifOrientation? { bytes.withUnsafeBytes { orientation($0) } }

    /// The EXIF data of a file, from their byte order mark on.
    private static func exif(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        if bytes.starts(with: JPEGDecoder.magic) { return exifOfJPEG(bytes) }
        if bytes.starts(with: PNGDecoder.magic) {
            return chunk("eXIf", of: bytes, from: 8, isBigEndian: true, nameFirst: false, trailer: 4)
        }
        if WebPDecoder.recognises(bytes) {
            return chunk("EXIF", of: bytes, from: 12, isBigEndian: false, nameFirst: true, trailer: 0)
        }
        return nil
    }

    private static func exifOfJPEG(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        let signature = Array("Exif\0\0".utf8)
        var offset = 2
        // Segments up to the first scan: FF, marker, two bytes of length that count themselves.
        while offset + 4 <= bytes.count, bytes[offset] == 0xFF {
            let marker = bytes[offset + 1]
            guard marker != 0xFF else {
                offset += 1
                continue
            }
            let length = Int(bytes[offset + 2]) << 8 | Int(bytes[offset + 3])
            guard marker != 0xDA, marker != 0xD9, length >= 2, offset + 2 + length <= bytes.count else { return nil }
            let body = bytes[offset + 4..<offset + 2 + length]
            if marker == 0xE1, body.starts(with: signature) {
                return UnsafeRawBufferPointer(rebasing: body.dropFirst(signature.count))
            }
            offset += 2 + length
        }
        return nil
    }

    /// A chunk of a PNG or RIFF file: four bytes of name and four of length in either order, the body, and what follows.
    private static func chunk(
        _ name: String, of bytes: UnsafeRawBufferPointer, from start: Int, isBigEndian: Bool, nameFirst: Bool,
        trailer: Int
    ) -> UnsafeRawBufferPointer? {
        var offset = start
        while offset + 8 <= bytes.count {
            let (nameAt, lengthAt) = nameFirst ? (offset, offset + 4) : (offset + 4, offset)
            let length = (0..<4).reduce(0) { sum, index in
                sum | Int(bytes[lengthAt + index]) << (8 * (isBigEndian ? 3 - index : index))
            }
            let end = offset + 8 + length
            guard end <= bytes.count else { return nil }
            if bytes[nameAt..<nameAt + 4].elementsEqual(name.utf8) {
                var body = bytes[offset + 8..<end]
                // Some writers of WebP keep the signature of JPEG's segment.
                if body.starts(with: "Exif\0\0".utf8) { body = body.dropFirst(6) }
                return UnsafeRawBufferPointer(rebasing: body)
            }
            // RIFF pads to even lengths.
            offset = end + trailer + (nameFirst ? length % 2 : 0)
        }
        return nil
    }
}

/// The first directory of EXIF data, which are a TIFF file.
private struct ExifData {
    private let bytes: UnsafeRawBufferPointer
    private let isBigEndian: Bool

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        isBigEndian = bytes.starts(with: "MM".utf8)
    }

    private func number(_ offset: Int, bytes count: Int) -> Int? {
        guard offset >= 0, offset + count <= bytes.count else { return nil }
        return (0..<count).reduce(0) { sum, index in
            sum | Int(bytes[offset + index]) << (8 * (isBigEndian ? count - 1 - index : index))
        }
    }

    /// The value of the tag 0x0112, a 16-bit number.
    var orientation: Int? {
        guard isBigEndian || bytes.starts(with: "II".utf8), number(2, bytes: 2) == 42,
            let directory = number(4, bytes: 4), let count = number(directory, bytes: 2)
        else { return nil }
        for entry in 0..<count {
            let offset = directory + 2 + 12 * entry
            guard let tag = number(offset, bytes: 2) else { return nil }
            if tag == 0x0112, number(offset + 2, bytes: 2) == 3 { return number(offset + 8, bytes: 2) }
        }
        return nil
    }
}

extension RGBImage {
    /// The picture as it has to be seen, pixels moved and none changed (Pillow, `ImageOps.exif_transpose`).
    public func upright(_ orientation: ExifOrientation) -> RGBImage {
        let (newWidth, newHeight) = orientation.swapsSides ? (height, width) : (width, height)
        var moved = [UInt8](repeating: 0, count: pixels.count)
        var position = 0
        for y in 0..<newHeight {
            for x in 0..<newWidth {
                // The place in this picture that comes to (x, y).
                let (column, row) =
                    switch orientation {
                    case .mirrored: (width - 1 - x, y)
                    case .upsideDown: (width - 1 - x, height - 1 - y)
                    case .flipped: (x, height - 1 - y)
                    case .transposed: (y, x)
                    case .turnedLeft: (y, height - 1 - x)
                    case .transversed: (width - 1 - y, height - 1 - x)
                    case .turnedRight: (width - 1 - y, x)
                    }
                let source = 3 * (row * width + column)
                for channel in 0..<3 { moved[position + channel] = pixels[source + channel] }
                position += 3
            }
        }
        return RGBImage(checkedWidth: newWidth, height: newHeight, pixels: moved)
    }
}
