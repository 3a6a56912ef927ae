import ByteIO
import JSON
import Tensors

/// Writes a safetensors file: all names and shapes first, then the bytes of one tensor after the other.
///
/// Tensors keep the order they are given in. The data starts at a multiple of 8 bytes; list tensors of wider
/// elements first if each is to be aligned, for the format allows no gaps.
public final class SafetensorsWriter {
    private let file: AtomicFile
    private let end: Int

    /// Writes the header.
    /// - Parameters:
    ///   - inputs: Files being read, which must not be written onto.
    ///   - metadata: The strings for `__metadata__`, which is left out if there are none.
    /// - Throws: `InputError` `safetensors.name` or `safetensors.dtype`; `SystemError` if the file cannot be made.
    public init(
        destination: String, inputs: [String] = [], tensors: [TensorInfo],
        metadata: [(key: String, value: String)] = []
    ) throws {
        var header = JSONObject()
        if !metadata.isEmpty {
            var strings = JSONObject()
            for (key, value) in metadata { strings[key] = .string(value) }
            header["__metadata__"] = .object(strings)
        }
        var offset = 0
        for tensor in tensors {
            guard tensor.name != "__metadata__", header[tensor.name] == nil else {
                throw InputError(
                    .safetensorsName, file: destination, field: tensor.name,
                    problem: "is the name of two tensors, or of the metadata")
            }
            guard let dtype = tensor.type.safetensorsName else {
                throw InputError(
                    .safetensorsDtype, file: destination, field: tensor.name,
                    problem: "is stored as \(tensor.type.name), which safetensors has no dtype for",
                    remedy: "Decode it to F32 first, or write a GGUF file.")
            }
            let (end, overflow) = offset.addingReportingOverflow(tensor.byteCount)
            guard !overflow else {
                throw InputError(
                    .safetensorsShape, file: destination, field: tensor.name, problem: "makes the file too large")
            }
            header[tensor.name] = .object(Self.entry(dtype, tensor.shape, offset, end))
            offset = end
        }
        var text = Array(JSONValue.object(header).serialized().utf8)
        while text.count % 8 != 0 { text.append(UInt8(ascii: " ")) }
        guard text.count <= SafetensorsFile.maximumHeaderBytes else {
            throw InputError(
                .safetensorsLength, file: destination, field: "header length",
                problem: "would be \(text.count), above \(SafetensorsFile.maximumHeaderBytes)")
        }
        let (end, overflow) = offset.addingReportingOverflow(8 + text.count)
        guard !overflow else {
            throw InputError(.safetensorsShape, file: destination, field: "data", problem: "is too large for a file")
        }
        self.end = end
        file = try AtomicFile(destination: destination, inputs: inputs, size: end)
        try withUnsafeBytes(of: UInt64(text.count).littleEndian) { try file.write($0) }
        try text.withUnsafeBytes { try file.write($0) }
    }

    /// Appends bytes of the current tensor, little-endian.
    /// - Throws: `InputError` `safetensors.size` if there are more than the tensors have.
    public func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard bytes.count <= end - file.count else {
            throw sizeError("gets \(bytes.count) bytes more where \(end - file.count) are missing")
        }
        try file.write(bytes)
    }

    /// Reads the header back, then gives the file its name.
    /// - Throws: `InputError` `safetensors.size` if bytes are missing; the file is then discarded.
    public func finish() throws {
        guard file.count == end else { throw sizeError("lacks \(end - file.count) bytes") }
        try file.commit { _ = try SafetensorsFile(path: $0) }
    }

    private static func entry(_ dtype: String, _ shape: Shape, _ begin: Int, _ end: Int) -> JSONObject {
        var entry = JSONObject()
        entry["dtype"] = .string(dtype)
        entry["shape"] = .array(shape.dimensions.map { .integer(Int64($0)) })
        entry["data_offsets"] = [.integer(Int64(begin)), .integer(Int64(end))]
        return entry
    }

    private func sizeError(_ problem: String) -> InputError {
        InputError(.safetensorsSize, file: file.destination, field: "data", problem: problem)
    }
}
