// Pictures and grids of cells.

extension Kernels {
    /// A 3 x 3 convolution of each channel for itself, with zero padding of one cell.
    ///
    /// - Parameters:
    ///   - x: One row per cell of a `side` x `side` grid, row by row.
    ///   - taps: The kernel as `[9, channels]`, correlated, not flipped.
    ///   - bias: One per channel, or none.
    ///   - step: Distance of the cells that the output keeps.
    static func depthwise(_ x: borrowing Rows, side: Int, taps: [Float], bias: [Float], step: Int) -> Rows {
        let channels = x.columns
        precondition(x.rows == side * side && taps.count == 9 * channels && step > 0)
        precondition(bias.isEmpty || bias.count == channels)
        let outSide = (side - 1) / step + 1
        let result = x.context.rows(outSide * outSide, channels)
        let (source, out, context) = (x.start, result.start, x.context)
        let hasBias = !bias.isEmpty
        taps.withUnsafeBufferPointer { taps in
            bias.withUnsafeBufferPointer { bias in
                guard let taps = taps.baseAddress else { return }
                context.run(outSide) { outY in
                    if let fast = context.fast {
                        fast.floats.depthwise(
                            source, side, side, channels, taps, hasBias ? bias.baseAddress : nil, step, outY,
                            out + outY * outSide * channels)
                        return
                    }
                    for outX in 0..<outSide {
                        let cell = out + (outY * outSide + outX) * channels
                        if let bias = bias.baseAddress, hasBias {
                            cell.update(from: bias, count: channels)
                        } else {
                            cell.update(repeating: 0, count: channels)
                        }
                        for tap in 0..<9 {
                            let (y, x) = (outY * step + tap / 3 - 1, outX * step + tap % 3 - 1)
                            guard (0..<side).contains(y), (0..<side).contains(x) else { continue }
                            multiplyAdd(
                                source + (y * side + x) * channels, taps + tap * channels, cell, count: channels)
                        }
                    }
                }
            }
        }
        return result
    }

    /// The patches of a picture, row by row of their grid, each flattened by channel, then line, then column.
    /// - Parameter pixels: `[3, grid * patch, grid * patch]`.
    static func patches(_ pixels: [Float], grid: Int, patch: Int, _ context: ExecutionContext) -> Rows {
        let size = grid * patch
        precondition(pixels.count == 3 * size * size)
        let result = context.rows(grid * grid, 3 * patch * patch)
        let out = result.start
        pixels.withUnsafeBufferPointer { pixels in
            guard let pixels = pixels.baseAddress else { return }
            context.run(grid) { row in
                for column in 0..<grid {
                    var target = out + (row * grid + column) * 3 * patch * patch
                    for channel in 0..<3 {
                        for line in 0..<patch {
                            let start = (channel * size + row * patch + line) * size + column * patch
                            target.update(from: pixels + start, count: patch)
                            target += patch
                        }
                    }
                }
            }
        }
        return result
    }

    /// Copies all rows of `source` to `target`, where they begin at row `first`.
    static func copy(_ source: borrowing Rows, to target: borrowing Rows, at first: Int) {
        precondition(source.columns == target.columns && first >= 0 && first + source.rows <= target.rows)
        (target.start + first * target.columns).update(from: source.start, count: source.count)
    }

    /// The same for a plain matrix.
    static func copy(_ source: Matrix, to target: borrowing Rows, at first: Int) {
        precondition(source.columns == target.columns && first >= 0 && first + source.rows <= target.rows)
        let start = target.start + first * target.columns
        source.elements.withUnsafeBufferPointer {
            if let source = $0.baseAddress { start.update(from: source, count: $0.count) }
        }
    }

    /// Some rows of `x`, copied.
    static func select(_ rows: some Collection<Int>, of x: borrowing Rows) -> Rows {
        let (columns, count) = (x.columns, x.rows)
        precondition(rows.allSatisfy { (0..<count).contains($0) })
        let result = x.context.rows(rows.count, columns)
        for (i, row) in rows.enumerated() {
            (result.start + i * columns).update(from: x.start + row * columns, count: columns)
        }
        return result
    }
}
