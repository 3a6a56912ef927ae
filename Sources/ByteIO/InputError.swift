import Platform

/// The stable id of one rule that an input must obey, such as `gguf.magic`.
///
/// Each format lists its rules beside its reader; an error carries the id, a test names it, `formats/` explains it.
public struct Rule: Hashable, Sendable, CustomStringConvertible {
    public let id: String
    public init(_ id: String) { self.id = id }
    public var description: String { id }

    /// The file ends before what its own fields announce.
    public static let truncated = Rule("bytes.truncated")
    /// Text that is not UTF-8.
    public static let notUTF8 = Rule("bytes.utf8")
}

/// An input that breaks a rule: says which file, which field, what is wrong and what to do.
public struct InputError: Error, Sendable, CustomStringConvertible {
    public let rule: Rule
    /// Path of the file, or of the folder where a file is missing.
    public let file: String
    /// The field, key or tensor inside the file.
    public let field: String
    /// What is wrong, with the offending value.
    public let problem: String
    /// What the user can do about it.
    public let remedy: String?

    public init(_ rule: Rule, file: String, field: String, problem: String, remedy: String? = nil) {
        self.rule = rule
        self.file = file
        self.field = field
        self.problem = problem
        self.remedy = remedy
    }

    public var description: String {
        let head = "\(file): \(field): \(problem) [\(rule)]"
        guard let remedy else { return head }
        return head + "\n  \(remedy)"
    }
}

/// Makes the errors of one file, with the remedy that suits most of them.
package struct Fault: Sendable {
    package let file: String
    package let remedy: String

    package init(file: String, remedy: String) {
        self.file = file
        self.remedy = remedy
    }

    package func callAsFunction(
        _ rule: Rule, _ field: String, _ problem: String, _ remedy: String? = nil
    ) -> InputError {
        InputError(rule, file: file, field: field, problem: problem, remedy: remedy ?? self.remedy)
    }
}

/// A system call that failed, with the path it was about.
public struct SystemError: Error, Sendable, CustomStringConvertible {
    public let operation: String
    public let path: String
    /// The `errno` of the call.
    public let code: Int32
    public let remedy: String?

    public init(_ operation: String, path: String, code: Int32, remedy: String? = nil) {
        self.operation = operation
        self.path = path
        self.code = code
        self.remedy = remedy
    }

    /// True if the disk, the quota or the largest size of a file leaves no room.
    public var isOutOfSpace: Bool { [ENOSPC, EDQUOT, EFBIG].contains(code) }

    /// True if there is nothing at `path`, or nothing that this user may read.
    public var isMissingFile: Bool { [ENOENT, ENOTDIR, EACCES].contains(code) }

    public var description: String {
        let head = "\(path): could not \(operation): \(String(cString: strerror(code)))"
        guard let remedy else { return head }
        return head + "\n  \(remedy)"
    }
}
