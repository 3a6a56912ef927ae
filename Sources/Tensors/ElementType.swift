/// How the elements of a tensor are encoded: plain numbers, quantized blocks, or groups of levels with their scales.
///
/// One table for all formats: the name and id that ggml uses, the block's length in elements and size in bytes,
/// and the dtype name that safetensors uses for plain types. Group scales have names of our own; of their rows, unlike of
/// blocks, only whole ones can be read.
public enum ElementType: String, Sendable, Hashable, CaseIterable {
    case f32 = "F32"
    case f16 = "F16"
    case bf16 = "BF16"
    case f64 = "F64"
    /// Four bits of exponent, three of mantissa, no infinities (`float8_e4m3fn`).
    case f8_E4M3 = "F8_E4M3"
    /// The upper half of an F16.
    case f8_E5M2 = "F8_E5M2"
    case i8 = "I8"
    case i16 = "I16"
    case i32 = "I32"
    case i64 = "I64"
    case u8 = "U8"
    case u16 = "U16"
    case u32 = "U32"
    case u64 = "U64"
    case bool = "BOOL"
    case q4_0 = "Q4_0"
    case q4_1 = "Q4_1"
    case q5_0 = "Q5_0"
    case q5_1 = "Q5_1"
    case q8_0 = "Q8_0"
    case q2_K = "Q2_K"
    case q3_K = "Q3_K"
    case q4_K = "Q4_K"
    case q5_K = "Q5_K"
    case q6_K = "Q6_K"
    case iq4_NL = "IQ4_NL"
    case iq4_XS = "IQ4_XS"
    case s4g32, s4g64, s4g128, s5g32, s5g64, s5g128, s8g32, s8g64, s8g128
    case a4g32, a4g64, a4g128, a5g32, a5g64, a5g128, a8g32, a8g64, a8g128

    /// The name as ggml and safetensors print it, e.g. `Q4_K`.
    public var name: String { rawValue }

    private struct Row {
        let blockLength: Int
        let blockBytes: Int
        let ggml: UInt32?
        let safetensors: String?
    }

    private var row: Row {
        switch self {
        case .f32: Row(blockLength: 1, blockBytes: 4, ggml: 0, safetensors: "F32")
        case .f16: Row(blockLength: 1, blockBytes: 2, ggml: 1, safetensors: "F16")
        case .bf16: Row(blockLength: 1, blockBytes: 2, ggml: 30, safetensors: "BF16")
        case .f64: Row(blockLength: 1, blockBytes: 8, ggml: 28, safetensors: "F64")
        case .i8: Row(blockLength: 1, blockBytes: 1, ggml: 24, safetensors: "I8")
        case .i16: Row(blockLength: 1, blockBytes: 2, ggml: 25, safetensors: "I16")
        case .i32: Row(blockLength: 1, blockBytes: 4, ggml: 26, safetensors: "I32")
        case .i64: Row(blockLength: 1, blockBytes: 8, ggml: 27, safetensors: "I64")
        case .f8_E4M3: Row(blockLength: 1, blockBytes: 1, ggml: nil, safetensors: "F8_E4M3")
        case .f8_E5M2: Row(blockLength: 1, blockBytes: 1, ggml: nil, safetensors: "F8_E5M2")
        case .u8: Row(blockLength: 1, blockBytes: 1, ggml: nil, safetensors: "U8")
        case .u16: Row(blockLength: 1, blockBytes: 2, ggml: nil, safetensors: "U16")
        case .u32: Row(blockLength: 1, blockBytes: 4, ggml: nil, safetensors: "U32")
        case .u64: Row(blockLength: 1, blockBytes: 8, ggml: nil, safetensors: "U64")
        case .bool: Row(blockLength: 1, blockBytes: 1, ggml: nil, safetensors: "BOOL")
        case .q4_0: Row(blockLength: 32, blockBytes: 18, ggml: 2, safetensors: nil)
        case .q4_1: Row(blockLength: 32, blockBytes: 20, ggml: 3, safetensors: nil)
        case .q5_0: Row(blockLength: 32, blockBytes: 22, ggml: 6, safetensors: nil)
        case .q5_1: Row(blockLength: 32, blockBytes: 24, ggml: 7, safetensors: nil)
        case .q8_0: Row(blockLength: 32, blockBytes: 34, ggml: 8, safetensors: nil)
        case .q2_K: Row(blockLength: 256, blockBytes: 84, ggml: 10, safetensors: nil)
        case .q3_K: Row(blockLength: 256, blockBytes: 110, ggml: 11, safetensors: nil)
        case .q4_K: Row(blockLength: 256, blockBytes: 144, ggml: 12, safetensors: nil)
        case .q5_K: Row(blockLength: 256, blockBytes: 176, ggml: 13, safetensors: nil)
        case .q6_K: Row(blockLength: 256, blockBytes: 210, ggml: 14, safetensors: nil)
        case .iq4_NL: Row(blockLength: 32, blockBytes: 18, ggml: 20, safetensors: nil)
        case .iq4_XS: Row(blockLength: 256, blockBytes: 136, ggml: 23, safetensors: nil)
        default:
            Row(
                blockLength: groupScales?.groupLength ?? 1, blockBytes: groupScales?.groupBytes ?? 1, ggml: nil,
                safetensors: nil)
        }
    }

    private static let groupFormats = Dictionary(
        uniqueKeysWithValues: GroupScaleFormat.allCases.compactMap { format in
            ElementType(rawValue: format.description).map { ($0, format) }
        })

    /// The format of group scales that this is; nil for plain numbers and for blocks of ggml.
    public var groupScales: GroupScaleFormat? { Self.groupFormats[self] }

    /// Elements per block or group; 1 for plain numbers.
    public var blockLength: Int { row.blockLength }
    /// Bytes per block or group.
    public var blockBytes: Int { row.blockBytes }
    /// Bits per element, block fields included.
    public var bitsPerWeight: Double { Double(blockBytes) * 8 / Double(blockLength) }
    /// ggml's tensor type id, as GGUF stores it.
    public var ggmlType: UInt32? { row.ggml }
    /// The dtype name in a safetensors header.
    public var safetensorsName: String? { row.safetensors }
    /// True for blocks and groups.
    public var isQuantized: Bool { blockLength > 1 }
    /// True for types whose rows can be laid out in tiles: `RowLayout`.
    public var hasTiles: Bool {
        switch self {
        case .q4_0, .q8_0, .q4_K, .q6_K, .iq4_NL: true
        default: groupScales.map { $0.bits != 5 } ?? false
        }
    }
    /// True for types that hold real numbers, as opposed to indices and flags.
    public var isReal: Bool {
        switch self {
        case .i8, .i16, .i32, .i64, .u8, .u16, .u32, .u64, .bool: false
        default: true
        }
    }

    public init?(ggmlType: UInt32) {
        guard let match = Self.allCases.first(where: { $0.ggmlType == ggmlType }) else { return nil }
        self = match
    }

    public init?(safetensorsName: String) {
        guard let match = Self.allCases.first(where: { $0.safetensorsName == safetensorsName }) else { return nil }
        self = match
    }

    /// Bytes of one row of `columns` elements; nil if the row is no whole number of blocks or the size overflows.
    public func rowBytes(columns: Int) -> Int? {
        guard columns >= 0, columns % blockLength == 0 else { return nil }
        let (bytes, overflow) = (columns / blockLength).multipliedReportingOverflow(by: blockBytes)
        return overflow ? nil : bytes
    }
}
