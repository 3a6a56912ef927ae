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

    /// True if every reference and every value was finite: no sum of their squares overflows a double.
    public var isFinite: Bool { squaredError.isFinite && squaredReference.isFinite }

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
        add(reference: reference, values: values, by: Self.kernel)
    }

    /// The same on a chosen instruction set, one of `InstructionSet.available`.
    package mutating func add(
        reference: UnsafeBufferPointer<Float>, values: UnsafeBufferPointer<Float>, on instructionSet: InstructionSet
    ) {
        add(reference: reference, values: values, by: instructionSet.errorOfRow ?? Self.plain)
    }

    private mutating func add(
        reference: UnsafeBufferPointer<Float>, values: UnsafeBufferPointer<Float>, by kernel: ErrorOfRow
    ) {
        precondition(reference.count == values.count, "WeightError: rows of different lengths")
        guard let x = reference.baseAddress, let y = values.baseAddress else { return }
        var row = WeightError()
        row.count = reference.count
        (row.squaredError, row.squaredReference, row.maxAbsolute) = kernel(x, y, reference.count)
        self += row
    }

    private static let kernel = InstructionSet.current.errorOfRow ?? plain

    /// The twin of every kernel.
    private static let plain: ErrorOfRow = { reference, values, columns in
        var error = SIMD8<Double>()
        var square = SIMD8<Double>()
        var largest = SIMD8<Double>()
        for i in 0..<columns {
            let lane = i % 8
            let source = Double(reference[i])
            let difference = Double(values[i]) - source
            error[lane] += difference * difference
            square[lane] += source * source
            largest[lane] = larger(largest[lane], abs(difference))
        }
        var sums = (error: 0.0, square: 0.0, largest: 0.0)
        for lane in 0..<8 {
            sums.error += error[lane]
            sums.square += square[lane]
            sums.largest = larger(sums.largest, largest[lane])
        }
        return sums
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
}

/// Sums over the elements of a row: squared error, squared reference, largest absolute difference.
typealias ErrorOfRow =
    @Sendable (_ reference: Floats, _ values: Floats, _ columns: Int) -> (
        error: Double, square: Double, largest: Double
    )
