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
        let left = try Run(reference, try InputPiece.pieces(prompt.tokens, images: referenceImages))
        let right = try Run(candidate, try InputPiece.pieces(prompt.tokens, images: candidateImages))
        let referenceAnswer = try left.answer(length: answerLength, stopTokens: stopTokens)
        let candidateAnswer = try right.answer(length: answerLength, stopTokens: stopTokens)

        var comparison = LogitComparison()
        comparison.add(left.promptLogits, right.promptLogits, rows: left.tokenRows)
        // Both read the reference's answer, so that a first different word does not make the rest incomparable.
        if !referenceAnswer.isEmpty {
            let (p, q) = (try left.logits(after: referenceAnswer), try right.logits(after: referenceAnswer))
            comparison.add(p, q, rows: Array(0..<p.rows))
        }
        let cosines = zip(referenceImages, candidateImages).map(meanCosine)
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

/// One model at one prompt, read once: what follows continues from the cache.
private struct Run {
    private let executor: Executor
    private let cache: KeyValueCache
    private let promptRows: Int
    let promptLogits: Matrix
    /// Rows of the prompt that hold a token.
    let tokenRows: [Int]

    init(_ executor: Executor, _ prompt: [InputPiece]) throws {
        self.executor = executor
        cache = executor.makeCache()
        promptLogits = try executor.forward(prompt, cache: cache, logits: .all)
        promptRows = cache.position
        var rows: [Int] = []
        var position = 0
        for piece in prompt {
            switch piece {
            case .tokens(let ids):
                rows += position..<position + ids.count
                position += ids.count
            case .image(let features): position += features.rows
            }
        }
        tokenRows = rows
    }

    /// The greedy answer, without the token that ends it.
    func answer(length: Int, stopTokens: Set<Int>) throws -> [Int] {
        var sampler = Sampler.greedy
        let first = sampler.next(promptLogits[row: promptLogits.rows - 1])
        guard length > 0, !stopTokens.contains(first) else { return [] }
        guard length > 1 else { return [first] }
        cache.rewind(to: promptRows)
        return [first]
            + (try executor.generate(
                [.tokens([first])], cache: cache, maximumTokens: length - 1, stopIDs: stopTokens
            ).ids)
    }

    /// Logits at each of `tokens`, which follow the prompt.
    func logits(after tokens: [Int]) throws -> Matrix {
        cache.rewind(to: promptRows)
        return try executor.forward([.tokens(tokens)], cache: cache, logits: .all)
    }
}

extension LogitComparison {
    fileprivate mutating func add(_ reference: Matrix, _ candidate: Matrix, rows: [Int]) {
        for row in rows { add(reference: reference[row: row], candidate: candidate[row: row]) }
    }
}
