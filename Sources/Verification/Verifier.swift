import ByteIO
import Execution
import MobileVLM
import Tensors

/// What both models are asked.
public struct VerificationPrompt: Sendable {
    /// For the report.
    public let name: String
    public let tokens: TokenPrompt
    /// The pictures as the reference preprocesses them, `[3, size, size]` each, in the order of their places.
    public let images: [[Float]]
    /// The same pictures as the candidate preprocesses them.
    public let candidateImages: [[Float]]

    /// - Parameter candidateImages: Nil for the reference's.
    public init(name: String, tokens: TokenPrompt, images: [[Float]], candidateImages: [[Float]]? = nil) {
        self.name = name
        self.tokens = tokens
        self.images = images
        self.candidateImages = candidateImages ?? images
    }
}

/// What came of one prompt.
public struct PromptResult: Sendable {
    public let name: String
    public let hasImage: Bool
    /// Over the positions that hold a token: image rows predict nothing.
    public let logits: LogitComparison
    /// Mean cosine of the rows that tower and projector make of the pictures; nil without a picture.
    public let featureCosine: Double?
    /// The reference's greedy answer, which ends with the first token that the candidate's does not have.
    public let referenceAnswer: [Int]
    /// The candidate's own.
    public let candidateAnswer: [Int]
}

/// Runs two models on the same prompts. Prompts that begin alike should follow each other: see `ModelReader`.
public struct Verifier {
    private let reference: ModelReader
    private let candidate: ModelReader
    /// Tokens that both models answer greedily, at most.
    private let answerLength: Int
    private let stopTokens: (reference: Set<Int>, candidate: Set<Int>)

    /// - Parameters:
    ///   - stopTokens: The tokens that end each model's answer, by its own word.
    ///   - cancellation: Ends a run between two blocks, with `CancellationError`.
    public init(
        reference: Executor, candidate: Executor, answerLength: Int,
        stopTokens: (reference: Set<Int>, candidate: Set<Int>), cancellation: Cancellation? = nil
    ) {
        self.reference = ModelReader(reference, cancellation: cancellation)
        self.candidate = ModelReader(candidate, cancellation: cancellation)
        self.answerLength = max(0, answerLength)
        self.stopTokens = stopTokens
    }

    /// Compares the logits at every token of the prompt and of the reference's own greedy answer.
    public func run(_ prompt: VerificationPrompt) throws -> PromptResult {
        let left = try reference.input(prompt.tokens, images: prompt.images)
        let right = try candidate.input(prompt.tokens, images: prompt.candidateImages)
        let candidateAnswer = try candidate.answer(
            to: right, length: answerLength, stopTokens: stopTokens.candidate)
        let referenceAnswer = try reference.answer(
            to: left, length: answerLength, stopTokens: stopTokens.reference, comparedWith: candidateAnswer)

        // Both read the reference's answer, so that a first different word does not make the rest incomparable.
        let (p, q) = (
            try reference.readAtOnce(left, then: referenceAnswer),
            try candidate.readAtOnce(right, then: referenceAnswer)
        )
        var comparison = LogitComparison()
        for (row, (p, q)) in zip(p, q).enumerated() {
            // Picture rows predict nothing.
            let isPicture = row < left.rows.count && !left.rows[row].isToken
            if let p, let q, !isPicture { comparison.add(reference: p[...], candidate: q[...]) }
        }
        let cosines = zip(left.features, right.features).map(meanCosine)
        return PromptResult(
            name: prompt.name, hasImage: !prompt.images.isEmpty, logits: comparison,
            featureCosine: cosines.isEmpty ? nil : cosines.reduce(0, +) / Double(cosines.count),
            referenceAnswer: referenceAnswer, candidateAnswer: candidateAnswer)
    }

    private func meanCosine(_ left: Matrix, _ right: Matrix) -> Double {
        guard left.rows > 0 else { return 1 }
        let cosines = (0..<left.rows).map { row -> Double in
            var dot = 0.0
            var leftSquares = 0.0
            var rightSquares = 0.0
            for (a, b) in zip(left[row: row], right[row: row]) {
                dot += Double(a) * Double(b)
                leftSquares += Double(a) * Double(a)
                rightSquares += Double(b) * Double(b)
            }
            return leftSquares * rightSquares > 0 ? dot / (leftSquares * rightSquares).squareRoot() : 0
        }
        return cosines.reduce(0, +) / Double(left.rows)
    }
}
