/// Q2_K: 16 sub-blocks of 16 elements with 4-bit scales and minima; value = (d*scale)*level - dmin*minimum.
///
///     scales[16]   low nibble scale, high nibble minimum
///     qs[64]       2-bit levels: bits 2k of byte 32b+l hold element 128b + 32k + l
///     d, dmin      f16
enum Q2_K {
    static let bytes = 84

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
        let dmin: Float
        if let importance {
            let sigma2 = sumOfSquares(x, superBlock) / Float(superBlock)
            weigh(x, importance: importance, sigma2: sigma2, superBlock, into: scratch.weights)
            search(x, .underImportance(levels: 3), scratch)
            d = nonNegativeSearch(
                scratch.scales, weights: scratch.sums, count: 16, levels: 15, best: scratch.scaleLevels)
            dmin = nonNegativeSearch(
                scratch.minima, weights: scratch.sums, count: 16, levels: 15, best: scratch.minimumLevels)
        } else {
            for i in 0..<superBlock { scratch.weights[i] = abs(x[i]) }
            search(x, AffineSearch(levels: 3, start: -0.5, step: 0.1, steps: 15, absolute: true), scratch)
            d = linear(scratch.scales, scratch.scaleLevels)
            dmin = linear(scratch.minima, scratch.minimumLevels)
        }
        let scales = output.bytes(at: 0)
        for j in 0..<16 { scales[j] = scratch.scaleLevels[j] | scratch.minimumLevels[j] << 4 }
        output.store(f16: d, at: 80)
        output.store(f16: dmin, at: 82)
        let (storedD, storedMin) = (HalfPrecision.rounded(d), HalfPrecision.rounded(dmin))
        requantize(x, scratch.levels, subBlock: 16, low: 0, high: 3) { j in
            (storedD * Float(scales[j] & 15), storedMin * Float(scales[j] >> 4))
        }
        pack(scratch.levels, into: output.bytes(at: 16))
    }

    private static func search(_ x: Floats, _ search: AffineSearch, _ scratch: Scratch) {
        for j in 0..<16 {
            let start = 16 &* j
            scratch.sums[j] = sum(scratch.weights + start, 16)
            (scratch.scales[j], scratch.minima[j]) = search(
                x + start, weights: scratch.weights + start, count: 16,
                best: scratch.levels + start, trial: scratch.trial)
        }
    }

    /// Four bits of the largest value: the levels, and the value of one step.
    private static func linear(_ values: Floats, _ levels: Levels) -> Float {
        let high = largest(values, 16)
        guard high > 0 else {
            levels.update(repeating: 0, count: 16)
            return 0
        }
        let inverse = 15 / high
        for j in 0..<16 { levels[j] = UInt8(truncatingIfNeeded: nearestInt(inverse * values[j])) }
        return high / 15
    }

    /// Two bits per level; Q3_K stores its lower bits the same way.
    @inline(__always)
    static func pack(_ levels: Levels, into qs: Levels) {
        for half in 0..<2 {
            let source = levels + 128 &* half
            for l in 0..<32 {
                qs[32 &* half &+ l] =
                    source[l] & 3 | (source[l &+ 32] & 3) << 2 | (source[l &+ 64] & 3) << 4 | source[l &+ 96] << 6
            }
        }
    }

    static func decode(_ bytes: UnsafeRawPointer, _ columns: Int, _ y: MutableFloats) {
        for b in 0..<columns / superBlock {
            let source = bytes + Self.bytes &* b
            let d = source.f16(at: 80)
            let dmin = source.f16(at: 82)
            for j in 0..<16 {
                let scale = d * Float(source.byte(at: j) & 15)
                let minimum = dmin * Float(source.byte(at: j) >> 4)
                let qs = 16 &+ 32 &* (j / 8) &+ 16 &* (j % 2)
                let shift = Int32(truncatingIfNeeded: j % 8 / 2 &* 2)
                let target = y + (superBlock &* b &+ 16 &* j)
                for l in 0..<16 {
                    target[l] = scale * Float(source.byte(at: qs &+ l) &>> shift & 3) - minimum
                }
            }
        }
    }
}
