import ByteIO
import Tensors

/// Writes a GGUF file, version 3: everything is laid out first, then tensors are taken in the order of the layout.
///
///     let writer = try GGUFWriter(destination: "model.gguf", inputs: source.files, metadata: metadata, tensors: infos)
///     for info in infos { try source.bytes(of: info.name).withUnsafeBytes { try writer.write($0) } }
///     try writer.finish()
///
/// Memory does not grow with the tensors. A writer that is dropped before `finish`, or whose `finish` throws, leaves
/// no file behind. The bytes depend on the arguments alone.
public final class GGUFWriter: TensorSink {
    public let layout: GGUFLayout
    private let file: AtomicFile
    /// Position in the layout of the tensor that the next byte belongs to; past the last when all is there.
    private var position = 0
    /// Bytes that the tensor at `position` still lacks.
    private var missing = 0
    private var isFinished = false

    /// Lays out the file, reserves its space and writes the header.
    /// - Parameters:
    ///   - inputs: Files being read; a destination that is one of them is refused.
    ///   - tensors: In the order in which their bytes will come. A type must have a ggml id.
    ///   - alignment: As in `GGUFLayout`.
    /// - Throws: `InputError` with the rule that the arguments break, `SystemError` if the file cannot be written.
    public init(
        destination: String, inputs: [String] = [], metadata: Metadata, tensors: [TensorInfo], alignment: Int? = nil
    ) throws {
        layout = try GGUFLayout(metadata: metadata, tensors: tensors, alignment: alignment, file: destination)
        file = try AtomicFile(destination: destination, inputs: inputs, size: layout.fileSize)
        try layout.header.withUnsafeBytes { try file.write($0) }
        try file.pad(to: layout.alignment)
        expect(from: 0)
    }

    /// Size of the finished file in bytes.
    public var fileSize: Int { layout.fileSize }

    /// The tensor that the next bytes belong to; nil when all bytes are there.
    public var next: TensorInfo? { position < layout.tensors.count ? layout.tensors[position] : nil }

    /// Appends bytes of the tensor `next`, in pieces of any size that do not reach past its end.
    public func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard !bytes.isEmpty else { return }
        guard !isFinished, let tensor = next else {
            throw InputError(
                GGUFRule.writeExcess, file: file.destination, field: "end of the file",
                problem: "\(bytes.count) bytes came after the last tensor was complete")
        }
        guard bytes.count <= missing else {
            throw InputError(
                GGUFRule.writeExcess, file: file.destination, field: "tensor \(tensor.name)",
                problem: "\(bytes.count) bytes came where \(missing) of \(tensor.byteCount) were missing")
        }
        try file.write(bytes)
        missing -= bytes.count
        if missing == 0 {
            try file.pad(to: layout.alignment)
            expect(from: position + 1)
        }
    }

    /// Reads the written file back, holds it against the layout, and gives it its name.
    /// - Throws: `InputError` with `gguf.write.missing` if bytes are missing; nothing is left behind then.
    public func finish() throws {
        guard !isFinished else { return }
        isFinished = true
        do {
            if let tensor = next {
                throw InputError(
                    GGUFRule.writeMissing, file: file.destination, field: "tensor \(tensor.name)",
                    problem: "\(missing) of its \(tensor.byteCount) bytes did not come")
            }
            try file.commit { try check($0) }
        } catch {
            file.discard()
            throw error
        }
    }

    /// Moves on to the first tensor from `start` that has any bytes.
    private func expect(from start: Int) {
        position = layout.tensors[start...].firstIndex { $0.byteCount > 0 } ?? layout.tensors.count
        missing = next?.byteCount ?? 0
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
