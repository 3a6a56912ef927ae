import ByteIO
import Tensors

/// Where everything in a GGUF file to be written will lie, before any byte is written.
public struct GGUFLayout: Sendable {
    /// The tensors in the order of the file, with shapes as GGUF stores them: leading dimensions of 1 dropped.
    public let tensors: [TensorInfo]
    /// Start of each tensor in bytes from the start of the data section.
    public let offsets: [Int]
    public let alignment: Int
    /// The keys as they are written, an added alignment included.
    public let metadata: Metadata
    /// Start of the data section in bytes from the start of the file.
    public let dataOffset: Int
    /// Size of the whole file in bytes, the padding after the last tensor included.
    public let fileSize: Int
    /// Everything before the padding in front of the data section.
    let header: [UInt8]

    /// Lays out a file.
    /// - Parameters:
    ///   - alignment: In bytes; nil takes `general.alignment` of the metadata, else 32. An alignment other than 32
    ///     that the metadata does not hold is appended to it.
    ///   - file: Named in errors.
    /// - Throws: `InputError` with the rule that a key, name, type or shape breaks.
    public init(metadata: Metadata, tensors: [TensorInfo], alignment: Int? = nil, file: String = "GGUF") throws {
        let metadata = try Self.aligned(metadata, to: alignment, file: file)
        self.metadata = metadata
        self.alignment = try GGUFFormat.alignment(of: metadata, file: file)
        var encoder = GGUFEncoder(file: file)
        encoder.put(bytes: GGUFFormat.magic)
        encoder.put(GGUFFormat.version)
        encoder.put(UInt64(tensors.count))
        encoder.put(UInt64(metadata.entries.count))
        for entry in metadata.entries { try encoder.put(key: entry.key, value: entry.value) }

        var names: Set<String> = []
        var placed: [TensorInfo] = []
        var offsets: [Int] = []
        var end = 0
        for tensor in tensors {
            guard names.insert(tensor.name).inserted else {
                throw InputError(
                    GGUFRule.nameDuplicate, file: file, field: "tensor \(tensor.name)", problem: "the name occurs twice"
                )
            }
            let stored = try GGUFFormat.describe(
                name: tensor.name, type: tensor.type, shape: tensor.shape, file: file)
            try encoder.put(stored, offset: end)
            placed.append(stored)
            offsets.append(end)
            end = try Self.end(end, stored.byteCount, alignment: self.alignment, file: file, field: tensor.name)
        }
        self.tensors = placed
        self.offsets = offsets
        header = encoder.bytes
        dataOffset = try Self.end(0, header.count, alignment: self.alignment, file: file, field: "header")
        fileSize = try Self.end(dataOffset, end, alignment: self.alignment, file: file, field: "data section")
    }

    private static func aligned(_ metadata: Metadata, to alignment: Int?, file: String) throws -> Metadata {
        guard let alignment else { return metadata }
        try GGUFFormat.check(alignment: alignment, file: file)
        if metadata[GGUFFormat.alignmentKey] == nil {
            guard alignment != GGUFFormat.defaultAlignment else { return metadata }
            var completed = metadata
            completed[GGUFFormat.alignmentKey] = .uint32(UInt32(alignment))
            return completed
        }
        let stored = try GGUFFormat.alignment(of: metadata, file: file)
        guard stored == alignment else {
            throw InputError(
                GGUFRule.alignment, file: file, field: GGUFFormat.alignmentKey,
                problem: "is \(stored), but the file is to be aligned to \(alignment)")
        }
        return metadata
    }

    /// Where `size` bytes at `start` end, padding included.
    private static func end(_ start: Int, _ size: Int, alignment: Int, file: String, field: String) throws -> Int {
        guard let padded = GGUFFormat.align(size, to: alignment),
            case let (sum, overflow) = start.addingReportingOverflow(padded), !overflow
        else {
            throw InputError(
                GGUFRule.tensorSize, file: file, field: field, problem: "the file up to its end does not fit 64 bits")
        }
        return sum
    }
}

/// Appends the fields of a GGUF header, little-endian.
struct GGUFEncoder {
    let file: String
    private(set) var bytes: [UInt8] = []

    init(file: String) { self.file = file }

    mutating func put(bytes more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    mutating func put<T: FixedWidthInteger>(_ value: T) {
        for shift in stride(from: 0, to: T.bitWidth, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    mutating func put(key: String, value: MetadataValue) throws {
        let shown = String(key.prefix(100))
        try GGUFFormat.check(keyBytes: key.utf8.count, file: file, field: "key \(shown)")
        try GGUFFormat.check(key: key, file: file, field: "key \(shown)")
        put(string: key)
        try put(value, field: shown)
    }

    /// The info of one tensor; its shape is canonical.
    mutating func put(_ tensor: TensorInfo, offset: Int) throws {
        let field = "tensor \(tensor.name)"
        try GGUFFormat.check(nameBytes: tensor.name.utf8.count, file: file, field: field)
        try GGUFFormat.check(name: tensor.name, file: file, field: field)
        guard tensor.shape.rank <= GGUFFormat.maximumRank else {
            throw InputError(
                GGUFRule.tensorRank, file: file, field: field,
                problem: "has the shape \(tensor.shape); ggml allows \(GGUFFormat.maximumRank) dimensions")
        }
        guard let type = tensor.type.ggmlType else {
            throw InputError(
                GGUFRule.tensorType, file: file, field: field, problem: "ggml has no type \(tensor.type.name)",
                remedy: "Choose a type of ggml's, or write an .mvlm file, which holds it.")
        }
        put(string: tensor.name)
        put(UInt32(tensor.shape.rank))
        for dimension in tensor.shape.dimensions.reversed() { put(Int64(dimension)) }
        put(type)
        put(UInt64(offset))
    }

    private mutating func put(string: String) {
        put(UInt64(string.utf8.count))
        put(bytes: string.utf8)
    }

    private mutating func put(_ type: GGUFFormat.ValueType) { put(type.rawValue) }

    private mutating func put(_ value: MetadataValue, field: String) throws {
        switch value {
        case .uint8(let v): put(.uint8); put(v)
        case .int8(let v): put(.int8); put(v)
        case .uint16(let v): put(.uint16); put(v)
        case .int16(let v): put(.int16); put(v)
        case .uint32(let v): put(.uint32); put(v)
        case .int32(let v): put(.int32); put(v)
        case .uint64(let v): put(.uint64); put(v)
        case .int64(let v): put(.int64); put(v)
        case .float32(let v): put(.float32); put(v.bitPattern)
        case .float64(let v): put(.float64); put(v.bitPattern)
        case .bool(let v): put(.bool); put(v ? 1 as UInt8 : 0)
        case .string(let v): put(.string); try put(checked: v, field: field)
        case .uint8s(let v): try put(array: v, of: .uint8, field) { $0.put($1) }
        case .int8s(let v): try put(array: v, of: .int8, field) { $0.put($1) }
        case .uint16s(let v): try put(array: v, of: .uint16, field) { $0.put($1) }
        case .int16s(let v): try put(array: v, of: .int16, field) { $0.put($1) }
        case .uint32s(let v): try put(array: v, of: .uint32, field) { $0.put($1) }
        case .int32s(let v): try put(array: v, of: .int32, field) { $0.put($1) }
        case .uint64s(let v): try put(array: v, of: .uint64, field) { $0.put($1) }
        case .int64s(let v): try put(array: v, of: .int64, field) { $0.put($1) }
        case .float32s(let v): try put(array: v, of: .float32, field) { $0.put($1.bitPattern) }
        case .float64s(let v): try put(array: v, of: .float64, field) { $0.put($1.bitPattern) }
        case .bools(let v): try put(array: v, of: .bool, field) { $0.put($1 ? 1 as UInt8 : 0) }
        case .strings(let v): try put(array: v, of: .string, field) { try $0.put(checked: $1, field: field) }
        }
    }

    private mutating func put<T>(
        array: [T], of type: GGUFFormat.ValueType, _ field: String, element: (inout GGUFEncoder, T) throws -> Void
    ) throws {
        guard array.count <= GGUFFormat.maximumArrayElements else {
            throw InputError(
                GGUFRule.arrayLength, file: file, field: field,
                problem: "has \(array.count) elements; ggml allows \(GGUFFormat.maximumArrayElements)")
        }
        put(.array)
        put(type)
        put(UInt64(array.count))
        for value in array { try element(&self, value) }
    }

    private mutating func put(checked string: String, field: String) throws {
        guard string.utf8.count <= GGUFFormat.maximumStringBytes else {
            throw InputError(
                GGUFRule.stringLength, file: file, field: field,
                problem: "a string of \(string.utf8.count) bytes; ggml allows \(GGUFFormat.maximumStringBytes)")
        }
        put(string: string)
    }
}
