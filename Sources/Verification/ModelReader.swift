import ByteIO
import Execution
import MobileVLM

/// One model that reads prompt after prompt. What a prompt has in common with the one before, from its beginning on, is
/// not computed again: the system's text, a picture about which several questions are asked, an answer.
final class ModelReader {
    /// A row of the model's input.
    enum Row: Equatable {
        case token(Int)
        case picture(number: Int, row: Int)

        var isToken: Bool {
            if case .token = self { true } else { false }
        }
    }

    private let executor: Executor
    private let cache: KeyValueCache
    private let cancellation: Cancellation?
    /// What the cache holds.
    private var rows: [Row] = []
    /// Of each row that holds a token, and of the last one of each input.
    private var logits: [[Float]?] = []
    /// Rows that went through the model together last.
    private var batch = 0..<0
    /// The picture that was read last, and its number.
    private var picture: (number: Int, pixels: [Float], features: Matrix)?

    init(_ executor: Executor, cancellation: Cancellation?) {
        self.executor = executor
        self.cancellation = cancellation
        cache = executor.makeCache()
    }

    /// A prompt with the picture rows that the model makes of its pictures.
    struct Input {
        var rows: [Row] = []
        /// By their numbers, the features of pictures that are no longer the last.
        var pictures: [Int: Matrix] = [:]
        /// In the order of the prompt.
        var features: [Matrix] = []
    }

    func input(_ prompt: TokenPrompt, images: [[Float]]) throws -> Input {
        var input = Input()
        for pixels in images { input.features.append(try encode(pixels, &input)) }
        _ = try InputPiece.pieces(prompt, images: input.features)
        var images = images[...]
        for part in prompt.parts {
            switch part {
            case .tokens(let ids): input.rows += ids.map { .token($0) }
            case .picture:
                guard let pixels = images.popFirst() else { continue }
                let features = try encode(pixels, &input)
                let number = picture?.number ?? 0
                input.rows += (0..<features.rows).map { .picture(number: number, row: $0) }
            }
        }
        return input
    }

    private func encode(_ pixels: [Float], _ input: inout Input) throws -> Matrix {
        if let picture, picture.pixels == pixels {
            input.pictures[picture.number] = picture.features
            return picture.features
        }
        let features = try executor.encodeImage(pixels, cancellation: cancellation)
        let number = (picture?.number ?? -1) + 1
        picture = (number, pixels, features)
        input.pictures[number] = features
        return features
    }

    /// Has the model read `input` and behind it `answer`.
    /// - Returns: The logits of every row that was read and holds a token, and of the last one; nil for others.
    func read(_ input: Input, then answer: some Sequence<Int> = EmptyCollection()) throws -> [[Float]?] {
        let target = input.rows + answer.map { .token($0) }
        var common = zip(rows, target).prefix { $0 == $1 }.count
        if common == target.count, common > 0, logits[common - 1] == nil { common -= 1 }
        forget(from: common)
        guard common < target.count else { return logits }
        let new = target[common...]
        let wanted = new.indices.filter { new[$0].isToken || $0 == target.count - 1 }
        let values = try executor.forward(
            Self.pieces(new, input.pictures), cache: cache, logits: .at(wanted.map { $0 - common }),
            cancellation: cancellation)
        rows = target
        batch = common..<target.count
        logits += [[Float]?](repeating: nil, count: new.count)
        for (line, index) in wanted.enumerated() { logits[index] = Array(values[row: line]) }
        return logits
    }

    /// The same, with the whole answer in one pass: so two models that are the same give the same bits, however each
    /// came to its own answer.
    func readAtOnce(_ input: Input, then answer: [Int]) throws -> [[Float]?] {
        let alone = input.rows.count..<input.rows.count + answer.count
        if batch != alone { forget(from: min(rows.count, alone.lowerBound)) }
        return try read(input, then: answer)
    }

    private func forget(from row: Int) {
        cache.rewind(to: row)
        rows.removeSubrange(row...)
        logits.removeSubrange(row...)
    }

    /// The greedy answer, without the token that ends it.
    /// - Parameter other: Another model's answer. This one's is wanted as far as the two are the same, and one token beyond:
    ///   the words that are the same are read at once, and what follows another word can be compared with nothing.
    func answer(to input: Input, length: Int, stopTokens: Set<Int>, comparedWith other: [Int]? = nil) throws -> [Int] {
        var sampler = Sampler.greedy
        var answer: [Int] = []
        var logits = try read(input)
        while answer.count < length, let last = logits[input.rows.count + answer.count - 1] {
            let next = sampler.next(last)
            if stopTokens.contains(next) { break }
            answer.append(next)
            if let other, !other.starts(with: answer) { break }
            // What was read ahead stays as long as it is what the model says.
            let read = rows.dropFirst(input.rows.count).prefix(answer.count)
            guard !read.elementsEqual(answer.map { Row.token($0) }) else { continue }
            logits = try self.read(input, then: other?.prefix(length) ?? answer[...])
        }
        return answer
    }

    private static func pieces(_ rows: ArraySlice<Row>, _ pictures: [Int: Matrix]) -> [InputPiece] {
        var pieces: [InputPiece] = []
        var rest = rows
        while let first = rest.first {
            switch first {
            case .token:
                var ids: [Int] = []
                while case .token(let id)? = rest.first {
                    ids.append(id)
                    rest.removeFirst()
                }
                pieces.append(.tokens(ids))
            case .picture(let number, let start):
                let features = pictures[number] ?? Matrix(rows: 0, columns: 0, elements: [])
                var end = start
                while case .picture(number, end)? = rest.first {
                    end += 1
                    rest.removeFirst()
                }
                pieces.append(
                    .image(
                        Matrix(
                            rows: end - start, columns: features.columns,
                            elements: Array(features.elements[start * features.columns..<end * features.columns]))))
            }
        }
        return pieces
    }
}
