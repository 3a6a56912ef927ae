import CKernels
import Quantization

// Products in `fast` arithmetic: activations rounded to 8 bits per block of 32, integer products with the stored blocks.
// Weights that are plain numbers are multiplied with activations as they are.

/// A weight and the kernels of its type.
struct FastWeight: Sendable {
    let rows: WeightRows
    let format: UInt32
    let kernels: vlmc_linear
    let panelBytes: Int
    /// Multiplies few rows of activations with the weights as they lie.
    let gemv: vlmc_gemv
    /// The format that this reads.
    let gemvFormat: UInt32

    /// Nil where the type, or its width, has no kernels.
    init?(_ rows: WeightRows, _ fast: FastKernels) {
        guard var format = rows.decoder.type.kernelFormat else { return nil }
        var kernels = vlmc_linear()
        // As they lie, if the processor's tiles are those of the file.
        let tiled = format | UInt32(VLMC_TILED)
        if let tiles = rows.tiles, vlmc_linear_kernels(fast.isa, tiled, &kernels), tiles.rows == Int(kernels.tile_rows)
        {
            format = tiled
        }
        guard vlmc_linear_kernels(fast.isa, format, &kernels), kernels.block > 0, kernels.panel_rows > 0,
            rows.columns % Int(kernels.block) == 0, kernels.floats || rows.columns % 32 == 0
        else { return nil }
        // A row product costs what reading the weights costs: taking another processor's tiles apart would cost several times that.
        let ofTiles = rows.tiles.flatMap { vlmc_tile_gemv(fast.isa, tiled, $0.rows) }
        gemv = ofTiles ?? kernels.gemv
        gemvFormat = ofTiles == nil ? format : tiled
        self.rows = rows
        self.format = format
        self.kernels = kernels
        panelBytes = Int(vlmc_panel_bytes(fast.isa, format, rows.columns))
    }
}

struct FastProduct: MatrixProduct {
    private let weights: [FastWeight]
    private let biases: [Float]
    private let fast: FastKernels
    private let outputs: Int
    private let columns: Int
    /// For few rows of activations: consecutive weights, read once from memory.
    private let runs: [Kernels.Tile]
    /// For many: groups of panels, unpacked in the cache and multiplied with all rows.
    private let groups: [Kernels.Tile]

    /// Rows of activations up to which weights are multiplied as they lie.
    static let fewRows = 4

    /// Nil where a weight has no kernels.
    init?(_ weights: [WeightRows], _ biases: [Float], threads: Int) {
        guard let fast = FastKernels.current, let columns = weights.first?.columns else { return nil }
        let all = weights.compactMap { FastWeight($0, fast) }
        guard all.count == weights.count else { return nil }
        self.weights = all
        self.biases = biases
        self.fast = fast
        self.columns = columns
        outputs = weights.reduce(0) { $0 + $1.rows }
        let sizes = all.map { (rows: $0.rows.rows, rowBytes: $0.rows.rowBytes) }
        // Runs are of whole tiles.
        runs = WorkSplit.runs(sizes, threads: threads, step: max(8, all.map { $0.rows.tiles?.rows ?? 0 }.max() ?? 0))
        groups = WorkSplit.groups(all.map { (rows: $0.rows.rows, panelRows: Int($0.kernels.panel_rows)) })
    }

    func callAsFunction(_ x: borrowing Rows, then activation: Activation) -> Rows {
        precondition(x.columns == columns)
        let (context, count, source) = (x.context, x.rows, x.start)
        let result = context.rows(count, outputs)
        let out = result.start
        let floatStride = 4 * columns
        guard weights.contains(where: { !$0.kernels.floats }) else {
            multiply(source, floatStride, source, floatStride, count, out, activation, context)
            return result
        }
        let stride = Int(vlmc_activation_bytes(columns))
        context.withScratch(count * stride / 4 + 16) { scratch in
            let levels = UnsafeMutableRawPointer(scratch)
            context.run(count, by: 8) { rows in
                for row in rows { fast.floats.quantize(source + row * columns, columns, levels + row * stride) }
            }
            multiply(levels, stride, source, floatStride, count, out, activation, context)
        }
        return result
    }

    /// - Parameters:
    ///   - levels: Rounded activations, for weights in blocks.
    ///   - numbers: The same as floats, for weights that are numbers.
    private func multiply(
        _ levels: UnsafeRawPointer, _ levelStride: Int, _ numbers: UnsafeRawPointer, _ numberStride: Int,
        _ count: Int, _ out: UnsafeMutablePointer<Float>, _ activation: Activation, _ context: ExecutionContext
    ) {
        let isFew = count <= Self.fewRows
        let tiles = isFew ? runs : groups
        context.run(tiles.count) { job in
            let tile = tiles[job]
            let weight = weights[tile.weight]
            let (x, stride) = weight.kernels.floats ? (numbers, numberStride) : (levels, levelStride)
            weight.withRows(tile.rows, in: isFew ? weight.gemvFormat : weight.format) { rows in
                if isFew {
                    weight.gemv(
                        weight.gemvFormat, rows, weight.rows.rowBytes, tile.rows.count, columns, x, stride, count,
                        out + tile.column, outputs)
                } else {
                    panels(weight, tile, rows, x, stride, count, out + tile.column, context)
                }
            }
            finish(tile, count, out + tile.column, activation)
        }
    }

    private func panels(
        _ weight: FastWeight, _ tile: Kernels.Tile, _ rows: UnsafeRawPointer, _ x: UnsafeRawPointer, _ stride: Int,
        _ count: Int, _ out: UnsafeMutablePointer<Float>, _ context: ExecutionContext
    ) {
        let panelRows = Int(weight.kernels.panel_rows)
        let panelCount = (tile.rows.count + panelRows - 1) / panelRows
        let panelBytes = (weight.panelBytes + 63) / 64 * 64
        context.withScratch(panelCount * panelBytes / 4) { scratch in
            let panels = UnsafeMutableRawPointer(scratch)
            func width(_ panel: Int) -> Int { min(panelRows, tile.rows.count - panel * panelRows) }
            for panel in 0..<panelCount {
                weight.kernels.unpack(
                    weight.format, rows + panel * panelRows * weight.rows.rowBytes, weight.rows.rowBytes,
                    width(panel), columns, panels + panel * panelBytes)
            }
            // Some rows of activations at a time stay in the cache for all panels.
            let step = WorkSplit.activationRows(stride: stride)
            for first in Swift.stride(from: 0, to: count, by: step) {
                for panel in 0..<panelCount {
                    weight.kernels.multiply(
                        weight.format, panels + panel * panelBytes, width(panel), columns, x + first * stride, stride,
                        min(step, count - first), out + first * outputs + panel * panelRows, outputs)
                }
            }
        }
    }

    /// Biases and activation, while the results are in the cache.
    private func finish(
        _ tile: Kernels.Tile, _ count: Int, _ out: UnsafeMutablePointer<Float>, _ activation: Activation
    ) {
        var function = activation.kernelFunction ?? VLMC_RELU
        let hasFunction = activation.kernelFunction != nil
        if biases.isEmpty {
            guard hasFunction else { return }
            for row in 0..<count {
                fast.floats.apply(function, out + row * outputs, tile.rows.count, out + row * outputs)
            }
            return
        }
        biases.withUnsafeBufferPointer { biases in
            guard let bias = biases.baseAddress else { return }
            withUnsafePointer(to: &function) { function in
                fast.floats.add_bias(
                    bias + tile.column, hasFunction ? function : nil, count, tile.rows.count, out, outputs)
            }
        }
    }
}

/// How products are cut into jobs. A value does not depend on which job computes it, so the cut may depend on the threads.
package enum WorkSplit {
    /// Runs of weights for few rows of activations: small enough that threads end together, large enough that taking one
    /// costs nothing against reading it. The last ones are smaller still.
    /// - Parameter step: Every run but a weight's last is a multiple of so many rows.
    static func runs(_ weights: [(rows: Int, rowBytes: Int)], threads: Int, step: Int = 8) -> [Kernels.Tile] {
        let bytes = weights.reduce(0) { $0 + $1.rows * $1.rowBytes }
        let least = step * (weights.map(\.rowBytes).max() ?? 1)
        let coarse = min(1 << 18, max(least, bytes / (8 * threads)))
        let fine = max(least, coarse / 4)
        let fineFrom = bytes - bytes / 4
        var tiles: [Kernels.Tile] = []
        var (done, column) = (0, 0)
        for (index, weight) in weights.enumerated() {
            var start = 0
            while start < weight.rows {
                let target = threads == 1 || done < fineFrom ? coarse : fine
                let size = max(step, target / max(1, weight.rowBytes) / step * step)
                let end = min(weight.rows, start + size)
                tiles.append(Kernels.Tile(weight: index, rows: start..<end, column: column + start))
                done += (end - start) * weight.rowBytes
                start = end
            }
            column += weight.rows
        }
        return tiles
    }

    /// Groups of panels for many rows: at least 32 jobs for a matrix, where it has so many panels, and at most 64 rows.
    static func groups(_ weights: [(rows: Int, panelRows: Int)]) -> [Kernels.Tile] {
        var tiles: [Kernels.Tile] = []
        var column = 0
        for (index, weight) in weights.enumerated() {
            let panels = max(1, min(weight.rows / 32 / weight.panelRows, 64 / weight.panelRows))
            for start in stride(from: 0, to: weight.rows, by: panels * weight.panelRows) {
                let end = min(weight.rows, start + panels * weight.panelRows)
                tiles.append(Kernels.Tile(weight: index, rows: start..<end, column: column + start))
            }
            column += weight.rows
        }
        return tiles
    }

    /// Rows of activations that stay in the second cache beside the panels.
    static func activationRows(stride: Int) -> Int { max(48, (192 << 10) / max(1, stride) / 48 * 48) }

    /// For reports and tests: jobs of a product of one matrix, and the bytes of weights that each reads.
    package static func bytesPerRun(rows: Int, rowBytes: Int, threads: Int) -> [Int] {
        runs([(rows, rowBytes)], threads: threads).map { $0.rows.count * rowBytes }
    }

    package static func rowsPerGroup(rows: Int, panelRows: Int) -> [Int] {
        groups([(rows, panelRows)]).map(\.rows.count)
    }
}
