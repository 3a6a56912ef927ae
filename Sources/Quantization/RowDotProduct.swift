import Tensors

/// The product of an encoded row with a vector of floats: one element of y = W x, without decoding W to memory.
///
/// The sum runs in lanes, in an order that is fixed for each instruction set but differs between them;
/// multiplication and addition may be fused, and a scale may be applied to the sum of its block instead of to each
/// element. With n columns the result is within `n * 2^-23 * sum(|w_i * x_i|)` of the exact sum, where in Q4_K and
/// Q5_K, which sum their minima apart, `|w_i|` stands for level and minimum each taken by its magnitude. For the
/// lengths of these models the error is near `2^-23 * sum(|w_i * x_i|)`.
public struct RowDotProduct: Sendable {
    public let type: ElementType
    /// Elements per row.
    public let columns: Int
    /// Bytes per encoded row.
    public let rowBytes: Int
    private let kernel: DotRow

    /// - Parameters:
    ///   - type: A type that can be decoded.
    ///   - columns: Elements per row, a multiple of the type's block length.
    /// - Throws: `QuantizationError`.
    public init(type: ElementType, columns: Int) throws {
        try self.init(type: type, columns: columns, on: .current)
    }

    /// The same on a chosen instruction set, one of `InstructionSet.available`.
    package init(type: ElementType, columns: Int, on instructionSet: InstructionSet) throws {
        guard let decode = try RowDecoder.kernel(type, columns: columns, on: instructionSet) else {
            throw QuantizationError.notDecodable(type)
        }
        guard let rowBytes = type.rowBytes(columns: columns) else { throw QuantizationError.columns(columns, type) }
        self.type = type
        self.columns = columns
        self.rowBytes = rowBytes
        kernel =
            type.groupScales.flatMap { instructionSet.groupDot($0) } ?? instructionSet.dot(type.ggmlType)
            ?? Self.decoding(
                decode, blockBytes: type.blockBytes, blockLength: type.blockLength,
                // Scales of groups lie at the row's end: only a whole row can be decoded.
                step: type.groupScales == nil ? 256 : columns,
                floats: instructionSet.dot(ElementType.f32.ggmlType) ?? Self.plain)
    }

    /// - Parameters:
    ///   - row: Exactly `rowBytes` bytes, at any alignment.
    ///   - vector: Exactly `columns` floats.
    public func callAsFunction(_ row: UnsafeRawBufferPointer, _ vector: UnsafeBufferPointer<Float>) -> Float {
        precondition(row.count == rowBytes && vector.count == columns, "RowDotProduct: buffers of another size")
        guard let bytes = row.baseAddress, let x = vector.baseAddress else { return 0 }
        return kernel(bytes, x, columns)
    }

    /// y = W x for consecutive rows.
    /// - Parameters:
    ///   - rows: `y.count` rows of `rowBytes` bytes each.
    ///   - vector: Exactly `columns` floats.
    ///   - y: Receives one product per row.
    public func multiply(
        rows: UnsafeRawBufferPointer, by vector: UnsafeBufferPointer<Float>, into y: UnsafeMutableBufferPointer<Float>
    ) {
        precondition(
            vector.count == columns && rows.count == rowBytes * y.count, "RowDotProduct: buffers of another size")
        guard let bytes = rows.baseAddress, let x = vector.baseAddress else {
            y.update(repeating: 0)
            return
        }
        for row in y.indices { y[row] = kernel(bytes + row &* rowBytes, x, columns) }
    }

    /// Sixteen partial sums, as the kernels have them, added in order.
    private static func plain(_ bytes: UnsafeRawPointer, _ x: Floats, _ columns: Int) -> Float {
        var sums = SIMD16<Float>()
        let whole = columns / 16 * 16
        for start in stride(from: 0, to: whole, by: 16) {
            let a = bytes.loadUnaligned(fromByteOffset: 4 &* start, as: SIMD16<Float>.self)
            let b = UnsafeRawPointer(x).loadUnaligned(fromByteOffset: 4 &* start, as: SIMD16<Float>.self)
            sums += a * b
        }
        var sum: Float = 0
        for lane in 0..<16 { sum += sums[lane] }
        for i in whole..<columns { sum += bytes.loadUnaligned(fromByteOffset: 4 &* i, as: Float.self) * x[i] }
        return sum
    }

    /// For types without a kernel of their own: decodes a few blocks at a time into the cache.
    private static func decoding(
        _ decode: @escaping DecodeRow, blockBytes: Int, blockLength: Int, step: Int, floats: @escaping DotRow
    ) -> DotRow {
        { bytes, x, columns in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: step) { memory in
                guard let values = memory.baseAddress else { return 0 }
                var sum: Float = 0
                for start in stride(from: 0, to: columns, by: max(1, step)) {
                    let count = min(step, columns &- start)
                    decode(bytes + start / blockLength &* blockBytes, count, values)
                    sum += floats(values, x + start, count)
                }
                return sum
            }
        }
    }
}

typealias DotRow = @Sendable (_ bytes: UnsafeRawPointer, _ x: Floats, _ columns: Int) -> Float
