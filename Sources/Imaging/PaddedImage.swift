/// A picture on a larger canvas of one colour, without the canvas being made: a 1 x 65535 picture on its square
/// would take 13 GB.
struct PaddedImage {
    let image: RGBImage
    let colour: SIMD3<UInt8>
    /// The canvas, in pixels.
    let width: Int
    let height: Int
    /// Where on the canvas the picture lies.
    let columns: Range<Int>
    let lines: Range<Int>

    /// The picture alone.
    init(_ image: RGBImage) {
        self.init(image, width: image.width, height: image.height, colour: SIMD3())
    }

    /// The picture in the middle of a square of `colour`.
    init(square image: RGBImage, colour: SIMD3<UInt8>) {
        let side = max(image.width, image.height)
        self.init(image, width: side, height: side, colour: colour)
    }

    /// Of an odd difference the extra line is at the right or bottom (MobileVLM, `expand2square`).
    private init(_ image: RGBImage, width: Int, height: Int, colour: SIMD3<UInt8>) {
        self.image = image
        self.colour = colour
        self.width = width
        self.height = height
        let left = (width - image.width) / 2
        let top = (height - image.height) / 2
        columns = left..<left + image.width
        lines = top..<top + image.height
    }
}
