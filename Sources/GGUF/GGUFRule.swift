import ByteIO

/// The rules that a GGUF file must obey; `formats/gguf.md` explains each one.
///
/// Reading past the end and text that is no UTF-8 break the common rules `bytes.truncated` and `bytes.utf8`.
public enum GGUFRule {
    // The header.
    public static let magic = Rule("gguf.magic")
    public static let byteOrder = Rule("gguf.byte-order")
    public static let version = Rule("gguf.version")
    public static let count = Rule("gguf.count")
    public static let alignment = Rule("gguf.alignment")

    // Keys and values.
    public static let keyLength = Rule("gguf.key.length")
    public static let keyText = Rule("gguf.key.text")
    public static let keyDuplicate = Rule("gguf.key.duplicate")
    public static let valueType = Rule("gguf.value.type")
    public static let valueBool = Rule("gguf.value.bool")
    public static let stringLength = Rule("gguf.string.length")
    public static let arrayLength = Rule("gguf.array.length")
    public static let arrayNested = Rule("gguf.array.nested")

    // Tensors.
    public static let nameLength = Rule("gguf.name.length")
    public static let nameText = Rule("gguf.name.text")
    public static let nameDuplicate = Rule("gguf.name.duplicate")
    public static let tensorRank = Rule("gguf.tensor.rank")
    public static let tensorShape = Rule("gguf.tensor.shape")
    public static let tensorType = Rule("gguf.tensor.type")
    public static let tensorUnsupported = Rule("gguf.tensor.unsupported")
    public static let tensorRow = Rule("gguf.tensor.row")
    public static let tensorSize = Rule("gguf.tensor.size")
    public static let tensorOffset = Rule("gguf.tensor.offset")
    public static let tensorMissing = Rule("gguf.tensor.missing")
    public static let dataIncomplete = Rule("gguf.data.incomplete")
    public static let dataTrailing = Rule("gguf.data.trailing")

    // Files in several shards.
    public static let splitKeys = Rule("gguf.split.keys")
    public static let splitName = Rule("gguf.split.name")
    public static let splitMissing = Rule("gguf.split.missing")
    public static let splitOrder = Rule("gguf.split.order")
    public static let splitModel = Rule("gguf.split.model")
    public static let splitTensors = Rule("gguf.split.tensors")

    // Writing.
    public static let writeExcess = Rule("gguf.write.excess")
    public static let writeMissing = Rule("gguf.write.missing")
    public static let writeCheck = Rule("gguf.write.check")

    /// Every rule above, for the test that holds `formats/gguf.md` to this list.
    public static let all: [Rule] = [
        magic, byteOrder, version, count, alignment,
        keyLength, keyText, keyDuplicate, valueType, valueBool, stringLength, arrayLength, arrayNested,
        nameLength, nameText, nameDuplicate, tensorRank, tensorShape, tensorType, tensorUnsupported, tensorRow,
        tensorSize, tensorOffset, tensorMissing, dataIncomplete, dataTrailing,
        splitKeys, splitName, splitMissing, splitOrder, splitModel, splitTensors,
        writeExcess, writeMissing, writeCheck,
    ]
}
