import COpenBLAS
import Quantization

// Products in `reference` arithmetic: floats through BLAS.

extension Kernels {
    /// BLAS keeps this setting per process; an `ExecutionContext` spreads the products over threads instead.
    static func keepProductsOnTheirThread() { openblas_set_num_threads(1) }

    /// Some rows of one of several matrices whose products stand side by side.
    struct Tile: Sendable {
        let weight: Int
        let rows: Range<Int>
        /// Column of the result where the first row's products go.
        let column: Int
    }

    /// `activation(x Wᵀ + bias)` for several W that share x, side by side, `[x.rows, sum of weight.rows]`.
    ///
    /// A tile of a weight's rows at a time is decoded into scratch memory and multiplied, so that the whole
    /// matrix never exists as floats. A single row of `x` is multiplied row by row of the weight as they are decoded.
    static func linear(
        _ x: borrowing Rows, weights: [WeightRows], tiles: [Tile], bias: [Float], activation: Activation
    ) -> Rows {
        let outputs = weights.reduce(0) { $0 + $1.rows }
        precondition(weights.allSatisfy { [columns = x.columns] in $0.columns == columns })
        precondition(bias.isEmpty || bias.count == outputs)
        let context = x.context
        let result = context.rows(x.rows, outputs)
        let (source, out, rows, inputs) = (x.start, result.start, x.rows, x.columns)
        let hasBias = !bias.isEmpty
        bias.withUnsafeBufferPointer { bias in
            context.run(tiles.count) { job in
                let tile = tiles[job]
                let weight = weights[tile.weight]
                let target = out + tile.column
                if rows == 1 {
                    weight.dot(tile.rows, with: source, into: target)
                } else {
                    context.withScratch(tile.rows.count * inputs) { values in
                        weight.decode(tile.rows, into: values)
                        product(
                            source, (rows, inputs), inputs, values, tile.rows.count, inputs, transposed: true,
                            into: target, stride: outputs)
                    }
                }
                for row in 0..<rows {
                    let line = target + row * outputs
                    if let bias = bias.baseAddress, hasBias {
                        combine(line, bias + tile.column, count: tile.rows.count) { $0 + $1 }
                    }
                    apply(activation, line, count: tile.rows.count)
                }
            }
        }
        return result
    }

    /// Cuts matrices that share their input into tiles, for inputs of one row or of several.
    ///
    /// BLAS packs all of `x` anew for each tile, so tiles must be large; but eight cores want eight of them even
    /// from a layer of 1024 outputs. The choice may not depend on the number of cores: see `ExecutionContext`.
    static func tiles(_ weights: [WeightRows], forOneRow isOneRow: Bool) -> [Tile] {
        var tiles: [Tile] = []
        var column = 0
        for (index, weight) in weights.enumerated() {
            let size = isOneRow ? 64 : weight.rows > 2048 ? 256 : 128
            for start in stride(from: 0, to: weight.rows, by: size) {
                tiles.append(
                    Tile(weight: index, rows: start..<min(weight.rows, start + size), column: column + start))
            }
            column += weight.rows
        }
        return tiles
    }

    /// `scale a b`, or with `transposed` `scale a bᵀ`, into a part of a matrix whose rows are `stride` apart.
    /// - Parameters:
    ///   - aSize: Rows and columns of `a`, whose rows are `aStride` apart.
    ///   - n: Columns of the product.
    static func product(
        _ a: UnsafePointer<Float>, _ aSize: (Int, Int), _ aStride: Int, _ b: UnsafePointer<Float>, _ n: Int,
        _ bStride: Int, transposed: Bool, scale: Float = 1, into c: UnsafeMutablePointer<Float>, stride: Int
    ) {
        cblas_sgemm(
            CblasRowMajor, CblasNoTrans, transposed ? CblasTrans : CblasNoTrans, Int32(aSize.0), Int32(n),
            Int32(aSize.1), scale, a, Int32(aStride), b, Int32(bStride), 0, c, Int32(stride))
    }
}

extension WeightRows {
    /// The rows `range` as floats.
    func decode(_ range: Range<Int>, into values: UnsafeMutablePointer<Float>) {
        withPlainRows(range) { bytes in
            for i in 0..<range.count {
                decoder.decode(
                    UnsafeRawBufferPointer(rebasing: bytes[i * rowBytes..<(i + 1) * rowBytes]),
                    into: UnsafeMutableBufferPointer(start: values + i * columns, count: columns))
            }
        }
    }

    /// The dot products of the rows `range` with `x`, without decoding them to memory.
    fileprivate func dot(
        _ range: Range<Int>, with x: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>
    ) {
        withPlainRows(range) { rows in
            dotProduct.multiply(
                rows: rows, by: UnsafeBufferPointer(start: x, count: columns),
                into: UnsafeMutableBufferPointer(start: out, count: range.count))
        }
    }

    /// Some rows, in the given order, as floats. Every index must be a row.
    func gather(_ rows: [Int], into result: borrowing Rows, from first: Int) {
        precondition(rows.allSatisfy { (0..<self.rows).contains($0) })
        precondition(result.columns == columns && first >= 0 && first + rows.count <= result.rows)
        for (i, row) in rows.enumerated() { decode(row..<row + 1, into: result.start + (first + i) * columns) }
    }

    /// All rows as floats, one after the other.
    var floats: [Float] {
        [Float](unsafeUninitializedCapacity: rows * columns) { buffer, count in
            if let start = buffer.baseAddress { decode(0..<rows, into: start) }
            count = rows * columns
        }
    }
}
