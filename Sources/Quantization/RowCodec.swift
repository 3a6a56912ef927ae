import Tensors

/// Encodes rows of floats into one element type, those of ggml bit for bit as its `ggml_quantize_chunk` does.
///
/// Everything is checked once, here; rows and blocks are not checked again. An encoder may be used by many threads
/// at once. The rules of every type stand in formats/quantized-blocks.md.
///
/// Values that are not finite, or too large for the type, never trap; they give the bytes that ggml's arithmetic gives
/// where C defines them, and some bytes where it does not. `encode` reports both.
public struct RowEncoder: Sendable {
    public let type: ElementType
    /// Elements per row.
    public let columns: Int
    /// Bytes per encoded row.
    public let rowBytes: Int
    private let importance: [Float]?
    private let kernel: EncodeRow

    /// - Parameters:
    ///   - type: F32, F16, BF16, a block type or one with group scales.
    ///   - columns: Elements per row, a multiple of the type's block length.
    ///   - importance: One weight per column, finite and not negative. Types that do not weigh their elements (plain
    ///     numbers and Q8_0) ignore it.
    /// - Throws: `QuantizationError`.
    public init(type: ElementType, columns: Int, importance: [Float]? = nil) throws {
        try self.init(type: type, columns: columns, importance: importance, on: .current)
    }

    /// The same on a chosen instruction set, one of `InstructionSet.available`.
    package init(type: ElementType, columns: Int, importance: [Float]? = nil, on instructionSet: InstructionSet) throws
    {
        if let format = type.groupScales {
            let groups = try GroupScaleEncoder(format, columns: columns, importance: importance, on: instructionSet)
            self.init(type: type, columns: columns, rowBytes: groups.rowBytes, importance: importance) {
                groups.encodeRow($0, importance: $1, into: $3)
            }
            return
        }
        guard let kernel = instructionSet.encoder(type.ggmlType) ?? Self.plain(type) else {
            throw QuantizationError.notEncodable(type)
        }
        guard let rowBytes = type.rowBytes(columns: columns) else { throw QuantizationError.columns(columns, type) }
        try QuantizationError.check(importance: importance, columns: columns)
        self.init(type: type, columns: columns, rowBytes: rowBytes, importance: importance, kernel: kernel)
    }

    private init(
        type: ElementType, columns: Int, rowBytes: Int, importance: [Float]?, kernel: @escaping EncodeRow
    ) {
        self.type = type
        self.columns = columns
        self.rowBytes = rowBytes
        self.importance = importance
        self.kernel = kernel
    }

    /// Encodes one row.
    /// - Parameters:
    ///   - row: Exactly `columns` floats.
    ///   - output: Exactly `rowBytes` bytes, at any alignment.
    /// - Returns: False if the row held a NaN or infinity, or if a scale was stored that is not finite because the
    ///   values were too large for the type. Such a tensor is worthless (and some types hide it: the search for a
    ///   scale passes over NaN, and Q3_K, Q6_K and IQ4_XS over infinity); a caller that writes files must stop there.
    @discardableResult
    public func encode(_ row: UnsafeBufferPointer<Float>, into output: UnsafeMutableRawBufferPointer) -> Bool {
        encodeUnchecked(row, into: output)
        return Finiteness.holds(UnsafeRawBufferPointer(row), .f32)
            && Finiteness.holds(row: UnsafeRawBufferPointer(output), type)
    }

    /// The same for a caller that finds what is not finite in another way: by `WeightError.isFinite`, say.
    public func encodeUnchecked(_ row: UnsafeBufferPointer<Float>, into output: UnsafeMutableRawBufferPointer) {
        precondition(row.count == columns && output.count == rowBytes, "RowEncoder: buffers of another size")
        guard let x = row.baseAddress, let bytes = output.baseAddress else { return }
        if let importance {
            importance.withUnsafeBufferPointer { kernel(x, $0.baseAddress, columns, bytes) }
        } else {
            kernel(x, nil, columns, bytes)
        }
    }

    /// True if every number, or every scale of every block or group, is finite.
    /// - Parameter bytes: One row of a type that can be decoded.
    public static func isFinite(encoded bytes: UnsafeRawBufferPointer, type: ElementType) -> Bool {
        Finiteness.holds(row: bytes, type)
    }

    /// The twin of every kernel.
    private static func plain(_ type: ElementType) -> EncodeRow? {
        switch type {
        case .f32: PlainNumbers.encodeF32
        case .f16: PlainNumbers.encodeF16
        case .bf16: PlainNumbers.encodeBF16
        case .q4_0: SymmetricBlocks.encodeQ4_0
        case .q4_1: AffineBlocks.encodeQ4_1
        case .q5_0: SymmetricBlocks.encodeQ5_0
        case .q5_1: AffineBlocks.encodeQ5_1
        case .q8_0: ByteBlocks.encodeQ8_0
        case .q2_K: Q2_K.encode
        case .q3_K: Q3_K.encode
        case .q4_K: AffineSuperBlocks.encodeQ4_K
        case .q5_K: AffineSuperBlocks.encodeQ5_K
        case .q6_K: Q6_K.encode
        case .iq4_NL: CurveBlocks.encodeNL
        case .iq4_XS: CurveBlocks.encodeXS
        default: nil
        }
    }
}

/// Decodes rows of one element type into floats, bit for bit as ggml's `to_float` does.
///
/// Any bytes can be decoded; scales that are not finite give values that are not.
public struct RowDecoder: Sendable {
    public let type: ElementType
    /// Elements per row.
    public let columns: Int
    /// Bytes per encoded row.
    public let rowBytes: Int
    private let kernel: DecodeRow

    /// - Parameters:
    ///   - type: F64 (rounded to f32), F32, F16, BF16, F8_E4M3, F8_E5M2 or a block type.
    ///   - columns: Elements per row, a multiple of the type's block length.
    /// - Throws: `QuantizationError`.
    public init(type: ElementType, columns: Int) throws {
        try self.init(type: type, columns: columns, on: .current)
    }

    /// The same on a chosen instruction set, one of `InstructionSet.available`.
    package init(type: ElementType, columns: Int, on instructionSet: InstructionSet) throws {
        guard let kernel = try Self.kernel(type, columns: columns, on: instructionSet) else {
            throw QuantizationError.notDecodable(type)
        }
        guard let rowBytes = type.rowBytes(columns: columns) else { throw QuantizationError.columns(columns, type) }
        self.type = type
        self.columns = columns
        self.rowBytes = rowBytes
        self.kernel = kernel
    }

    /// Decodes one row.
    /// - Parameters:
    ///   - bytes: Exactly `rowBytes` bytes, at any alignment.
    ///   - row: Exactly `columns` floats.
    public func decode(_ bytes: UnsafeRawBufferPointer, into row: UnsafeMutableBufferPointer<Float>) {
        precondition(row.count == columns && bytes.count == rowBytes, "RowDecoder: buffers of another size")
        guard let source = bytes.baseAddress, let y = row.baseAddress else { return }
        kernel(source, columns, y)
    }

    /// Decodes one of several rows that lie one after the other.
    /// - Parameters:
    ///   - index: Which, from 0.
    ///   - rows: Whole rows, more than `index` of them.
    ///   - row: Exactly `columns` floats.
    public func decode(
        row index: Int, of rows: UnsafeRawBufferPointer, into row: UnsafeMutableBufferPointer<Float>
    ) {
        precondition(index >= 0 && (index + 1) * rowBytes <= rows.count, "RowDecoder: no such row")
        decode(UnsafeRawBufferPointer(rebasing: rows[index * rowBytes..<(index + 1) * rowBytes]), into: row)
    }

    static func kernel(_ type: ElementType, columns: Int, on instructionSet: InstructionSet) throws -> DecodeRow? {
        guard let format = type.groupScales else { return instructionSet.decoder(type.ggmlType) ?? plain(type) }
        let groups = try GroupScaleDecoder(format, columns: columns, on: instructionSet)
        return { bytes, _, y in groups.kernel(bytes, y) }
    }

    /// The twin of every kernel.
    private static func plain(_ type: ElementType) -> DecodeRow? {
        switch type {
        case .f64: PlainNumbers.decodeF64
        case .f32: PlainNumbers.decodeF32
        case .f16: PlainNumbers.decodeF16
        case .bf16: PlainNumbers.decodeBF16
        case .f8_E4M3: PlainNumbers.decodeE4M3
        case .f8_E5M2: PlainNumbers.decodeE5M2
        case .q4_0: SymmetricBlocks.decodeQ4_0
        case .q4_1: AffineBlocks.decodeQ4_1
        case .q5_0: SymmetricBlocks.decodeQ5_0
        case .q5_1: AffineBlocks.decodeQ5_1
        case .q8_0: ByteBlocks.decodeQ8_0
        case .q2_K: Q2_K.decode
        case .q3_K: Q3_K.decode
        case .q4_K: AffineSuperBlocks.decodeQ4_K
        case .q5_K: AffineSuperBlocks.decodeQ5_K
        case .q6_K: Q6_K.decode
        case .iq4_NL: CurveBlocks.decodeNL
        case .iq4_XS: CurveBlocks.decodeXS
        default: nil
        }
    }
}

/// One row in, one row out. All sizes were checked when the codec was made.
typealias EncodeRow =
    @Sendable (
        _ x: Floats, _ importance: Floats?, _ columns: Int, _ output: UnsafeMutableRawPointer
    ) -> Void
typealias DecodeRow = @Sendable (_ bytes: UnsafeRawPointer, _ columns: Int, _ y: MutableFloats) -> Void
