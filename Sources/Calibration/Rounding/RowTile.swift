import Quantization

/// Some rows of a matrix while they are rounded, column by column, and what has been chosen for them so far.
///
/// Everything lies with the rows side by side, in vectors of eight: `width` vectors per column, the last padded with
/// zeros. One thread at a time works on a tile.
final class RowTile {
    let grid: Grid
    let columns: Int
    /// Vectors per column.
    let width: Int
    /// Per column: the weights to come near to, what they are ahead of the stored values, and the levels.
    let target: LaneMemory
    let error: LaneMemory
    let level: LaneMemory
    /// Per group, as numbers that decoding computes.
    let step: LaneMemory
    let offset: LaneMemory
    /// Per group of a super-block: the multiples.
    let scale: LaneMemory
    let minimum: LaneMemory
    /// Per block.
    let d: LaneMemory
    let dMinimum: LaneMemory
    /// Per column of the columns at work, at most `span`: a gradient, or what earlier errors push forward.
    let work: LaneMemory
    /// Changes of the columns of one group, for all rows.
    let change: LaneMemory
    /// Room for one vector per column of a super-block, four times.
    let scratch: LaneMemory
    private let memory: LaneMemory

    /// Columns that are at work at once: a product brings in all others before.
    static let span = 256
    static let longestGroup = 128

    var rows: Int { 8 * width }
    var blocks: Int { columns / grid.block }

    /// - Parameter columns: A whole number of blocks.
    init(_ grid: Grid, columns: Int, width: Int) {
        self.grid = grid
        self.columns = columns
        self.width = width
        let (groups, blocks) = (columns / grid.group, columns / grid.block)
        let sizes =
            [
                columns, columns, columns, groups, groups, groups, groups, blocks, blocks, Self.span, Self.longestGroup,
            ].map { $0 * width } + [4 * Self.span]
        let count = sizes.reduce(0, +)
        memory = LaneMemory.allocate(capacity: count)
        memory.initialize(repeating: .zero, count: count)
        var next = memory
        let parts = sizes.map { size in
            defer { next += size }
            return next
        }
        (target, error, level) = (parts[0], parts[1], parts[2])
        (step, offset, scale, minimum) = (parts[3], parts[4], parts[5], parts[6])
        (d, dMinimum, work, change, scratch) = (parts[7], parts[8], parts[9], parts[10], parts[11])
    }

    deinit { memory.deallocate() }

    /// Takes rows of `matrix`, `[_, columns]`, each column multiplied by its scale.
    /// - Parameter order: The column that stands in each place of the tile.
    func load(_ matrix: UnsafePointer<Float>, rows: Range<Int>, scales: [Float]?, order: [Int]) {
        floats(target) { target in
            for lane in 0..<self.rows {
                guard lane < rows.count else {
                    for place in 0..<columns { target[place * self.rows + lane] = 0 }
                    continue
                }
                let source = matrix + (rows.lowerBound + lane) * columns
                if let scales {
                    for (place, column) in order.enumerated() {
                        target[place * self.rows + lane] = source[column] * scales[column]
                    }
                } else {
                    for (place, column) in order.enumerated() { target[place * self.rows + lane] = source[column] }
                }
            }
        }
        error.update(from: target, count: columns * width)
    }

    /// All that was chosen so far.
    func saved() -> [Lanes] { Array(UnsafeBufferPointer(start: memory, count: work - memory)) }

    /// Takes rows back to what was saved, where a vector of rows says so.
    func restore(_ saved: [Lanes], where isWanted: (_ vector: Int) -> SIMDMask<SIMD8<Int32>>) {
        let masks = (0..<width).map(isWanted)
        // Every part before `work` has its vectors of rows side by side.
        for (i, vector) in saved.enumerated() { memory[i].replace(with: vector, where: masks[i % width]) }
    }

    /// The memory of `vectors` as single numbers: column by column, row by row.
    func floats<R>(_ vectors: LaneMemory, _ body: (UnsafeMutablePointer<Float>) -> R) -> R {
        body(UnsafeMutableRawPointer(vectors).assumingMemoryBound(to: Float.self))
    }

    /// Writes the first `count` rows in the bytes of `storage`, every block where it belongs.
    /// - Parameter order: As in `load`: blocks are whole.
    func write(_ storage: WeightStorage, count: Int, rowBytes: Int, order: [Int], to output: UnsafeMutableRawPointer) {
        var levels = [UInt8](repeating: 0, count: columns)
        var scales = [UInt8](repeating: 0, count: 16 * blocks)
        var minima = scales
        var d = [Float](repeating: 0, count: blocks)
        var dMinimum = d
        for row in 0..<count {
            let (vector, lane) = (row / 8, row % 8)
            for (place, column) in order.enumerated() {
                levels[column] = Self.byte(level[place * width + vector][lane] + grid.levelBias)
            }
            for block in 0..<blocks {
                let home = order[block * grid.block] / grid.block
                d[home] = self.d[block * width + vector][lane]
                dMinimum[home] = self.dMinimum[block * width + vector][lane]
                for j in 0..<grid.groupsPerBlock where grid.scales != nil {
                    let group = (block * grid.groupsPerBlock + j) * width + vector
                    scales[16 * home + j] = Self.byte(scale[group][lane] + grid.scaleBias)
                    minima[16 * home + j] = Self.byte(minimum[group][lane])
                }
            }
            levels.withUnsafeMutableBufferPointer { levels in
                scales.withUnsafeMutableBufferPointer { scales in
                    minima.withUnsafeMutableBufferPointer { minima in
                        guard let levels = levels.baseAddress, let scales = scales.baseAddress,
                            let minima = minima.baseAddress
                        else { return }
                        let chosen = ChosenRow(levels: levels, d: d, minimum: dMinimum, scales: scales, minima: minima)
                        let target = output + row * rowBytes
                        switch storage {
                        case .blocks(let type): _ = chosen.write(type, columns: columns, to: target)
                        case .groups(let format): _ = chosen.write(format, columns: columns, to: target)
                        }
                    }
                }
            }
        }
    }

    /// A code's byte; signed ones keep their bits.
    private static func byte(_ code: Float) -> UInt8 {
        guard code > -129, code < 256 else { return 0 }
        return UInt8(truncatingIfNeeded: Int(code))
    }
}
