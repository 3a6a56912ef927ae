import ByteIO

extension Rule {
    /// The file is one that `torch.save` writes, not something else under its name.
    public static let torchKind = Rule("torch.kind")

    /// The zip archive ends with its end record: one volume, no comment, the directory just before it.
    public static let torchZipEnd = Rule("torch.zip.end")
    /// The directory's entries are whole and fill it.
    public static let torchZipDirectory = Rule("torch.zip.directory")
    /// The members that are read are stored as they are: neither compressed nor encrypted.
    public static let torchZipStored = Rule("torch.zip.stored")
    /// Names are UTF-8, relative, unlike each other, and below one folder.
    public static let torchZipName = Rule("torch.zip.name")
    /// A member's own header, and the record behind its data, say the same as the directory.
    public static let torchZipLocal = Rule("torch.zip.local")
    /// Members lie one after the other before the directory.
    public static let torchZipOverlap = Rule("torch.zip.overlap")
    /// `data.pkl`, and every member when asked, has the CRC-32 of the directory (0 stands for "not computed").
    public static let torchZipChecksum = Rule("torch.zip.checksum")
    /// The numbers were stored little-endian.
    public static let torchByteOrder = Rule("torch.byteorder")

    /// The pickle has protocol 2 to 5.
    public static let torchPickleProtocol = Rule("torch.pickle.protocol")
    /// The pickle's size, depth and number of objects are within `TorchLimits`.
    public static let torchPickleSize = Rule("torch.pickle.size")
    /// Only opcodes occur that a dict of tensors needs.
    public static let torchPickleOpcode = Rule("torch.pickle.opcode")
    /// Each opcode finds the values it takes, and STOP leaves exactly one.
    public static let torchPickleStack = Rule("torch.pickle.stack")
    /// What is fetched from the memo was put there.
    public static let torchPickleMemo = Rule("torch.pickle.memo")
    /// Numbers fit 64 bits and texts are UTF-8.
    public static let torchPickleValue = Rule("torch.pickle.value")
    /// Only the few classes and functions are named that a dict of tensors needs.
    public static let torchPickleGlobal = Rule("torch.pickle.global")
    /// Those functions get the arguments that torch gives them, and nothing else is called.
    public static let torchPickleCall = Rule("torch.pickle.call")
    /// Nothing follows STOP.
    public static let torchPickleEnd = Rule("torch.pickle.end")

    /// A storage is described as torch does it, one way only, and its bytes are there.
    public static let torchStorage = Rule("torch.storage")
    /// A tensor's offset, shape and strides stay inside its storage.
    public static let torchTensor = Rule("torch.tensor")
    /// A tensor has no more elements than its storage: no broadcast views.
    public static let torchTensorRepeat = Rule("torch.tensor.repeat")
    /// The file holds a dict from names to tensors, each name once.
    public static let torchRoot = Rule("torch.root")
    /// A file of the form before torch 1.6 has its five pickles and its storages, and nothing else.
    public static let torchLegacy = Rule("torch.legacy")
}

/// How much a file may ask for.
enum TorchLimits {
    /// Bytes of one pickle. A state dict takes about 150 bytes per tensor, so this is room for 100,000 tensors.
    static let pickleBytes = 16 << 20
    /// Values on the stack. Python pickles a dict in batches of 1000 items.
    static let stack = 100_000
    /// Tuples, lists, dicts and tensors together: six per tensor and its 150 bytes. Python writes at least a letter and a number
    /// for each, so that a small pickle has few.
    static func objects(in bytes: Int) -> Int { min(500_000, 64 + bytes / 4) }
    /// Members of the archive, one per storage.
    static let members = 200_000
}

extension Fault {
    init(torch file: String) {
        self.init(file: file, remedy: "The file is damaged or was not written by torch.save: fetch it again.")
    }
}
