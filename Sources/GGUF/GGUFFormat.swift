import ByteIO
import Tensors

/// What reader and writer agree on: the numbers of the container, its limits, and the checks of names.
///
/// Source: `ggml/include/gguf.h` and `ggml/src/gguf.cpp` of llama.cpp, and ggml's `docs/gguf.md`.
public enum GGUFFormat {
    /// The first four bytes of every GGUF file.
    static let magic = Array("GGUF".utf8)
    /// The version written.
    public static let version: UInt32 = 3
    /// Version 2 differs from 3 only in that 3 knows big-endian files; version 1 had 32-bit counts.
    static let readableVersions: ClosedRange<UInt32> = 2...3
    /// Holds the alignment of the data section where it is not `defaultAlignment`.
    public static let alignmentKey = "general.alignment"
    public static let defaultAlignment = 32

    /// The specification asks for a multiple of 8: no element is then split by less than its size.
    static let minimumAlignment = 8
    /// The largest page in common use. ggml takes any power of two, so that a file of 160 bytes can ask for
    /// gigabytes of padding.
    static let maximumAlignment = 2 << 20
    /// The specification's bound for keys.
    static let maximumKeyBytes = 65535
    /// `GGML_MAX_NAME` is 64 bytes with the final zero.
    static let maximumNameBytes = 63
    /// `GGML_MAX_DIMS`.
    static let maximumRank = 4
    /// ggml's `GGUF_MAX_STRING_LENGTH`.
    static let maximumStringBytes = 1 << 30
    /// ggml's `GGUF_MAX_ARRAY_ELEMENTS`.
    static let maximumArrayElements = 1 << 30
    /// Key length, a key of one byte, value type, a value of one byte: what bounds a count before anything is reserved.
    static let minimumPairBytes = 8 + 1 + 4 + 1
    /// Name length, a name of one byte, number of dimensions (0), type, offset.
    static let minimumInfoBytes = 8 + 1 + 4 + 4 + 8

    /// Value types of the metadata, with the ids of `enum gguf_type`.
    enum ValueType: UInt32 {
        case uint8 = 0
        case int8, uint16, int16, uint32, int32, float32, bool, string, array, uint64, int64, float64

        /// Bytes of one value; of a string its length field, of an array the least it can take.
        var minimumBytes: Int {
            switch self {
            case .uint8, .int8, .bool: 1
            case .uint16, .int16: 2
            case .uint32, .int32, .float32: 4
            case .uint64, .int64, .float64, .string: 8
            case .array: 12
            }
        }
    }

    /// Types of `enum ggml_type` that exist but that no encoder or decoder of ours knows.
    static let unsupportedTypes: [UInt32: String] = [
        9: "Q8_1", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS", 19: "IQ1_S", 21: "IQ3_S", 22: "IQ2_S",
        29: "IQ1_M", 34: "TQ1_0", 35: "TQ2_0", 39: "MXFP4", 40: "NVFP4", 41: "Q1_0",
    ]

    /// `value` rounded up to a multiple of `alignment`; nil if that overflows. `value` is not negative.
    static func align(_ value: Int, to alignment: Int) -> Int? {
        let (sum, overflow) = value.addingReportingOverflow(alignment - 1)
        return overflow ? nil : sum / alignment * alignment
    }

    /// Control characters would let a name disguise itself in a terminal, and a NUL ends it early for C readers.
    static func isPlain(_ text: String) -> Bool {
        !text.utf8.contains { $0 < 0x20 || $0 == 0x7F }
    }

    static func check(keyBytes count: Int, file: String, field: String) throws {
        guard (1...maximumKeyBytes).contains(count) else {
            throw InputError(
                GGUFRule.keyLength, file: file, field: field,
                problem: "is \(count) bytes long; a key has 1 to \(maximumKeyBytes)")
        }
    }

    static func check(key: String, file: String, field: String) throws {
        guard isPlain(key) else {
            throw InputError(GGUFRule.keyText, file: file, field: field, problem: "contains control characters")
        }
    }

    static func check(nameBytes count: Int, file: String, field: String) throws {
        guard (1...maximumNameBytes).contains(count) else {
            throw InputError(
                GGUFRule.nameLength, file: file, field: field,
                problem: "the name is \(count) bytes long; ggml allows 1 to \(maximumNameBytes)")
        }
    }

    static func check(name: String, file: String, field: String) throws {
        guard isPlain(name) else {
            throw InputError(
                GGUFRule.nameText, file: file, field: field, problem: "the name contains control characters")
        }
    }

    /// The alignment that `metadata` asks for.
    static func alignment(of metadata: Metadata, file: String) throws -> Int {
        guard let value = metadata[alignmentKey] else { return defaultAlignment }
        guard case .uint32(let number) = value else {
            throw InputError(
                GGUFRule.alignment, file: file, field: alignmentKey, problem: "is not a 32-bit unsigned integer")
        }
        try check(alignment: Int(number), file: file)
        return Int(number)
    }

    static func check(alignment: Int, file: String) throws {
        guard (minimumAlignment...maximumAlignment).contains(alignment), alignment & (alignment - 1) == 0 else {
            throw InputError(
                GGUFRule.alignment, file: file, field: alignmentKey,
                problem: "is \(alignment); it must be a power of two from \(minimumAlignment) to \(maximumAlignment)")
        }
    }

    /// The shape as GGUF can express it.
    ///
    /// Dimensions that `ne` does not list count as 1, so its trailing ones (leading ones in PyTorch's order) say
    /// nothing; ggml's writer drops them and gguf-py's keeps them. One form for both: at least one dimension, the
    /// first of several not 1.
    static func canonical(_ shape: Shape) -> Shape {
        let kept = shape.dimensions.drop { $0 == 1 }
        return Shape(kept.isEmpty ? [1] : Array(kept))
    }

    /// A tensor's description, or the rule that its shape breaks.
    static func describe(name: String, type: ElementType, shape: Shape, file: String) throws -> TensorInfo {
        let shape = canonical(shape)
        if let info = TensorInfo(name: name, type: type, shape: shape) { return info }
        let field = "tensor \(name)"
        guard shape.elementCount != nil else {
            throw InputError(
                GGUFRule.tensorShape, file: file, field: field,
                problem: "the number of elements of the shape \(shape) does not fit 64 bits")
        }
        guard shape.columns % type.blockLength == 0 else {
            throw InputError(
                GGUFRule.tensorRow, file: file, field: field,
                problem:
                    "a row of \(shape.columns) elements is no whole number of \(type.name) blocks of \(type.blockLength)"
            )
        }
        throw InputError(
            GGUFRule.tensorSize, file: file, field: field,
            problem: "the size in bytes of \(type.name) \(shape) does not fit 64 bits")
    }
}
