/// Q3_K: 16 sub-blocks of 16 elements with signed 6-bit scales; value = (d*scale)*level, level in -4...3.
///
///     hmask[32]    bit e/32 of byte e mod 32: the upper bit of level + 4
///     qs[64]       its lower two bits, as in Q2_K
///     scales[12]   scale + 32: four lower bits in nibbles of the first 8 bytes, two upper bits in the last 4
///     d            f16
enum Q3_K {
    static let bytes = 110

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
        let d: Float
        if let importance {
            let sigma2 = 2 * sumOfSquares(x, superBlock) / Float(superBlock)
            weigh(x, importance: importance, sigma2: sigma2, superBlock, into: scratch.weights)
            for j in 0..<16 {
                let weights = scratch.weights + 16 &* j
                scratch.sums[j] = sum(weights, 16)
                scratch.scales[j] = symmetricSearch(
                    x + 16 &* j, weights: weights, count: 16, range: 4, best: scratch.levels + 16 &* j)
            }
            d = symmetricSearch(
                scratch.scales, weights: scratch.sums, count: 16, range: 32, best: scratch.scaleLevels)
        } else {
            for j in 0..<16 {
                scratch.scales[j] = threeBitSearch(x + 16 &* j, count: 16, best: scratch.levels + 16 &* j)
            }
            d = linear(scratch)
        }
        output.store(f16: d, at: 108)
        packScales(scratch.scaleLevels, into: output.bytes(at: 96))
        let stored = HalfPrecision.rounded(d)
        requantize(x, scratch.levels, subBlock: 16, low: -4, high: 3) { j in
            (stored * Float(Int32(scratch.scaleLevels[j]) &- 32), 0)
        }
        pack(scratch.levels, into: output)
    }

    @inline(__always)
    static func pack(_ levels: Levels, into output: UnsafeMutableRawPointer) {
        let hmask = output.bytes(at: 0)
        for l in 0..<32 {
            var bits: UInt8 = 0
            for k in 0..<8 { bits |= (levels[32 &* k &+ l] >> 2) << UInt8(truncatingIfNeeded: k) }
            hmask[l] = bits
        }
        Q2_K.pack(levels, into: output.bytes(at: 32))
    }

    /// Six bits of the scale of largest magnitude, whose sign turns: it becomes level -32, stored as 0.
    private static func linear(_ scratch: Scratch) -> Float {
        let peak = extremum(scratch.scales, 16)
        guard peak != 0 else {
            scratch.scaleLevels.update(repeating: 0, count: 16)
            return 0
        }
        let inverse = -32 / peak
        for j in 0..<16 {
            let level = nearestInt(inverse * scratch.scales[j], -32, 31) &+ 32
            scratch.scaleLevels[j] = UInt8(truncatingIfNeeded: level)
        }
        return 1 / inverse
    }

    @inline(__always)
    static func packScales(_ levels: Levels, into scales: Levels) {
        for j in 0..<8 { scales[j] = levels[j] & 15 | (levels[j &+ 8] & 15) << 4 }
        for j in 0..<4 {
            scales[8 &+ j] =
                levels[j] >> 4 | (levels[j &+ 4] >> 4) << 2 | (levels[j &+ 8] >> 4) << 4 | (levels[j &+ 12] >> 4) << 6
        }
    }

    @inline(__always)
    private static func scale(_ scales: UnsafeRawPointer, _ j: Int) -> Int32 {
        let low = j < 8 ? scales.byte(at: j) & 15 : scales.byte(at: j &- 8) >> 4
        let high = scales.byte(at: 8 &+ j % 4) &>> Int32(truncatingIfNeeded: 2 &* (j / 4)) & 3
        return (low | high << 4) &- 32
    }

    static func decode(_ bytes: UnsafeRawPointer, _ columns: Int, _ y: MutableFloats) {
        for b in 0..<columns / superBlock {
            let source = bytes + Self.bytes &* b
            let d = source.f16(at: 108)
            for j in 0..<16 {
                let scale = d * Float(scale(source + 96, j))
                let column = 16 &* (j % 2)
                let qs = 32 &+ 32 &* (j / 8) &+ column
                let shift = Int32(truncatingIfNeeded: j % 8 / 2 &* 2)
                let bit = Int32(truncatingIfNeeded: j / 2)
                let target = y + (superBlock &* b &+ 16 &* j)
                for l in 0..<16 {
                    let low = source.byte(at: qs &+ l) &>> shift & 3
                    let high = source.byte(at: column &+ l) &>> bit & 1
                    target[l] = scale * Float((low | high << 2) &- 4)
                }
            }
        }
    }
}
