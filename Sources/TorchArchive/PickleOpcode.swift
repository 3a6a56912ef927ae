/// The opcodes that occur in a dict of tensors and in what a training saves beside it, protocols 2 to 5, by Python's
/// names (`pickletools.py`).
enum PickleOpcode: UInt8 {
    case proto = 0x80
    case frame = 0x95
    case stop = 0x2E

    case none = 0x4E
    case newTrue = 0x88
    case newFalse = 0x89
    case binInt = 0x4A
    case binInt1 = 0x4B
    case binInt2 = 0x4D
    case long1 = 0x8A
    case binFloat = 0x47
    case binUnicode = 0x58
    case shortBinUnicode = 0x8C
    case binUnicode8 = 0x8D
    case binBytes = 0x42
    case shortBinBytes = 0x43
    case binBytes8 = 0x8E

    case mark = 0x28
    case emptyTuple = 0x29
    case tuple = 0x74
    case tuple1 = 0x85
    case tuple2 = 0x86
    case tuple3 = 0x87
    case emptyList = 0x5D
    case append = 0x61
    case appends = 0x65
    case emptyDict = 0x7D
    case setItem = 0x73
    case setItems = 0x75
    case emptySet = 0x8F
    case addItems = 0x90
    case frozenSet = 0x91

    case binPut = 0x71
    case longBinPut = 0x72
    case memoize = 0x94
    case binGet = 0x68
    case longBinGet = 0x6A

    case global = 0x63
    case stackGlobal = 0x93
    case reduce = 0x52
    case newObject = 0x81
    case build = 0x62
    case binPersID = 0x51

    /// The names of opcodes that only other pickles need, for messages.
    static func refusedName(_ code: UInt8) -> String {
        switch code {
        case 0x69: "INST"
        case 0x6F: "OBJ"
        case 0x92: "NEWOBJ_EX"
        case 0x82, 0x83, 0x84: "EXT"
        case 0x50: "PERSID"
        case 0x8B: "LONG4"
        case 0x30, 0x31, 0x32: "POP, POP_MARK or DUP"
        case 0x96: "BYTEARRAY8"
        case 0x54, 0x55: "BINSTRING, as Python 2 writes"
        default: "unknown, or of protocols 0 and 1"
        }
    }
}
