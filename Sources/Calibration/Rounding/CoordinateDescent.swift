/// How often coordinate descent goes over a matrix.
package struct Descent: Sendable {
    /// Passes whose moves overshoot.
    package let relaxed: Int
    /// Passes after them, in which only what lessens the error moves.
    package let strict: Int

    /// What feedback chose stays.
    package static let none = Descent(strict: 0)

    /// The share of the first pass's moves that goes too far: they are 1 / (1 - 0.2) of the way. A fifth is best or next
    /// to it for all matrices of SmolLM2 that were tried; at a quarter attention's outputs, whose curvatures differ most,
    /// end worse.
    static let overshoot: Float = 0.2

    package init(relaxed: Int = 0, strict: Int) {
        self.relaxed = relaxed
        self.strict = strict
    }
}

extension TileRounding {
    /// Passes whose moves overshoot, ever less, then `strict` ones.
    ///
    /// Strict descent ends where no single level can move with profit, and most such ends are poor ones. Moves that go
    /// too far by a share that shrinks from pass to pass (over-relaxation, which here is what threshold accepting is:
    /// Dueck and Scheuer 1990) leave them: a level changes as soon as the gradient asks for four tenths of a step instead
    /// of half a one. Rows that are none the better for it become again what they were.
    /// - Parameter errors: Per vector of rows `E H Eᵀ`, kept up to date.
    func descend(_ descent: Descent, _ errors: inout [Lanes]) {
        if descent.relaxed > 0 {
            let before = errors
            let saved = tile.saved()
            for pass in 0..<descent.relaxed {
                let share = Descent.overshoot * Float(descent.relaxed - pass) / Float(descent.relaxed)
                add(descend(relaxation: 1 / (1 - share)), to: &errors)
            }
            tile.restore(saved) { vector in .!(errors[vector] .< before[vector]) }
            for vector in errors.indices { errors[vector] = errors[vector].smaller(before[vector]) }
        }
        for _ in 0..<descent.strict { add(descend(relaxation: 1), to: &errors) }
    }

    private func add(_ gains: [Lanes], to errors: inout [Lanes]) {
        for (vector, gain) in gains.enumerated() { errors[vector] += gain }
    }

    /// One pass of coordinate descent on `E H Eᵀ`: each level in turn goes where the exact gradient says, then each
    /// group's step and offset to their least-squares values, if that is better after rounding.
    /// - Parameter relaxation: What a level's way is multiplied by. At 1 only what lessens the error moves.
    /// - Returns: Per vector of rows, by how much the error changed; with a relaxation of 1 never above 0 but for
    ///   rounding.
    private func descend(relaxation: Float) -> [Lanes] {
        let (width, group, n) = (tile.width, tile.grid.group, tile.columns)
        var gains = [Lanes](repeating: .zero, count: width)
        let matrix = UnsafePointer(curvature.matrix.start)
        let span = max(group, RowTile.span / group * group)
        for first in stride(from: 0, to: n, by: span) {
            let count = min(span, n - first)
            // The gradient with respect to these columns: half the derivative, its sign turned.
            tile.floats(tile.work) { work in
                tile.floats(tile.error) { error in
                    DenseAlgebra.product(
                        matrix + first * n, stride: n, error, stride: tile.rows, into: work, stride: tile.rows,
                        m: count, n: tile.rows, k: n)
                }
            }
            for start in stride(from: 0, to: count, by: group) {
                let column = first + start
                var changes = false
                for lane in 0..<width {
                    changes = improve(column / group, workFirst: start, lane, relaxation, &gains[lane]) || changes
                }
                let rest = count - start - group
                guard changes, rest > 0 else { continue }
                tile.floats(tile.work + (start + group) * width) { work in
                    tile.floats(tile.change) { change in
                        DenseAlgebra.product(
                            matrix + (column + group) * n + column, stride: n, change, stride: tile.rows, into: work,
                            stride: tile.rows, m: rest, n: tile.rows, k: group, alpha: -1, beta: 1)
                    }
                }
            }
        }
        return gains
    }

    /// - Returns: True if anything changed; `tile.change` then says by how much, column by column.
    @inline(__always)
    private func improve(
        _ group: Int, workFirst: Int, _ lane: Int, _ relaxation: Float, _ gain: inout Lanes
    ) -> Bool {
        let (width, count, n) = (tile.width, tile.grid.group, tile.columns)
        let start = group * count
        let matrix = UnsafePointer(curvature.matrix.start) + start * n + start
        let (step, offset) = (tile.step[group * width + lane], tile.offset[group * width + lane])
        let inverse = step.inverse
        var hasChanged = false
        for i in 0..<count { tile.change[i * width + lane] = .zero }
        for i in 0..<count {
            let at = (start + i) * width + lane
            let gradient = tile.work[(workFirst + i) * width + lane]
            let curvature = matrix[i * n + i]
            let value = tile.target[at] - tile.error[at]
            let wanted = value + gradient * (relaxation / curvature)
            let (level, worth) = rule.nearest((wanted - offset) * inverse)
            var move = step * worth + offset - value
            // What rounds otherwise but is worth the same is no move.
            let isSame = level .== tile.level[at]
            let change = move * (move * curvature - 2 * gradient)
            let stays = relaxation > 1 ? isSame : .!(change .< 0) .| isSame
            move.replace(with: 0, where: stays)
            guard any(.!stays) else { continue }
            hasChanged = true
            gain += change.replacing(with: 0, where: stays)
            tile.level[at].replace(with: level, where: .!stays)
            tile.error[at] -= move
            tile.change[i * width + lane] += move
            for j in 0..<count { tile.work[(workFirst + j) * width + lane] -= move * matrix[i * n + j] }
        }
        return refit(group, workFirst: workFirst, lane, &gain) || hasChanged
    }

    /// Moves a group's step and offset, the levels as they are.
    @inline(__always)
    private func refit(_ group: Int, workFirst: Int, _ lane: Int, _ gain: inout Lanes) -> Bool {
        let (width, count, n) = (tile.width, tile.grid.group, tile.columns)
        let start = group * count
        let matrix = UnsafePointer(curvature.matrix.start) + start * n + start
        let worth = tile.scratch
        let moves = worth + RowTile.span
        let pushed = moves + RowTile.span
        let gradient = pushed + RowTile.span
        for i in 0..<count {
            worth[i] = rule.worth(tile.level[(start + i) * width + lane])
            gradient[i] = tile.work[(workFirst + i) * width + lane]
        }
        // The quadratic form on the directions "all levels" and "all ones".
        var (uu, ug, u1, g1) = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
        var ones: Float = 0
        for i in 0..<count {
            var product = Lanes.zero
            var rowSum: Float = 0
            for j in 0..<count {
                product += worth[j] * matrix[i * n + j]
                rowSum += matrix[i * n + j]
            }
            uu += worth[i] * product
            ug += worth[i] * gradient[i]
            guard tile.grid.isAffine else { continue }
            u1 += worth[i] * rowSum
            g1 += gradient[i]
            ones += rowSum
        }
        let at = group * width + lane
        let old = (step: tile.step[at], offset: tile.offset[at])
        var new = old
        if tile.grid.isAffine {
            let inverse = (uu * ones - u1 * u1).inverse
            new.step += (ug * ones - g1 * u1) * inverse
            new.offset += (g1 * uu - ug * u1) * inverse
        } else {
            new.step += ug * uu.inverse
        }
        let block = group / tile.grid.groupsPerBlock * width + lane
        var (scale, minimum) = (Lanes.zero, Lanes.zero)
        if let range = tile.grid.scales {
            scale = (new.step * tile.d[block].inverse).nearestWhole.limited(range.lowerBound, range.upperBound)
            new.step = tile.d[block] * scale
            if tile.grid.isAffine {
                // The offset that is best beside the step as stored.
                let fitted = old.offset + (g1 - u1 * (new.step - old.step)) * (1 / ones)
                minimum = (-fitted * tile.dMinimum[block].inverse).nearestWhole.limited(0, range.upperBound)
                new.offset = -(tile.dMinimum[block] * minimum)
            }
        } else {
            new.step = new.step.asHalves
            if tile.grid.isAffine {
                new.offset = (old.offset + (g1 - u1 * (new.step - old.step)) * (1 / ones)).asHalves
            }
        }
        for i in 0..<count {
            let index = (start + i) * width + lane
            moves[i] = new.step * worth[i] + new.offset - (tile.target[index] - tile.error[index])
        }
        var change = Lanes.zero
        for i in 0..<count {
            var push = Lanes.zero
            for j in 0..<count { push += moves[j] * matrix[i * n + j] }
            pushed[i] = push
            change += moves[i] * (push - 2 * gradient[i])
        }
        let isWorse = .!(change .< 0)
        guard any(.!isWorse) else { return false }
        gain += change.replacing(with: 0, where: isWorse)
        for i in 0..<count {
            let move = moves[i].replacing(with: 0, where: isWorse)
            tile.error[(start + i) * width + lane] -= move
            tile.change[i * width + lane] += move
            tile.work[(workFirst + i) * width + lane] -= pushed[i].replacing(with: 0, where: isWorse)
        }
        tile.step[at].replace(with: new.step, where: .!isWorse)
        tile.offset[at].replace(with: new.offset, where: .!isWorse)
        if tile.grid.scales != nil {
            tile.scale[at].replace(with: scale, where: .!isWorse)
            tile.minimum[at].replace(with: minimum, where: .!isWorse)
        } else {
            tile.d[at].replace(with: new.step, where: .!isWorse)
            tile.dMinimum[at].replace(with: new.offset, where: .!isWorse)
        }
        return true
    }
}
