import ByteIO

/// The rules of formats/mvlm.md, by their ids.
public enum MVLMRule {
    public static let magic = Rule("mvlm.magic")
    public static let version = Rule("mvlm.version")
    public static let header = Rule("mvlm.header")
    public static let headerDigest = Rule("mvlm.header.digest")
    public static let features = Rule("mvlm.features")
    public static let size = Rule("mvlm.size")
    public static let sectionCount = Rule("mvlm.section.count")
    public static let sectionTable = Rule("mvlm.section.table")
    public static let sectionName = Rule("mvlm.section.name")
    public static let sectionOffset = Rule("mvlm.section.offset")
    public static let sectionEnd = Rule("mvlm.section.end")
    public static let sectionMissing = Rule("mvlm.section.missing")
    public static let sectionDigest = Rule("mvlm.section.digest")
    public static let padding = Rule("mvlm.padding")
    public static let json = Rule("mvlm.json")
    public static let field = Rule("mvlm.manifest.field")
    public static let tensorName = Rule("mvlm.tensor.name")
    public static let tensorFormat = Rule("mvlm.tensor.format")
    public static let tensorLayout = Rule("mvlm.tensor.layout")
    public static let tensorShape = Rule("mvlm.tensor.shape")
    public static let tensorSection = Rule("mvlm.tensor.section")
    public static let tensorBytes = Rule("mvlm.tensor.bytes")
    public static let tensorOffset = Rule("mvlm.tensor.offset")
    public static let tokenizer = Rule("mvlm.tokenizer")
    public static let modelTensor = Rule("mvlm.model.tensor")
    public static let modelSize = Rule("mvlm.model.size")

    /// Bytes came that nobody laid out, or did not come.
    public static let write = Rule("mvlm.write")

    static let damaged = "The file is damaged or was made by another program: fetch or make it again."
}
