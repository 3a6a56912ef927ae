import Execution
import MobileVLM
import Models
import Platform
import Tensors

/// Rows of the whole model alone, and what its matrices read of them.
extension Streams {
    init(_ sequences: [CalibrationSequence], _ executor: Executor, _ cancellation: Cancellation?) throws {
        self.init()
        for sequence in sequences {
            let (rows, isText) = try executor.blockInput(sequence, cancellation)
            whole.append(rows)
            isPicture.append(isText.map { !$0 })
        }
    }

    /// Takes the rows through a block.
    /// - Returns: The moments of what each of a plan's groups reads.
    mutating func pass(
        _ plan: BlockPlan, _ block: BlockSteps, threads: Int, _ cancellation: Cancellation?
    ) throws -> [SecondMoments] {
        let moments = plan.groups.map { group in
            SecondMoments(columns: group.tensors.first?.shape.asMatrix.columns ?? 0, threads: threads)
        }
        for number in whole.indices {
            try cancellation?.check()
            let isPicture = [isPicture[number]]
            whole[number] = block.run(whole[number]) { group, input, sum in
                let weights = Streams(isPicture: isPicture).weights(of: [input], addedTo: sum.map { [$0] }).weights
                moments[group].add(input.elements, weights: weights[0])
            }
        }
        return moments
    }

    /// The moments of what the head reads of text. What follows a picture's row is no token.
    func headMoments(_ head: HeadSteps, threads: Int) -> SecondMoments {
        let moments = SecondMoments(columns: whole.first?.columns ?? 0, threads: threads)
        for (rows, isPicture) in zip(whole, isPicture) {
            moments.add(head.input(rows).elements, weights: isPicture.map { $0 ? 0 : 1 })
        }
        return moments
    }
}

extension Executor {
    /// What the language model is given for a sequence's pictures.
    func images(_ sequence: CalibrationSequence, _ cancellation: Cancellation?) throws -> [Matrix] {
        try sequence.pictures.map { try encodeImage($0, cancellation: cancellation) }
    }

    /// What the first block is given for a sequence, and which of its rows are tokens.
    /// - Parameter images: Its pictures, encoded.
    func blockInput(
        _ sequence: CalibrationSequence, images: [Matrix]
    ) throws -> (rows: Matrix, isText: [Bool]) {
        let pieces = try InputPiece.pieces(sequence.prompt, images: images)
        let isText = pieces.flatMap { piece -> [Bool] in
            switch piece {
            case .tokens(let ids): ids.map { _ in true }
            case .image(let rows): Array(repeating: false, count: rows.rows)
            }
        }
        return (try blockInput(pieces), isText)
    }

    /// The same, with its pictures encoded first.
    func blockInput(
        _ sequence: CalibrationSequence, _ cancellation: Cancellation?
    ) throws -> (rows: Matrix, isText: [Bool]) {
        try blockInput(sequence, images: images(sequence, cancellation))
    }
}
