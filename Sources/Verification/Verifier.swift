import Execution
import MobileVLM
import Tensors

/// What both models are asked.
public struct VerificationPrompt: Sendable {
    /// For the report.
    public let name: String
    /// Token ids, `ConversationV1.imageToken` where a picture goes.
    public let tokens: [Int]
    /// The preprocessed pictures, `[3, size, size]` each, in the order of their places.
    public let images: [[Float]]

    public init(name: String, tokens: [Int], images: [[Float]]) {
        self.name = name
        self.tokens = tokens
        self.images = images
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
    /// Greedy answers of both models.
    public let referenceAnswer: [Int]
    public let candidateAnswer: [Int]
}

/// Runs two models on the same prompts.
public struct Verifier {
    private let reference: Executor
    private let candidate: Executor
    /// Tokens that both models answer greedily, at most.
    private let answerLength: Int
    private let stopTokens: Set<Int>

    public init(reference: Executor, candidate: Executor, answerLength: Int, stopTokens: Set<Int>) {
        self.reference = reference
        self.candidate = candidate
        self.answerLength = answerLength
        self.stopTokens = stopTokens
    }

    /// Compares the logits at every token of the prompt and of the reference's own greedy answer.
    public func run(_ prompt: VerificationPrompt) throws -> PromptResult {
        let referenceImages = try prompt.images.map { try reference.encodeImage($0) }
        let candidateImages = try prompt.images.map { try candidate.encodeImage($0) }
        let referencePrompt = try pieces(prompt.tokens, images: referenceImages)
        let candidatePrompt = try pieces(prompt.tokens, images: candidateImages)
        let referenceAnswer = try answer(reference, referencePrompt)
        let candidateAnswer = try answer(candidate, candidatePrompt)

        // Both read the same answer, so that a first different word does not make the rest incomparable.
        let tail = [InputPiece.tokens(referenceAnswer)]
        let left = try reference.forward(referencePrompt + tail, cache: reference.makeCache(), logits: .all)
        let right = try candidate.forward(candidatePrompt + tail, cache: candidate.makeCache(), logits: .all)
        var comparison = LogitComparison()
        for row in tokenRows(referencePrompt + tail) {
            comparison.add(reference: left[row: row], candidate: right[row: row])
        }
        let cosines = zip(referenceImages, candidateImages).map(meanCosine)
        return PromptResult(
            name: prompt.name, hasImage: !prompt.images.isEmpty, logits: comparison,
            featureCosine: cosines.isEmpty ? nil : cosines.reduce(0, +) / Double(cosines.count),
            referenceAnswer: referenceAnswer, candidateAnswer: candidateAnswer)
    }

    private func answer(_ executor: Executor, _ prompt: [InputPiece]) throws -> [Int] {
        guard answerLength > 0 else { return [] }
        return try executor.generate(
            prompt, cache: executor.makeCache(), maximumTokens: answerLength, stopIDs: stopTokens
        ).ids
    }

    private func pieces(_ tokens: [Int], images: [Matrix]) throws -> [InputPiece] {
        try InputPiece.pieces(tokens, images: images)
    }

    private func tokenRows(_ pieces: [InputPiece]) -> [Int] {
        var rows: [Int] = []
        var position = 0
        for piece in pieces {
            switch piece {
            case .tokens(let ids):
                rows += position..<position + ids.count
                position += ids.count
            case .image(let features): position += features.rows
            }
        }
        return rows
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
