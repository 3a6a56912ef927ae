import ByteIO

/// Rules that a picture, and what is made of it, must obey; `formats/rules.md` explains them.
package enum ImageRule {
    /// One of the formats that are read.
    package static let format = Rule("image.format")
    /// Does not end before the picture does.
    package static let truncated = Rule("image.truncated")
    /// Nothing that the format forbids.
    package static let damaged = Rule("image.damaged")
    /// As many pixels as allowed.
    package static let size = Rule("image.size")
    /// A setting of the preprocessor within its range.
    package static let setting = Rule("image.setting")
}

extension InputError {
    /// A picture that cannot be used.
    init(_ rule: Rule, picture file: String, problem: String, remedy: String) {
        self.init(rule, file: file, field: "picture", problem: problem, remedy: remedy)
    }
}
