import Execution
import MobileVLM
import Tensors

/// Something that the model reads while it is calibrated, or by which the result is measured.
public struct CalibrationSequence: Sendable {
    public let prompt: TokenPrompt
    /// Preprocessed, `[3, size, size]` each, in the order of their places.
    public let pictures: [[Float]]

    public init(prompt: TokenPrompt, pictures: [[Float]] = []) {
        self.prompt = prompt
        self.pictures = pictures
    }
}

extension [CalibrationSequence] {
    /// Every nth sequence, n the whole part of how often `tokens` goes into all: about so many tokens together where all are
    /// equally long, or up to twice as many, and all where there are fewer than that. A picture counts as one, whatever its
    /// rows.
    public func sample(tokens: Int) -> [CalibrationSequence] {
        let step = Swift.max(1, reduce(0) { $0 + $1.prompt.ids.count } / tokens)
        return stride(from: 0, to: count, by: step).map { self[$0] }
    }
}

/// The rows of some sequences in two models: the whole one, and the one that is rounded as far as its blocks are done.
package struct Streams {
    var whole: [Matrix] = []
    var quantized: [Matrix] = []
    /// Which rows are a picture's.
    var isPicture: [[Bool]] = []

    package init(whole: [Matrix] = [], quantized: [Matrix] = [], isPicture: [[Bool]] = []) {
        self.whole = whole
        self.quantized = quantized
        self.isPicture = isPicture
    }

    var rows: Int { isPicture.reduce(0) { $0 + $1.count } }

    /// One weight per row.
    ///
    /// A row whose outputs are added to others counts by one over their mean square: the next norm divides by their size, so
    /// that an error matters beside that, and a position whose residual is a hundred times as large as others' (an attention
    /// sink) would drown these.
    ///
    /// Rows of pictures and of text then each have half of the sum of squares. A picture brings many rows to a question's few,
    /// though language suffers more from errors in those (Li et al., arXiv 2412.19509).
    /// - Parameter sum: What the layer's outputs are added to, as the whole model has it after that; nil where they are not.
    package func weights(of input: [Matrix], addedTo sum: [Matrix]? = nil) -> (weights: [[Float]], pictureShare: Double)
    {
        func square(_ matrix: Matrix, _ row: Int) -> Double {
            matrix[row: row].reduce(0) { $0 + Double($1) * Double($1) }
        }
        var squares = (text: 0.0, picture: 0.0)
        var weights: [[Float]] = []
        for (number, matrix) in input.enumerated() {
            weights.append(
                (0..<matrix.rows).map { row in
                    let size = sum.map { square($0[number], row) / Double($0[number].columns) } ?? 1
                    let weight = size > 0 && size.isFinite ? 1 / size : 0
                    let square = weight * square(matrix, row)
                    if isPicture[number][row] { squares.picture += square } else { squares.text += square }
                    return Float(weight)
                })
        }
        let total = squares.text + squares.picture
        if squares.text > 0, squares.picture > 0, total.isFinite {
            let ofPictures = Float(squares.text / squares.picture)
            for number in weights.indices {
                for row in weights[number].indices where isPicture[number][row] { weights[number][row] *= ofPictures }
            }
        }
        return (weights, total > 0 ? squares.picture / total : 0)
    }
}
