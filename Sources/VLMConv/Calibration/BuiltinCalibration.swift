import Imaging

/// What a model is calibrated on when nothing is given: text of our own (fixtures/calibration-text), pictures that are
/// drawn here, and what is asked about them. The same on every machine.
package enum BuiltinCalibration {
    /// Pieces of prose, dialogue, instructions, code, tables and numbers, mostly English, separated by empty lines.
    package static var text: String { text1 + "\n\n" + text2 + "\n\n" + text3 + "\n" }

    /// None of those that the result is held against: see `BuiltinPrompts`.
    package static let questions = [
        "What does this picture show?",
        "Describe the image in detail.",
        "Name the colours of the image.",
        "Is there any text in the image?",
        "What is in the foreground, and what is behind it?",
        "How many objects are there?",
        "Where could this have been taken?",
        "What is the main shape in the middle of the image?",
    ]

    /// Different pictures, of each kind as many as of any other.
    package static func pictures(count: Int) throws -> [RGBImage] {
        try (0..<count).map(picture)
    }

    static func picture(_ number: Int) throws -> RGBImage {
        let kinds = PictureCanvas.kinds
        var canvas = PictureCanvas(seed: UInt64(number))
        kinds[number % kinds.count](&canvas)
        return try canvas.image()
    }
}
