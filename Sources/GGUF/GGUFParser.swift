import ByteIO
import Tensors

/// Everything a GGUF file says before its data, already checked against the size of the file.
struct GGUFHeader {
    var version: UInt32 = 0
    var alignment = GGUFFormat.defaultAlignment
    var metadata = Metadata()
    var tensors: [TensorInfo] = []
    /// Start of each tensor, from the start of the data section.
    var offsets: [Int] = []
    /// Position of each tensor by name.
    var index: [String: Int] = [:]
    var dataOffset = 0
}

/// Reads a GGUF header from first to last byte, in the order of the file.
///
/// Counts and lengths are held against the bytes that are left before anything is reserved for them, so memory
/// stays in proportion to the file's size. Checks follow `gguf_init_from_reader` of `ggml/src/gguf.cpp` and are
/// stricter where `formats/gguf.md` says so.
struct GGUFParser {
    private let file: String
    private let size: Int
    private var reader: ByteReader

    init(_ bytes: Bytes, file: String) {
        self.file = file
        size = bytes.count
        reader = ByteReader(bytes, file: file)
    }

    mutating func parse() throws -> GGUFHeader {
        var header = GGUFHeader()
        header.version = try version()
        let tensorCount = try count("number of tensors", atLeast: GGUFFormat.minimumInfoBytes)
        let pairCount = try count("number of key/value pairs", atLeast: GGUFFormat.minimumPairBytes)
        for position in 0..<pairCount { try pair(position, into: &header.metadata) }
        header.alignment = try GGUFFormat.alignment(of: header.metadata, file: file)
        try tensorInfos(tensorCount, into: &header)
        try dataSection(of: &header)
        return header
    }

    // MARK: - Magic, version, counts

    private mutating func version() throws -> UInt32 {
        let magic = try reader.take(4, "magic")
        guard GGUFFile.recognises(magic) else {
            throw refusal(
                GGUFRule.magic, "magic", "the file does not start with the bytes GGUF",
                remedy: "Name a GGUF file; a text file in its place is often a Git LFS pointer or an error page.")
        }
        let version = try reader.read(UInt32.self, "version")
        guard GGUFFormat.readableVersions.contains(version) else {
            // Versions are small numbers: with the low half zero and the high half not, the bytes are swapped.
            if version & 0xFFFF == 0, version != 0 {
                throw refusal(
                    GGUFRule.byteOrder, "version", "the file is big-endian (version \(version.byteSwapped))",
                    remedy: "Swap it with gguf-py's gguf_convert_endian.py, or fetch the little-endian file.")
            }
            throw refusal(
                GGUFRule.version, "version", "is \(version); versions 2 and 3 are read",
                remedy: version == 1
                    ? "Rewrite the file with an older llama.cpp (its quantize program, type COPY)."
                    : "The file is damaged or newer than this program.")
        }
        return version
    }

    private mutating func count(_ field: String, atLeast bytes: Int) throws -> Int {
        let count = try reader.read(UInt64.self, field)
        guard let count = Int(exactly: count), count <= reader.remaining / bytes else {
            throw refusal(
                GGUFRule.count, field,
                "is \(count), of at least \(bytes) bytes each, but \(reader.remaining) bytes are left",
                remedy: "The file is cut short or damaged: fetch or make it again.")
        }
        return count
    }

    // MARK: - Tensor infos and data

    private mutating func tensorInfos(_ count: Int, into header: inout GGUFHeader) throws {
        header.tensors.reserveCapacity(count)
        header.offsets.reserveCapacity(count)
        header.index.reserveCapacity(count)
        var end = 0
        for position in 0..<count {
            let info = try tensorInfo(position)
            guard header.index.updateValue(position, forKey: info.name) == nil else {
                throw refusal(GGUFRule.nameDuplicate, "tensor \(info.name)", "the name occurs twice")
            }
            let offset = try reader.read(UInt64.self, "tensor \(info.name): offset")
            guard offset == UInt64(end) else {
                throw misplaced(info.name, offset: offset, expected: end, alignment: header.alignment)
            }
            header.tensors.append(info)
            header.offsets.append(end)
            guard let padded = GGUFFormat.align(info.byteCount, to: header.alignment),
                case let (sum, overflow) = end.addingReportingOverflow(padded), !overflow
            else {
                throw refusal(
                    GGUFRule.tensorSize, "tensor \(info.name)", "the data up to its end does not fit 64 bits")
            }
            end = sum
        }
    }

    /// All of a tensor's info but its offset.
    private mutating func tensorInfo(_ position: Int) throws -> TensorInfo {
        let length = try reader.read(UInt64.self, "tensor \(position): length of the name")
        try GGUFFormat.check(nameBytes: Int(clamping: length), file: file, field: "tensor \(position)")
        let name = try reader.text(count: Int(clamping: length), "tensor \(position): name")
        try GGUFFormat.check(name: name, file: file, field: "tensor \(position)")

        let rank = try reader.read(UInt32.self, "tensor \(name): number of dimensions")
        guard rank <= UInt32(GGUFFormat.maximumRank) else {
            throw refusal(
                GGUFRule.tensorRank, "tensor \(name)",
                "has \(rank) dimensions; ggml allows \(GGUFFormat.maximumRank)")
        }
        var ne: [Int] = []
        for axis in 0..<rank {
            let length = try reader.read(Int64.self, "tensor \(name): ne[\(axis)]")
            guard length >= 0 else {
                throw refusal(GGUFRule.tensorShape, "tensor \(name)", "ne[\(axis)] is \(length)")
            }
            ne.append(Int(length))
        }
        let type = try elementType(of: name)
        return try GGUFFormat.describe(name: name, type: type, shape: Shape(ne.reversed()), file: file)
    }

    private mutating func elementType(of name: String) throws -> ElementType {
        let id = try reader.read(UInt32.self, "tensor \(name): type")
        if let type = ElementType(ggmlType: id) { return type }
        if let known = GGUFFormat.unsupportedTypes[id] {
            throw refusal(
                GGUFRule.tensorUnsupported, "tensor \(name)", "the type \(known) is not supported",
                remedy: "Convert from the checkpoint, or from a GGUF file in F16 or another supported type.")
        }
        throw refusal(GGUFRule.tensorType, "tensor \(name)", "ggml has no type \(Int32(bitPattern: id))")
    }

    /// Says in what way an offset is wrong: each way has another cause.
    private func misplaced(_ name: String, offset: UInt64, expected: Int, alignment: Int) -> InputError {
        let problem =
            if offset % UInt64(alignment) != 0 {
                "is no multiple of the alignment \(alignment)"
            } else if offset > UInt64(expected) {
                "leaves a gap after the tensor before, which ends at \(expected)"
            } else {
                "lies inside the tensors before, which end at \(expected)"
            }
        return refusal(GGUFRule.tensorOffset, "tensor \(name)", "the offset \(offset) \(problem)")
    }

    /// Places the data section and holds it against the end of the file.
    ///
    /// The padding after the last tensor, or after the header of a file without tensors, may be missing: some
    /// writers leave it out and nothing is lost.
    private func dataSection(of header: inout GGUFHeader) throws {
        // Offsets were checked to be sums of sizes; only adding the start of the section can overflow still.
        guard let start = GGUFFormat.align(reader.offset, to: header.alignment) else {
            throw refusal(GGUFRule.tensorSize, "data section", "its start does not fit 64 bits")
        }
        header.dataOffset = start
        var end = reader.offset
        for (info, offset) in zip(header.tensors, header.offsets) where info.byteCount > 0 {
            let (first, overflow) = start.addingReportingOverflow(offset)
            let (last, overflowAgain) = first.addingReportingOverflow(info.byteCount)
            guard !overflow, !overflowAgain, last <= size else {
                throw refusal(
                    GGUFRule.dataIncomplete, "tensor \(info.name)",
                    "needs \(info.byteCount) bytes at offset \(offset) of the data section (file offset \(start)), "
                        + "but the file has \(size) bytes",
                    remedy: "The file is cut short: fetch or make it again.")
            }
            end = last
        }
        guard let padded = GGUFFormat.align(end, to: header.alignment), size <= padded else {
            throw refusal(
                GGUFRule.dataTrailing, "end of the file",
                "\(size) bytes, but the last tensor ends at \(end) and nothing may follow its padding",
                remedy: "Another file was appended, or the counts in the header are damaged.")
        }
    }

    func refusal(_ rule: Rule, _ field: String, _ problem: String, remedy: String? = nil) -> InputError {
        InputError(rule, file: file, field: field, problem: problem, remedy: remedy)
    }
}

// MARK: - Keys and values

extension GGUFParser {
    private mutating func pair(_ position: Int, into metadata: inout Metadata) throws {
        let length = try reader.read(UInt64.self, "pair \(position): length of the key")
        try GGUFFormat.check(keyBytes: Int(clamping: length), file: file, field: "key of pair \(position)")
        let key = try reader.text(count: Int(clamping: length), "key of pair \(position)")
        try GGUFFormat.check(key: key, file: file, field: "key of pair \(position)")
        let shown = String(key.prefix(100))
        guard metadata[key] == nil else { throw refusal(GGUFRule.keyDuplicate, shown, "the key occurs twice") }
        let type = try valueType(shown)
        metadata[key] = type == .array ? try array(shown) : try value(type, shown)
    }

    private mutating func valueType(_ field: String) throws -> GGUFFormat.ValueType {
        let id = try reader.read(UInt32.self, "\(field): type")
        guard let type = GGUFFormat.ValueType(rawValue: id) else {
            throw refusal(GGUFRule.valueType, field, "there is no value type \(Int32(bitPattern: id))")
        }
        return type
    }

    private mutating func value(_ type: GGUFFormat.ValueType, _ field: String) throws -> MetadataValue {
        switch type {
        case .uint8: .uint8(try integer(field))
        case .int8: .int8(try integer(field))
        case .uint16: .uint16(try integer(field))
        case .int16: .int16(try integer(field))
        case .uint32: .uint32(try integer(field))
        case .int32: .int32(try integer(field))
        case .uint64: .uint64(try integer(field))
        case .int64: .int64(try integer(field))
        case .float32: .float32(try reader.read(Float.self, field))
        case .float64: .float64(try reader.read(Double.self, field))
        case .bool: .bool(try bool(field))
        case .string: .string(try string(field))
        case .array: throw nested(field)
        }
    }

    private mutating func array(_ field: String) throws -> MetadataValue {
        let type = try valueType("\(field): element type")
        guard type != .array else { throw nested(field) }
        let count = try elementCount(type, field)
        return switch type {
        case .uint8: .uint8s(try elements(count) { try $0.integer(field) })
        case .int8: .int8s(try elements(count) { try $0.integer(field) })
        case .uint16: .uint16s(try elements(count) { try $0.integer(field) })
        case .int16: .int16s(try elements(count) { try $0.integer(field) })
        case .uint32: .uint32s(try elements(count) { try $0.integer(field) })
        case .int32: .int32s(try elements(count) { try $0.integer(field) })
        case .uint64: .uint64s(try elements(count) { try $0.integer(field) })
        case .int64: .int64s(try elements(count) { try $0.integer(field) })
        case .float32: .float32s(try elements(count) { try $0.reader.read(Float.self, field) })
        case .float64: .float64s(try elements(count) { try $0.reader.read(Double.self, field) })
        case .bool: .bools(try elements(count) { try $0.bool(field) })
        case .string: .strings(try elements(count) { try $0.string(field) })
        case .array: throw nested(field)
        }
    }

    private mutating func elementCount(_ type: GGUFFormat.ValueType, _ field: String) throws -> Int {
        let count = try reader.read(UInt64.self, "\(field): number of elements")
        guard count <= UInt64(GGUFFormat.maximumArrayElements) else {
            throw refusal(
                GGUFRule.arrayLength, field,
                "has \(count) elements; ggml allows \(GGUFFormat.maximumArrayElements)")
        }
        guard Int(count) <= reader.remaining / type.minimumBytes else {
            throw refusal(
                .truncated, field,
                "announces \(count) elements of at least \(type.minimumBytes) bytes, but \(reader.remaining) bytes "
                    + "are left",
                remedy: "The file is cut short or damaged: fetch or make it again.")
        }
        return Int(count)
    }

    private mutating func elements<T>(_ count: Int, _ next: (inout GGUFParser) throws -> T) throws -> [T] {
        var values: [T] = []
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(try next(&self)) }
        return values
    }

    private func nested(_ field: String) -> InputError {
        refusal(GGUFRule.arrayNested, field, "is an array of arrays, which ggml does not allow either")
    }

    private mutating func integer<T: FixedWidthInteger>(_ field: String) throws -> T {
        try reader.read(T.self, field)
    }

    private mutating func bool(_ field: String) throws -> Bool {
        let byte = try reader.read(UInt8.self, field)
        guard byte <= 1 else { throw refusal(GGUFRule.valueBool, field, "a bool is stored as \(byte), not 0 or 1") }
        return byte == 1
    }

    private mutating func string(_ field: String) throws -> String {
        let length = try reader.read(UInt64.self, "\(field): length of the string")
        guard length <= UInt64(GGUFFormat.maximumStringBytes) else {
            throw refusal(
                GGUFRule.stringLength, field,
                "a string of \(length) bytes; ggml allows \(GGUFFormat.maximumStringBytes)")
        }
        return try reader.text(count: Int(length), field)
    }
}
