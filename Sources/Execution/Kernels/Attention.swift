import CKernels

// Attention in `reference` arithmetic: scores of whole rows, softmax, weighted sums.

extension Kernels {
    /// How attention reads rows: `count` query heads side by side, each `size` wide; `groups` key and value heads.
    struct Heads: Sendable, Equatable {
        let count: Int
        let groups: Int
        let size: Int

        /// Width of the keys, and of the values, of one position.
        var keyWidth: Int { groups * size }
        var queryWidth: Int { count * size }
        /// Width of a row that holds queries, keys and values side by side.
        var rowWidth: Int { queryWidth + 2 * keyWidth }
    }

    /// Keys, or values, as an attention reads them: position `p` of a group starts `p * stride` after its first.
    struct Memory {
        let start: UnsafePointer<Float>
        let stride: Int
    }

    /// `softmax(scale q kᵀ) v`, head by head, `[x.rows, heads * size]`.
    ///
    /// - Parameters:
    ///   - x: Rows whose first columns are the queries.
    ///   - wanted: The rows whose queries are answered.
    ///   - memory: Keys and values of a group, and its number; called by each job, for the positions it reads.
    ///   - past: Nil: every query sees all keys. Otherwise query row `t` sees keys `0 ... past + t`.
    static func attend(
        _ x: borrowing Rows, rows wanted: Range<Int>, heads: Heads, keyCount: Int, past: Int?,
        memory: (_ group: Int, _ positions: Int, _ body: (_ keys: Memory, _ values: Memory) -> Void) -> Void
    ) -> Rows {
        let (size, rowCount, columns, context) = (heads.size, x.rows, x.columns, x.context)
        precondition(columns >= heads.queryWidth && (past.map { $0 + rowCount == keyCount } ?? true))
        let scale = 1 / Float(size).squareRoot()
        precondition(wanted.lowerBound >= 0 && wanted.upperBound <= rowCount)
        let rowBlocks = (wanted.count + queriesPerJob - 1) / queriesPerJob
        let result = context.rows(wanted.count, heads.queryWidth)
        let (source, out, width) = (x.start, result.start, heads.queryWidth)
        context.run(rowBlocks * heads.count) { job in
            let head = job / rowBlocks
            let first = wanted.lowerBound + job % rowBlocks * queriesPerJob
            let rows = first..<min(wanted.upperBound, first + queriesPerJob)
            let visible = past.map { $0 + rows.upperBound } ?? keyCount
            memory(head / (heads.count / heads.groups), visible) { keys, values in
                context.withScratch(rows.count * visible) { scores in
                    product(
                        source + rows.lowerBound * columns + head * size, (rows.count, size), columns, keys.start,
                        visible, keys.stride, transposed: true, scale: scale, into: scores, stride: visible)
                    for row in rows {
                        let seen = past.map { $0 + row + 1 } ?? keyCount
                        let line = scores + (row - rows.lowerBound) * visible
                        softmax(line, count: seen)
                        (line + seen).update(repeating: 0, count: visible - seen)
                    }
                    product(
                        scores, (rows.count, visible), visible, values.start, size, values.stride, transposed: false,
                        into: out + (rows.lowerBound - wanted.lowerBound) * width + head * size, stride: width)
                }
            }
        }
        return result
    }

    /// The same for rows that hold queries, keys and values side by side, where every row sees all.
    static func attend(_ x: borrowing Rows, heads: Heads) -> Rows {
        precondition(x.columns == heads.rowWidth)
        let (keys, stride) = (UnsafePointer(x.start + heads.queryWidth), x.columns)
        if let fast = x.context.fast, canAttend(heads: heads, type: VLMC_F32.rawValue) {
            return attendFast(
                x, rows: 0..<x.rows, heads: heads, keyCount: x.rows, past: nil,
                memory: StoredMemory(
                    keys: keys, values: keys + heads.keyWidth, stride: 4 * stride, bytesPerHead: 4 * heads.size,
                    type: VLMC_F32.rawValue), fast)
        }
        return attend(x, rows: 0..<x.rows, heads: heads, keyCount: x.rows, past: nil) { group, _, body in
            let start = keys + group * heads.size
            body(Memory(start: start, stride: stride), Memory(start: start + heads.keyWidth, stride: stride))
        }
    }

    private static let queriesPerJob = 128

    /// `e^(v - max) / sum` in place.
    private static func softmax(_ p: UnsafeMutablePointer<Float>, count: Int) {
        let greatest = maximum(p, count: count)
        map(p, count: count) { exponential($0 - greatest) }
        let share = 1 / sum(p, count: count) { $0 }
        map(p, count: count) { $0 * share }
    }

    /// Turns pairs of channels of the first `heads` heads of row `t` by the angles whose cosines and sines are in row `t`.
    static func rotate(
        _ x: borrowing Rows, heads: Int, size: Int, cosines: borrowing Rows, sines: borrowing Rows, neighbours: Bool
    ) {
        let (rows, columns, half) = (x.rows, x.columns, size / 2)
        precondition(heads * size <= columns && cosines.rows == rows && sines.rows == rows)
        precondition(cosines.columns == half && sines.columns == half)
        let (step, distance) = neighbours ? (2, 1) : (1, half)
        let (start, cosines, sines, fast) = (x.start, cosines.start, sines.start, x.context.fast)
        share(x) { rows in
            for row in rows {
                let (cosine, sine) = (cosines + row * half, sines + row * half)
                if let fast {
                    fast.floats.rotate(start + row * columns, heads, size, cosine, sine, neighbours)
                    continue
                }
                for head in 0..<heads {
                    let x = start + row * columns + head * size
                    for i in 0..<half {
                        let (a, b) = (x[i * step], x[i * step + distance])
                        x[i * step] = a * cosine[i] - b * sine[i]
                        x[i * step + distance] = b * cosine[i] + a * sine[i]
                    }
                }
            }
        }
    }
}
