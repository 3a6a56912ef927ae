import Imaging

extension CLIPPreprocessor {
    /// The settings of `openai/clip-vit-large-patch14-336` with MobileVLM's `image_aspect_ratio` "pad".
    static func openAI(
        imageSize: Int = 336, mean: [Float] = [0.48145466, 0.4578275, 0.40821073],
        std: [Float] = [0.26862954, 0.26130258, 0.27577711], padToSquare: Bool = true
    ) throws -> CLIPPreprocessor {
        try CLIPPreprocessor(imageSize: imageSize, mean: mean, std: std, padToSquare: padToSquare)
    }
}
