import Calibration
import Quantization
import Tensors
import TestSupport
import Testing

/// A matrix, inputs whose channels depend on each other, and what is asked of a rounding of the one under the other.
struct Problem {
    let rows: Int
    let columns: Int
    let weights: FloatMemory
    let moments: SecondMoments
    let curvature: Curvature

    /// - Parameter own: The share of an input that does not come from what all have in common.
    init(rows: Int = 24, columns: Int = 512, seed: UInt64 = 3, own: Float = 1) {
        self.rows = rows
        self.columns = columns
        var generator = SeededGenerator(state: seed)
        func number() -> Float {
            (0..<4).reduce(Float(0)) { sum, _ in sum + Float.random(in: -1...1, using: &generator) }
        }
        let mixing = (0..<columns * 16).map { _ in number() }
        let sizes = (0..<columns).map { _ in 0.1 + abs(number()) * abs(number()) }
        let count = 600
        var x: [Float] = []
        for _ in 0..<count {
            let causes = (0..<16).map { _ in number() }
            for column in 0..<columns {
                var value = own * number()
                for (i, cause) in causes.enumerated() { value += 0.4 * mixing[column * 16 + i] * cause }
                x.append(value * sizes[column])
            }
        }
        moments = SecondMoments(columns: columns, threads: 2)
        moments.add(x, weights: [Float](repeating: 1, count: count))
        curvature = Curvature(moments)
        weights = FloatMemory((0..<rows * columns).map { _ in 0.05 * number() })
    }

    func round(
        _ storage: WeightStorage, relaxed: Int = 0, passes: Int, threads: Int = 2
    ) throws -> MatrixRounding.Result {
        let rounding = MatrixRounding(
            storage: storage, curvature: curvature, descent: Descent(relaxed: relaxed, strict: passes),
            threads: Threads(count: threads))
        return try #require(rounding(weights))
    }

    func decode(_ bytes: [UInt8], _ storage: WeightStorage) throws -> [Float] {
        var values = [Float](repeating: 0, count: rows * columns)
        let rowBytes = try #require(storage.rowBytes(columns: columns))
        for row in 0..<rows {
            try bytes[row * rowBytes..<(row + 1) * rowBytes].withUnsafeBytes { bytes in
                try values.withUnsafeMutableBufferPointer { values in
                    let target = UnsafeMutableBufferPointer(rebasing: values[row * columns..<(row + 1) * columns])
                    switch storage {
                    case .blocks(let type): try RowDecoder(type: type, columns: columns).decode(bytes, into: target)
                    case .groups(let format):
                        try GroupScaleDecoder(format, columns: columns).decode(bytes, into: target)
                    }
                }
            }
        }
        return values
    }

    /// `tr(E H Eᵀ)` in double precision, of all rows or of some.
    func error(_ values: [Float], rows some: ClosedRange<Int>? = nil) -> Double {
        var total = 0.0
        for row in some ?? 0...rows - 1 {
            let e = (0..<columns).map { Double(weights.start[row * columns + $0]) - Double(values[row * columns + $0]) }
            for i in 0..<columns {
                var sum = 0.0
                for j in 0..<columns { sum += Double(curvature.matrix.start[i * columns + j]) * e[j] }
                total += e[i] * sum
            }
        }
        return total
    }

    func plain(_ type: ElementType) throws -> [Float] {
        let encoder = try RowEncoder(type: type, columns: columns)
        var bytes = [UInt8](repeating: 0, count: rows * encoder.rowBytes)
        bytes.withUnsafeMutableBytes { bytes in
            for row in 0..<rows {
                encoder.encode(
                    UnsafeBufferPointer(start: weights.start + row * columns, count: columns),
                    into: UnsafeMutableRawBufferPointer(
                        rebasing: bytes[row * encoder.rowBytes..<(row + 1) * encoder.rowBytes]))
            }
        }
        return try decode(bytes, .blocks(type))
    }
}

private let blockTypes: [ElementType] = [
    .q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .q2_K, .q3_K, .q4_K, .q5_K, .q6_K, .iq4_NL, .iq4_XS,
]

@Suite struct `Calibrated rounding` {
    private static let problem = Problem()

    @Test(arguments: blockTypes.map(WeightStorage.blocks) + GroupScaleFormat.allCases.map(WeightStorage.groups))
    func `stores what it chose, in every type`(storage: WeightStorage) throws {
        let problem = Self.problem
        for (relaxed, passes) in [(0, 0), (0, 2), (5, 1)] {
            let result = try problem.round(storage, relaxed: relaxed, passes: passes)
            let measured = problem.error(try problem.decode(result.bytes, storage))
            // The rounding adds up its error in f32 as it goes.
            #expect(abs(result.error - measured) < 1e-3 * measured)
        }
    }

    @Test(
        arguments: [ElementType.q4_0, .q5_1, .q3_K, .q4_K, .iq4_XS].map(WeightStorage.blocks) + [
            WeightStorage.groups(GroupScaleFormat.allCases[0])
        ])
    func `rounds blocks in the order of their inputs' size, and stores each where it belongs`(
        storage: WeightStorage
    ) throws {
        let problem = Self.problem
        let length = try #require(storage.blockLength)
        let ordered = Curvature(problem.moments, blockLength: length)
        let sizes = stride(from: 0, to: problem.columns, by: length).map { first in
            ordered.order[first..<first + length].reduce(0) {
                $0 + Double(problem.moments.sum.start[$1 * problem.columns + $1])
            }
        }
        #expect(zip(sizes, sizes.dropFirst()).allSatisfy { $0 >= $1 })
        #expect(ordered.order.sorted() == Array(0..<problem.columns) && ordered.order != ordered.order.sorted())
        for passes in [0, 2] {
            let rounding = MatrixRounding(
                storage: storage, curvature: ordered, descent: Descent(strict: passes), threads: Threads(count: 2))
            let result = try #require(rounding(problem.weights))
            // By the curvature whose columns stand in their own order.
            let measured = problem.error(try problem.decode(result.bytes, storage))
            #expect(abs(result.error - measured) < 1e-3 * measured)
        }
    }

    @Test func `leaves less error in the order of sizes than in the contrary one`() throws {
        let problem = Self.problem
        let n = problem.columns
        // The same problem with columns that stand in the contrary order to begin with.
        let order = Array(Curvature(problem.moments, blockLength: 32).order.reversed())
        let sum = FloatMemory(count: n * n)
        let weights = FloatMemory(count: problem.weights.count)
        for (i, from) in order.enumerated() {
            for (j, other) in order.enumerated() {
                sum.start[i * n + j] = problem.moments.sum.start[min(from, other) * n + max(from, other)]
            }
            for row in 0..<problem.rows { weights.start[row * n + i] = problem.weights.start[row * n + from] }
        }
        func error(blockLength: Int?) throws -> Double {
            let copy = FloatMemory(sum.values)
            let curvature = Curvature(copy, columns: n, damping: .init(), blockLength: blockLength)
            let rounding = MatrixRounding(
                storage: .blocks(.q4_0), curvature: curvature, descent: .none, threads: Threads(count: 2))
            return try #require(rounding(weights)).error
        }
        #expect(try error(blockLength: 32) < 0.95 * error(blockLength: nil))
    }

    @Test(arguments: blockTypes)
    func `leaves less than half of plain rounding's error`(type: ElementType) throws {
        let problem = Self.problem
        let plain = problem.error(try problem.plain(type))
        let fedBack = try problem.round(.blocks(type), passes: 0).error
        let descended = try problem.round(.blocks(type), passes: 2).error
        #expect(fedBack < 0.5 * plain)
        #expect(descended < fedBack)
    }

    @Test(arguments: blockTypes)
    func `ends lower where moves first go too far`(type: ElementType) throws {
        let strict = try Self.problem.round(.blocks(type), passes: 36)
        let relaxed = try Self.problem.round(.blocks(type), relaxed: 32, passes: 4)
        #expect(relaxed.error < 0.99 * strict.error)
    }

    @Test func `takes rows back that going too far left worse`() throws {
        // Of inputs that hardly depend on each other feedback leaves little to gain; half of these rows lose.
        let problem = Problem(rows: 48, columns: 64, own: 4)
        let began = try problem.decode(problem.round(.blocks(.q4_0), passes: 0).bytes, .blocks(.q4_0))
        let result = try problem.round(.blocks(.q4_0), relaxed: 1, passes: 0)
        let once = try problem.decode(result.bytes, .blocks(.q4_0))
        for row in 0..<problem.rows {
            #expect(problem.error(once, rows: row...row) < 1.001 * problem.error(began, rows: row...row))
        }
        let measured = problem.error(once)
        #expect(abs(result.error - measured) < 1e-2 * measured)
    }

    @Test func `feeds errors back as the textbook does`() throws {
        // GPTQ as published, in double precision: by the factor of the inverse, each column's error subtracted from all
        // later ones at once. Scales are those that our rounding chose.
        let problem = Problem(rows: 8, columns: 64)
        let n = problem.columns
        let result = try problem.round(.blocks(.q4_0), passes: 0)
        let ours = try problem.decode(result.bytes, .blocks(.q4_0))
        let upper = try #require(Self.inverseFactor(problem.curvature.matrix.values.map(Double.init), n))
        var differing = 0
        for row in 0..<problem.rows {
            var w = (0..<n).map { Double(problem.weights.start[row * n + $0]) }
            for c in 0..<n {
                let start = row * 2 * 18 + c / 32 * 18
                let bits = UInt16(result.bytes[start]) | UInt16(result.bytes[start + 1]) << 8
                let d = Double(HalfPrecision.float(f16: bits))
                let level = d == 0 ? 0 : min(7, max(-8, (w[c] / d).rounded(.toNearestOrEven)))
                if abs(level * d - Double(ours[row * n + c])) > 1e-6 { differing += 1 }
                let error = (w[c] - level * d) / upper[c * n + c]
                for j in c..<n { w[j] -= error * upper[c * n + j] }
            }
        }
        // A value on the edge between two levels may fall to either side in f32.
        #expect(differing <= 1)
    }

    /// The upper triangular U with `a⁻¹ = Uᵀ U`.
    private static func inverseFactor(_ a: [Double], _ n: Int) -> [Double]? {
        // Gauss and Jordan.
        var (m, inverse) = (a, (0..<n * n).map { $0 / n == $0 % n ? 1.0 : 0.0 })
        for pivot in 0..<n {
            let p = m[pivot * n + pivot]
            guard p > 0 else { return nil }
            for j in 0..<n {
                m[pivot * n + j] /= p
                inverse[pivot * n + j] /= p
            }
            for row in 0..<n where row != pivot {
                let factor = m[row * n + pivot]
                for j in 0..<n {
                    m[row * n + j] -= factor * m[pivot * n + j]
                    inverse[row * n + j] -= factor * inverse[pivot * n + j]
                }
            }
        }
        // Cholesky, L Lᵀ = inverse; U = Lᵀ.
        var upper = [Double](repeating: 0, count: n * n)
        for i in 0..<n {
            for j in 0...i {
                var sum = inverse[i * n + j]
                for k in 0..<j { sum -= upper[k * n + i] * upper[k * n + j] }
                upper[j * n + i] = i == j ? sum.squareRoot() : sum / upper[j * n + j]
            }
        }
        return upper
    }

    @Test func `ends, after many passes, where no single level can be moved with profit`() throws {
        let problem = Problem(rows: 2, columns: 64)
        let n = problem.columns
        let result = try problem.round(.blocks(.q4_0), passes: 40)
        let values = try problem.decode(result.bytes, .blocks(.q4_0))
        let matrix = problem.curvature.matrix.start
        for row in 0..<2 {
            let e = (0..<n).map { Double(problem.weights.start[row * n + $0] - values[row * n + $0]) }
            for c in 0..<n {
                let start = row * 2 * 18 + c / 32 * 18
                let d = Double(
                    HalfPrecision.float(f16: UInt16(result.bytes[start]) | UInt16(result.bytes[start + 1]) << 8))
                let gradient = (0..<n).reduce(0.0) { $0 + Double(matrix[c * n + $1]) * e[$1] }
                let level = (Double(values[row * n + c]) / d).rounded()
                for step in [-1.0, 1] where (-8...7).contains(level + step) {
                    let move = step * d
                    let change = move * move * Double(matrix[c * n + c]) - 2 * move * gradient
                    #expect(change > -1e-5 * result.error)
                }
            }
        }
    }

    @Test(arguments: [ElementType.q4_0, .q4_K, .iq4_XS])
    func `writes the same bytes on any number of threads`(type: ElementType) throws {
        let problem = Problem(rows: 150, columns: 256)
        let one = try problem.round(.blocks(type), passes: 1, threads: 1)
        let five = try problem.round(.blocks(type), passes: 1, threads: 5)
        #expect(one.bytes == five.bytes)
        #expect(one.error == five.error)
    }

    @Test func `keeps a matrix of zeros, and channels that never speak`() throws {
        let problem = Problem(rows: 8, columns: 256)
        problem.weights.buffer.update(repeating: 0)
        for type in blockTypes {
            let values = try problem.decode(problem.round(.blocks(type), passes: 1).bytes, .blocks(type))
            #expect(values.allSatisfy { $0 == 0 })
        }
        let silent = SecondMoments(columns: 256, threads: 1)
        silent.add([Float](repeating: 0, count: 512), weights: [1, 1])
        let rounding = MatrixRounding(
            storage: .blocks(.q4_0), curvature: Curvature(silent), descent: Descent(strict: 1),
            threads: Threads(count: 1))
        let weights = FloatMemory((0..<256).map { Float($0 % 13) / 13 - 0.5 })
        let result = try #require(rounding(weights))
        #expect(result.error.isFinite && result.error < 256 * 0.01)
    }
}

@Suite struct `The curvature of a layer` {
    /// Made by numpy: eight channels, 24 rows.
    private static let matrix: [Float] = [
        16.0580769, -2.78889036, 0.367076218, 2.15222573, -4.15210772, -3.35832047, 2.55724621, -0.164546922,
        -2.78889036, 30.4465294, -4.05577517, -7.53174925, 5.88774061, 8.61309433, -1.35449481, 1.89024949,
        0.367076218, -4.05577517, 26.6432495, -1.53423929, 5.02847815, 5.003654, -3.29761624, 0.486338437,
        2.15222573, -7.53174925, -1.53423929, 17.3714619, 1.93500483, -2.46763659, 0.88503027, 0.541629791,
        -4.15210772, 5.88774061, 5.02847815, 1.93500483, 19.8975449, 2.75067043, -2.26619124, 9.88166714,
        -3.35832047, 8.61309433, 5.003654, -2.46763659, 2.75067043, 21.2834606, 1.73793399, -1.70038605,
        2.55724621, -1.35449481, -3.29761624, 0.88503027, -2.26619124, 1.73793399, 22.039505, 2.57709336,
        -0.164546922, 1.89024949, 0.486338437, 0.541629791, 9.88166714, -1.70038605, 2.57709336, 22.5138969,
    ]
    /// `inv(cholesky(inv(h)).T)`.
    private static let factor: [Float] = [
        3.723888, 0.2978885, 0.5220144, 0.5169549, -0.7989573, -0.785832, 0.5524395, -0.03467883,
        0, 4.490916, -1.614936, -1.706448, 0.8455565, 1.941924, -0.3368714, 0.3983766,
        0, 0, 4.887088, -0.3211675, 0.8778884, 1.165401, -0.7191107, 0.1024975,
        0, 0, 0, 4.082582, 0.6016437, -0.5457353, 0.1764988, 0.1141503,
        0, 0, 0, 0, 3.787053, 0.8293257, -0.7285525, 2.082595,
        0, 0, 0, 0, 0, 4.580751, 0.4144391, -0.3583622,
        0, 0, 0, 0, 0, 0, 4.663101, 0.5431313,
        0, 0, 0, 0, 0, 0, 0, 4.744881,
    ]

    @Test func `has the factor whose inverse is that of the inverse`() {
        let curvature = Curvature(
            FloatMemory(Self.matrix), columns: 8, damping: Curvature.Damping(ofEach: 0, ofMean: 0))
        for (ours, numpy) in zip(curvature.factor.values, Self.factor) { #expect(abs(ours - numpy) < 2e-5) }
    }

    @Test func `of scaled channels is the scaled curvature`() {
        let scales: [Float] = [1, 2, 0.5, 4, 1, 0.25, 8, 1]
        let curvature = Curvature(FloatMemory(Self.matrix), columns: 8, damping: Curvature.Damping())
        let scaled = curvature.dividing(by: scales)
        for i in 0..<8 {
            for j in 0..<8 {
                let product = (0..<8).reduce(Float(0)) {
                    $0 + scaled.factor.start[i * 8 + $1] * scaled.factor.start[j * 8 + $1]
                }
                #expect(abs(product - scaled.matrix.start[i * 8 + j]) < 1e-4 * (1 + abs(product)))
                #expect(scaled.matrix.start[i * 8 + j] == curvature.matrix.start[i * 8 + j] / scales[i] / scales[j])
            }
        }
    }

    @Test func `sums rows by their weights`() {
        let moments = SecondMoments(columns: 3, threads: 2)
        moments.add([1, 2, -3, 0.5, 1, 0], weights: [2, 1])
        #expect(moments.rows == 2)
        // 2 · 1 · 2 + 1 · 0.5 · 1, and 2 · (-3)².
        #expect(moments.sum.start[0 * 3 + 1] == 4.5)
        #expect(moments.sum.start[2 * 3 + 2] == 18)
        #expect(moments.trace == 29.25)
    }
}

@Suite struct `Targets of the unquantized model` {
    /// One row, of which products are summed, and three, of which they are not.
    @Test(arguments: [[[1, 0, 2]], [[0, 1, 0], [1, 0, 2], [0, 0, 1]]] as [[[Float]]])
    func `go by how far the whole model's rows differ, as the matrix sees it`(matrix: [[Float]]) throws {
        let drift = Drift(columns: 3, matrices: [FloatMemory(matrix.joined())], threads: Threads(count: 2))
        drift.add([1, 2, -3, 0.5, 1, 0], whole: [1.5, 2, -3, 0.5, 2, 1], weights: [2, 1])
        let row = try #require(matrix.firstIndex(of: [1, 0, 2]))
        let product = FloatMemory(count: 3)
        drift.product(ofMatrix: 0, rows: row..<row + 1, into: product.start)
        // 2 · (1 · 0.5) · [1, 2, -3] + 1 · (2 · 1) · [0.5, 1, 0].
        #expect(product.values == [2, 4, -3])
    }

    @Test(arguments: [12, 700]) func `move a matrix by what the inputs drifted apart`(rows: Int) throws {
        // The whole model gives twice the input: the matrix that makes up for that is twice as large.
        var generator = SeededGenerator(state: 5)
        let (columns, count) = (48, 600)
        let x = (0..<columns * count).map { _ in Float.random(in: -1...1, using: &generator) }
        let weights = [Float](repeating: 1, count: count)
        let moments = SecondMoments(columns: columns, threads: 2)
        moments.add(x, weights: weights)
        let before = (0..<columns * rows).map { _ in Float.random(in: -1...1, using: &generator) }
        let matrices = [FloatMemory(before), FloatMemory(before.map { -$0 })]
        let drift = Drift(columns: columns, matrices: matrices, threads: Threads(count: 2))
        drift.add(x, whole: x.map { 2 * $0 }, weights: weights)
        let shift = TargetShift(
            try #require(TargetShift.Factor(moments)), drift, weight: 0.5, threads: Threads(count: 2))
        shift.move(matrices[0], number: 0)
        shift.move(matrices[1], number: 1)
        for (old, (new, negative)) in zip(before, zip(matrices[0].values, matrices[1].values)) {
            // λ, 3 % of the diagonal's mean, holds it back by about as much.
            #expect(abs(new - 1.5 * old) < 0.04 * abs(old) + 0.02)
            #expect(abs(new + negative) < 1e-5)
        }
    }

    @Test func `leave a matrix as it is where nothing drifted`() throws {
        var generator = SeededGenerator(state: 6)
        let x = (0..<32 * 100).map { _ in Float.random(in: -1...1, using: &generator) }
        let weights = [Float](repeating: 1, count: 100)
        let moments = SecondMoments(columns: 32, threads: 1)
        moments.add(x, weights: weights)
        let matrix = FloatMemory(x)
        let drift = Drift(columns: 32, matrices: [matrix], threads: Threads(count: 1))
        drift.add(x, whole: x, weights: weights)
        TargetShift(
            try #require(TargetShift.Factor(moments)), drift, weight: 1, threads: Threads(count: 1)
        ).move(matrix, number: 0)
        #expect(matrix.values == x)
    }
}
