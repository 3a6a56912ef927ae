import Platform
import ByteIO
import Dialects
import Execution
import GGUF
import MobileVLM
import Models
import Opening

/// `vlmconv imatrix` as a call: runs a model over texts and pictures and writes down which input columns matter.
public struct ImportanceRequest: Sendable {
    public static let noInput = Rule("imatrix.no-input")
    /// A file is named where a folder is asked for.
    public static let notFolder = Rule("request.folder")

    public var model: ModelLocation
    /// Files of plain text.
    public var texts: [String] = []
    /// Folders of pictures. Tower, projector and language model all see them.
    public var imageFolders: [String] = []
    /// Turns pictures upright by their EXIF data.
    public var uprightsImages = false
    public var output: String
    /// Tokens that are run at once; llama-imatrix's default.
    public var chunkSize = 512
    /// Most chunks of text; nil for all.
    public var maximumChunks: Int?
    /// What is asked about each picture.
    public var question = "Describe this image in detail."
    public var threads: Int?
    /// Called before long work with what the user should know of it.
    public var notice: @Sendable (String) -> Void = { _ in }

    public init(model: ModelLocation, output: String) {
        self.model = model
        self.output = output
    }

    /// What was collected.
    public struct Report: Sendable {
        public let entries: Int
        public let chunks: Int
        public let pictures: Int
        /// What the user should know of the model and of how pictures were read.
        public let notes: [String]
    }

    /// - Parameters:
    ///   - cancellation: Looked at before each block of the model; nothing is written then.
    ///   - progress: Called with a line about each step.
    public func run(cancellation: Cancellation? = nil, progress: (String) -> Void = { _ in }) throws -> Report {
        try Arguments.check(chunkSize, in: 2...1 << 20, "chunk size")
        try Arguments.check(maximumChunks, atLeast: 1, "number of chunks")
        try Arguments.check(threads, in: Arguments.threads, "threads")
        let statistics = ActivationStatistics()
        let session = try Session(
            Model(model), arithmetic: .reference, threads: threads, observer: statistics)
        if let advice = session.advice { notice(advice) }
        let chunks = try texts.flatMap { try self.chunks($0, session) }.prefix(maximumChunks ?? .max)
        let pictures = try imageFolders.flatMap(Self.pictures)
        guard !chunks.isEmpty || !pictures.isEmpty else {
            throw InputError(
                Self.noInput, file: texts.first ?? imageFolders.first ?? model.path, field: "input",
                problem: "holds no whole chunk of \(chunkSize) tokens and no picture",
                remedy: "Give a longer text, a folder with pictures, or a smaller --chunk.")
        }
        for (number, chunk) in chunks.enumerated() {
            progress("text: chunk \(number + 1) of \(chunks.count)")
            _ = try session.executor.forward(
                [.tokens(Array(chunk))], cache: session.executor.makeCache(), logits: .last, cancellation: cancellation)
        }
        var notes: [String] = []
        for (number, path) in pictures.enumerated() {
            progress("picture \(number + 1) of \(pictures.count)")
            let picture = try Picture(path: path, uprights: uprightsImages)
            if let note = picture.note { notes.append(note) }
            let features = try session.executor.encodeImage(try session.pixels(picture), cancellation: cancellation)
            let pieces = try InputPiece.pieces(session.tokens(question: question, images: 1), images: [features])
            _ = try session.executor.forward(
                pieces, cache: session.executor.makeCache(), logits: .last, cancellation: cancellation)
        }
        let sums = collected(statistics, session.model)
        try ImportanceWriter.write(
            sums, datasets: (texts + imageFolders).map(Folder.lastComponent),
            chunkCount: UInt32(clamping: chunks.count + pictures.count), chunkSize: UInt32(clamping: chunkSize),
            to: output, inputs: session.model.files + texts + pictures)
        return Report(
            entries: sums.count, chunks: chunks.count, pictures: pictures.count,
            notes: session.model.notes + Picture.summary(notes))
    }

    /// The whole chunks of a text. Each starts with BOS in the place of its first token, as llama-imatrix has it.
    private func chunks(_ path: String, _ session: Session) throws -> [[Int]] {
        var reader = ByteReader(try MappedFile(path: path).bytes, file: path)
        let text = try reader.text(count: reader.remaining, "text")
        let vocabulary = session.model.tokenizer.vocabulary
        let mark = vocabulary.addBOS ? vocabulary.bos : nil
        let tokens = (mark.map { [$0] } ?? []) + session.model.tokenizer.encode(text)
        return stride(from: 0, to: tokens.count - tokens.count % chunkSize, by: chunkSize).map { start in
            var chunk = Array(tokens[start..<start + chunkSize])
            if let mark { chunk[0] = mark }
            return chunk
        }
    }

    /// The pictures of a folder in the order of their names.
    static func pictures(_ path: String) throws -> [String] {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw SystemError("open", path: path, code: errno, remedy: "--images takes a folder of pictures.")
        }
        guard let folder = Folder(path) else {
            throw InputError(
                Self.notFolder, file: path, field: "pictures", problem: "is not a folder",
                remedy: "--images takes a folder: name the one that holds the pictures.")
        }
        return try folder.names().filter { name in
            [".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp"].contains { name.lowercased().hasSuffix($0) }
        }.map(folder.file)
    }

    /// The sums of every matrix that GGUF has a name for. The output head is left out, as llama-imatrix does.
    private func collected(_ statistics: ActivationStatistics, _ model: Model) -> [ImportanceSums] {
        let all = statistics.all
        let dialect = GGUFDialect()
        return model.configuration.tensors.compactMap { specification in
            guard specification.kind != .outputHead,
                let name = dialect.name(of: specification, in: model.configuration),
                let sums = all[specification.key], dialect.shape(of: specification).columns == sums.squares.count
            else { return nil }
            return ImportanceSums(name: name, squares: sums.squares.map { Float($0) }, counts: [Float(sums.rows)])
        }
    }
}
