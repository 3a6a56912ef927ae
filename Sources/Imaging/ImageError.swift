/// A picture that cannot be used: says which file, what is wrong and what to do.
public struct ImageError: Error, Sendable, CustomStringConvertible {
    /// The rule that was broken; raw values are stable ids.
    public enum Code: String, Sendable {
        /// None of the formats that are read.
        case format = "image.format"
        /// Ends before the picture does.
        case truncated = "image.truncated"
        /// Contents that the format forbids.
        case damaged = "image.damaged"
        /// More or fewer pixels than allowed.
        case size = "image.size"
        /// A setting of the preprocessor outside its range.
        case setting = "image.setting"
    }

    public let code: Code
    /// Path or other name of the picture.
    public let file: String
    public let problem: String
    public let remedy: String

    public init(_ code: Code, file: String, problem: String, remedy: String) {
        self.code = code
        self.file = file
        self.problem = problem
        self.remedy = remedy
    }

    public var description: String { "\(file): \(problem) [\(code.rawValue)]\n  \(remedy)" }
}
