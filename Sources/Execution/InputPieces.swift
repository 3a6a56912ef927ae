import ByteIO
import MobileVLM

extension InputPiece {
    public static let imageCount = Rule("prompt.images")

    /// Cuts a prompt's ids at the pictures' places.
    /// - Parameters:
    ///   - tokens: Ids, with `ConversationV1.imageToken` where a picture goes.
    ///   - images: The encoded pictures, in the order of their places.
    /// - Throws: `InputError` if there are not as many pictures as places.
    public static func pieces(_ tokens: [Int], images: [Matrix]) throws -> [InputPiece] {
        let parts = tokens.split(separator: ConversationV1.imageToken, omittingEmptySubsequences: false)
        guard parts.count - 1 == images.count else {
            throw InputError(
                imageCount, file: "prompt", field: "pictures",
                problem: "the prompt has \(parts.count - 1) places for pictures, and \(images.count) were given",
                remedy: "Give --image once for each <image> (or -200) in the prompt.")
        }
        var pieces: [InputPiece] = []
        for (number, part) in parts.enumerated() {
            if number > 0 { pieces.append(.image(images[number - 1])) }
            if !part.isEmpty { pieces.append(.tokens(Array(part))) }
        }
        return pieces
    }
}
