import Execution
import MobileVLM
import Models
import Platform

/// How far the predictions of a model move when some of its weights are others, on a few sequences.
struct SensitivityJudge {
    let executor: Executor
    let configuration: ModelConfiguration
    let weights: ModelWeights
    let cancellation: Cancellation?
    /// The whole model's.
    let head: HeadSteps

    private let sequences: [CalibrationSequence]
    private let divergence: (_ whole: Matrix, _ rounded: Matrix) -> Double
    /// The rows before each block of the whole model, and behind the last.
    private let rows: [[Matrix]]
    /// What follows a picture's row is no token: nothing there is predicted.
    private let isText: [[Bool]]
    private let logits: [Matrix]

    /// - Parameter divergence: Mean KLD of the second logits from the first.
    init(
        executor: Executor, configuration: ModelConfiguration, weights: ModelWeights, sequences: [CalibrationSequence],
        cancellation: Cancellation?, divergence: @escaping (_ whole: Matrix, _ rounded: Matrix) -> Double
    ) throws {
        self.executor = executor
        self.configuration = configuration
        self.weights = weights
        self.sequences = sequences
        self.cancellation = cancellation
        self.divergence = divergence
        let read = try sequences.map { try executor.blockInput($0, cancellation) }
        var rows = [read.map(\.rows)]
        for number in 0..<configuration.language.layerCount {
            try cancellation?.check()
            let block = try executor.steps(number, of: .language, weights: weights)
            rows.append(rows[number].map(block.run))
        }
        let head = try executor.headSteps(weights: weights)
        let isText = read.map(\.isText)
        self.rows = rows
        self.isText = isText
        self.head = head
        logits = zip(rows[rows.count - 1], isText).map { head.logits(head.input(Self.rows(of: $0, where: $1))) }
    }

    /// With other weights in one block.
    func callAsFunction(_ rounded: ModelWeights, block number: Int) throws -> Double {
        let block = try executor.steps(number, of: .language, weights: rounded)
        return try judge(rows[number].map(block.run), before: number + 1, head)
    }

    func callAsFunction(head rounded: ModelWeights) throws -> Double {
        try judge(rows[rows.count - 1], before: rows.count - 1, try executor.headSteps(weights: rounded))
    }

    /// With another embedding, which is perhaps the head too.
    func callAsFunction(embedding rounded: ModelWeights) throws -> Double {
        let eye = try Executor(configuration: configuration, weights: rounded, threads: executor.threads)
        return try judge(
            sequences.map { try eye.blockInput($0, cancellation).rows }, before: 0,
            try executor.headSteps(weights: rounded))
    }

    private func judge(_ first: [Matrix], before number: Int, _ head: HeadSteps) throws -> Double {
        var rows = first
        for next in number..<configuration.language.layerCount {
            try cancellation?.check()
            let block = try executor.steps(next, of: .language, weights: weights)
            rows = rows.map(block.run)
        }
        var sum = 0.0
        for (number, whole) in logits.enumerated() {
            let rounded = head.logits(head.input(Self.rows(of: rows[number], where: isText[number])))
            sum += divergence(whole, rounded) * Double(whole.rows)
        }
        return sum / Double(max(1, logits.reduce(0) { $0 + $1.rows }))
    }

    private static func rows(of matrix: Matrix, where isWanted: [Bool]) -> Matrix {
        let wanted = isWanted.indices.filter { isWanted[$0] }
        return Matrix(rows: wanted.count, columns: matrix.columns, elements: wanted.flatMap { matrix[row: $0] })
    }
}
