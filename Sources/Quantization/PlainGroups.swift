import Tensors

/// Chunk of 32 elements whose nibbles share 16 bytes and whose fifth bits share a word, in every group length.
private let chunk = 32

/// The longest group.
private let longestGroup = 128

/// The twins of the kernels for group scales, one row and one group at a time.
struct PlainGroups: Sendable {
    let format: GroupScaleFormat
    /// Elements per row, a whole number of groups.
    let columns: Int
    let sections: GroupScaleFormat.Sections

    func encode(_ x: Floats, _ importance: Floats?, rows: Int, _ output: UnsafeMutableRawPointer) {
        for row in 0..<rows { encode(x + row &* columns, importance, output + row &* sections.minima.upperBound) }
    }

    func decode(_ source: UnsafeRawPointer, _ y: MutableFloats) {
        levels(source, into: y)
        for group in 0..<columns / format.groupLength {
            let scale = source.f16(at: sections.scales.lowerBound &+ 2 &* group)
            let start = group &* format.groupLength
            if format.symmetry == .affine {
                let minimum = source.f16(at: sections.minima.lowerBound &+ 2 &* group)
                for i in start..<start &+ format.groupLength { y[i] = scale * y[i] + minimum }
            } else {
                for i in start..<start &+ format.groupLength { y[i] = scale * y[i] }
            }
        }
    }

    /// One row of finite floats.
    private func encode(_ x: Floats, _ importance: Floats?, _ output: UnsafeMutableRawPointer) {
        let sigma2 = importance == nil ? 0 : sumOfSquares(x, columns) / Float(columns)
        GroupScratch.with { scratch in
            for group in 0..<columns / format.groupLength {
                let start = group &* format.groupLength
                if let importance {
                    weigh(
                        x + start, importance: importance + start, sigma2: sigma2, format.groupLength,
                        into: scratch.weights)
                } else {
                    scratch.weights.update(repeating: 1, count: format.groupLength)
                }
                switch format.symmetry {
                case .symmetric:
                    let scale = symmetricGroup(x + start, scratch)
                    output.store(f16: scale, at: sections.scales.lowerBound &+ 2 &* group)
                case .affine:
                    let (scale, minimum) = affineGroup(x + start, scratch)
                    output.store(f16: scale, at: sections.scales.lowerBound &+ 2 &* group)
                    output.store(f16: minimum, at: sections.minima.lowerBound &+ 2 &* group)
                }
                pack(scratch.levels, at: start, into: output)
            }
        }
    }

    /// - Returns: The scale, already rounded to f16; `scratch.levels` receives the codes.
    private func symmetricGroup(_ x: Floats, _ scratch: GroupScratch) -> Float {
        let range = Int32(1) << Int32(truncatingIfNeeded: format.bits &- 1)
        let count = format.groupLength
        var scale = symmetricSearch(x, weights: scratch.weights, count: count, range: range, best: scratch.levels)
        if scale == 0 {
            // All that has a weight rounds to 0. Zeros would be worse than a scale that fits all values alike.
            scratch.weights.update(repeating: 1, count: count)
            scale = symmetricSearch(x, weights: scratch.weights, count: count, range: range, best: scratch.levels)
        }
        let stored = HalfPrecision.rounded(scale)
        // Signed bytes are stored as they are, shorter levels with the range added.
        let offset = format.bits == 8 ? 0 : range
        guard stored != 0 else {
            scratch.levels.update(repeating: UInt8(truncatingIfNeeded: offset), count: count)
            return 0
        }
        for i in 0..<count {
            let level = nearestLevel(x[i] / stored, -Float(range), Float(range &- 1))
            scratch.levels[i] = UInt8(truncatingIfNeeded: level &+ offset)
        }
        return stored
    }

    /// - Returns: The scale and the minimum, already rounded to f16; `scratch.levels` receives the codes.
    private func affineGroup(_ x: Floats, _ scratch: GroupScratch) -> (scale: Float, minimum: Float) {
        let top = Int32(1) << Int32(truncatingIfNeeded: format.bits) &- 1
        let count = format.groupLength
        // ggml stores no minimum above 0, and the search looks for none. Our minima have a sign: seen from the
        // largest value, all are below 0.
        var high = x[0]
        for i in 1..<count where x[i] > high { high = x[i] }
        for i in 0..<count { scratch.shifted[i] = x[i] - high }
        let search = AffineSearch.underImportance(levels: top)
        let (scale, minimum) = search(
            scratch.shifted, weights: scratch.weights, count: count, best: scratch.levels, trial: scratch.trial)
        let stored = HalfPrecision.rounded(scale)
        let low = HalfPrecision.rounded(high - minimum)
        guard stored != 0 else {
            scratch.levels.update(repeating: 0, count: count)
            return (0, low)
        }
        for i in 0..<count {
            scratch.levels[i] = UInt8(truncatingIfNeeded: nearestLevel((x[i] - low) / stored, 0, Float(top)))
        }
        return (stored, low)
    }

    /// Writes the codes of the group that begins at element `start`.
    func pack(_ levels: Levels, at start: Int, into output: UnsafeMutableRawPointer) {
        guard format.bits < 8 else {
            output.bytes(at: start).update(from: levels, count: format.groupLength)
            return
        }
        for first in stride(from: 0, to: format.groupLength, by: chunk) {
            let element = start &+ first
            packNibbles(levels + first, into: output.bytes(at: element / 2))
            guard format.bits == 5 else { continue }
            output.storeBytes(
                of: fifthBits(levels + first), toByteOffset: sections.highBits.lowerBound &+ element / 8,
                as: UInt32.self)
        }
    }

    /// The levels as numbers, with their sign.
    private func levels(_ source: UnsafeRawPointer, into y: MutableFloats) {
        let symmetric = format.symmetry == .symmetric
        guard format.bits < 8 else {
            for i in 0..<columns {
                let byte = source.byte(at: i)
                y[i] = Float(symmetric ? Int32(Int8(truncatingIfNeeded: byte)) : byte)
            }
            return
        }
        let offset: Int32 = symmetric ? (format.bits == 4 ? 8 : 16) : 0
        for start in stride(from: 0, to: columns, by: chunk) {
            let high =
                format.bits == 4
                ? 0
                : source.loadUnaligned(fromByteOffset: sections.highBits.lowerBound &+ start / 8, as: Int32.self)
            for j in 0..<16 {
                let byte = source.byte(at: start / 2 &+ j)
                let shift = Int32(truncatingIfNeeded: j)
                let first = byte & 15 | (high &>> shift & 1) << 4
                let second = byte >> 4 | (high &>> (shift &+ 16) & 1) << 4
                y[start &+ j] = Float(first &- offset)
                y[start &+ j &+ 16] = Float(second &- offset)
            }
        }
    }
}

/// Clips first: beyond 2^22 `nearestInt` rounds no longer. NaN gives the lowest level.
@inline(__always)
private func nearestLevel(_ value: Float, _ low: Float, _ high: Float) -> Int32 {
    nearestInt(value > low ? (value < high ? value : high) : low)
}

/// Working memory of one row's encoder, used again for every group.
private struct GroupScratch {
    let weights: MutableFloats
    /// The values as the affine search sees them.
    let shifted: MutableFloats
    let levels: Levels
    /// The trial levels of a search.
    let trial: Levels

    @inline(__always)
    static func with(_ body: (GroupScratch) -> Void) {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * longestGroup) { floats in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 2 * longestGroup) { bytes in
                guard let f = floats.baseAddress, let b = bytes.baseAddress else { return }
                f.initialize(repeating: 0, count: 2 * longestGroup)
                b.initialize(repeating: 0, count: 2 * longestGroup)
                body(
                    GroupScratch(
                        weights: f, shifted: f + longestGroup, levels: b, trial: b + longestGroup))
            }
        }
    }
}
