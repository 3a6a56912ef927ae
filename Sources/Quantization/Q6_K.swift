/// Q6_K: 16 sub-blocks of 16 elements with signed 8-bit scales; value = (d*scale)*level, level in -32...31.
///
///     ql[128]      lower four bits of level + 32; half b: byte 64b+l holds elements 128b + l and 128b + 64 + l,
///                  byte 64b+32+l elements 128b + 32 + l and 128b + 96 + l
///     qh[64]       upper two bits: byte 32b+l holds those of elements 128b + l, + 32, + 64, + 96
///     scales[16]   i8
///     d            f16
enum Q6_K {
    static let bytes = 210

    static func encode(_ x: Floats, _ importance: Floats?, _ columns: Int, _ output: UnsafeMutableRawPointer) {
        Scratch.with { scratch in
            for b in 0..<columns / superBlock {
                let offset = superBlock &* b
                encodeBlock(x + offset, importance.map { $0 + offset }, output + bytes &* b, scratch)
            }
        }
    }

    private static func encodeBlock(
        _ x: Floats, _ importance: Floats?, _ output: UnsafeMutableRawPointer, _ scratch: Scratch
    ) {
        // The importance itself is the weight here; the other types mix it with the values.
        if importance == nil { weighBySquares(x, superBlock, into: scratch.weights) }
        let weights = importance ?? Floats(scratch.weights)
        for j in 0..<16 {
            scratch.scales[j] = symmetricSearch(
                x + 16 &* j, weights: weights + 16 &* j, count: 16, range: 32, best: scratch.levels + 16 &* j)
        }
        let peak = extremum(scratch.scales, 16)
        if abs(peak) < smallestGroup {
            output.bytes(at: 0).update(repeating: 0, count: bytes)
            return
        }
        let inverse = -128 / peak
        let d = 1 / inverse
        let scales = output.bytes(at: 192)
        for j in 0..<16 {
            scales[j] = UInt8(truncatingIfNeeded: min(127, nearestInt(inverse * scratch.scales[j])))
        }
        output.store(f16: d, at: 208)
        let stored = HalfPrecision.rounded(d)
        requantize(x, scratch.levels, subBlock: 16, low: -32, high: 31) { j in
            (stored * Float(Int8(bitPattern: scales[j])), 0)
        }
        pack(scratch.levels, ql: output.bytes(at: 0), qh: output.bytes(at: 128))
    }

    @inline(__always)
    static func pack(_ levels: Levels, ql: Levels, qh: Levels) {
        for half in 0..<2 {
            let source = levels + 128 &* half
            for l in 0..<32 {
                let (a, b, c, d) = (source[l], source[l &+ 32], source[l &+ 64], source[l &+ 96])
                ql[64 &* half &+ l] = a & 15 | c << 4
                ql[64 &* half &+ 32 &+ l] = b & 15 | d << 4
                qh[32 &* half &+ l] = a >> 4 | (b >> 4) << 2 | (c >> 4) << 4 | (d >> 4) << 6
            }
        }
    }

    static func decode(_ bytes: UnsafeRawPointer, _ columns: Int, _ y: MutableFloats) {
        for b in 0..<columns / superBlock {
            let source = bytes + Self.bytes &* b
            let d = source.f16(at: 208)
            for j in 0..<16 {
                let scale = d * Float(Int8(truncatingIfNeeded: source.byte(at: 192 &+ j)))
                // Sub-block j lies in quarter k of its half.
                let (half, k, column) = (j / 8, j % 8 / 2, 16 &* (j % 2))
                let ql = 64 &* half &+ 32 &* (k % 2) &+ column
                let qh = 128 &+ 32 &* half &+ column
                let lowShift = Int32(truncatingIfNeeded: 4 &* (k / 2))
                let highShift = Int32(truncatingIfNeeded: 2 &* k)
                let target = y + (superBlock &* b &+ 16 &* j)
                for l in 0..<16 {
                    let low = source.byte(at: ql &+ l) &>> lowShift & 15
                    let high = source.byte(at: qh &+ l) &>> highShift & 3
                    target[l] = scale * Float((low | high << 4) &- 32)
                }
            }
        }
    }
}
