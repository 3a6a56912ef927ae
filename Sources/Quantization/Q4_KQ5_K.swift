/// Q4_K and Q5_K: 8 sub-blocks of 32 elements with 6-bit scales and minima;
/// value = (d*scale)*level - dmin*minimum.
///
///     d, dmin      f16
///     scales[12]   see `packScales`
///     qh[32]       Q5_K only: bit j of byte l is the fifth bit of element 32j + l
///     qs[128]      byte 32g+l: elements 64g + l (low nibble) and 64g + 32 + l
enum AffineSuperBlocks {
    static func encodeQ4_K(_ x: Floats, _ importance: Floats?, _ columns: Int, _ output: UnsafeMutableRawPointer) {
        encode(x, importance, columns, output, bytes: 144, AffineSearch(levels: 15, start: -1, step: 0.1, steps: 20))
    }

    static func encodeQ5_K(_ x: Floats, _ importance: Floats?, _ columns: Int, _ output: UnsafeMutableRawPointer) {
        encode(x, importance, columns, output, bytes: 176, AffineSearch(levels: 31, start: -0.5, step: 0.1, steps: 15))
    }

    @inline(__always)
    private static func encode(
        _ x: Floats, _ importance: Floats?, _ columns: Int, _ output: UnsafeMutableRawPointer, bytes: Int,
        _ search: AffineSearch
    ) {
        Scratch.with { scratch in
            for b in 0..<columns / superBlock {
                let offset = superBlock &* b
                encodeBlock(x + offset, importance.map { $0 + offset }, output + bytes &* b, search, scratch)
            }
        }
    }

    /// - Parameter plain: The search where no importance is given.
    private static func encodeBlock(
        _ x: Floats, _ importance: Floats?, _ output: UnsafeMutableRawPointer, _ plain: AffineSearch,
        _ scratch: Scratch
    ) {
        let d: Float
        let dmin: Float
        if let importance {
            let sigma2 = 2 * sumOfSquares(x, superBlock) / Float(superBlock)
            weigh(x, importance: importance, sigma2: sigma2, superBlock, into: scratch.weights)
            search(x, .underImportance(levels: plain.levels), scratch)
            d = nonNegativeSearch(
                scratch.scales, weights: scratch.sums, count: 8, levels: 63, best: scratch.scaleLevels)
            dmin = nonNegativeSearch(
                scratch.minima, weights: scratch.sums, count: 8, levels: 63, best: scratch.minimumLevels)
        } else {
            for j in 0..<8 {
                let average = (sumOfSquares(x + 32 &* j, 32) / 32).squareRoot()
                for i in 32 &* j..<32 &* (j &+ 1) { scratch.weights[i] = average + abs(x[i]) }
            }
            search(x, plain, scratch)
            d = linear(scratch.scales, scratch.scaleLevels)
            dmin = linear(scratch.minima, scratch.minimumLevels)
        }
        output.store(f16: d, at: 0)
        output.store(f16: dmin, at: 2)
        packScales(scratch.scaleLevels, scratch.minimumLevels, into: output.bytes(at: 4))
        let (storedD, storedMin) = (HalfPrecision.rounded(d), HalfPrecision.rounded(dmin))
        requantize(x, scratch.levels, subBlock: 32, low: 0, high: plain.levels) { j in
            (storedD * Float(scratch.scaleLevels[j]), storedMin * Float(scratch.minimumLevels[j]))
        }
        if plain.levels == 31 { packFifthBits(scratch.levels, into: output.bytes(at: 16)) }
        packNibbles(scratch.levels, into: output.bytes(at: plain.levels == 31 ? 48 : 16))
    }

    @inline(__always)
    static func packNibbles(_ levels: Levels, into qs: Levels) {
        for g in 0..<4 {
            let source = levels + 64 &* g
            for l in 0..<32 { qs[32 &* g &+ l] = source[l] & 15 | source[l &+ 32] << 4 }
        }
    }

    private static func search(_ x: Floats, _ search: AffineSearch, _ scratch: Scratch) {
        for j in 0..<8 {
            let start = 32 &* j
            scratch.sums[j] = sum(scratch.weights + start, 32)
            (scratch.scales[j], scratch.minima[j]) = search(
                x + start, weights: scratch.weights + start, count: 32,
                best: scratch.levels + start, trial: scratch.trial)
        }
    }

    /// Six bits of the largest value: the levels, and the value of one step.
    private static func linear(_ values: Floats, _ levels: Levels) -> Float {
        let high = largest(values, 8)
        let inverse = high > 0 ? 63 / high : 0
        for j in 0..<8 { levels[j] = min(63, UInt8(truncatingIfNeeded: nearestInt(inverse * values[j]))) }
        return high / 63
    }

    /// Sub-blocks 0...3: scale in the low six bits of byte j, minimum in those of byte j+4. Sub-blocks 4...7: low
    /// nibbles in byte j+4, and the two bits on top of each in the bits left free in bytes j-4 and j.
    @inline(__always)
    static func packScales(_ scale: Levels, _ minimum: Levels, into scales: Levels) {
        for j in 0..<4 {
            scales[j] = scale[j] | (scale[j &+ 4] >> 4) << 6
            scales[j &+ 4] = minimum[j] | (minimum[j &+ 4] >> 4) << 6
            scales[j &+ 8] = scale[j &+ 4] & 15 | minimum[j &+ 4] << 4
        }
    }

    @inline(__always)
    private static func unpackScale(_ scales: UnsafeRawPointer, _ j: Int) -> (scale: Float, minimum: Float) {
        if j < 4 { return (Float(scales.byte(at: j) & 63), Float(scales.byte(at: j &+ 4) & 63)) }
        let low = scales.byte(at: j &+ 4)
        return (
            Float(low & 15 | (scales.byte(at: j &- 4) >> 6) << 4), Float(low >> 4 | (scales.byte(at: j) >> 6) << 4)
        )
    }

    @inline(__always)
    static func packFifthBits(_ levels: Levels, into qh: Levels) {
        for l in 0..<32 {
            var bits: UInt8 = 0
            for j in 0..<8 { bits |= (levels[32 &* j &+ l] >> 4) << UInt8(truncatingIfNeeded: j) }
            qh[l] = bits
        }
    }

    static func decodeQ4_K(_ bytes: UnsafeRawPointer, _ columns: Int, _ y: MutableFloats) {
        decode(bytes, columns, y, blockBytes: 144, fifthBit: false)
    }

    static func decodeQ5_K(_ bytes: UnsafeRawPointer, _ columns: Int, _ y: MutableFloats) {
        decode(bytes, columns, y, blockBytes: 176, fifthBit: true)
    }

    @inline(__always)
    private static func decode(
        _ bytes: UnsafeRawPointer, _ columns: Int, _ y: MutableFloats, blockBytes: Int, fifthBit: Bool
    ) {
        for b in 0..<columns / superBlock {
            let source = bytes + blockBytes &* b
            let d = source.f16(at: 0)
            let dmin = source.f16(at: 2)
            for j in 0..<8 {
                let (scale, minimum) = unpackScale(source + 4, j)
                let (step, low) = (d * scale, dmin * minimum)
                let qs = (fifthBit ? 48 : 16) &+ 32 &* (j / 2)
                let shift = Int32(truncatingIfNeeded: 4 &* (j % 2))
                let bit = Int32(truncatingIfNeeded: j)
                let target = y + (superBlock &* b &+ 32 &* j)
                for l in 0..<32 {
                    var level = source.byte(at: qs &+ l) &>> shift & 15
                    if fifthBit { level |= (source.byte(at: 16 &+ l) &>> bit & 1) << 4 }
                    target[l] = step * Float(level) - low
                }
            }
        }
    }
}
