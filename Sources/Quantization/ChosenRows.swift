import Tensors

/// Rows whose levels and scales somebody has chosen, put into a type's bytes.
///
/// The layouts are those of formats/quantized-blocks.md. What is decoded from the bytes is, per element, `step * level +
/// offset` (of IQ4 `step * curve[level]`), where a block of its own has `step = d` and `offset = m`, and a sub-block of a
/// super-block `step = d * scale` and `offset = -(dmin * minimum)`, each product rounded to f32.
package struct ChosenRow {
    /// One per element, counted from the lowest level; of Q8_0 and 8-bit symmetric groups the signed level's bits.
    package let levels: UnsafeMutablePointer<UInt8>
    /// Per block the f16 scale.
    package let d: UnsafePointer<Float>
    /// Per block the f16 minimum of affine types: `m`, or `dmin` of super-blocks.
    package let minimum: UnsafePointer<Float>
    /// Per sub-block its scale and minimum as stored: the signed ones of Q3_K and IQ4_XS with 32 added, that of Q6_K as
    /// the bits of a signed byte.
    package let scales: UnsafeMutablePointer<UInt8>
    package let minima: UnsafeMutablePointer<UInt8>

    package init(
        levels: UnsafeMutablePointer<UInt8>, d: UnsafePointer<Float>, minimum: UnsafePointer<Float>,
        scales: UnsafeMutablePointer<UInt8>, minima: UnsafeMutablePointer<UInt8>
    ) {
        self.levels = levels
        self.d = d
        self.minimum = minimum
        self.scales = scales
        self.minima = minima
    }

    /// The values of IQ4's 16 levels, rising.
    package static let curve: [Float] = withUnsafeBytes(of: Quantization.curve) { Array($0.bindMemory(to: Float.self)) }

    /// Writes one row of `type`, which `output` has room for.
    /// - Returns: False for a type that has no levels.
    package func write(_ type: ElementType, columns: Int, to output: UnsafeMutableRawPointer) -> Bool {
        guard type.isQuantized else { return false }
        let length = type.blockLength
        for block in 0..<columns / length {
            let target = output + type.blockBytes &* block
            let levels = levels + length &* block
            let (d, m) = (d[block], minimum[block])
            let scales = scales + 16 &* block
            let minima = minima + 16 &* block
            switch type {
            case .q4_0, .iq4_NL:
                target.store(f16: d, at: 0)
                packNibbles(levels, into: target.bytes(at: 2))
            case .q5_0:
                target.store(f16: d, at: 0)
                target.storeBytes(of: fifthBits(levels), toByteOffset: 2, as: UInt32.self)
                packNibbles(levels, into: target.bytes(at: 6))
            case .q4_1:
                target.store(f16: d, at: 0)
                target.store(f16: m, at: 2)
                packNibbles(levels, into: target.bytes(at: 4))
            case .q5_1:
                target.store(f16: d, at: 0)
                target.store(f16: m, at: 2)
                target.storeBytes(of: fifthBits(levels), toByteOffset: 4, as: UInt32.self)
                packNibbles(levels, into: target.bytes(at: 8))
            case .q8_0:
                target.store(f16: d, at: 0)
                target.bytes(at: 2).update(from: levels, count: 32)
            case .q2_K:
                for j in 0..<16 { target.bytes(at: 0)[j] = scales[j] | minima[j] << 4 }
                Q2_K.pack(levels, into: target.bytes(at: 16))
                target.store(f16: d, at: 80)
                target.store(f16: m, at: 82)
            case .q3_K:
                Q3_K.pack(levels, into: target)
                Q3_K.packScales(scales, into: target.bytes(at: 96))
                target.store(f16: d, at: 108)
            case .q4_K, .q5_K:
                target.store(f16: d, at: 0)
                target.store(f16: m, at: 2)
                AffineSuperBlocks.packScales(scales, minima, into: target.bytes(at: 4))
                if type == .q5_K { AffineSuperBlocks.packFifthBits(levels, into: target.bytes(at: 16)) }
                AffineSuperBlocks.packNibbles(levels, into: target.bytes(at: type == .q5_K ? 48 : 16))
            case .q6_K:
                Q6_K.pack(levels, ql: target.bytes(at: 0), qh: target.bytes(at: 128))
                target.bytes(at: 192).update(from: scales, count: 16)
                target.store(f16: d, at: 208)
            case .iq4_XS:
                target.store(f16: d, at: 0)
                CurveBlocks.packScales(scales, into: target)
                for j in 0..<8 { packNibbles(levels + 32 &* j, into: target.bytes(at: 8 &+ 16 &* j)) }
            default:
                return false
            }
        }
        return true
    }

    /// Writes one row with group scales.
    /// - Returns: False if `columns` is no whole number of groups.
    package func write(_ format: GroupScaleFormat, columns: Int, to output: UnsafeMutableRawPointer) -> Bool {
        guard let sections = format.sections(columns: columns) else { return false }
        let groups = PlainGroups(format: format, columns: columns, sections: sections)
        for group in 0..<columns / format.groupLength {
            output.store(f16: d[group], at: sections.scales.lowerBound &+ 2 &* group)
            if format.symmetry == .affine {
                output.store(f16: minimum[group], at: sections.minima.lowerBound &+ 2 &* group)
            }
            groups.pack(levels + group &* format.groupLength, at: group &* format.groupLength, into: output)
        }
        return true
    }
}
