// Q4_0, Q4_1, Q5_0, Q5_1 and Q8_0: blocks of 32 elements with one f16 scale, and an f16 minimum in the _1 types.
//
// Without an importance the elements are rounded with the scale as computed; only the stored field is a half.

/// Elements per block.
private let block = 32

/// Writes level j as the low and level j+16 as the high nibble of byte j; IQ4 uses the same order.
@inline(__always)
func packNibbles(_ levels: Levels, into qs: Levels) {
    for j in 0..<16 { qs[j] = levels[j] & 15 | levels[j &+ 16] << 4 }
}

/// Bit e is the fifth bit of level e.
@inline(__always)
func fifthBits(_ levels: Levels) -> UInt32 {
    var bits: UInt32 = 0
    for j in 0..<32 { bits |= UInt32(levels[j] >> 4 & 1) << UInt32(truncatingIfNeeded: j) }
    return bits
}

/// Toward zero, at most `high`. What C leaves undefined (NaN, and what no byte holds) becomes 0 or `high`.
@inline(__always)
private func truncate(_ value: Float, _ high: Float) -> UInt8 {
    // The bounds make the conversion safe, and the comparison with NaN is false.
    value >= 0 ? UInt8(truncatingIfNeeded: Int32(value < high ? value : high)) : 0
}

/// Room for the levels of one block and a search's trial.
@inline(__always)
private func withLevels(_ body: (_ levels: Levels, _ trial: Levels) -> Void) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 2 * block) { memory in
        guard let levels = memory.baseAddress else { return }
        levels.initialize(repeating: 0, count: 2 * block)
        body(levels, levels + block)
    }
}

/// The same with room for the weights of one block.
@inline(__always)
private func withWeights(_ body: (_ weights: MutableFloats, _ levels: Levels, _ trial: Levels) -> Void) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: block) { memory in
        guard let weights = memory.baseAddress else { return }
        weights.initialize(repeating: 0, count: block)
        withLevels { body(weights, $0, $1) }
    }
}

/// Q4_0 and Q5_0: value = (level - range) * d, with range 8 and 16.
enum SymmetricBlocks {
    static func encodeQ4_0(_ x: Floats, _ importance: Floats?, _ columns: Int, _ output: UnsafeMutableRawPointer) {
        encode(x, importance, columns, output, range: 8)
    }

    static func encodeQ5_0(_ x: Floats, _ importance: Floats?, _ columns: Int, _ output: UnsafeMutableRawPointer) {
        encode(x, importance, columns, output, range: 16)
    }

    static func decodeQ4_0(_ bytes: UnsafeRawPointer, _ columns: Int, _ y: MutableFloats) {
        for b in 0..<columns / block {
            let source = bytes + 18 &* b
            let target = y + block &* b
            let d = source.f16(at: 0)
            for j in 0..<16 {
                let byte = source.byte(at: 2 &+ j)
                target[j] = Float(byte & 15 &- 8) * d
                target[j &+ 16] = Float(byte >> 4 &- 8) * d
            }
        }
    }

    static func decodeQ5_0(_ bytes: UnsafeRawPointer, _ columns: Int, _ y: MutableFloats) {
        for b in 0..<columns / block {
            let source = bytes + 22 &* b
            let target = y + block &* b
            let d = source.f16(at: 0)
            let high = source.loadUnaligned(fromByteOffset: 2, as: Int32.self)
            for j in 0..<16 {
                let byte = source.byte(at: 6 &+ j)
                let shift = Int32(truncatingIfNeeded: j)
                target[j] = Float((byte & 15 | (high &>> shift & 1) << 4) &- 16) * d
                target[j &+ 16] = Float((byte >> 4 | (high &>> (shift &+ 16) & 1) << 4) &- 16) * d
            }
        }
    }

    @inline(__always)
    private static func encode(
        _ x: Floats, _ importance: Floats?, _ columns: Int, _ output: UnsafeMutableRawPointer, range: Int32
    ) {
        let bytes = range == 8 ? 18 : 22
        guard let importance else {
            withLevels { levels, _ in
                for b in 0..<columns / block {
                    let source = x + block &* b
                    let d = extremum(source, block) / -Float(range)
                    let id = inverse(d)
                    for j in 0..<block {
                        levels[j] = truncate(source[j] * id + (Float(range) + 0.5), Float(2 &* range &- 1))
                    }
                    store(d, levels, output + bytes &* b, range: range)
                }
            }
            return
        }
        let sigma2 = sumOfSquares(x, columns) / Float(columns)
        withWeights { weights, levels, _ in
            for b in 0..<columns / block {
                let source = x + block &* b
                weigh(source, importance: importance + block &* b, sigma2: sigma2, block, into: weights)
                let d = symmetricSearch(source, weights: weights, count: block, range: range, best: levels)
                store(d, levels, output + bytes &* b, range: range)
            }
        }
    }

    @inline(__always)
    private static func store(_ d: Float, _ levels: Levels, _ output: UnsafeMutableRawPointer, range: Int32) {
        output.store(f16: d, at: 0)
        if range == 16 { output.storeBytes(of: fifthBits(levels), toByteOffset: 2, as: UInt32.self) }
        packNibbles(levels, into: output.bytes(at: range == 8 ? 2 : 6))
    }
}

/// Q4_1 and Q5_1: value = level * d + m, with levels up to 15 and 31.
enum AffineBlocks {
    static func encodeQ4_1(_ x: Floats, _ importance: Floats?, _ columns: Int, _ output: UnsafeMutableRawPointer) {
        encode(x, importance, columns, output, top: 15)
    }

    static func encodeQ5_1(_ x: Floats, _ importance: Floats?, _ columns: Int, _ output: UnsafeMutableRawPointer) {
        encode(x, importance, columns, output, top: 31)
    }

    static func decodeQ4_1(_ bytes: UnsafeRawPointer, _ columns: Int, _ y: MutableFloats) {
        for b in 0..<columns / block {
            let source = bytes + 20 &* b
            let target = y + block &* b
            let d = source.f16(at: 0)
            let m = source.f16(at: 2)
            for j in 0..<16 {
                let byte = source.byte(at: 4 &+ j)
                target[j] = Float(byte & 15) * d + m
                target[j &+ 16] = Float(byte >> 4) * d + m
            }
        }
    }

    static func decodeQ5_1(_ bytes: UnsafeRawPointer, _ columns: Int, _ y: MutableFloats) {
        for b in 0..<columns / block {
            let source = bytes + 24 &* b
            let target = y + block &* b
            let d = source.f16(at: 0)
            let m = source.f16(at: 2)
            let high = source.loadUnaligned(fromByteOffset: 4, as: Int32.self)
            for j in 0..<16 {
                let byte = source.byte(at: 8 &+ j)
                let shift = Int32(truncatingIfNeeded: j)
                target[j] = Float(byte & 15 | (high &>> shift & 1) << 4) * d + m
                target[j &+ 16] = Float(byte >> 4 | (high &>> (shift &+ 16) & 1) << 4) * d + m
            }
        }
    }

    @inline(__always)
    private static func encode(
        _ x: Floats, _ importance: Floats?, _ columns: Int, _ output: UnsafeMutableRawPointer, top: Int32
    ) {
        let bytes = top == 15 ? 20 : 24
        guard let importance else {
            withLevels { levels, _ in
                for b in 0..<columns / block {
                    let source = x + block &* b
                    // Of +0 and -0 the first one stays: ggml stores its sign. NaN is passed over.
                    var low = Float.greatestFiniteMagnitude
                    var high = -Float.greatestFiniteMagnitude
                    for j in 0..<block {
                        if source[j] < low { low = source[j] }
                        if source[j] > high { high = source[j] }
                    }
                    let d = (high - low) / Float(top)
                    let id = inverse(d)
                    for j in 0..<block { levels[j] = truncate((source[j] - low) * id + 0.5, Float(top)) }
                    store(d, low, levels, output + bytes &* b, top: top)
                }
            }
            return
        }
        let sigma2 = sumOfSquares(x, columns) / Float(columns)
        let search = AffineSearch.underImportance(levels: top)
        withWeights { weights, levels, trial in
            for b in 0..<columns / block {
                let source = x + block &* b
                weigh(source, importance: importance + block &* b, sigma2: sigma2, block, into: weights)
                let (d, minimum) = search(source, weights: weights, count: block, best: levels, trial: trial)
                store(d, -minimum, levels, output + bytes &* b, top: top)
            }
        }
    }

    @inline(__always)
    private static func store(_ d: Float, _ m: Float, _ levels: Levels, _ output: UnsafeMutableRawPointer, top: Int32) {
        output.store(f16: d, at: 0)
        output.store(f16: m, at: 2)
        if top == 31 { output.storeBytes(of: fifthBits(levels), toByteOffset: 4, as: UInt32.self) }
        packNibbles(levels, into: output.bytes(at: top == 15 ? 4 : 8))
    }
}

/// Q8_0: value = level * d. Has no use for an importance.
enum ByteBlocks {
    static func encodeQ8_0(_ x: Floats, _: Floats?, _ columns: Int, _ output: UnsafeMutableRawPointer) {
        for b in 0..<columns / block {
            let source = x + block &* b
            let target = output + 34 &* b
            let d = abs(extremum(source, block)) / 127
            let id = inverse(d)
            target.store(f16: d, at: 0)
            let qs = target.bytes(at: 2)
            for j in 0..<block { qs[j] = roundAway(source[j] * id) }
        }
    }

    static func decodeQ8_0(_ bytes: UnsafeRawPointer, _ columns: Int, _ y: MutableFloats) {
        for b in 0..<columns / block {
            let source = bytes + 34 &* b
            let d = source.f16(at: 0)
            for j in 0..<block {
                y[block &* b &+ j] = Float(Int8(truncatingIfNeeded: source.byte(at: 2 &+ j))) * d
            }
        }
    }

    /// Halves away from zero, as C's `roundf`. NaN becomes 0 and what is out of range ±127; C leaves both undefined.
    @inline(__always)
    private static func roundAway(_ value: Float) -> UInt8 {
        let magnitude = abs(value)
        guard magnitude >= 0 else { return 0 }
        let bounded = magnitude < 127 ? magnitude : 127
        let whole = Int32(bounded)
        let level = bounded - Float(whole) >= 0.5 ? whole &+ 1 : whole
        return UInt8(truncatingIfNeeded: value < 0 ? 0 &- level : level)
    }
}
