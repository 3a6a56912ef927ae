import ByteIO
import Tensors

/// Writes a model into one GGUF file, or into several of bounded size as llama.cpp's `gguf-split` cuts it.
///
/// Tensors stay in their order and whole; the first shard carries the model's metadata. A shard holds at least one
/// tensor, so a tensor larger than the bound makes a shard larger than the bound.
public final class GGUFSplitWriter: ModelSink {
    private let writers: [GGUFWriter]
    /// For each tensor of the model its shard and its number there.
    private let places: [(writer: Int, tensor: Int)]

    /// The files that will appear.
    public let paths: [String]

    /// - Parameters:
    ///   - destination: The single file's path; shards are named after it, `NAME-00001-of-00003.gguf`.
    ///   - maximumBytes: Most bytes of tensors in a shard; nil for a single file. A model that fits into one shard is
    ///     a single file too.
    /// - Throws: As `GGUFWriter`; `gguf.split.keys` for more shards than llama.cpp can number.
    public init(
        destination: String, inputs: [String] = [], metadata: Metadata, tensors: [TensorInfo], maximumBytes: Int?
    ) throws {
        let shards = maximumBytes.map { Self.cut(tensors, maximumBytes: $0) } ?? []
        guard shards.count > 1 else {
            paths = [destination]
            places = tensors.indices.map { (0, $0) }
            writers = [
                try GGUFWriter(destination: destination, inputs: inputs, metadata: metadata, tensors: tensors)
            ]
            return
        }
        guard shards.count <= Int(UInt16.max), let tensorCount = Int32(exactly: tensors.count) else {
            throw InputError(
                GGUFRule.splitKeys, file: destination, field: "shards",
                problem: "\(shards.count) are more than can be numbered", remedy: "Allow larger shards.")
        }
        paths = shards.indices.map {
            GGUFSplit.path(prefix: Self.prefix(destination), number: $0, count: shards.count)
        }
        writers = try zip(shards.indices, paths).map { number, path in
            var keys = number == 0 ? metadata : Metadata()
            keys[GGUFSplit.numberKey] = .uint16(UInt16(number))
            keys[GGUFSplit.tensorCountKey] = .int32(tensorCount)
            keys[GGUFSplit.countKey] = .uint16(UInt16(shards.count))
            return try GGUFWriter(
                destination: path, inputs: inputs, metadata: keys, tensors: Array(tensors[shards[number]]))
        }
        places = shards.enumerated().flatMap { number, range in range.indices.map { (number, $0 - range.lowerBound) } }
    }

    public func write(_ bytes: UnsafeRawBufferPointer, tensor: Int, offset: Int) throws {
        let place = try place(ofTensor: tensor)
        try writers[place.writer].write(bytes, tensor: place.tensor, offset: offset)
    }

    /// Completes every shard. Each is checked before the first gets its name.
    public func finish() throws {
        try seal()
        try publish()
    }

    /// As `GGUFWriter.seal`, for every shard.
    public func seal() throws { for writer in writers { try writer.seal() } }

    /// Gives every sealed shard its name, or none.
    public func publish() throws { try AtomicFile.publish(files) }

    /// The shards under construction, to be published together with other files.
    public var files: [AtomicFile] { writers.map(\.file) }

    /// Overwrites the first file's metadata; see `GGUFWriter.replaceMetadata`.
    public func replaceMetadata(_ metadata: Metadata) throws {
        guard let first = writers.first else { return }
        var keys = metadata
        for key in [GGUFSplit.numberKey, GGUFSplit.tensorCountKey, GGUFSplit.countKey] {
            if let value = first.layout.metadata[key] { keys[key] = value }
        }
        try first.replaceMetadata(keys)
    }

    /// As `GGUFWriter.read`.
    public func read(into buffer: UnsafeMutableRawBufferPointer, tensor: Int, offset: Int) throws {
        let place = try place(ofTensor: tensor)
        try writers[place.writer].read(into: buffer, tensor: place.tensor, offset: offset)
    }

    private func place(ofTensor tensor: Int) throws -> (writer: Int, tensor: Int) {
        guard places.indices.contains(tensor) else {
            throw InputError(
                GGUFRule.writeExcess, file: paths.first ?? "", field: "tensor number \(tensor)",
                problem: "there are \(places.count)")
        }
        return places[tensor]
    }

    private static func cut(_ tensors: [TensorInfo], maximumBytes: Int) -> [Range<Int>] {
        var shards: [Range<Int>] = []
        var start = 0
        var bytes = 0
        for (index, tensor) in tensors.enumerated() {
            if index > start, bytes + tensor.byteCount > maximumBytes {
                shards.append(start..<index)
                (start, bytes) = (index, 0)
            }
            bytes += tensor.byteCount
        }
        return shards + [start..<tensors.count]
    }

    private static func prefix(_ destination: String) -> String {
        destination.hasSuffix(".gguf") ? String(destination.dropLast(5)) : destination
    }
}
