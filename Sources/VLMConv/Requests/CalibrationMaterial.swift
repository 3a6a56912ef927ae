import ByteIO
import Calibration
import Execution
import MobileVLM

/// What a model reads while it is calibrated: texts and pictures, cut to sequences, as many as the effort asks for.
struct CalibrationMaterial {
    static let noInput = Rule("calibrate.no-input")
    static let tokenFile = Rule("calibrate.tokens")

    /// Names for the file's metadata.
    var names: [String] = []
    var texts: [String] = []
    /// Sequences of ids, and the file that each stands in.
    var tokens: [(file: String, ids: [Int])] = []
    var pictures: [Picture] = []

    /// The options' files, or the built-in material.
    init(_ options: CalibrationOptions) throws {
        guard options.hasOwnInput else {
            self = try Self.builtIn
            return
        }
        names = (options.texts + options.tokens + options.imageFolders).map(Folder.lastComponent)
        texts = try options.texts.map { path in
            var reader = ByteReader(try MappedFile(path: path).bytes, file: path)
            return try reader.text(count: reader.remaining, "text")
        }
        tokens = try options.tokens.flatMap { path in try Self.readTokens(path).map { (path, $0) } }
        pictures = try options.imageFolders.flatMap { try ImportanceRequest.pictures($0) }.map {
            try Picture(path: $0, uprights: options.uprightsImages)
        }
    }

    init() {}

    /// Token ids, a sequence a line.
    static func readTokens(_ path: String) throws -> [[Int]] {
        var reader = ByteReader(try MappedFile(path: path).bytes, file: path)
        let text = try reader.text(count: reader.remaining, "text")
        return try text.split(whereSeparator: \.isNewline).enumerated().map { number, line in
            try line.split { " ,\t[]".contains($0) }.map { word in
                guard let id = Int(word), id >= 0 else {
                    throw InputError(
                        tokenFile, file: path, field: "line \(number + 1)", problem: "\"\(word)\" is no token id",
                        remedy: "Write ids as decimal numbers, separated by spaces or commas, a sequence a line.")
                }
                return id
            }
        }
    }

    // MARK: Sequences

    /// Positions of a sequence of text.
    private static let length = 512
    /// Fewer tell nothing.
    private static let leastLength = 8

    /// As many sequences of text and pictures as `effort` asks for, evenly taken.
    func sequences(_ session: Session, effort: CalibrationEffort) throws -> [CalibrationSequence] {
        let hasVision = session.model.configuration.multimodal != nil
        let pictures = hasVision ? try pictureSequences(session) : []
        var text = try textSequences(session)
        // Half of the rows each, where there are both.
        let imageRows = session.model.configuration.multimodal?.imageTokenCount ?? 0
        let pictureRows = pictures.reduce(0) { sum, sequence in
            sum + sequence.pictures.count * imageRows + sequence.prompt.ids.count
        }
        let forPictures = text.isEmpty ? effort.rows : min(pictureRows, effort.rows / 2)
        text = Self.spread(text, rows: effort.rows - forPictures) { $0.prompt.ids.count }
        let chosen = Self.spread(pictures, rows: forPictures) { $0.pictures.count * imageRows + $0.prompt.ids.count }
        guard !text.isEmpty || !chosen.isEmpty else {
            throw InputError(
                Self.noInput, file: names.first ?? "calibration", field: "input",
                problem: "holds no text of \(Self.leastLength) tokens, and no picture that this model can see",
                remedy: "Give a longer text, or a folder with pictures.")
        }
        return text + chosen
    }

    /// Elements at even distances whose rows together are at most `rows`, and at least one of them.
    private static func spread<Element>(_ list: [Element], rows: Int, count: (Element) -> Int) -> [Element] {
        let total = list.reduce(0) { $0 + count($1) }
        guard total > rows, !list.isEmpty else { return list }
        let wanted = max(1, list.count * max(0, rows) / max(1, total))
        return (0..<wanted).map { list[$0 * list.count / wanted] }
    }

    private func textSequences(_ session: Session) throws -> [CalibrationSequence] {
        let l = session.model.configuration.language
        let vocabulary = session.model.tokenizer.vocabulary
        let mark = vocabulary.addBOS ? vocabulary.bos.map { [$0] } ?? [] : []
        let length = min(Self.length, l.contextLength)
        var lists = texts.map { session.model.tokenizer.encode($0) }.flatMap { ids -> [[Int]] in
            stride(from: 0, to: ids.count, by: length - mark.count).map { start in
                mark + ids[start..<min(ids.count, start + length - mark.count)]
            }
        }
        for (file, list) in tokens {
            if let id = list.first(where: { $0 >= l.vocabularySize }) {
                throw InputError(
                    Self.tokenFile, file: file, field: "token",
                    problem: "\(id) is none of the vocabulary's \(l.vocabularySize)",
                    remedy: "The ids are those of another model.")
            }
            lists += stride(from: 0, to: list.count, by: length).map { Array(list[$0..<min(list.count, $0 + length)]) }
        }
        return lists.filter { $0.count >= Self.leastLength }.map {
            CalibrationSequence(prompt: TokenPrompt([.tokens($0)]))
        }
    }

    private func pictureSequences(_ session: Session) throws -> [CalibrationSequence] {
        let questions = BuiltinCalibration.questions
        return try pictures.enumerated().map { number, picture in
            CalibrationSequence(
                // In turn.
                prompt: session.tokens(question: questions[number % questions.count], images: 1),
                pictures: [try session.pixels(picture)])
        }
    }

    /// What `verify` asks when it is not told what to ask, which nobody is calibrated on.
    static func heldOut(_ session: Session) throws -> [CalibrationSequence] {
        let texts = BuiltinPrompts.texts.map {
            CalibrationSequence(prompt: session.tokens(question: $0, images: 0))
        }
        guard session.model.configuration.multimodal != nil else { return texts }
        return try texts
            + zip(BuiltinPrompts.pictures, BuiltinPrompts.pictureQuestions).map { picture, question in
                CalibrationSequence(
                    prompt: session.tokens(question: question, images: 1),
                    pictures: [try session.pixels(picture.picture)])
            }
    }
}
