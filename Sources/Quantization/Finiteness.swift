import Tensors

/// Finds NaN and infinity in stored numbers and scales.
///
/// Their exponent is all ones: adding its lowest bit carries into the sign's place, which was masked away. So whole
/// words of numbers are tested at once, without a branch, and no carry leaves its number.
enum Finiteness {
    /// The same for one row of any type: of groups, the scales lie at its end.
    static func holds(row bytes: UnsafeRawBufferPointer, _ type: ElementType) -> Bool {
        guard let format = type.groupScales else { return holds(bytes, type) }
        let columns = bytes.count / format.groupBytes * format.groupLength
        guard let sections = format.sections(columns: columns) else { return false }
        return holds(UnsafeRawBufferPointer(rebasing: bytes[sections.scales.lowerBound...]), .f16)
    }

    static func holds(_ bytes: UnsafeRawBufferPointer, _ type: ElementType) -> Bool {
        switch type {
        case .f32: numbers(bytes, exponent: 0x7F80_0000_7F80_0000, lowest: 0x0080_0000_0080_0000)
        case .f64: numbers(bytes, exponent: 0x7FF0_0000_0000_0000, lowest: 0x0010_0000_0000_0000)
        case .f16: numbers(bytes, exponent: 0x7C00_7C00_7C00_7C00, lowest: 0x0400_0400_0400_0400)
        case .bf16: numbers(bytes, exponent: 0x7F80_7F80_7F80_7F80, lowest: 0x0080_0080_0080_0080)
        case .f8_E5M2: numbers(bytes, exponent: 0x7C7C_7C7C_7C7C_7C7C, lowest: 0x0404_0404_0404_0404)
        // Only all ones are NaN, and nothing is infinite.
        case .f8_E4M3: numbers(bytes, exponent: 0x7F7F_7F7F_7F7F_7F7F, lowest: 0x0101_0101_0101_0101)
        default: scaleOffsets(type).allSatisfy { scales(bytes, at: $0, every: type.blockBytes) }
        }
    }

    @inline(__always)
    private static func numbers(_ bytes: UnsafeRawBufferPointer, exponent: UInt64, lowest: UInt64) -> Bool {
        guard let start = bytes.baseAddress else { return true }
        var carries: UInt64 = 0
        let words = bytes.count / 8
        for i in 0..<words {
            carries |= (start.loadUnaligned(fromByteOffset: 8 &* i, as: UInt64.self) & exponent) &+ lowest
        }
        var rest: UInt64 = 0
        withUnsafeMutableBytes(of: &rest) { $0.copyBytes(from: bytes[(8 * words)...]) }
        carries |= (rest & exponent) &+ lowest
        return carries & ~exponent & (exponent << 1) == 0
    }

    @inline(__always)
    private static func scales(_ bytes: UnsafeRawBufferPointer, at first: Int, every step: Int) -> Bool {
        guard let start = bytes.baseAddress else { return true }
        var carries: UInt16 = 0
        var offset = first
        while offset < bytes.count {
            carries |= (start.half(at: offset) & 0x7C00) &+ 0x0400
            offset &+= step
        }
        return carries & 0x8000 == 0
    }

    /// Where a block holds its halves.
    private static func scaleOffsets(_ type: ElementType) -> [Int] {
        switch type {
        case .q4_0, .q5_0, .q8_0, .iq4_NL, .iq4_XS: [0]
        case .q4_1, .q5_1, .q4_K, .q5_K: [0, 2]
        case .q2_K: [80, 82]
        case .q3_K: [108]
        case .q6_K: [208]
        default: []
        }
    }
}
