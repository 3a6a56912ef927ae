/// Chooses levels and scales of a tile of rows. Two ways, the second after the first: `feedBack` goes once through the
/// columns and lets later ones make up for the errors of earlier ones; `descend` then improves one choice after another.
struct TileRounding<Rule: LevelRule> {
    let tile: RowTile
    let rule: Rule
    let curvature: Curvature
    /// `1 / F_cc` and `F_cc²` per column of the curvature's factor.
    let inverses: [Float]
    let weights: [Float]
    private let fit: GroupFit<Rule>
    private let scaleFit: GroupFit<EvenLevels>?
    private let minimumFit: GroupFit<EvenLevels>?

    init(_ tile: RowTile, _ rule: Rule, _ curvature: Curvature) {
        self.tile = tile
        self.rule = rule
        self.curvature = curvature
        let n = curvature.columns
        let diagonal = (0..<n).map { curvature.factor.start[$0 * n + $0] }
        inverses = diagonal.map { 1 / $0 }
        weights = diagonal.map { $0 * $0 }
        fit = GroupFit(rule, levels: Int(tile.grid.high - tile.grid.low) + 1)
        if let scales = tile.grid.scales {
            let count = Int(scales.upperBound - scales.lowerBound) + 1
            // A 4-bit multiple is coarse; those of six bits and more only want their range covered.
            scaleFit = GroupFit(
                EvenLevels(low: scales.lowerBound, high: scales.upperBound), levels: count > 16 ? 32 : 16)
            minimumFit = GroupFit(EvenLevels(low: 0, high: scales.upperBound), levels: count > 16 ? 32 : 16)
        } else {
            (scaleFit, minimumFit) = (nil, nil)
        }
    }

    /// Rounds all columns with error feedback (Frantar et al., arXiv 2210.17323; in this form, by the factor of the
    /// curvature itself, Babai's nearest plane: arXiv 2507.18553): column `c` is rounded to the nearest value of
    /// `w_c + Σ_{i<c} e_i F_ic / F_cc`, where `e = w - q`.
    /// - Returns: Per vector of rows the error `E H Eᵀ`.
    func feedBack() -> [Lanes] {
        let (width, group, n) = (tile.width, tile.grid.group, tile.columns)
        var losses = [Lanes](repeating: .zero, count: width)
        let factor = UnsafePointer(curvature.factor.start)
        let span = tile.grid.block > RowTile.span ? tile.grid.block : RowTile.span / group * group
        for first in stride(from: 0, to: n, by: span) {
            let count = min(span, n - first)
            // What all columns before push into these.
            tile.floats(tile.work) { work in
                tile.floats(tile.error) { error in
                    DenseAlgebra.product(
                        factor + first, stride: n, transposedA: true, error, stride: tile.rows, into: work,
                        stride: tile.rows, m: count, n: tile.rows, k: first)
                }
            }
            for start in stride(from: 0, to: count, by: group) {
                let column = first + start
                for lane in 0..<width {
                    if tile.grid.groupsPerBlock > 1, column % tile.grid.block == 0 {
                        chooseShared(block: column / tile.grid.block, first: start, lane)
                    }
                    losses[lane] += roundGroup(column / group, workFirst: start, lane)
                }
                let rest = count - start - group
                guard rest > 0 else { continue }
                tile.floats(tile.work + (start + group) * width) { work in
                    tile.floats(tile.error + column * width) { error in
                        DenseAlgebra.product(
                            factor + column * n + column + group, stride: n, transposedA: true, error,
                            stride: tile.rows, into: work, stride: tile.rows, m: rest, n: tile.rows, k: group, beta: 1)
                    }
                }
            }
        }
        return losses
    }

    /// The corrected weights of some columns into scratch memory.
    @inline(__always)
    private func corrected(_ columns: Range<Int>, workFirst: Int, _ lane: Int) -> LaneMemory {
        let x = tile.scratch
        for (i, column) in columns.enumerated() {
            x[i] =
                tile.target[column * tile.width + lane]
                + tile.work[(workFirst + i) * tile.width + lane] * inverses[column]
        }
        return x
    }

    /// The halves that a super-block's groups share, from what is known when its first column is reached.
    private func chooseShared(block: Int, first: Int, _ lane: Int) {
        guard let scaleFit, let minimumFit else { return }
        let grid = tile.grid
        let start = block * grid.block
        let x = corrected(start..<start + grid.block, workFirst: first, lane)
        let steps = x + RowTile.span
        let lows = steps + RowTile.span
        let masses = (0..<grid.groupsPerBlock).map { j in
            (0..<grid.group).reduce(Float(0)) { $0 + weights[start + j * grid.group + $1] }
        }
        weights.withUnsafeBufferPointer { weights in
            guard let weights = weights.baseAddress else { return }
            for j in 0..<grid.groupsPerBlock {
                let (step, offset) = ideal(x + j * grid.group, weights + start + j * grid.group)
                steps[j] = step
                lows[j] = -offset
            }
        }
        masses.withUnsafeBufferPointer { masses in
            guard let masses = masses.baseAddress else { return }
            tile.d[block * tile.width + lane] = scaleFit.step(steps, masses, grid.groupsPerBlock).asHalves
            guard grid.isAffine else { return }
            tile.dMinimum[block * tile.width + lane] = minimumFit.step(lows, masses, grid.groupsPerBlock).asHalves
        }
    }

    /// The best step and offset of a group, if any number could be stored.
    @inline(__always)
    private func ideal(_ x: LaneMemory, _ weights: UnsafePointer<Float>) -> (step: Lanes, offset: Lanes) {
        guard tile.grid.isAffine else { return (fit.step(x, weights, tile.grid.group), .zero) }
        return fit.affine(
            x, weights, tile.grid.group, top: tile.grid.high, isOffsetNegative: tile.grid.scales != nil)
    }

    /// Chooses a group's step and offset on the corrected weights, then rounds its columns one by one.
    @inline(__always)
    private func roundGroup(_ group: Int, workFirst: Int, _ lane: Int) -> Lanes {
        let (width, count, n) = (tile.width, tile.grid.group, tile.columns)
        let start = group * count
        let x = corrected(start..<start + count, workFirst: workFirst, lane)
        weights.withUnsafeBufferPointer { weights in
            guard let weights = weights.baseAddress else { return }
            let (step, offset) = ideal(x, weights + start)
            if tile.grid.scales != nil {
                storeMultiples(group, lane, step: step, offset: offset, x, weights + start)
            } else {
                tile.step[group * width + lane] = step.asHalves
                tile.offset[group * width + lane] = offset.asHalves
                tile.d[group * width + lane] = step.asHalves
                tile.dMinimum[group * width + lane] = offset.asHalves
            }
        }
        let step = tile.step[group * width + lane]
        let offset = tile.offset[group * width + lane]
        let inverse = step.inverse
        var loss = Lanes.zero
        for i in 0..<count {
            let column = start + i
            let x = tile.target[column * width + lane] + tile.work[(workFirst + i) * width + lane] * inverses[column]
            let (level, worth) = rule.nearest((x - offset) * inverse)
            let value = step * worth + offset
            let error = tile.target[column * width + lane] - value
            tile.level[column * width + lane] = level
            tile.error[column * width + lane] = error
            loss += (x - value) * (x - value) * weights[column]
            let row = curvature.factor.start + column * n + start
            for j in i + 1..<max(i + 1, count) { tile.work[(workFirst + j) * width + lane] += error * row[j] }
        }
        return loss
    }

    /// The multiples of a super-block's halves that fit a group best: those next to the ideal ones are tried.
    @inline(__always)
    private func storeMultiples(
        _ group: Int, _ lane: Int, step ideal: Lanes, offset: Lanes, _ x: LaneMemory, _ weights: UnsafePointer<Float>
    ) {
        guard let range = tile.grid.scales else { return }
        let (width, count) = (tile.width, tile.grid.group)
        let block = group / tile.grid.groupsPerBlock * width + lane
        let (d, dMinimum) = (tile.d[block], tile.dMinimum[block])
        let center = (ideal * d.inverse).nearestWhole
        var best = (error: Lanes(repeating: .infinity), scale: Lanes.zero, minimum: Lanes.zero)
        for trial: Float in [0, -1, 1] {
            let scale = (center + trial).limited(range.lowerBound, range.upperBound)
            let step = d * scale
            let inverse = step.inverse
            var minimum = Lanes.zero
            var low = Lanes.zero
            if tile.grid.isAffine {
                var rest = Lanes.zero
                var mass: Float = 0
                for i in 0..<count {
                    rest += (x[i] - step * rule.nearest((x[i] - offset) * inverse).worth) * weights[i]
                    mass += weights[i]
                }
                let fitted = rest * (1 / mass)
                minimum = (-fitted * dMinimum.inverse).nearestWhole.limited(0, range.upperBound)
                low = -(dMinimum * minimum)
            }
            var error = Lanes.zero
            for i in 0..<count {
                let e = x[i] - (step * rule.nearest((x[i] - low) * inverse).worth + low)
                error += e * e * weights[i]
            }
            let isBetter = error .< best.error
            best.error.replace(with: error, where: isBetter)
            best.scale.replace(with: scale, where: isBetter)
            best.minimum.replace(with: minimum, where: isBetter)
        }
        store(group, lane, scale: best.scale, minimum: best.minimum)
    }

    @inline(__always)
    private func store(_ group: Int, _ lane: Int, scale: Lanes, minimum: Lanes) {
        let at = group * tile.width + lane
        let block = group / tile.grid.groupsPerBlock * tile.width + lane
        tile.scale[at] = scale
        tile.minimum[at] = minimum
        tile.step[at] = tile.d[block] * scale
        tile.offset[at] = -(tile.dMinimum[block] * minimum)
    }
}
