import Tensors

/// How far stored weights are from exact ones, block by block, in parts of each block's largest weight.
///
/// Rounding errs by a part of a block's range, whatever the weights are, so this has bounds that hold for any
/// distribution; the error relative to a whole tensor has none, for one outlier makes it arbitrarily large or small.
/// What the scale's own precision explains is left out: a scale is an f16, so no block holds anything finer than
/// `resolution`, and weights of 1e-8 become zero by any right converter.
public struct BlockError: Sendable {
    private let length: Int
    private let resolution: Float
    private var blocks = 0
    private var sum = 0.0
    /// The largest error of a weight in parts of its block's largest; sees a single bad byte. Infinite where a value
    /// is no number, or where a block of zeros is not stored as such.
    public private(set) var worst = 0.0

    /// - Parameter type: How the weights are stored. A block is the type's own, which shares its scales, or 32
    ///   elements where the type has none.
    public init(type: ElementType) {
        length = max(32, type.blockLength)
        resolution = Self.resolution(type)
    }

    /// Root mean square over the blocks of each block's RMS error in parts of its largest weight.
    public var typical: Double { blocks == 0 ? 0 : (sum / Double(blocks)).squareRoot() }

    /// Adds one row.
    /// - Parameters:
    ///   - expected: The exact weights.
    ///   - actual: As many decoded ones.
    public mutating func add(expected: [Float], actual: [Float]) {
        expected.withUnsafeBufferPointer { expected in
            actual.withUnsafeBufferPointer { add(expected: expected, actual: $0) }
        }
    }

    mutating func add(expected: UnsafeBufferPointer<Float>, actual: UnsafeBufferPointer<Float>) {
        let count = min(expected.count, actual.count)
        guard count > 0, let x = expected.baseAddress, let y = actual.baseAddress else { return }
        for start in stride(from: 0, to: count, by: length) {
            addBlock(x + start, y + start, count: min(length, count - start))
        }
    }

    private mutating func addBlock(_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, count: Int) {
        blocks += 1
        var (largestOfLanes, errorOfLanes) = (SIMD8<Float>(), SIMD8<Float>())
        forEachEight(x, y, count) { expected, unexplained in
            largestOfLanes.replace(with: expected.magnitudes, where: largestOfLanes .< expected.magnitudes)
            errorOfLanes.replace(with: unexplained, where: errorOfLanes .< unexplained)
        }
        let (largest, error) = (largestOfLanes.max(), errorOfLanes.max())
        guard error > 0 else { return }
        guard largest > 0, error.isFinite else {
            worst = .infinity
            sum = .infinity
            return
        }
        worst = max(worst, Double(error / largest))
        var squares = SIMD8<Float>()
        forEachEight(x, y, count) { _, unexplained in
            let part = unexplained / largest
            squares += part * part
        }
        sum += Double(squares.sum()) / Double(count)
    }

    /// Gives weights, and how far what is stored is from them beyond what its resolution explains: infinitely where it is no
    /// number, which would lose every comparison. Past the end both are 0.
    @inline(__always)
    private func forEachEight(
        _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ count: Int,
        _ body: (_ expected: SIMD8<Float>, _ unexplained: SIMD8<Float>) -> Void
    ) {
        func take(_ x: SIMD8<Float>, _ y: SIMD8<Float>) {
            let delta = (x - y).magnitudes
            var unexplained = delta - resolution
            unexplained.replace(with: 0, where: unexplained .< 0)
            unexplained.replace(with: .infinity, where: delta .!= delta)
            body(x, unexplained)
        }
        var index = 0
        while index + 8 <= count {
            let expected = UnsafeRawPointer(x + index).loadUnaligned(as: SIMD8<Float>.self)
            take(expected, UnsafeRawPointer(y + index).loadUnaligned(as: SIMD8<Float>.self))
            index += 8
        }
        guard index < count else { return }
        var (expected, actual) = (SIMD8<Float>(), SIMD8<Float>())
        for lane in 0..<count - index { (expected[lane], actual[lane]) = (x[index + lane], y[index + lane]) }
        take(expected, actual)
    }

    /// Adds other rows of the same tensor.
    mutating func add(_ other: BlockError) {
        blocks += other.blocks
        sum += other.sum
        worst = max(worst, other.worst)
    }

    /// The error of a weight that the f16 of a block's scale and minimum explain where they are too small for f16's
    /// full precision: half its smallest step, times the largest factor that a weight has it with.
    static func resolution(_ type: ElementType) -> Float {
        if let groups = type.groupScales {
            let levels = Float(1 << groups.bits)
            return (groups.symmetry == .affine ? levels : levels / 2) * 0x1p-25
        }
        let factor: Float =
            switch type {
            case .f16: 1
            case .q8_0: 128
            case .q4_0: 8
            case .q4_1: 15 + 1
            case .q5_0: 16
            case .q5_1: 31 + 1
            case .q2_K: 15 * 3 + 15
            case .q3_K: 32 * 4
            case .q4_K: 63 * 15 + 63
            case .q5_K: 63 * 31 + 63
            case .q6_K: 128 * 32
            case .iq4_NL: 127
            case .iq4_XS: 32 * 127
            default: 0
            }
        return factor * 0x1p-25
    }
}

extension SIMD8<Float> {
    @inline(__always)
    fileprivate var magnitudes: SIMD8<Float> { replacing(with: -self, where: self .< 0) }
}
