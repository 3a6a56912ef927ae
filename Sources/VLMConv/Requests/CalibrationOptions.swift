import Calibration

/// How matrices are rounded by what they compute, and on what; see docs/quality.md.
public struct CalibrationOptions: Sendable {
    public var effort = CalibrationEffort.normal
    /// Files of plain text. Without any, and without pictures and tokens, the built-in material is used.
    public var texts: [String] = []
    /// Folders of pictures. As many as the effort has room for are read, evenly taken.
    public var imageFolders: [String] = []
    /// Turns pictures upright by their EXIF data.
    public var uprightsImages = false
    /// Files of token ids, separated by spaces or commas, a sequence a line. Lines of fewer than 8 are left out.
    public var tokens: [String] = []
    /// What is kept beside an output until it is whole, so that an interrupted calibration goes on.
    public static func unfinished(_ output: String) -> String { CalibrationStore.unfinished(output) }

    /// Called before long work with what the user should know of it.
    public var notice: @Sendable (String) -> Void = { _ in }

    public init() {}

    var hasOwnInput: Bool { !texts.isEmpty || !imageFolders.isEmpty || !tokens.isEmpty }
}
