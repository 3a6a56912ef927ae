import ByteIO
import Synchronization
import Tensors

/// Writes a GGUF file, version 3: everything is laid out first, then tensors come in any order, from any thread.
///
///     let writer = try GGUFWriter(destination: "model.gguf", inputs: source.files, metadata: metadata, tensors: infos)
///     for (number, info) in infos.enumerated() {
///         try source.bytes(of: info.name).withUnsafeBytes { try writer.write($0, tensor: number, offset: 0) }
///     }
///     try writer.finish()
///
/// Memory does not grow with the tensors. A writer that is dropped before `finish`, or whose `finish` throws, leaves
/// no file behind. The bytes depend on the arguments alone.
public final class GGUFWriter: TensorSink {
    /// Where everything lies. Only the metadata's values ever change, never a place.
    public var layout: GGUFLayout { currentLayout.withLock { $0 } }
    private let currentLayout: Mutex<GGUFLayout>
    private let places: GGUFLayout
    let file: AtomicFile
    /// Bytes that each tensor still lacks. Counting finds what was forgotten; ranges are the caller's to keep apart.
    private let missing: Mutex<[Int]>

    /// Lays out the file, reserves its space and writes the header.
    /// - Parameters:
    ///   - inputs: Files being read; a destination that is one of them is refused.
    ///   - tensors: In the order of the file. A type must have a ggml id.
    ///   - alignment: As in `GGUFLayout`.
    /// - Throws: `InputError` with the rule that the arguments break, `SystemError` if the file cannot be written.
    public init(
        destination: String, inputs: [String] = [], metadata: Metadata, tensors: [TensorInfo], alignment: Int? = nil
    ) throws {
        let layout = try GGUFLayout(metadata: metadata, tensors: tensors, alignment: alignment, file: destination)
        places = layout
        currentLayout = Mutex(layout)
        missing = Mutex(tensors.map(\.byteCount))
        file = try AtomicFile(destination: destination, inputs: inputs, size: layout.fileSize)
        try layout.header.withUnsafeBytes { try file.write($0) }
        // What nobody writes is zero: the padding between tensors.
        file.extend(to: layout.fileSize)
    }

    /// Size of the finished file in bytes.
    public var fileSize: Int { layout.fileSize }

    /// Writes bytes of tensor number `tensor` of the layout, from `offset` on.
    /// - Throws: `InputError` with `gguf.write.excess` for bytes that the tensor does not have.
    public func write(_ bytes: UnsafeRawBufferPointer, tensor: Int, offset: Int) throws {
        let position = try position(of: bytes.count, tensor: tensor, offset: offset)
        let isNeeded = missing.withLock { missing in
            missing[tensor] -= bytes.count
            return missing[tensor] >= 0
        }
        guard isNeeded else { throw excess(bytes.count, tensor: tensor, offset: offset) }
        try file.write(bytes, at: position)
    }

    /// Where `count` bytes from `offset` on of a tensor lie in the file.
    private func position(of count: Int, tensor: Int, offset: Int) throws -> Int {
        guard places.tensors.indices.contains(tensor) else {
            throw InputError(
                GGUFRule.writeExcess, file: file.destination, field: "tensor number \(tensor)",
                problem: "there are \(places.tensors.count)")
        }
        let size = places.tensors[tensor].byteCount
        guard offset >= 0, offset <= size, count <= size - offset else {
            throw excess(count, tensor: tensor, offset: offset)
        }
        return places.dataOffset + places.offsets[tensor] + offset
    }

    private func excess(_ count: Int, tensor: Int, offset: Int) -> InputError {
        let info = places.tensors[tensor]
        return InputError(
            GGUFRule.writeExcess, file: file.destination, field: "tensor \(info.name)",
            problem: "\(count) bytes came at \(offset) of \(info.byteCount)")
    }

    /// Reads the written file back, holds it against the layout, and gives it its name.
    /// - Throws: `InputError` with `gguf.write.missing` if bytes are missing; nothing is left behind then.
    public func finish() throws {
        try seal()
        try publish()
    }

    /// Reads the written file back and holds it against the layout; only its name is missing then. For files that
    /// belong together: all are sealed before the first is published.
    /// - Throws: As `finish`.
    public func seal() throws {
        do {
            try checkComplete()
            try file.seal { try check($0) }
        } catch {
            file.discard()
            throw error
        }
    }

    /// Gives a sealed file its name.
    public func publish() throws { try file.publish() }

    /// Throws `gguf.write.missing` if bytes of a tensor are missing.
    private func checkComplete() throws {
        let missing = missing.withLock { $0 }
        guard let number = missing.firstIndex(where: { $0 != 0 }) else { return }
        let info = places.tensors[number]
        throw InputError(
            GGUFRule.writeMissing, file: file.destination, field: "tensor \(info.name)",
            problem: "\(missing[number]) of its \(info.byteCount) bytes did not come")
    }

    /// Reads bytes of a tensor back from the file: for digests of what is really there.
    /// - Parameter offset: With `buffer`'s size, a range of the tensor that has been written.
    /// - Throws: `InputError` with `gguf.write.excess` for bytes that the tensor does not have.
    public func read(into buffer: UnsafeMutableRawBufferPointer, tensor: Int, offset: Int) throws {
        try file.read(into: buffer, at: try position(of: buffer.count, tensor: tensor, offset: offset))
    }

    /// Overwrites values of the metadata that were not known when writing began, such as digests.
    /// - Throws: `gguf.write.excess` if the new metadata does not take exactly the place of the old.
    public func replaceMetadata(_ metadata: Metadata) throws {
        let layout = try GGUFLayout(metadata: metadata, tensors: places.tensors, file: file.destination)
        guard layout.header.count == places.header.count else {
            throw InputError(
                GGUFRule.writeExcess, file: file.destination, field: "metadata",
                problem: "takes \(layout.header.count) bytes where \(places.header.count) were laid out")
        }
        try layout.header.withUnsafeBytes { try file.write($0, at: 0) }
        currentLayout.withLock { $0 = layout }
    }

    private func check(_ path: String) throws {
        func refuse(_ problem: String) -> InputError {
            InputError(
                GGUFRule.writeCheck, file: file.destination, field: "written file", problem: problem,
                remedy: "The disk or its driver did not keep what was written; nothing was left behind.")
        }
        guard file.count == layout.fileSize else {
            throw refuse("has \(file.count) bytes where \(layout.fileSize) were laid out")
        }
        let written: GGUFFile
        do {
            written = try GGUFFile(path: path)
        } catch {
            throw refuse("does not read back: \(error)")
        }
        // Encoding what was read compares keys, values (NaN too), names, types, shapes and offsets in one go.
        let read = try GGUFLayout(metadata: written.metadata, tensors: written.tensors, file: path)
        guard read.header == layout.header, written.dataOffset == layout.dataOffset else {
            throw refuse("holds another header than was written")
        }
    }
}
