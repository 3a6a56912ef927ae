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

/// The rows of some sequences in two models: the whole one, and the one that is rounded as far as its blocks are done.
struct Streams {
    var whole: [Matrix] = []
    var quantized: [Matrix] = []
    /// Which rows are a picture's.
    var isPicture: [[Bool]] = []

    var rows: Int { isPicture.reduce(0) { $0 + $1.count } }

    /// One weight per row, so that rows of pictures and of text each have half of the sum of squares.
    ///
    /// A picture brings many rows to a question's few, though language suffers more from errors in those (Li et al.,
    /// arXiv 2412.19509).
    func weights(of input: [Matrix]) -> (weights: [[Float]], pictureShare: Double) {
        var squares = (text: 0.0, picture: 0.0)
        for (matrix, isPicture) in zip(input, isPicture) {
            for (row, isPicture) in isPicture.enumerated() {
                let sum = matrix[row: row].reduce(0) { $0 + Double($1) * Double($1) }
                if isPicture { squares.picture += sum } else { squares.text += sum }
            }
        }
        let total = squares.text + squares.picture
        let isMixed = squares.text > 0 && squares.picture > 0 && total.isFinite
        let weight = isMixed ? Float(squares.text / squares.picture) : 1
        return (
            isPicture.map { $0.map { $0 ? weight : 1 } }, total > 0 ? squares.picture / total : 0
        )
    }
}
