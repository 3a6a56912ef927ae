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

/// A file in the making whose layout is known: it takes the bytes of its tensors in any order, from any thread.
public protocol TensorSink: Sendable {
    /// Puts bytes at `offset` of tensor number `tensor`. Calls for disjoint ranges may run at the same time.
    func write(_ bytes: UnsafeRawBufferPointer, tensor: Int, offset: Int) throws
    /// Completes the file and gives it its name. Throws if bytes are missing; then nothing is left behind.
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
