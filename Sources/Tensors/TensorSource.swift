import ByteIO

/// Anything that holds named tensors: one file of any format, or a checkpoint of many shards.
public protocol TensorSource: Sendable {
    /// All tensors, in the order in which the container lists them. Names are unique.
    var tensors: [TensorInfo] { get }

    /// The tensor of that name, or nil.
    func info(_ name: String) -> TensorInfo?

    /// The tensor's bytes: contiguous, little-endian, in the layout that its `info` states. Views into a mapped file
    /// wherever that is possible.
    func bytes(of name: String) throws -> Bytes

    /// Some of the tensor's rows, each as long as its last dimension, one after the other whatever the layout. A source
    /// that puts tensors together makes these alone.
    /// - Throws: `InputError` if the tensor does not have them.
    func rows(_ range: Range<Int>, of name: String) throws -> Bytes

    /// The files the tensors lie in, for refusing to overwrite them and for digests.
    var files: [String] { get }
}

extension TensorSource {
    public func rows(_ range: Range<Int>, of name: String) throws -> Bytes {
        let size = info(name)?.rowBytes ?? 0
        guard info(name)?.layout ?? .plain == .plain else {
            throw InputError(
                StoredRows.outside, file: files.first ?? "", field: name,
                problem: "lies in \(info(name)?.layout.description ?? ""), from which rows have to be taken")
        }
        let (start, isStartTooLarge) = range.lowerBound.multipliedReportingOverflow(by: size)
        let (end, isEndTooLarge) = range.upperBound.multipliedReportingOverflow(by: size)
        guard !isStartTooLarge, !isEndTooLarge, let part = try bytes(of: name).slice(start..<end) else {
            throw InputError(
                StoredRows.outside, file: files.first ?? "", field: name, problem: "does not have the rows asked for")
        }
        return part
    }

    /// The tensor of that name as rows, or nil.
    public func rows(of name: String) -> StoredRows? {
        info(name).map { StoredRows(self, $0, origin: files.first ?? "") }
    }
}

/// A file in the making whose layout is known: it takes the bytes of its tensors in any order, from any thread.
public protocol TensorSink: Sendable {
    /// Puts bytes at `offset` of tensor number `tensor`. Calls for disjoint ranges may run at the same time.
    func write(_ bytes: UnsafeRawBufferPointer, tensor: Int, offset: Int) throws
    /// Completes the file and gives it its name. Throws if bytes are missing; then nothing is left behind.
    func finish() throws
}

/// A whole model's file in the making: everything but the bytes of its tensors is laid out when it is opened.
///
/// The order is: `write` everything, `replaceMetadata`, `seal`, and `AtomicFile.publish` for the files of all sinks that belong
/// together. What is dropped before leaves nothing.
public protocol ModelSink: TensorSink {
    /// The files that will appear.
    var paths: [String] { get }
    /// Reads bytes of a tensor back from the file: for digests of what is really there.
    func read(into buffer: UnsafeMutableRawBufferPointer, tensor: Int, offset: Int) throws
    /// Overwrites values of the metadata that were not known when writing began, by others of the same size.
    func replaceMetadata(_ metadata: Metadata) throws
    /// Syncs the file and checks that it reads back as it was laid out. Only its name is missing.
    func seal() throws
    /// The files under construction, which get their names together with those of other sinks.
    var files: [AtomicFile] { get }
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
