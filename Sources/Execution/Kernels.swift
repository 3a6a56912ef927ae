import COpenBLAS

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The arithmetic under the graph: products through BLAS, the rest in vectors of eight.
///
/// This is the module's only file with pointers, and as long as it is for that reason: a fence has one gate. The callers
/// hand over whole matrices and arrays, and every function checks once, by precondition, that their sizes fit each other.
/// Sums run in an order that depends on sizes alone, so that results can be repeated bit for bit.
package enum Kernels {
    package typealias Vector = SIMD8<Float>
    static let width = Vector.scalarCount

    /// BLAS keeps this setting per process; `Workers` spread the products over threads instead.
    static func keepProductsOnTheirThread() { openblas_set_num_threads(1) }

    // MARK: Memory

    /// A matrix whose every element `fill` promises to write.
    static func matrix(
        rows: Int, columns: Int, _ fill: (UnsafeMutablePointer<Float>) -> Void
    ) -> Matrix {
        let elements = [Float](unsafeUninitializedCapacity: rows * columns) { buffer, count in
            if let start = buffer.baseAddress { fill(start) }
            count = rows * columns
        }
        return Matrix(rows: rows, columns: columns, elements: elements)
    }

    /// Calls `body` with the addresses of three arrays, none of them empty.
    private static func withPointers(
        _ a: [Float], _ b: [Float], _ c: [Float] = [0],
        _ body: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>) -> Void
    ) {
        a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
                c.withUnsafeBufferPointer { c in
                    if let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress { body(a, b, c) }
                }
            }
        }
    }

    @inline(__always)
    private static func load(_ p: UnsafePointer<Float>) -> Vector {
        UnsafeRawPointer(p).loadUnaligned(as: Vector.self)
    }

    @inline(__always)
    private static func load(_ p: UnsafeMutablePointer<Float>) -> Vector { load(UnsafePointer(p)) }

    @inline(__always)
    private static func store(_ v: Vector, _ p: UnsafeMutablePointer<Float>) {
        UnsafeMutableRawPointer(p).storeBytes(of: v, as: Vector.self)
    }

    // MARK: Elementwise

    /// Replaces `count` elements by `f` of them. The tail goes through the same vector function, so a value's
    /// image does not depend on where it stands.
    @inline(__always)
    private static func map(_ p: UnsafeMutablePointer<Float>, count: Int, _ f: (Vector) -> Vector) {
        var i = 0
        while i + width <= count {
            store(f(load(p + i)), p + i)
            i += width
        }
        if i < count {
            var tail = Vector.zero
            for j in i..<count { tail[j - i] = p[j] }
            tail = f(tail)
            for j in i..<count { p[j] = tail[j - i] }
        }
    }

    /// Replaces `count` elements of `p` by `f` of them and those of `q`.
    @inline(__always)
    private static func combine(
        _ p: UnsafeMutablePointer<Float>, _ q: UnsafePointer<Float>, count: Int,
        _ f: (Vector, Vector) -> Vector
    ) {
        var i = 0
        while i + width <= count {
            store(f(load(p + i), load(q + i)), p + i)
            i += width
        }
        while i < count {
            p[i] = f(Vector(repeating: p[i]), Vector(repeating: q[i]))[0]
            i += 1
        }
    }

    static func add(_ source: [Float], to target: inout [Float]) {
        precondition(source.count == target.count)
        let count = source.count
        target.withUnsafeMutableBufferPointer { t in
            source.withUnsafeBufferPointer { s in
                if let t = t.baseAddress, let s = s.baseAddress { combine(t, s, count: count) { $0 + $1 } }
            }
        }
    }

    static func multiply(_ target: inout [Float], by source: [Float]) {
        precondition(source.count == target.count)
        let count = source.count
        target.withUnsafeMutableBufferPointer { t in
            source.withUnsafeBufferPointer { s in
                if let t = t.baseAddress, let s = s.baseAddress { combine(t, s, count: count) { $0 * $1 } }
            }
        }
    }

    /// Every row of `x` times `factors`, channel by channel.
    static func scaleColumns(_ x: inout Matrix, by factors: [Float]) {
        precondition(factors.count == x.columns)
        let (rows, columns) = (x.rows, x.columns)
        x.elements.withUnsafeMutableBufferPointer { x in
            factors.withUnsafeBufferPointer { f in
                guard let x = x.baseAddress, let f = f.baseAddress else { return }
                for row in 0..<rows { combine(x + row * columns, f, count: columns) { $0 * $1 } }
            }
        }
    }

    /// The mean of each column, `[1, columns]`.
    static func columnMeans(_ x: Matrix) -> Matrix {
        let share = 1 / Float(max(1, x.rows))
        return matrix(rows: 1, columns: x.columns) { out in
            out.initialize(repeating: 0, count: x.columns)
            withPointers(x.elements, [0]) { x0, _, _ in
                for row in 0..<x.rows { combine(out, x0 + row * x.columns, count: x.columns) { $0 + $1 } }
            }
            map(out, count: x.columns) { $0 * share }
        }
    }

    /// Applies `activation` to all elements.
    package static func apply(_ activation: Activation, to x: inout Matrix) {
        let count = x.elements.count
        x.elements.withUnsafeMutableBufferPointer { if let p = $0.baseAddress { apply(activation, p, count: count) } }
    }

    static func apply(_ activation: Activation, _ p: UnsafeMutablePointer<Float>, count: Int) {
        switch activation {
        case .identity: break
        case .relu: map(p, count: count) { $0.replacing(with: 0, where: $0 .< 0) }
        case .silu: map(p, count: count) { $0 / (1 + exponential(-$0)) }
        case .quickGELU: map(p, count: count) { $0 / (1 + exponential(-1.702 * $0)) }
        case .hardSigmoid: map(p, count: count) { clip($0 * (1 / 6) + 0.5, 1) }
        case .hardSwish: map(p, count: count) { $0 * clip($0 + 3, 6) * (1 / 6) }
        case .gelu: for i in 0..<count { p[i] = 0.5 * p[i] * (1 + erff(p[i] * Float(0.5).squareRoot())) }
        }
    }

    /// Between 0 and `top`; not-a-number stays what it is, for an error must not be hidden by an activation.
    @inline(__always)
    private static func clip(_ v: Vector, _ top: Float) -> Vector {
        v.replacing(with: 0, where: v .< 0).replacing(with: top, where: v .> top)
    }

    /// `e^x`, within 2 units in the last place of the rounded value for results that are normal numbers.
    ///
    /// `e^x = 2^n e^r` with `n` the integer nearest to `x / ln 2`; on `|r| <= ln 2 / 2` the Taylor series to the
    /// seventh power is off by less than 6e-9. What is no number stays so through every step.
    @inline(__always)
    package static func exponential(_ x: Vector) -> Vector {
        // Beyond these, 2^n leaves the exponent field. e^-87.3 is taken for everything below.
        let bounded = x.replacing(with: -87.3, where: x .< -87.3).replacing(with: 88.3, where: x .> 88.3)
        // Adding 1.5 * 2^23 leaves no bits for a fraction: the sum's low bits are the rounded integer.
        let shifter = Vector(repeating: 12_582_912)
        let shifted = bounded * 1.442_695_04 + shifter
        let n = shifted - shifter
        // ln 2 in two parts; the first has trailing zeros, so n times it is exact.
        let r = (bounded - n * 0.693_359_375) + n * 2.121_944_4e-4
        var sum = r * (1.0 / 5040) + (1.0 / 720)
        sum = sum * r + (1.0 / 120)
        sum = sum * r + (1.0 / 24)
        sum = sum * r + (1.0 / 6)
        sum = sum * r + 0.5
        sum = sum * r + 1
        sum = sum * r + 1
        let integer = unsafeBitCast(shifted, to: SIMD8<Int32>.self) &- unsafeBitCast(shifter, to: SIMD8<Int32>.self)
        let power = unsafeBitCast((integer &+ 127) &<< 23, to: Vector.self)
        return sum * power
    }

    // MARK: Sums

    @inline(__always)
    private static func sum(
        _ p: UnsafePointer<Float>, count: Int, _ f: (Vector) -> Vector
    ) -> Float {
        var (a, b) = (Vector.zero, Vector.zero)
        var i = 0
        while i + 2 * width <= count {
            a += f(load(p + i))
            b += f(load(p + i + width))
            i += 2 * width
        }
        var total = (a + b).sum()
        while i < count {
            total += f(Vector(repeating: p[i]))[0]
            i += 1
        }
        return total
    }

    @inline(__always)
    private static func maximum(_ p: UnsafePointer<Float>, count: Int) -> Float {
        var greatest = Vector(repeating: -.infinity)
        var i = 0
        while i + width <= count {
            let v = load(p + i)
            greatest.replace(with: v, where: v .> greatest)
            i += width
        }
        var result = greatest.max()
        while i < count {
            if p[i] > result { result = p[i] }
            i += 1
        }
        return result
    }

    // MARK: Norms

    /// `w * v / sqrt(mean(v^2) + epsilon)`, row by row.
    static func rmsNorm(_ x: Matrix, weight: [Float], epsilon: Float, on workers: Workers) -> Matrix {
        precondition(weight.count == x.columns)
        let columns = x.columns
        return matrix(rows: x.rows, columns: columns) { out in
            withPointers(x.elements, weight) { x0, weight, _ in
                workers.run(blocks(of: x.rows, rowsPerJob)) { job in
                    for row in rowRange(job, rowsPerJob, of: x.rows) {
                        let (v, result) = (x0 + row * columns, out + row * columns)
                        let meanSquare = sum(v, count: columns) { $0 * $0 } / Float(columns)
                        let scale = 1 / (meanSquare + epsilon).squareRoot()
                        result.initialize(from: v, count: columns)
                        combine(result, weight, count: columns) { $1 * ($0 * scale) }
                    }
                }
            }
        }
    }

    /// `(v - mean) / sqrt(variance + epsilon) * w + b`, row by row, with the biased variance.
    static func layerNorm(
        _ x: Matrix, weight: [Float], bias: [Float], epsilon: Float, on workers: Workers
    ) -> Matrix {
        precondition(weight.count == x.columns && bias.count == x.columns)
        let columns = x.columns
        return matrix(rows: x.rows, columns: columns) { out in
            withPointers(x.elements, weight, bias) { x0, weight, bias in
                workers.run(blocks(of: x.rows, rowsPerJob)) { job in
                    for row in rowRange(job, rowsPerJob, of: x.rows) {
                        let (v, result) = (x0 + row * columns, out + row * columns)
                        let mean = sum(v, count: columns) { $0 } / Float(columns)
                        let variance = sum(v, count: columns) { ($0 - mean) * ($0 - mean) } / Float(columns)
                        let scale = 1 / (variance + epsilon).squareRoot()
                        result.initialize(from: v, count: columns)
                        combine(result, weight, count: columns) { ($0 - mean) * scale * $1 }
                        combine(result, bias, count: columns) { $0 + $1 }
                    }
                }
            }
        }
    }

    private static let rowsPerJob = 32

    private static func blocks(of rows: Int, _ size: Int) -> Int { (rows + size - 1) / size }

    private static func rowRange(_ job: Int, _ size: Int, of rows: Int) -> Range<Int> {
        job * size..<min(rows, (job + 1) * size)
    }

    // MARK: Products

    /// `activation(x Wᵀ + bias)`, `[x.rows, weight.rows]`.
    ///
    /// A tile of the weight's rows at a time is decoded into scratch memory and multiplied, so that the whole
    /// matrix never exists as floats. A single row of `x` is multiplied row by row of the weight as they are decoded.
    static func linear(
        _ x: Matrix, weight: WeightRows, bias: [Float]?, activation: Activation, on workers: Workers
    ) -> Matrix {
        precondition(x.columns == weight.columns && (bias?.count ?? weight.rows) == weight.rows)
        let (inputs, outputs) = (weight.columns, weight.rows)
        // BLAS packs all of `x` anew for each tile, so tiles must be large; but eight cores want eight of them even
        // from a layer of 1024 outputs. The choice may not depend on the number of cores: see `Workers`.
        let tile = x.rows == 1 ? rowsPerDotJob : outputs > 2048 ? 256 : 128
        return matrix(rows: x.rows, columns: outputs) { out in
            withPointers(x.elements, bias ?? [0]) { x0, bias0, _ in
                workers.run(blocks(of: outputs, tile)) { job in
                    let range = rowRange(job, tile, of: outputs)
                    if x.rows == 1 {
                        weight.dot(range, with: x0, into: out + range.lowerBound)
                    } else {
                        weight.decode(range, workers) { rows in
                            product(
                                x0, (x.rows, inputs), rows, (range.count, inputs), into: out + range.lowerBound,
                                stride: outputs)
                        }
                    }
                    for row in 0..<x.rows {
                        let result = out + row * outputs + range.lowerBound
                        if bias != nil { combine(result, bias0 + range.lowerBound, count: range.count) { $0 + $1 } }
                        apply(activation, result, count: range.count)
                    }
                }
            }
        }
    }

    private static let rowsPerDotJob = 64

    /// `a bᵀ` into a part of a matrix whose rows are `stride` apart; `a` and `b` are `(rows, columns)`.
    private static func product(
        _ a: UnsafePointer<Float>, _ aSize: (Int, Int), _ b: UnsafePointer<Float>, _ bSize: (Int, Int),
        into c: UnsafeMutablePointer<Float>, stride: Int
    ) {
        cblas_sgemm(
            CblasRowMajor, CblasNoTrans, CblasTrans, Int32(aSize.0), Int32(bSize.0), Int32(aSize.1), 1, a,
            Int32(aSize.1), b, Int32(bSize.1), 0, c, Int32(stride))
    }

    /// How attention reads rows: `count` query heads side by side, each `size` wide; `groups` key and value heads.
    struct Heads: Sendable {
        let count: Int
        let groups: Int
        let size: Int
    }

    /// `softmax(scale q kᵀ) v`, head by head, `[q.rows, heads * size]`.
    ///
    /// - Parameters:
    ///   - keys: Rows of `groups * size`, and `values` likewise. Query head `j` reads group `j / (count / groups)`.
    ///   - past: Nil: every query sees all keys. Otherwise query row `t` sees keys `0 ... past + t`.
    static func attend(
        _ q: Matrix, keys: [Float], values: [Float], heads: Heads, past: Int?, on workers: Workers
    ) -> Matrix {
        let (size, keyStride) = (heads.size, heads.groups * heads.size)
        let keyCount = keys.count / keyStride
        precondition(q.columns == heads.count * size && keys.count == values.count)
        precondition(past.map { $0 + q.rows == keyCount } ?? true)
        let scale = 1 / Float(size).squareRoot()
        let rowBlocks = blocks(of: q.rows, queriesPerJob)
        let stride = Int32(q.columns)
        return matrix(rows: q.rows, columns: q.columns) { out in
            withPointers(q.elements, keys, values) { q0, keys, values in
                workers.run(rowBlocks * heads.count) { job in
                    let head = job / rowBlocks
                    let rows = rowRange(job % rowBlocks, queriesPerJob, of: q.rows)
                    let group = head / (heads.count / heads.groups) * size
                    let (keys, values) = (keys + group, values + group)
                    let visible = past.map { $0 + rows.upperBound } ?? keyCount
                    let offset = rows.lowerBound * q.columns + head * size
                    workers.withScratch(rows.count * visible) { scores in
                        scores.withUnsafeMutableBufferPointer { scores in
                            guard let scores = scores.baseAddress else { return }
                            let (m, n, d) = (Int32(rows.count), Int32(visible), Int32(size))
                            cblas_sgemm(
                                CblasRowMajor, CblasNoTrans, CblasTrans, m, n, d, scale, q0 + offset, stride, keys,
                                Int32(keyStride), 0, scores, n)
                            for row in rows {
                                let seen = past.map { $0 + row + 1 } ?? keyCount
                                let line = scores + (row - rows.lowerBound) * visible
                                softmax(line, count: seen)
                                (line + seen).update(repeating: 0, count: visible - seen)
                            }
                            cblas_sgemm(
                                CblasRowMajor, CblasNoTrans, CblasNoTrans, m, d, n, 1, scores, n, values,
                                Int32(keyStride), 0, out + offset, stride)
                        }
                    }
                }
            }
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

    // MARK: Positions and cells

    /// Turns pairs of channels of every head of row `t` by the angles whose cosines and sines are given in row `t`.
    static func rotate(
        _ x: inout Matrix, heads: Heads, cosines: Matrix, sines: Matrix, neighbours: Bool
    ) {
        let (rows, columns, half) = (x.rows, x.columns, heads.size / 2)
        precondition(columns % heads.size == 0 && cosines.rows == rows && sines.rows == rows)
        precondition(cosines.columns == half && sines.columns == half)
        let (step, distance) = neighbours ? (2, 1) : (1, half)
        x.elements.withUnsafeMutableBufferPointer { x in
            guard let x = x.baseAddress else { return }
            withPointers(cosines.elements, sines.elements) { cosines, sines, _ in
                for row in 0..<rows {
                    let (cosine, sine) = (cosines + row * half, sines + row * half)
                    for start in Swift.stride(from: row * columns, to: (row + 1) * columns, by: heads.size) {
                        for i in 0..<half {
                            let (a, b) = (x[start + i * step], x[start + i * step + distance])
                            x[start + i * step] = a * cosine[i] - b * sine[i]
                            x[start + i * step + distance] = b * cosine[i] + a * sine[i]
                        }
                    }
                }
            }
        }
    }

    /// A 3 x 3 convolution of each channel for itself, with zero padding of one cell.
    ///
    /// - Parameters:
    ///   - x: One row per cell of a `side` x `side` grid, row by row.
    ///   - taps: The kernel as `[9, channels]`, correlated, not flipped.
    ///   - step: Distance of the cells that the output keeps.
    static func depthwise(
        _ x: Matrix, side: Int, taps: Matrix, bias: [Float]?, step: Int, on workers: Workers
    ) -> Matrix {
        let channels = x.columns
        precondition(x.rows == side * side && taps.rows == 9 && taps.columns == channels && step > 0)
        precondition((bias?.count ?? channels) == channels)
        let outSide = (side - 1) / step + 1
        return matrix(rows: outSide * outSide, columns: channels) { out in
            withPointers(x.elements, taps.elements, bias ?? [0]) { x0, taps, bias0 in
                workers.run(outSide) { outY in
                    for outX in 0..<outSide {
                        let cell = out + (outY * outSide + outX) * channels
                        if bias != nil {
                            cell.initialize(from: bias0, count: channels)
                        } else {
                            cell.initialize(repeating: 0, count: channels)
                        }
                        for tap in 0..<9 {
                            let (y, x) = (outY * step + tap / 3 - 1, outX * step + tap % 3 - 1)
                            guard (0..<side).contains(y), (0..<side).contains(x) else { continue }
                            multiplyAdd(x0 + (y * side + x) * channels, taps + tap * channels, cell, count: channels)
                        }
                    }
                }
            }
        }
    }

    @inline(__always)
    private static func multiplyAdd(
        _ p: UnsafePointer<Float>, _ q: UnsafePointer<Float>, _ sum: UnsafeMutablePointer<Float>, count: Int
    ) {
        var i = 0
        while i + width <= count {
            store(load(sum + i) + load(p + i) * load(q + i), sum + i)
            i += width
        }
        while i < count {
            sum[i] += p[i] * q[i]
            i += 1
        }
    }
}

extension WeightRows {
    /// Lends `body` the rows `range` as floats.
    fileprivate func decode(_ range: Range<Int>, _ workers: Workers, _ body: (UnsafePointer<Float>) -> Void) {
        workers.withScratch(range.count * columns) { scratch in
            scratch.withUnsafeMutableBufferPointer { scratch in
                bytes.withUnsafeBytes { bytes in
                    for (i, row) in range.enumerated() {
                        decoder.decode(
                            UnsafeRawBufferPointer(rebasing: bytes[row * rowBytes..<(row + 1) * rowBytes]),
                            into: UnsafeMutableBufferPointer(
                                rebasing: scratch[i * columns..<(i + 1) * columns]))
                    }
                }
                if let start = scratch.baseAddress { body(start) }
            }
        }
    }

    /// The dot products of the rows `range` with `x`, without decoding them to memory.
    fileprivate func dot(
        _ range: Range<Int>, with x: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>
    ) {
        bytes.withUnsafeBytes { bytes in
            dotProduct.multiply(
                rows: UnsafeRawBufferPointer(
                    rebasing: bytes[range.lowerBound * rowBytes..<range.upperBound * rowBytes]),
                by: UnsafeBufferPointer(start: x, count: columns),
                into: UnsafeMutableBufferPointer(start: out, count: range.count))
        }
    }

    /// Some rows, in the given order, as floats. Every index must be a row.
    func gather(_ rows: [Int]) -> Matrix {
        precondition(rows.allSatisfy { (0..<self.rows).contains($0) })
        return Kernels.matrix(rows: rows.count, columns: columns) { out in
            bytes.withUnsafeBytes { bytes in
                for (i, row) in rows.enumerated() {
                    decoder.decode(
                        UnsafeRawBufferPointer(rebasing: bytes[row * rowBytes..<(row + 1) * rowBytes]),
                        into: UnsafeMutableBufferPointer(start: out + i * columns, count: columns))
                }
            }
        }
    }
}
