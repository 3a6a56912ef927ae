/// How far quantized weights lie from their source.
///
/// Accumulated in double, in an order that depends only on the rows: element i of a row goes to partial sum i mod 8,
/// and the eight are added in order at the row's end. Figures of parts add up to the same total whichever thread
/// made them, as long as they are added in the same order.
public struct WeightError: Sendable, Equatable {
    /// Elements compared.
    public private(set) var count = 0
    /// Sum of (value - reference)².
    public private(set) var squaredError = 0.0
    /// Sum of reference².
    public private(set) var squaredReference = 0.0
    /// Largest |value - reference|; NaN once any difference was NaN.
    public private(set) var maxAbsolute = 0.0

    public init() {}

    /// Root of the mean squared difference, in the weights' own unit.
    public var rmse: Double { count == 0 ? 0 : (squaredError / Double(count)).squareRoot() }

    /// Root of the squared error over the squared reference. Where the reference is all zero: 0 if the values are
    /// too, else infinity.
    public var relativeRMSE: Double {
        if squaredReference == 0 { return squaredError == 0 ? 0 : (squaredError.isNaN ? .nan : .infinity) }
        return (squaredError / squaredReference).squareRoot()
    }

    /// Adds one row.
    /// - Parameters:
    ///   - reference: The row before encoding.
    ///   - values: As many decoded values.
    public mutating func add(reference: UnsafeBufferPointer<Float>, values: UnsafeBufferPointer<Float>) {
        precondition(reference.count == values.count, "WeightError: rows of different lengths")
        var error = SIMD8<Double>()
        var square = SIMD8<Double>()
        var maximum = SIMD8<Double>()
        let whole = reference.count / 8 * 8
        for start in stride(from: 0, to: whole, by: 8) {
            var source = SIMD8<Float>()
            var value = SIMD8<Float>()
            for lane in 0..<8 {
                source[lane] = reference[start &+ lane]
                value[lane] = values[start &+ lane]
            }
            let wide = SIMD8<Double>(source)
            let difference = SIMD8<Double>(value) - wide
            error += difference * difference
            square += wide * wide
            maximum = Self.larger(maximum, difference)
        }
        for i in whole..<reference.count {
            let difference = Double(values[i]) - Double(reference[i])
            error[i &- whole] += difference * difference
            square[i &- whole] += Double(reference[i]) * Double(reference[i])
            maximum[i &- whole] = Self.larger(maximum[i &- whole], abs(difference))
        }
        var row = WeightError()
        row.count = reference.count
        for lane in 0..<8 {
            row.squaredError += error[lane]
            row.squaredReference += square[lane]
            row.maxAbsolute = Self.larger(row.maxAbsolute, maximum[lane])
        }
        self += row
    }

    public static func += (left: inout WeightError, right: WeightError) {
        left.count += right.count
        left.squaredError += right.squaredError
        left.squaredReference += right.squaredReference
        left.maxAbsolute = larger(left.maxAbsolute, right.maxAbsolute)
    }

    public static func + (left: WeightError, right: WeightError) -> WeightError {
        var sum = left
        sum += right
        return sum
    }

    /// The larger one; NaN wins and stays.
    private static func larger(_ left: Double, _ right: Double) -> Double {
        right > left || right.isNaN ? right : left
    }

    private static func larger(_ left: SIMD8<Double>, _ difference: SIMD8<Double>) -> SIMD8<Double> {
        let magnitude = difference.replacing(with: -difference, where: difference .< 0)
        return left.replacing(with: magnitude, where: (magnitude .> left) .| (magnitude .!= magnitude))
    }
}
