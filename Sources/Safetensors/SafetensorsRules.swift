import ByteIO

extension Rule {
    /// The file is a safetensors file, not something else under its name.
    public static let safetensorsKind = Rule("safetensors.kind")
    /// The header's length is at least 2, at most 100,000,000 bytes, and inside the file.
    public static let safetensorsLength = Rule("safetensors.length")
    /// The header is one JSON object, from its first byte on, followed by nothing but spaces.
    public static let safetensorsHeader = Rule("safetensors.header")
    /// Each entry has `dtype`, `shape` and `data_offsets`, and nothing else.
    public static let safetensorsEntry = Rule("safetensors.entry")
    /// The dtype is one that is known here.
    public static let safetensorsDtype = Rule("safetensors.dtype")
    /// The shape is a list of whole numbers, none negative, whose size in bytes can be computed.
    public static let safetensorsShape = Rule("safetensors.shape")
    /// `data_offsets` are two whole numbers whose distance is the size of the tensor.
    public static let safetensorsOffsets = Rule("safetensors.offsets")
    /// The tensors cover the data from its start to the end of the file, each byte once.
    public static let safetensorsCover = Rule("safetensors.cover")
    /// `__metadata__` maps strings to strings.
    public static let safetensorsMetadata = Rule("safetensors.metadata")
    /// Tensors to be written have different names, none of them `__metadata__`.
    public static let safetensorsName = Rule("safetensors.name")
    /// As many bytes are written as the tensors were said to have.
    public static let safetensorsSize = Rule("safetensors.size")
}
