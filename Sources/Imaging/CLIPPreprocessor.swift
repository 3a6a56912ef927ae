import ByteIO

/// What the vision tower takes, made from a picture.
public struct PixelValues: Sendable {
    /// `[3, size, size]`: channels R, G, B, then rows, then columns.
    public let shape: [Int]
    public let values: [Float]
    /// The pixels before rescaling and normalising.
    public let crop: RGBImage
}

/// CLIP's picture preprocessing with Pillow's arithmetic, bit for bit: pad to a square, resize the shorter side,
/// cut out the centre, rescale to 0...1, normalise.
///
/// The source of each number is in docs/preprocessing.md.
public struct CLIPPreprocessor: Sendable {
    /// Side of the square that the tower takes, in pixels.
    public let imageSize: Int
    /// Per channel, of values in 0...1.
    public let mean: [Float]
    public let std: [Float]
    /// Whether the picture is put on a square first. If not, the ends of its longer side are cut off.
    public let padToSquare: Bool

    /// The sides that a tower's input may have. A picture of the largest takes 200 MB as floats.
    public static let sides = 1...4096

    /// - Throws: `InputError` `image.setting` for a size outside `sides`, a mean or std that is not three finite
    ///   numbers, or a std that is not above 0.
    public init(
        imageSize: Int, mean: [Float], std: [Float], padToSquare: Bool
    ) throws {
        func refuse(_ problem: String) -> InputError {
            InputError(
                ImageRule.setting, file: "image preprocessor", field: "settings", problem: problem,
                remedy: "Check preprocessor_config.json, or clip.vision.* in the GGUF file.")
        }
        guard Self.sides.contains(imageSize) else {
            throw refuse("the image size is \(imageSize), not 1 to \(Self.sides.upperBound)")
        }
        guard mean.count == 3, mean.allSatisfy(\.isFinite) else { throw refuse("the mean is \(mean)") }
        guard std.count == 3, std.allSatisfy({ $0.isFinite && $0 > 0 }) else { throw refuse("the std is \(std)") }
        self.imageSize = imageSize
        self.mean = mean
        self.std = std
        self.padToSquare = padToSquare
    }

    /// What is put around a picture: the mean as a colour, each channel truncated, as upstream does.
    private var padColour: SIMD3<UInt8> {
        func level(_ channel: Int) -> UInt8 { UInt8(max(0, min(255, Double(mean[channel]) * 255))) }
        return SIMD3(level(0), level(1), level(2))
    }

    /// The tower's input for `image`. Memory is bounded by the image and `imageSize`, whatever the aspect ratio.
    public func callAsFunction(_ image: RGBImage) throws -> PixelValues {
        let crop = try crop(image)
        // Every channel has 256 possible values. Rescaling is in Double and rounds to Float, as NumPy does it.
        let tables = (0..<3).map { channel in
            (0...255).map { (Float(Double($0) * (1 / 255)) - mean[channel]) / std[channel] }
        }
        let plane = imageSize * imageSize
        var values = [Float](repeating: 0, count: 3 * plane)
        for channel in 0..<3 {
            let table = tables[channel]
            for index in 0..<plane { values[channel * plane + index] = table[Int(crop.pixels[3 * index + channel])] }
        }
        return PixelValues(shape: [3, imageSize, imageSize], values: values, crop: crop)
    }

    /// Padding, resizing and cutting.
    private func crop(_ image: RGBImage) throws -> RGBImage {
        let canvas = padToSquare ? PaddedImage(square: image, colour: padColour) : PaddedImage(image)
        let short = min(canvas.width, canvas.height)
        // The longer side is truncated, not rounded (transformers, `get_resize_output_image_size`).
        let long = Int(Double(imageSize * max(canvas.width, canvas.height)) / Double(short))
        let width = canvas.width <= canvas.height ? imageSize : long
        let height = canvas.width <= canvas.height ? long : imageSize
        let pixels = Bicubic.resize(
            canvas, width: width, height: height, left: (width - imageSize) / 2, top: (height - imageSize) / 2,
            side: imageSize)
        return try RGBImage(width: imageSize, height: imageSize, pixels: pixels)
    }
}
