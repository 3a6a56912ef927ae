import ByteIO

/// A file of questions: one a line, blank lines and lines that start with `#` left out.
public enum QuestionFile {
    public static let empty = Rule("prompts.empty")

    public static func read(_ path: String) throws -> [String] {
        var reader = ByteReader(try MappedFile(path: path).bytes, file: path)
        let text = try reader.text(count: reader.remaining, "text")
        let questions = text.split(whereSeparator: \.isNewline).map { line in
            String(line.drop { $0 == " " || $0 == "\t" })
        }
        .filter { !$0.isEmpty && !$0.hasPrefix("#") }
        guard !questions.isEmpty else {
            throw InputError(
                empty, file: path, field: "questions", problem: "holds no question",
                remedy: "Write one question a line.")
        }
        return questions
    }
}
