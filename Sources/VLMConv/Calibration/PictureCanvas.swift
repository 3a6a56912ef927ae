import Imaging

/// A picture in the making: pixels, and the numbers that it is drawn by.
///
/// Only integers, the four operations and roots of single-precision numbers: the same pixels wherever it runs.
struct PictureCanvas {
    typealias Colour = SIMD3<Float>

    let width: Int
    let height: Int
    /// `[height, width]`, 0 to 255.
    private var pixels: [Colour]
    private var state: UInt64

    init(seed: UInt64) {
        state = Self.mixed(seed &+ 0x2545_F491_4F6C_DD1D)
        let sizes = [(336, 336), (400, 300), (300, 400), (448, 448), (480, 320), (320, 320)]
        (width, height) = sizes[Int(seed) * 5 % sizes.count]
        pixels = Array(repeating: Colour(repeating: 0), count: width * height)
    }

    // MARK: Numbers

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mixed(state)
    }

    private static func mixed(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func number(_ range: ClosedRange<Float>) -> Float {
        range.lowerBound + Float(next() >> 40) * 0x1p-24 * (range.upperBound - range.lowerBound)
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next() % UInt64(range.count))
    }

    mutating func colour(_ range: ClosedRange<Float> = 0...255) -> Colour {
        Colour(number(range), number(range), number(range))
    }

    // MARK: Drawing

    /// Replaces each pixel: `paint(x, y, now)`, x and y in pixels.
    mutating func paint(_ colour: (Float, Float, Colour) -> Colour) {
        for y in 0..<height {
            for x in 0..<width {
                pixels[y * width + x] = colour(Float(x), Float(y), pixels[y * width + x])
            }
        }
    }

    /// The same inside a rectangle, as far as it lies in the picture.
    mutating func paint(
        x: ClosedRange<Float>, y: ClosedRange<Float>, _ colour: (Float, Float, Colour) -> Colour
    ) {
        let columns = max(0, Int(x.lowerBound))..<max(0, min(width, Int(x.upperBound) + 1), Int(x.lowerBound))
        let rows = max(0, Int(y.lowerBound))..<max(0, min(height, Int(y.upperBound) + 1), Int(y.lowerBound))
        for row in rows {
            for column in columns where column < width && row < height {
                pixels[row * width + column] = colour(Float(column), Float(row), pixels[row * width + column])
            }
        }
    }

    /// From one colour at the top to another at the bottom.
    mutating func gradient(_ top: Colour, _ bottom: Colour) {
        let last = Float(height - 1)
        paint { _, y, _ in top + (bottom - top) * (y / last) }
    }

    /// A line with round ends and soft edges.
    mutating func stroke(
        from a: SIMD2<Float>, to b: SIMD2<Float>, thickness: Float, _ colour: Colour
    ) {
        let reach = thickness / 2 + 1
        let along = b - a
        let length = max((along * along).sum(), 1e-6)
        paint(x: min(a.x, b.x) - reach...max(a.x, b.x) + reach, y: min(a.y, b.y) - reach...max(a.y, b.y) + reach) {
            let p = SIMD2($0, $1) - a
            let t = min(1, max(0, (p * along).sum() / length))
            let away = p - along * t
            let cover = min(1, max(0, thickness / 2 - (away * away).sum().squareRoot() + 0.5))
            return $2 + (colour - $2) * cover
        }
    }

    /// A filled ellipse; `softness` is the width of its edge as a share of its radius.
    mutating func ellipse(
        x: Float, y: Float, radii: SIMD2<Float>, softness: Float = 0.02, opacity: Float = 1, _ colour: Colour
    ) {
        paint(x: x - radii.x...x + radii.x, y: y - radii.y...y + radii.y) {
            let p = (SIMD2($0, $1) - SIMD2(x, y)) / radii
            let cover = min(1, max(0, (1 - (p * p).sum().squareRoot()) / softness)) * opacity
            return $2 + (colour - $2) * cover
        }
    }

    /// Film grain.
    mutating func grain(_ strength: Float) {
        for i in pixels.indices {
            let bits = next()
            let three = Colour(Float(bits & 255), Float(bits >> 8 & 255), Float(bits >> 16 & 255))
            pixels[i] += (three - 127.5) * (strength / 127.5)
        }
    }

    // MARK: Noise

    /// Smooth random values, 0 to 1: sums of `octaves` lattices, each twice as fine and half as strong as the one before.
    /// - Parameter cell: Pixels between the points of the coarsest.
    func noise(_ x: Float, _ y: Float, cell: Float, octaves: Int = 5, seed: UInt64) -> Float {
        var (sum, weight, total): (Float, Float, Float) = (0, 1, 0)
        var size = cell
        for octave in 0..<UInt64(octaves) {
            sum += weight * Self.lattice(x / size, y / size, seed &+ octave &* 7919)
            total += weight
            weight /= 2
            size /= 2
        }
        return sum / total
    }

    private static func lattice(_ x: Float, _ y: Float, _ seed: UInt64) -> Float {
        let (left, top) = (x.rounded(.down), y.rounded(.down))
        func corner(_ dx: Float, _ dy: Float) -> Float {
            let column = UInt64(bitPattern: Int64(left + dx))
            let row = UInt64(bitPattern: Int64(top + dy))
            return Float(mixed(column &* 0x1F12_3BB5 &+ row &* 0x5BD1_E995_0001 &+ seed) >> 40) * 0x1p-24
        }
        var (u, v) = (x - left, y - top)
        u = u * u * (3 - 2 * u)
        v = v * v * (3 - 2 * v)
        let upper = corner(0, 0) + (corner(1, 0) - corner(0, 0)) * u
        let lower = corner(0, 1) + (corner(1, 1) - corner(0, 1)) * u
        return upper + (lower - upper) * v
    }

    func image() throws -> RGBImage {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(pixels.count * 3)
        for pixel in pixels {
            for channel in 0..<3 { bytes.append(UInt8(min(255, max(0, pixel[channel])))) }
        }
        return try RGBImage(width: width, height: height, pixels: bytes)
    }
}
