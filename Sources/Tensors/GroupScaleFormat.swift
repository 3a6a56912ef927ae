/// A row format of our own for the mapped file: levels of 4, 5 or 8 bits, and one f16 scale per group of columns,
/// with an f16 minimum where the levels are affine.
///
/// Unlike ggml's blocks, a row keeps its codes together and its scales together. The layout and the rounding stand in
/// formats/quantized-blocks.md, "Group scales".
public struct GroupScaleFormat: Sendable, Hashable, CaseIterable, LosslessStringConvertible {
    public enum Symmetry: String, Sendable, CaseIterable {
        /// value = scale * level, with levels -2^(bits-1) ... 2^(bits-1) - 1.
        case symmetric = "s"
        /// value = scale * level + minimum, with levels 0 ... 2^bits - 1.
        case affine = "a"
    }

    /// Bits per level: 4, 5 or 8.
    public let bits: Int
    public let symmetry: Symmetry
    /// Columns that share a scale: 32, 64 or 128.
    public let groupLength: Int

    /// All 18 formats.
    public static let allCases: [GroupScaleFormat] = Symmetry.allCases.flatMap { symmetry in
        [4, 5, 8].flatMap { bits in
            [32, 64, 128].compactMap { GroupScaleFormat(bits: bits, symmetry: symmetry, groupLength: $0) }
        }
    }

    /// Nil unless `bits` is 4, 5 or 8 and `groupLength` 32, 64 or 128.
    public init?(bits: Int, symmetry: Symmetry, groupLength: Int) {
        guard [4, 5, 8].contains(bits), [32, 64, 128].contains(groupLength) else { return nil }
        self.bits = bits
        self.symmetry = symmetry
        self.groupLength = groupLength
    }

    /// Parses exactly what `description` prints.
    public init?(_ description: String) {
        guard let format = Self.allCases.first(where: { $0.description == description }) else { return nil }
        self = format
    }

    /// Symmetry, bits and group length, such as `s4g64` and `a5g32`.
    public var description: String { "\(symmetry.rawValue)\(bits)g\(groupLength)" }

    /// Bytes per group: codes, scale and minimum.
    public var groupBytes: Int { groupLength / 8 * bits + (symmetry == .affine ? 4 : 2) }

    public var bitsPerWeight: Double { Double(8 * groupBytes) / Double(groupLength) }

    /// Bytes per row; nil if `columns` is negative, no whole number of groups, or too large.
    public func rowBytes(columns: Int) -> Int? {
        guard columns >= 0, columns % groupLength == 0 else { return nil }
        let (bytes, overflow) = (columns / groupLength).multipliedReportingOverflow(by: groupBytes)
        return overflow ? nil : bytes
    }

    /// Where the parts of a row lie, in bytes from its start.
    public struct Sections: Sendable, Hashable {
        /// The lower four bits of the levels, or whole bytes in formats of 8 bits.
        public let codes: Range<Int>
        /// The fifth bits; empty but in formats of 5 bits.
        public let highBits: Range<Int>
        /// One f16 per group.
        public let scales: Range<Int>
        /// One f16 per group; empty in symmetric formats.
        public let minima: Range<Int>
    }

    /// Nil as `rowBytes` is.
    public func sections(columns: Int) -> Sections? {
        guard let rowBytes = rowBytes(columns: columns) else { return nil }
        // No part is larger than the row, whose size is known to fit.
        let groups = columns / groupLength
        let codes = columns / 8 * (bits == 8 ? 8 : 4)
        let highBits = codes + (bits == 5 ? columns / 8 : 0)
        return Sections(
            codes: 0..<codes, highBits: codes..<highBits, scales: highBits..<highBits + 2 * groups,
            minima: highBits + 2 * groups..<rowBytes)
    }
}
