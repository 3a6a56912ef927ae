/// The search for the step (and offset) of one group of some rows: the values that leave the least weighted square
/// error when every element goes to its nearest level.
///
/// Trial steps around the one that just covers the group's range each give levels, and these a best step by least
/// squares; the best of all is rounded and fitted once more. One weight per column serves all rows.
struct GroupFit<Rule: LevelRule> {
    let rule: Rule
    /// Trial ranges, as shares of the range of the values.
    let trials: [Float]

    init(_ rule: Rule, levels: Int) {
        self.rule = rule
        // Coarse grids gain from cutting off outliers; with 8 bits there is nothing to find.
        trials =
            switch levels {
            case ...4: [0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95, 1.05, 1.15]
            case ...8: [0.5, 0.6, 0.68, 0.76, 0.84, 0.92, 1, 1.08]
            case ...16: [0.6, 0.7, 0.76, 0.82, 0.88, 0.94, 1, 1.06]
            case ...32: [0.75, 0.85, 0.9, 0.95, 1, 1.03]
            default: [0.98, 1]
            }
    }

    /// A step alone. The result is 0 for a group of zeros.
    @inline(__always)
    func step(_ x: LaneMemory, _ weights: UnsafePointer<Float>, _ count: Int) -> Lanes {
        var peak = Lanes.zero
        for i in 0..<count { peak = peak.larger(x[i].magnitude) }
        var best = Lanes.zero
        var bestGain = Lanes(repeating: -1)
        func attempt(_ step: Lanes) {
            let inverse = step.inverse
            var product = Lanes.zero
            var square = Lanes.zero
            for i in 0..<count {
                let worth = rule.nearest(x[i] * inverse).worth
                let weighted = worth * weights[i]
                product += weighted * x[i]
                square += weighted * worth
            }
            let fitted = product * square.inverse
            let gain = fitted * product
            let isBetter = gain .> bestGain
            best.replace(with: fitted, where: isBetter)
            bestGain.replace(with: gain, where: isBetter)
        }
        for trial in trials {
            attempt(peak * (trial / rule.reach))
            if rule.isLopsided { attempt(peak * (-trial / rule.reach)) }
        }
        attempt(best)
        return best
    }

    /// A step and an offset.
    /// - Parameters:
    ///   - top: The highest level; the lowest is 0.
    ///   - isOffsetNegative: Offsets above 0 cannot be stored.
    @inline(__always)
    func affine(
        _ x: LaneMemory, _ weights: UnsafePointer<Float>, _ count: Int, top: Float, isOffsetNegative: Bool
    ) -> (step: Lanes, offset: Lanes) {
        var low = x[0]
        var high = x[0]
        var sumX = Lanes.zero
        var sumW: Float = 0
        for i in 0..<count {
            low = low.smaller(x[i])
            high = high.larger(x[i])
            sumX += x[i] * weights[i]
            sumW += weights[i]
        }
        if isOffsetNegative { low = low.smaller(.zero) }
        var best = (step: Lanes.zero, offset: low)
        var bestError = Lanes(repeating: .infinity)
        func attempt(_ step: Lanes, _ offset: Lanes) {
            let inverse = step.inverse
            var sumL = Lanes.zero
            var sumL2 = Lanes.zero
            var sumXL = Lanes.zero
            for i in 0..<count {
                let level = ((x[i] - offset) * inverse).limited(0, top).nearestWhole
                let weighted = level * weights[i]
                sumL += weighted
                sumL2 += weighted * level
                sumXL += weighted * x[i]
            }
            let determinant = sumW * sumL2 - sumL * sumL
            let inverseDeterminant = determinant.inverse
            var fittedStep = (sumW * sumXL - sumX * sumL) * inverseDeterminant
            var fittedOffset = (sumL2 * sumX - sumL * sumXL) * inverseDeterminant
            let isFlat = determinant .<= 0
            fittedStep.replace(with: step, where: isFlat)
            fittedOffset.replace(with: offset, where: isFlat)
            if isOffsetNegative {
                let isAbove = fittedOffset .> 0
                fittedOffset.replace(with: 0, where: isAbove)
                fittedStep.replace(with: sumXL * sumL2.inverse, where: isAbove)
            }
            // Without the sum of squares of x itself, which all trials share.
            let linear = fittedStep * sumXL + fittedOffset * sumX
            let square =
                fittedStep * fittedStep * sumL2 + (2 * fittedStep) * fittedOffset * sumL
                + fittedOffset * fittedOffset * sumW
            let error = square - 2 * linear
            let isBetter = error .< bestError
            best.step.replace(with: fittedStep, where: isBetter)
            best.offset.replace(with: fittedOffset, where: isBetter)
            bestError.replace(with: error, where: isBetter)
        }
        let range = high - low
        for trial in trials {
            // Cut off at both ends alike, and at the upper one only.
            let step = range * (trial / top)
            attempt(step, low)
            if trial < 1, !isOffsetNegative { attempt(step, low + range * ((1 - trial) / 2)) }
        }
        attempt(best.step, best.offset)
        return best
    }
}
