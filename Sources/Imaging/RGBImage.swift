import ByteIO

/// A picture in memory, 8 bits per channel.
public struct RGBImage: Sendable, Equatable {
    public let width: Int
    public let height: Int
    /// R, G, B of every pixel, row by row from the top: `height * width * 3` bytes.
    public let pixels: [UInt8]

    /// The longest side that is accepted, as in JPEG.
    public static let longestSide = 65_535
    /// The most pixels that are accepted: Pillow's `MAX_IMAGE_PIXELS` doubled, beyond which it refuses too.
    public static let mostPixels = 178_956_970

    /// - Throws: `InputError` if the size is out of range or does not agree with the number of bytes.
    public init(width: Int, height: Int, pixels: [UInt8], file: String = "picture") throws {
        try Self.check(width: width, height: height, file: file)
        guard pixels.count == width * height * 3 else {
            throw InputError(
                ImageRule.size, picture: file, problem: "\(width) x \(height) RGB pixels in \(pixels.count) bytes",
                remedy: "Give 3 bytes per pixel.")
        }
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    /// Of values that are known to fit.
    init(checkedWidth width: Int, height: Int, pixels: [UInt8]) {
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    /// Refuses sizes before anything is allocated by them.
    static func check(width: Int, height: Int, file: String) throws {
        let sides = 1...longestSide
        guard sides.contains(width), sides.contains(height), width * height <= mostPixels else {
            throw InputError(
                ImageRule.size, picture: file, problem: "is \(width) x \(height) pixels",
                remedy: "Sides may be 1 to \(longestSide), with at most \(mostPixels) pixels. Scale the picture down.")
        }
    }
}
