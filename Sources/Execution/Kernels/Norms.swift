// Norms over the channels of each row, and means over rows.

extension Kernels {
    /// `w * v / sqrt(mean(v^2) + epsilon)`, row by row.
    static func rmsNorm(_ x: borrowing Rows, weight: [Float], epsilon: Float) -> Rows {
        precondition(weight.count == x.columns)
        let columns = x.columns
        let result = x.context.rows(x.rows, columns)
        let (source, out, fast) = (x.start, result.start, x.context.fast)
        weight.withUnsafeBufferPointer { weight in
            guard let weight = weight.baseAddress else { return }
            share(x) { rows in
                for row in rows {
                    let (v, target) = (source + row * columns, out + row * columns)
                    if let fast {
                        fast.floats.rms_norm(v, weight, epsilon, columns, target)
                        continue
                    }
                    let meanSquare = sum(v, count: columns) { $0 * $0 } / Float(columns)
                    let scale = 1 / (meanSquare + epsilon).squareRoot()
                    target.update(from: v, count: columns)
                    combine(target, weight, count: columns) { $1 * ($0 * scale) }
                }
            }
        }
        return result
    }

    /// `(v - mean) / sqrt(variance + epsilon) * w + b`, row by row, with the biased variance.
    static func layerNorm(_ x: borrowing Rows, weight: [Float], bias: [Float], epsilon: Float) -> Rows {
        precondition(weight.count == x.columns && bias.count == x.columns)
        let columns = x.columns
        let result = x.context.rows(x.rows, columns)
        let (source, out, fast) = (x.start, result.start, x.context.fast)
        weight.withUnsafeBufferPointer { weight in
            bias.withUnsafeBufferPointer { bias in
                guard let weight = weight.baseAddress, let bias = bias.baseAddress else { return }
                share(x) { rows in
                    for row in rows {
                        let (v, target) = (source + row * columns, out + row * columns)
                        if let fast {
                            fast.floats.layer_norm(v, weight, bias, epsilon, columns, target)
                            continue
                        }
                        let mean = sum(v, count: columns) { $0 } / Float(columns)
                        let variance = sum(v, count: columns) { ($0 - mean) * ($0 - mean) } / Float(columns)
                        let scale = 1 / (variance + epsilon).squareRoot()
                        target.update(from: v, count: columns)
                        combine(target, weight, count: columns) { ($0 - mean) * scale * $1 }
                        combine(target, bias, count: columns) { $0 + $1 }
                    }
                }
            }
        }
        return result
    }

    /// The mean of each column, `[1, columns]`.
    static func columnMeans(_ x: borrowing Rows) -> Rows {
        let (columns, count) = (x.columns, x.rows)
        let result = x.context.rows(1, columns)
        mean(x.start, columns, lines: CollectionOfOne(0), cells: 0..<count, into: result.start)
        return result
    }

    /// The means of a grid's cells, bin by bin.
    ///
    /// - Parameters:
    ///   - x: One row per cell of a `side` x `side` grid.
    ///   - bins: The lines, and likewise the columns, that each bin covers.
    static func pool(_ x: borrowing Rows, side: Int, bins: [Range<Int>]) -> Rows {
        precondition(
            x.rows == side * side && bins.allSatisfy { (0..<side).contains($0.lowerBound) && $0.upperBound <= side })
        let columns = x.columns
        let result = x.context.rows(bins.count * bins.count, columns)
        let (source, out) = (x.start, result.start)
        x.context.run(bins.count) { line in
            for (column, cells) in bins.enumerated() {
                mean(
                    source, columns, lines: bins[line].map { $0 * side }, cells: cells,
                    into: out + (line * bins.count + column) * columns)
            }
        }
        return result
    }

    /// The mean of the rows `cells`, counted from each of `lines`.
    private static func mean(
        _ source: UnsafePointer<Float>, _ columns: Int, lines: some Collection<Int>, cells: Range<Int>,
        into out: UnsafeMutablePointer<Float>
    ) {
        let share = 1 / Float(max(1, lines.count * cells.count))
        out.update(repeating: 0, count: columns)
        for line in lines {
            for cell in cells { combine(out, source + (line + cell) * columns, count: columns) { $0 + $1 } }
        }
        map(out, count: columns) { $0 * share }
    }
}
