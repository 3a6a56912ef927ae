import ByteIO
import Tensors

/// A GGUF file, version 2 or 3, little-endian: metadata and tensors, all checked before anything is handed out.
///
/// Shapes are in PyTorch's order, the reverse of ggml's `ne`. Tensors are views into the mapped file; their bytes
/// are not looked at. One file of a split model reads like any other; `GGUFSplit` reads all of them.
public struct GGUFFile: TensorSource {
    /// Named in errors; the path unless the bytes came from elsewhere.
    public let name: String
    public let version: UInt32
    /// The data section and every tensor in it start at a multiple of this many bytes.
    public let alignment: Int
    /// Keys and values in the order of the file.
    public let metadata: Metadata
    /// In the order of the file, which is also the order of the data.
    public let tensors: [TensorInfo]
    /// Where the data section starts, in bytes from the start of the file.
    public let dataOffset: Int
    public let files: [String]

    private let bytes: Bytes
    private let offsets: [Int]
    private let index: [String: Int]

    /// Maps and checks the file at `path`.
    /// - Throws: `InputError` with one of `GGUFRule`, or `SystemError` if the file cannot be opened.
    public init(path: String) throws {
        try self.init(MappedFile(path: path))
    }

    /// Checks a file that is mapped already.
    public init(_ file: MappedFile) throws {
        try self.init(bytes: file.bytes, name: file.path, files: [file.path])
    }

    /// Checks a file that is in memory already.
    /// - Parameter name: Stands for the path in errors.
    public init(bytes: Bytes, name: String) throws {
        try self.init(bytes: bytes, name: name, files: [])
    }

    private init(bytes: Bytes, name: String, files: [String]) throws {
        var parser = GGUFParser(bytes, file: name)
        let header = try parser.parse()
        self.name = name
        self.files = files
        self.bytes = bytes
        version = header.version
        alignment = header.alignment
        metadata = header.metadata
        tensors = header.tensors
        offsets = header.offsets
        index = header.index
        dataOffset = header.dataOffset
    }

    /// True if the bytes start as a GGUF file does; says nothing about the rest.
    public static func recognises(_ bytes: Bytes) -> Bool {
        bytes.withUnsafeBytes { $0.starts(with: GGUFFormat.magic) }
    }

    public func info(_ name: String) -> TensorInfo? { index[name].map { tensors[$0] } }

    /// Where the tensor starts, in bytes from the start of the data section; nil if there is no such tensor.
    public func offset(of name: String) -> Int? { index[name].map { offsets[$0] } }

    public func bytes(of name: String) throws -> Bytes {
        guard let position = index[name] else {
            throw InputError(GGUFRule.tensorMissing, file: self.name, field: name, problem: "no such tensor")
        }
        // An empty tensor may stand where the file, its last padding left out, has ended already.
        guard tensors[position].byteCount > 0 else { return Bytes([]) }
        // The parser has checked that this range lies inside the file.
        let start = dataOffset + offsets[position]
        guard let slice = bytes.slice(start..<start + tensors[position].byteCount) else {
            throw InputError(.truncated, file: self.name, field: name, problem: "reaches past the end of the file")
        }
        return slice
    }
}
