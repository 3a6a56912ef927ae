import Synchronization
import Tensors

/// A matrix of weights, `[rows, columns]`, rounded so that a layer's outputs change least.
package struct MatrixRounding {
    let storage: WeightStorage
    let curvature: Curvature
    let descent: Descent
    let threads: Threads

    package init(storage: WeightStorage, curvature: Curvature, descent: Descent, threads: Threads) {
        self.storage = storage
        self.curvature = curvature
        self.descent = descent
        self.threads = threads
    }

    package struct Result {
        package let bytes: [UInt8]
        /// `tr(E H Eᵀ)`.
        package let error: Double
    }

    /// Rows that are rounded together. Fixed by the width of the matrix, so that the threads do not matter: wide ones
    /// read the curvature from memory, and the more rows share that the better.
    private var tileRows: Int { curvature.columns > 2048 ? 128 : 64 }

    /// - Parameters:
    ///   - weights: Row-major.
    ///   - scales: One factor per column, by which the weights are multiplied first.
    ///   - step: 1 rounds all rows; n every nth, as a sample.
    /// - Returns: Nil for storage without levels, or rows that its blocks do not divide.
    package func callAsFunction(_ weights: FloatMemory, scales: [Float]? = nil, every step: Int = 1) -> Result? {
        let columns = curvature.columns
        guard let grid = Grid(storage), columns % grid.block == 0, let rowBytes = storage.rowBytes(columns: columns)
        else { return nil }
        let count = weights.count / max(1, columns) / step
        // A sample of rows is put together first.
        let source: FloatMemory
        if step == 1 {
            source = weights
        } else {
            source = FloatMemory(count: count * columns)
            for row in 0..<count {
                (source.start + row * columns).update(from: weights.start + row * step * columns, count: columns)
            }
        }
        let rows = tileRows
        let tiles = (count + rows - 1) / rows
        let output = ByteMemory(count: count * rowBytes)
        let errors = Mutex([Double](repeating: 0, count: tiles))
        threads.run(tiles) { number in
            let range = number * rows..<min(count, (number + 1) * rows)
            let tile = RowTile(grid, columns: columns, width: (range.count + 7) / 8)
            tile.load(source.start, rows: range, scales: scales, order: curvature.order)
            let lanes =
                grid.isCurve
                ? round(TileRounding(tile, CurveLevels(), curvature))
                : round(TileRounding(tile, EvenLevels(low: grid.low, high: grid.high), curvature))
            tile.write(
                storage, count: range.count, rowBytes: rowBytes, order: curvature.order,
                to: output.start + range.lowerBound * rowBytes)
            var error = 0.0
            for row in 0..<range.count { error += Double(lanes[row / 8][row % 8]) }
            errors.withLock { $0[number] = error }
        }
        return Result(bytes: output.bytes, error: errors.withLock { $0.reduce(0, +) })
    }

    private func round<Rule>(_ rounding: TileRounding<Rule>) -> [Lanes] {
        var errors = rounding.feedBack()
        rounding.descend(descent, &errors)
        return errors
    }
}
