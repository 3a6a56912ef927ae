// The searches for the scale of one sub-block, as ggml makes them (ggml-quants.c, `make_*_quants`). The letters
// A to D are those of formats/quantized-blocks.md.
//
// ggml fixes the result only through the order of its operations: every sum runs in element order, each operation
// rounds once, nothing is fused. So these loops must not be "improved" by partial sums.

/// ggml's `nearest_int`: rounds halves to even for |v| <= 4194303. Beyond that, and for NaN, it yields the bits that
/// the addition leaves in the mantissa, as ggml does; it cannot trap.
@inline(__always)
func nearestInt(_ value: Float) -> Int32 {
    Int32(bitPattern: (value + 12_582_912).bitPattern & 0x7F_FFFF) &- 0x40_0000
}

@inline(__always)
func nearestInt(_ value: Float, _ low: Int32, _ high: Int32) -> Int32 {
    let level = nearestInt(value)
    return level < low ? low : (level > high ? high : level)
}

/// 1/d, or 0 where d is 0.
@inline(__always)
func inverse(_ d: Float) -> Float { d != 0 ? 1 / d : 0 }

/// Sums in element order.
@inline(__always)
func sumOfSquares(_ x: Floats, _ count: Int) -> Float {
    var sum: Float = 0
    for i in 0..<count { sum += x[i] * x[i] }
    return sum
}

@inline(__always)
func sum(_ x: Floats, _ count: Int) -> Float {
    var sum: Float = 0
    for i in 0..<count { sum += x[i] }
    return sum
}

/// The element of largest magnitude, with its sign; the first one of equals. 0 if all are 0 or NaN.
@inline(__always)
func extremum(_ x: Floats, _ count: Int) -> Float {
    var magnitude: Float = 0
    var value: Float = 0
    for i in 0..<count where abs(x[i]) > magnitude {
        magnitude = abs(x[i])
        value = x[i]
    }
    return value
}

/// The largest of `x`, at least 0.
@inline(__always)
func largest(_ x: Floats, _ count: Int) -> Float {
    var value: Float = 0
    for i in 0..<count where x[i] > value { value = x[i] }
    return value
}

/// Groups whose largest magnitude is below this become zeros (GROUP_MAX_EPS).
let smallestGroup: Float = 1e-15

/// Weights of a group under an importance: `q * sqrt(sigma2 + x*x)`.
@inline(__always)
func weigh(_ x: Floats, importance: Floats, sigma2: Float, _ count: Int, into weights: MutableFloats) {
    for i in 0..<count { weights[i] = importance[i] * (sigma2 + x[i] * x[i]).squareRoot() }
}

/// Weights of a group without one: its squares.
@inline(__always)
func weighBySquares(_ x: Floats, _ count: Int, into weights: MutableFloats) {
    for i in 0..<count { weights[i] = x[i] * x[i] }
}

/// Search A: a scale and a minimum (`make_qkx2_quants`, `make_qkx3_quants`).
///
/// Tries `steps + 1` scales around `levels / range`; for each, the scale and minimum that fit the rounded levels
/// best in the weighted least-squares sense.
struct AffineSearch {
    /// The highest level.
    let levels: Int32
    /// Trial s has the scale (start + step*s + levels) / range.
    let start: Float
    let step: Float
    let steps: Int32
    /// Compares trials by weighted absolute instead of squared deviations.
    var absolute = false

    /// The search wherever an importance is given.
    static func underImportance(levels: Int32) -> AffineSearch {
        AffineSearch(levels: levels, start: -0.9, step: 0.05, steps: 36)
    }

    /// - Parameters:
    ///   - best: Receives the levels, 0...levels.
    ///   - trial: Room for `count` levels.
    /// - Returns: The scale, and the minimum with its sign turned (so never below 0).
    func callAsFunction(
        _ x: Floats, weights: Floats, count: Int, best: Levels, trial: Levels
    ) -> (scale: Float, minimum: Float) {
        var low = x[0]
        var high = x[0]
        var sumW = weights[0]
        var sumX = sumW * x[0]
        for i in 1..<count {
            if x[i] < low { low = x[i] }
            if x[i] > high { high = x[i] }
            sumW += weights[i]
            sumX += weights[i] * x[i]
        }
        if low > 0 { low = 0 }
        if high <= low {
            best.update(repeating: 0, count: count)
            return (0, -low)
        }
        var scale = 1 / (Float(levels) / (high - low))
        var bestError = error(x, weights, count, inverse: Float(levels) / (high - low), scale, low, levels: best)
        for s in 0...steps {
            // An accepted trial moves `low`, and with it the scales of the trials after it.
            let inverse = ((start + step * Float(s)) + Float(levels)) / (high - low)
            var sumL: Float = 0
            var sumL2: Float = 0
            var sumXL: Float = 0
            for i in 0..<count {
                let level = nearestInt(inverse * (x[i] - low), 0, levels)
                trial[i] = UInt8(truncatingIfNeeded: level)
                let weighted = weights[i] * Float(level)
                sumL += weighted
                sumL2 += weighted * Float(level)
                sumXL += weighted * x[i]
            }
            let determinant = sumW * sumL2 - sumL * sumL
            guard determinant > 0 else { continue }
            var trialScale = (sumW * sumXL - sumX * sumL) / determinant
            var trialLow = (sumL2 * sumX - sumL * sumXL) / determinant
            if trialLow > 0 {
                trialLow = 0
                trialScale = sumXL / sumL2
            }
            let trialError = deviation(x, weights, count, trialScale, trialLow, trial)
            if trialError < bestError {
                best.update(from: trial, count: count)
                bestError = trialError
                scale = trialScale
                low = trialLow
            }
        }
        return (scale, -low)
    }

    /// Rounds to levels and measures them.
    @inline(__always)
    private func error(
        _ x: Floats, _ weights: Floats, _ count: Int, inverse: Float, _ scale: Float, _ low: Float, levels best: Levels
    ) -> Float {
        for i in 0..<count { best[i] = UInt8(truncatingIfNeeded: nearestInt(inverse * (x[i] - low), 0, levels)) }
        return deviation(x, weights, count, scale, low, best)
    }

    @inline(__always)
    private func deviation(
        _ x: Floats, _ weights: Floats, _ count: Int, _ scale: Float, _ low: Float, _ levels: Levels
    ) -> Float {
        var error: Float = 0
        for i in 0..<count {
            let difference = (scale * Float(levels[i]) + low) - x[i]
            error += weights[i] * (absolute ? abs(difference) : difference * difference)
        }
        return error
    }
}

/// Search B: a symmetric scale (`make_qx_quants`, rmse_type 1) for levels -range ..< range.
///
/// Tries 19 scales around `-range / extremum` and keeps the one that explains most of the weighted values.
/// - Parameter best: Receives level + range, so 0 ..< 2*range.
@inline(__always)
func symmetricSearch(_ x: Floats, weights: Floats, count: Int, range: Int32, best: Levels) -> Float {
    let peak = extremum(x, count)
    if abs(peak) < smallestGroup {
        best.update(repeating: 0, count: count)
        return 0
    }
    func sums(_ inverse: Float) -> (xl: Float, l2: Float) {
        var sumXL: Float = 0
        var sumL2: Float = 0
        for i in 0..<count {
            let level = Float(nearestInt(inverse * x[i], -range, range &- 1))
            sumXL += (weights[i] * x[i]) * level
            sumL2 += (weights[i] * level) * level
        }
        return (sumXL, sumL2)
    }
    var inverse = -Float(range) / peak
    let first = sums(inverse)
    var scale = first.l2 != 0 ? first.xl / first.l2 : 0
    var bestGain = scale * first.xl
    for s: Int32 in -9...9 where s != 0 {
        let trialInverse = -(Float(range) + 0.1 * Float(s)) / peak
        let trial = sums(trialInverse)
        if trial.l2 > 0, trial.xl * trial.xl > bestGain * trial.l2 {
            inverse = trialInverse
            scale = trial.xl / trial.l2
            bestGain = scale * trial.xl
        }
    }
    for i in 0..<count {
        best[i] = UInt8(truncatingIfNeeded: nearestInt(inverse * x[i], -range, range &- 1) &+ range)
    }
    return scale
}

/// Search C: a symmetric 3-bit scale by coordinate descent (`make_q3_quants`, nmax 4, do_rmse), weights x*x.
/// - Parameter best: Receives level + 4, so 0...7.
func threeBitSearch(_ x: Floats, count: Int, best: Levels) -> Float {
    let peak = extremum(x, count)
    if abs(peak) < smallestGroup {
        best.update(repeating: 0, count: count)
        return 0
    }
    let inverse = -4 / peak
    var sumXL: Float = 0
    var sumL2: Float = 0
    for i in 0..<count {
        let level = nearestInt(inverse * x[i], -4, 3)
        best[i] = UInt8(truncatingIfNeeded: level &+ 4)
        let weight = x[i] * x[i]
        sumXL += (weight * x[i]) * Float(level)
        sumL2 += (weight * Float(level)) * Float(level)
    }
    for _ in 0..<5 {
        var changed = false
        for i in 0..<count {
            let weight = x[i] * x[i]
            let level = Int32(best[i]) &- 4
            var otherXL = sumXL - (weight * x[i]) * Float(level)
            guard otherXL > 0 else { continue }
            var otherL2 = sumL2 - (weight * Float(level)) * Float(level)
            let next = nearestInt((x[i] * otherL2) / otherXL, -4, 3)
            guard next != level else { continue }
            otherXL += (weight * x[i]) * Float(next)
            otherL2 += (weight * Float(next)) * Float(next)
            if otherL2 > 0, (otherXL * otherXL) * sumL2 > (sumXL * sumXL) * otherL2 {
                best[i] = UInt8(truncatingIfNeeded: next &+ 4)
                sumXL = otherXL
                sumL2 = otherL2
                changed = true
            }
        }
        if !changed { break }
    }
    return sumL2 > 0 ? sumXL / sumL2 : 0
}

/// Search D: a scale for values that are not negative (`make_qp_quants`); quantizes the scales and minima themselves.
/// - Parameter best: Receives levels 0...levels.
func nonNegativeSearch(_ x: Floats, weights: Floats, count: Int, levels: Int32, best: Levels) -> Float {
    let high = largest(x, count)
    if high < smallestGroup {
        best.update(repeating: 0, count: count)
        return 0
    }
    func error(_ inverse: Float) -> Float {
        let scale = 1 / inverse
        var error: Float = 0
        for i in 0..<count {
            // A level past the top can only be a rounding artefact of the trials; the first scale never makes one.
            let level = min(levels, nearestInt(inverse * x[i]))
            let difference = x[i] - scale * Float(level)
            error += (weights[i] * difference) * difference
        }
        return error
    }
    var inverse = Float(levels) / high
    var bestError = error(inverse)
    for s: Int32 in -4...4 where s != 0 {
        let trial = (0.1 * Float(s) + Float(levels)) / high
        let trialError = error(trial)
        if trialError < bestError {
            bestError = trialError
            inverse = trial
        }
    }
    var sumXL: Float = 0
    var sumL2: Float = 0
    for i in 0..<count {
        let level = min(levels, nearestInt(inverse * x[i]))
        best[i] = UInt8(truncatingIfNeeded: level)
        sumXL += (weights[i] * x[i]) * Float(level)
        sumL2 += (weights[i] * Float(level)) * Float(level)
    }
    for _ in 0..<5 {
        var changed = false
        for i in 0..<count {
            let level = Float(best[i])
            var otherXL = sumXL - (weights[i] * x[i]) * level
            var otherL2 = sumL2 - (weights[i] * level) * level
            guard otherXL > 0, otherL2 > 0 else { continue }
            let next = min(levels, nearestInt((x[i] * otherL2) / otherXL))
            guard next != Int32(best[i]) else { continue }
            otherXL += (weights[i] * x[i]) * Float(next)
            otherL2 += (weights[i] * Float(next)) * Float(next)
            if (otherXL * otherXL) * sumL2 > (sumXL * sumXL) * otherL2 {
                best[i] = UInt8(truncatingIfNeeded: next)
                sumXL = otherXL
                sumL2 = otherL2
                changed = true
            }
        }
        if !changed { break }
    }
    return sumL2 > 0 ? sumXL / sumL2 : 0
}
