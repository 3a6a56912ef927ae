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

    public var description: String {
        switch self {
        case .emptyInput:
            "nothing to compute: the input has neither tokens nor image rows; give at least one token"
        case .tokenOutOfRange(let id, let size):
            "token id \(id) is outside the vocabulary 0 to \(size - 1); was the text tokenised for another model?"
        case .tooManyPositions(let asked, let length):
            "\(asked) positions exceed the \(length) that there is room for; shorten the prompt or generate fewer tokens"
        case .noVisionTower(let model):
            "\(model) has no vision tower, so it cannot read images; load it with its tower and projector"
        case .wrongPixelCount(let count, let size):
            "\(count) pixel values given; an image is [3, \(size), \(size)], \(3 * size * size) values"
        case .wrongImageWidth(let width, let size):
            "image rows are \(width) wide, the language model takes \(size): they were encoded by another model"
        case .foreignCache:
            "the key/value cache was made by a model of other dimensions; make one with makeCache()"
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
}
