/// Bicubic resizing with a = -0.5, bit for bit as Pillow does it for 8-bit channels (`Image.resize(..., BICUBIC)`,
/// Pillow's Resample.c): the kernel is widened when shrinking, weights are fixed-point numbers of 22 bits, the
/// horizontal pass rounds to 8 bits before the vertical one.
enum Bicubic {
    /// A window of `canvas` resized to `width` x `height`: the square of `side` at (`left`, `top`), as RGB rows.
    ///
    /// Only the window is computed; of the canvas only the picture's pixels are touched, and only the lines that the
    /// current output line needs are held. Time and memory follow the picture, not the canvas.
    static func resize(
        _ canvas: PaddedImage, width: Int, height: Int, left: Int, top: Int, side: Int
    ) -> [UInt8] {
        let across = ResizingAxis(
            from: canvas.width, to: width, window: left..<left + side, picture: canvas.columns)
        let down = ResizingAxis(
            from: canvas.height, to: height, window: top..<top + side, picture: canvas.lines)
        let lineBytes = 3 * side
        let blankLine = across.blankLine(of: canvas.colour)
        // Lines that have gone through the horizontal pass; the picture's line y lies at y modulo `mostTaps`.
        var ring = [UInt8](repeating: 0, count: down.mostTaps * lineBytes)
        var nextLine = 0
        var sums = [Int32](repeating: 0, count: lineBytes)
        var result: [UInt8] = []
        result.reserveCapacity(side * lineBytes)
        for output in down.outputs {
            // Lines above the first output's are skipped, and none where the output lies beside the picture.
            let end = output.weights.isEmpty ? 0 : output.first + output.weights.count
            if nextLine < output.first, nextLine < end { nextLine = output.first }
            while nextLine < end {
                across.apply(
                    to: canvas.image, line: nextLine, colour: canvas.colour, into: &ring,
                    at: nextLine % down.mostTaps * lineBytes)
                nextLine += 1
            }
            for index in 0..<lineBytes {
                sums[index] = ResizingAxis.half &+ Int32(blankLine[index]) &* output.blankWeight
            }
            for (tap, weight) in down.weights[output.weights].enumerated() {
                let start = (output.first + tap) % down.mostTaps * lineBytes
                for (index, value) in ring[start..<start + lineBytes].enumerated() {
                    sums[index] &+= Int32(value) &* weight
                }
            }
            for sum in sums { result.append(ResizingAxis.byte(sum)) }
        }
        return result
    }
}

/// The weights of resizing along one axis, for a window of its outputs.
///
/// Sums over weights and pixels are exact in 32 bits: weights sum to about 2^22, their absolute values to less than
/// twice that, and pixels are below 2^8. So the constant pixels beside the picture can be summed on their own.
struct ResizingAxis {
    struct Output {
        /// The first pixel of the picture that counts, and where the weights from there on lie in `weights`. If no
        /// pixel of the picture counts, there are no weights.
        let first: Int
        let weights: Range<Int>
        /// The sum of the weights of all pixels beside the picture.
        let blankWeight: Int32
    }

    private(set) var outputs: [Output] = []
    /// Times 2^22.
    private(set) var weights: [Int32] = []
    /// The largest number of pixels that count for one output, at least 1.
    private(set) var mostTaps = 1

    private static let bits: Int32 = 22
    /// What sums start with, so that shifting rounds.
    static let half: Int32 = 1 << (bits - 1)

    /// - Parameters:
    ///   - from: Pixels of the canvas.
    ///   - to: Pixels it is resized to.
    ///   - window: Which of those are wanted.
    ///   - picture: Where on the canvas the picture lies.
    init(from: Int, to: Int, window: Range<Int>, picture: Range<Int>) {
        outputs.reserveCapacity(window.count)
        let scale = Double(from) / Double(to)
        let widening = max(scale, 1)
        for output in window {
            // Pillow makes no pass along an axis that keeps its length.
            guard from != to else {
                append([1 << Self.bits], low: output, picture: picture)
                continue
            }
            let centre = (Double(output) + 0.5) * scale
            let low = max(0, Int(centre - 2 * widening + 0.5))
            let high = min(from, Int(centre + 2 * widening + 0.5))
            append(Self.weights(low..<high, centre: centre, narrowing: 1 / widening), low: low, picture: picture)
        }
    }

    /// Adds an output whose weights begin at the canvas's pixel `low`.
    private mutating func append(_ all: [Int32], low: Int, picture: Range<Int>) {
        let start = weights.count
        var blankWeight: Int32 = 0
        for (pixel, weight) in zip(low..., all) {
            if picture.contains(pixel) { weights.append(weight) } else { blankWeight &+= weight }
        }
        outputs.append(
            Output(
                first: max(0, low - picture.lowerBound), weights: start..<weights.count, blankWeight: blankWeight))
        mostTaps = max(mostTaps, weights.count - start)
    }

    /// The weights of one output for these pixels, summing to about 2^22.
    private static func weights(_ pixels: Range<Int>, centre: Double, narrowing: Double) -> [Int32] {
        let raw = (0..<pixels.count).map { kernel((Double($0 + pixels.lowerBound) - centre + 0.5) * narrowing) }
        let sum = raw.reduce(0, +)
        return raw.map {
            let scaled = $0 / sum * Double(1 << bits)
            return Int32(scaled < 0 ? scaled - 0.5 : scaled + 0.5)
        }
    }

    private static func kernel(_ x: Double) -> Double {
        let a = -0.5
        let t = abs(x)
        if t < 1 { return ((a + 2) * t - (a + 3)) * t * t + 1 }
        if t < 2 { return (((t - 5) * t + 8) * t - 4) * a }
        return 0
    }

    /// The horizontal pass over one line of the picture.
    func apply(to image: RGBImage, line: Int, colour: SIMD3<UInt8>, into target: inout [UInt8], at offset: Int) {
        let blank = SIMD4(Int32(colour.x), Int32(colour.y), Int32(colour.z), 0)
        var position = offset
        for output in outputs {
            var sum = SIMD4(repeating: Self.half) &+ blank &* output.blankWeight
            var pixel = 3 * (line * image.width + output.first)
            for weight in weights[output.weights] {
                let rgb = SIMD4(
                    Int32(image.pixels[pixel]), Int32(image.pixels[pixel + 1]), Int32(image.pixels[pixel + 2]), 0)
                sum &+= rgb &* weight
                pixel += 3
            }
            for channel in 0..<3 { target[position + channel] = Self.byte(sum[channel]) }
            position += 3
        }
    }

    /// What the horizontal pass makes of a line that has the colour alone.
    func blankLine(of colour: SIMD3<UInt8>) -> [UInt8] {
        outputs.flatMap { output in
            let weight = weights[output.weights].reduce(output.blankWeight, &+)
            return (0..<3).map { Self.byte(Self.half &+ Int32(colour[$0]) &* weight) }
        }
    }

    static func byte(_ sum: Int32) -> UInt8 { UInt8(clamping: sum >> bits) }
}
