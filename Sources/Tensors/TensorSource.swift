import ByteIO

/// Anything that holds named tensors: one file of any format, or a checkpoint of many shards.
public protocol TensorSource: Sendable {
    /// All tensors, in the order in which the container lists them. Names are unique.
    var tensors: [TensorInfo] { get }

    /// The tensor of that name, or nil.
    func info(_ name: String) -> TensorInfo?

    /// The tensor's bytes: contiguous, row-major, little-endian. Views into a mapped file wherever that is possible.
    func bytes(of name: String) throws -> Bytes

    /// The files the tensors lie in, for refusing to overwrite them and for digests.
    var files: [String] { get }
}

/// Takes the bytes of tensors whose names, types and shapes it was told beforehand.
public protocol TensorSink {
    /// Appends bytes of the current tensor; all bytes of all tensors come in the order of the layout.
    func write(_ bytes: UnsafeRawBufferPointer) throws
    /// Completes the file and gives it its name. Throws if bytes are missing.
    func finish() throws
}

/// Stored elements together with their meaning.
public struct StoredTensor: Sendable {
    public let info: TensorInfo
    public let bytes: Bytes

    public init(info: TensorInfo, bytes: Bytes) {
        self.info = info
        self.bytes = bytes
    }
}
