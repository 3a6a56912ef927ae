import ByteIO

/// A call that the model cannot answer. Faults of files are `ByteIO.InputError`s.
public enum ExecutionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// No token and no image row was given.
    case emptyInput
    case tokenOutOfRange(id: Int, vocabularySize: Int)
    case tooManyPositions(asked: Int, contextLength: Int)
    case noVisionTower(model: String)
    case wrongPixelCount(Int, imageSize: Int)
    case wrongImageWidth(Int, hiddenSize: Int)
    case foreignCache
    case rowOutOfRange(Int, rows: Int)
    case blockOutOfRange(Int, blocks: Int)
    case wrongBlockInput(rows: Int, columns: Int, expectedRows: ClosedRange<Int>, expectedColumns: Int)

    /// What the call breaks, as `InputError` says it of a file.
    public var rule: Rule {
        switch self {
        case .emptyInput: Rule("execution.empty")
        case .tokenOutOfRange: Rule("execution.token")
        case .tooManyPositions: Rule("execution.positions")
        case .noVisionTower: Rule("model.no-vision")
        case .wrongPixelCount, .wrongImageWidth, .foreignCache, .rowOutOfRange, .blockOutOfRange, .wrongBlockInput:
            Rule("execution.call")
        }
    }

    public var description: String { "\(problem) [\(rule)]\n  \(remedy)" }

    private var problem: String {
        switch self {
        case .emptyInput:
            "nothing to compute: the input has neither tokens nor image rows"
        case .tokenOutOfRange(let id, let size):
            "token id \(id) is outside the vocabulary 0 to \(size - 1)"
        case .tooManyPositions(let asked, let length):
            "\(asked) positions exceed the \(length) that there is room for"
        case .noVisionTower(let model):
            "\(model) has no vision tower, so it cannot read images"
        case .wrongPixelCount(let count, let size):
            "\(count) pixel values given; an image is [3, \(size), \(size)], \(3 * size * size) values"
        case .wrongImageWidth(let width, let size):
            "image rows are \(width) wide, the language model takes \(size)"
        case .foreignCache:
            "the key/value cache was made by a model of other dimensions"
        case .rowOutOfRange(let row, let rows):
            "logits of row \(row) were asked for; the input has rows 0 to \(rows - 1)"
        case .blockOutOfRange(let block, let blocks):
            "there is no block \(block); there are \(blocks), counted from 0"
        case .wrongBlockInput(let rows, let columns, let expectedRows, let expectedColumns):
            "\(rows) x \(columns) is no input of this part: it takes rows of \(expectedColumns), "
                + (expectedRows.count == 1
                    ? "exactly \(expectedRows.lowerBound) of them" : "at most \(expectedRows.upperBound) of them")
        }
    }

    private var remedy: String {
        switch self {
        case .emptyInput: "Give at least one token."
        case .tokenOutOfRange: "Take the ids of this model's own tokenizer: those of another model's do not fit."
        case .tooManyPositions: "Shorten the prompt or generate fewer tokens."
        case .noVisionTower: "Load it with its tower and projector."
        case .wrongPixelCount: "Preprocess the picture as this model's configuration asks."
        case .wrongImageWidth: "Encode the picture with this model: these rows are another's."
        case .foreignCache: "Make one with this model's makeCache()."
        case .rowOutOfRange: "Ask for rows of the input."
        case .blockOutOfRange: "Ask for one of these."
        case .wrongBlockInput: "Give the rows that come out of the part before it."
        }
    }
}
