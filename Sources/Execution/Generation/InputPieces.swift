import ByteIO
import MobileVLM

extension InputPiece {
    public static let imageCount = Rule("prompt.images")

    /// Puts encoded pictures into their places.
    /// - Parameter images: In the order of their places.
    /// - Throws: `InputError` if there are not as many pictures as places.
    public static func pieces(_ prompt: TokenPrompt, images: [Matrix]) throws -> [InputPiece] {
        guard prompt.pictureCount == images.count else {
            throw InputError(
                imageCount, file: "prompt", field: "pictures",
                problem: "the prompt has \(prompt.pictureCount) places for pictures, and \(images.count) were given",
                remedy: "Give --image once for each <image> (or -200) in the prompt.")
        }
        var rest = images[...]
        return prompt.parts.compactMap { part in
            switch part {
            case .tokens(let ids): .tokens(ids)
            case .picture: rest.popFirst().map { .image($0) }
            }
        }
    }
}
