// IQ4_NL and IQ4_XS: 4-bit levels on a curve that is finer near zero.

/// The values of the 16 levels.
let curve:
    (
        Float, Float, Float, Float, Float, Float, Float, Float, Float, Float, Float, Float, Float, Float, Float, Float
    ) = (-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113)

/// IQ4_NL: blocks of 32; f16 d, 16 bytes of nibbles as in Q4_0; value = d * T[level].
///
/// IQ4_XS: 8 sub-blocks of 32 with signed 6-bit scales; value = (d*scale)*T[level].
///
///     d            f16
///     scales_h     u16, bits 2j: the upper two bits of scale j + 32
///     scales_l[4]  its lower four bits: nibbles, low one first
///     qs[128]      16 bytes per sub-block, as IQ4_NL
enum CurveBlocks {
    private static let subBlock = 32

    /// The curve in memory, for looking up, together with the midpoints between its levels.
    private struct Table {
        let values: Floats
        /// `midpoints[u]` lies between levels u and u+1.
        let midpoints: Floats

        /// The nearest level; on a midpoint the higher one; for NaN the highest.
        ///
        /// ggml compares the distances to both neighbours. Near a midpoint both differences are exact, so the
        /// comparison with the midpoint itself is the same.
        @inline(__always)
        func level(_ value: Float) -> Int {
            var level = value < midpoints[7] ? 0 : 8
            level = value < midpoints[level &+ 3] ? level : level &+ 4
            level = value < midpoints[level &+ 1] ? level : level &+ 2
            return value < midpoints[level] ? level : level &+ 1
        }

        @inline(__always)
        static func with(_ body: (Table) -> Void) {
            withUnsafeTemporaryAllocation(of: Float.self, capacity: 32) { memory in
                guard let start = memory.baseAddress else { return }
                withUnsafeBytes(of: curve) { UnsafeMutableRawBufferPointer(memory).copyMemory(from: $0) }
                for u in 0..<15 { (start + 16 + u).initialize(to: (start[u] + start[u &+ 1]) / 2) }
                body(Table(values: start, midpoints: start + 16))
            }
        }
    }

    static func encodeNL(_ x: Floats, _ importance: Floats?, _ columns: Int, _ output: UnsafeMutableRawPointer) {
        Table.with { table in
            Scratch.with { scratch in
                for b in 0..<columns / subBlock {
                    let source = x + subBlock &* b
                    let target = output + 18 &* b
                    weigh(source, importance.map { $0 + subBlock &* b }, subBlock, scratch.weights)
                    let d = scale(source, scratch.weights, table)
                    let id = inverse(d)
                    for i in 0..<subBlock {
                        scratch.levels[i] = UInt8(truncatingIfNeeded: table.level(id * source[i]))
                    }
                    target.store(f16: d, at: 0)
                    packNibbles(scratch.levels, into: target.bytes(at: 2))
                }
            }
        }
    }

    static func encodeXS(_ x: Floats, _ importance: Floats?, _ columns: Int, _ output: UnsafeMutableRawPointer) {
        Table.with { table in
            Scratch.with { scratch in
                for b in 0..<columns / superBlock {
                    let source = x + superBlock &* b
                    weigh(source, importance.map { $0 + superBlock &* b }, superBlock, scratch.weights)
                    for j in 0..<8 {
                        let start = subBlock &* j
                        scratch.scales[j] = scale(source + start, scratch.weights + start, table)
                    }
                    storeXS(source, output + 136 &* b, table, scratch)
                }
            }
        }
    }

    private static func storeXS(_ x: Floats, _ output: UnsafeMutableRawPointer, _ table: Table, _ scratch: Scratch) {
        // The levels are rounded with the scale as computed, not as stored.
        let d = -extremum(scratch.scales, 8) / 32
        let id = inverse(d)
        output.store(f16: d, at: 0)
        for j in 0..<8 {
            let source = x + subBlock &* j
            let scale = nearestInt(id * scratch.scales[j], -32, 31)
            let inverseScale = inverse(d * Float(scale))
            for i in 0..<subBlock {
                scratch.levels[i] = UInt8(truncatingIfNeeded: table.level(inverseScale * source[i]))
            }
            packNibbles(scratch.levels, into: output.bytes(at: 8 &+ 16 &* j))
            scratch.scaleLevels[j] = UInt8(truncatingIfNeeded: scale &+ 32)
        }
        packScales(scratch.scaleLevels, into: output)
    }

    /// Eight scales, 32 added, into a block's `scales_h` and `scales_l`.
    @inline(__always)
    static func packScales(_ scales: Levels, into output: UnsafeMutableRawPointer) {
        var upper: UInt16 = 0
        var lower: UInt32 = 0
        for j in 0..<8 {
            let stored = UInt32(scales[j])
            lower |= (stored & 15) &<< UInt32(truncatingIfNeeded: 4 &* j)
            upper |= UInt16(truncatingIfNeeded: stored >> 4) &<< UInt16(truncatingIfNeeded: 2 &* j)
        }
        output.storeBytes(of: upper, toByteOffset: 2, as: UInt16.self)
        output.storeBytes(of: lower, toByteOffset: 4, as: UInt32.self)
    }

    @inline(__always)
    private static func weigh(_ x: Floats, _ importance: Floats?, _ count: Int, _ weights: MutableFloats) {
        guard let importance else { return weighBySquares(x, count, into: weights) }
        let sigma2 = sumOfSquares(x, count) * (2 / Float(count))
        Quantization.weigh(x, importance: importance, sigma2: sigma2, count, into: weights)
    }

    /// The scale of 32 elements (`quantize_row_iq4_nl_impl`, ntry 7): tries 16 scales that bring the extremum to the
    /// lowest level or near it, and keeps the one that explains most of the weighted values.
    private static func scale(_ x: Floats, _ weights: Floats, _ table: Table) -> Float {
        let peak = extremum(x, subBlock)
        if abs(peak) < smallestGroup { return 0 }
        func sums(_ inverse: Float) -> (qx: Float, q2: Float) {
            var sumQX: Float = 0
            var sumQ2: Float = 0
            for i in 0..<subBlock {
                let weighted = weights[i] * table.values[table.level(inverse * x[i])]
                sumQX += weighted * x[i]
                sumQ2 += weighted * table.values[table.level(inverse * x[i])]
            }
            return (sumQX, sumQ2)
        }
        let first = sums(1 / (-peak / table.values[0]))
        var d = first.q2 > 0 ? first.qx / first.q2 : 0
        var bestGain = d * first.qx
        for s: Int32 in -7...7 {
            let trial = sums((Float(s) + table.values[0]) / peak)
            if trial.q2 > 0, trial.qx * trial.qx > bestGain * trial.q2 {
                d = trial.qx / trial.q2
                bestGain = d * trial.qx
            }
        }
        return d
    }

    static func decodeNL(_ bytes: UnsafeRawPointer, _ columns: Int, _ y: MutableFloats) {
        Table.with { table in
            for b in 0..<columns / subBlock {
                let source = bytes + 18 &* b
                decode(source + 2, source.f16(at: 0), table, y + subBlock &* b)
            }
        }
    }

    static func decodeXS(_ bytes: UnsafeRawPointer, _ columns: Int, _ y: MutableFloats) {
        Table.with { table in
            for b in 0..<columns / superBlock {
                let source = bytes + 136 &* b
                let d = source.f16(at: 0)
                let upper = Int32(source.half(at: 2))
                for j in 0..<8 {
                    let low = source.byte(at: 4 &+ j / 2) &>> Int32(truncatingIfNeeded: 4 &* (j % 2)) & 15
                    let high = upper &>> Int32(truncatingIfNeeded: 2 &* j) & 3
                    let scale = d * Float((low | high << 4) &- 32)
                    decode(source + (8 &+ 16 &* j), scale, table, y + (superBlock &* b &+ subBlock &* j))
                }
            }
        }
    }

    @inline(__always)
    private static func decode(_ qs: UnsafeRawPointer, _ scale: Float, _ table: Table, _ y: MutableFloats) {
        for j in 0..<16 {
            let byte = Int(truncatingIfNeeded: qs.byte(at: j))
            y[j] = scale * table.values[byte & 15]
            y[j &+ 16] = scale * table.values[byte >> 4]
        }
    }
}
