import ByteIO
import Calibration
import Execution
import MobileVLM

/// What a model reads while it is calibrated: texts and pictures, cut to sequences, as many as the effort asks for.
package struct CalibrationMaterial {
    static let noInput = Rule("calibrate.no-input")
    static let tokenFile = Rule("calibrate.tokens")

    /// Names for the file's metadata.
    var names: [String] = []
    var texts: [String] = []
    /// Sequences of ids, and the file that each stands in.
    var tokens: [(file: String, ids: [Int])] = []
    /// Each is read only when it is chosen: a folder may hold more than memory does.
    var pictures: [() throws -> Picture] = []

    /// The options' files, or the built-in material.
    init(_ options: CalibrationOptions) throws {
        guard options.hasOwnInput else {
            self = Self.builtIn
            return
        }
        names = (options.texts + options.tokens + options.imageFolders).map(Folder.lastComponent)
        texts = try options.texts.map { path in
            var reader = ByteReader(try MappedFile(path: path).bytes, file: path)
            return try reader.text(count: reader.remaining, "text")
        }
        tokens = try options.tokens.flatMap { path in try Self.readTokens(path).map { (path, $0) } }
        pictures = try options.imageFolders.flatMap { try ImportanceRequest.pictures($0) }.map { path in
            { try Picture(path: path, uprights: options.uprightsImages) }
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
    /// Fewer tell nothing: such lines, and such ends of texts, are left out.
    private static let leastLength = 8

    /// As many sequences of text and pictures as `effort` asks for, evenly taken, and what the user should know of how the
    /// pictures were read.
    /// - Throws: `InputError` if nothing is left, or if a picture that was chosen cannot be read. Those that were not
    ///   chosen, and all where the model has no vision, are not looked at.
    func sequences(
        _ session: Session, effort: CalibrationEffort
    ) throws -> (sequences: [CalibrationSequence], notes: [String]) {
        let prompts = picturePrompts(session)
        var text = try textSequences(session)
        // Half of the rows each, where there are both.
        let imageRows = session.model.configuration.multimodal?.imageTokenCount ?? 0
        let pictureRows = prompts.reduce(0) { $0 + imageRows + $1.ids.count }
        let forPictures = text.isEmpty ? effort.rows : min(pictureRows, effort.rows / 2)
        text = Self.spread(text, rows: effort.rows - forPictures) { $0.prompt.ids.count }
        // Their prompts differ by a few tokens, for which no picture is to be preferred: each counts as the mean.
        let mean = pictureRows / max(1, prompts.count)
        let chosen = Self.spread(Array(prompts.indices), rows: forPictures) { _ in mean }
        guard !text.isEmpty || !chosen.isEmpty else { throw noSequence }
        var notes: [String] = []
        let seen = try chosen.map { number in
            let picture = try pictures[number]()
            if let note = picture.note { notes.append(note) }
            return CalibrationSequence(prompt: prompts[number], pictures: [try session.pixels(picture)])
        }
        return (text + seen, notes)
    }

    private var noSequence: InputError {
        let isShort = texts.contains { !$0.isEmpty } || tokens.contains { !$0.ids.isEmpty }
        let text =
            isShort
            ? "holds texts that are too short, each of fewer than \(Self.leastLength) tokens"
            : "holds no text of \(Self.leastLength) tokens"
        return InputError(
            Self.noInput, file: names.first ?? "calibration", field: "input",
            problem: text + ", and no picture that this model can see",
            remedy: "Give a longer text, or a folder with pictures.")
    }

    /// Elements evenly taken by rows, whose rows together are at most `rows`, and at least one of them.
    ///
    /// One is taken as soon as those before it make up less than their part of all rows up to it. Its own length has no say
    /// in that, so that long and short ones are taken alike.
    package static func spread<Element>(_ list: [Element], rows: Int, count: (Element) -> Int) -> [Element] {
        let counts = list.map(count)
        let total = counts.reduce(0, +)
        guard total > rows, let first = list.first else { return list }
        // As many as fit, were all as long as the mean.
        let wanted = max(1, list.count * max(0, rows) / max(1, total))
        let ofMean = (wanted * total + list.count - 1) / list.count
        var (taken, before) = (0, 0)
        var result: [Element] = []
        for (element, count) in zip(list, counts) {
            // `taken < (before + total / list.count) * wanted / list.count`; the mean is what makes the first one be taken.
            let isBehind = taken * list.count - before * wanted < ofMean
            before += count
            guard isBehind, taken + count <= rows else { continue }
            taken += count
            result.append(element)
        }
        return result.isEmpty ? [first] : result
    }

    private func textSequences(_ session: Session) throws -> [CalibrationSequence] {
        guard !texts.isEmpty || !tokens.isEmpty else { return [] }
        let l = session.model.configuration.language
        let vocabulary = session.model.tokenizer.vocabulary
        let mark = vocabulary.addBOS ? vocabulary.bos.map { [$0] } ?? [] : []
        let length = min(Self.length, l.contextLength)
        guard length >= Self.leastLength else {
            throw InputError(
                Self.noInput, file: session.model.path, field: "context length",
                problem: "is \(l.contextLength), and texts of fewer than \(Self.leastLength) tokens tell nothing",
                remedy: "Convert without --calibrate, or check the model's configuration.")
        }
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

    /// What is asked about each picture; nothing where the model has no vision.
    private func picturePrompts(_ session: Session) -> [TokenPrompt] {
        guard session.model.configuration.multimodal != nil else { return [] }
        let questions = BuiltinCalibration.questions
        // In turn.
        return pictures.indices.map { session.tokens(question: questions[$0 % questions.count], images: 1) }
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
