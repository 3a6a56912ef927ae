import Imaging

/// What `verify` asks when it is not told what to ask. Fixed, so that figures can be compared between runs.
package enum BuiltinPrompts {
    package static let texts = [
        "What is the capital of France, and what is it known for?",
        "Explain in two sentences why the sky is blue.",
        "Write down the numbers from one to ten.",
        "Is a tomato a fruit or a vegetable?",
    ]

    package static let pictureQuestions = [
        "What is in this picture?",
        "Which colours do you see?",
    ]

    /// Two pictures, made here: a square one, and a wide one that has to be padded.
    static var pictures: [(name: String, picture: Picture)] {
        get throws {
            [
                ("rings", Picture(try draw(width: 336, height: 336, rings))),
                ("blocks", Picture(try draw(width: 400, height: 250, blocks))),
            ]
        }
    }

    private static func draw(width: Int, height: Int, _ colour: (Int, Int) -> (UInt8, UInt8, UInt8)) throws -> RGBImage
    {
        var pixels: [UInt8] = []
        pixels.reserveCapacity(width * height * 3)
        for y in 0..<height {
            for x in 0..<width {
                let (r, g, b) = colour(x, y)
                pixels += [r, g, b]
            }
        }
        return try RGBImage(width: width, height: height, pixels: pixels)
    }

    /// Rings of two colours over a gradient: every patch is different.
    private static func rings(_ x: Int, _ y: Int) -> (UInt8, UInt8, UInt8) {
        let (dx, dy) = (x - 140, y - 180)
        let ring = (dx * dx + dy * dy) / 1800 % 3
        return ring == 0
            ? (220, 40, UInt8(x * 255 / 335)) : (UInt8(y * 255 / 335), UInt8(x * 255 / 335), ring == 1 ? 200 : 90)
    }

    /// Blocks of flat colour with sharp edges.
    private static func blocks(_ x: Int, _ y: Int) -> (UInt8, UInt8, UInt8) {
        if (60..<180).contains(x), (50..<170).contains(y) { return (30, 60, 210) }
        if (230..<350).contains(x), (100..<220).contains(y) { return (240, 200, 20) }
        return (x / 20 + y / 20) % 2 == 0 ? (235, 235, 235) : (150, 180, 150)
    }
}
