import Tensors

/// Encodes rows of floats with group scales, as formats/quantized-blocks.md ("Group scales") says.
///
/// Everything is checked once, here; groups are not checked again. An encoder may be used by many threads at once.
public struct GroupScaleEncoder: Sendable {
    public let format: GroupScaleFormat
    /// Elements per row.
    public let columns: Int
    /// Bytes per encoded row.
    public let rowBytes: Int
    private let sections: GroupScaleFormat.Sections
    private let importance: [Float]?
    private let kernel: EncodeGroups

    /// - Parameters:
    ///   - format: Any of `GroupScaleFormat.allCases`.
    ///   - columns: Elements per row, a multiple of the format's group length.
    ///   - importance: One weight per column, finite and not negative. Every format heeds it.
    /// - Throws: `QuantizationError`.
    public init(_ format: GroupScaleFormat, columns: Int, importance: [Float]? = nil) throws {
        try self.init(format, columns: columns, importance: importance, on: .current)
    }

    /// The same on a chosen instruction set, one of `InstructionSet.available`.
    package init(
        _ format: GroupScaleFormat, columns: Int, importance: [Float]? = nil, on instructionSet: InstructionSet
    ) throws {
        guard let rowBytes = format.rowBytes(columns: columns), let sections = format.sections(columns: columns) else {
            throw QuantizationError.groupColumns(columns, format)
        }
        try QuantizationError.check(importance: importance, columns: columns)
        self.format = format
        self.columns = columns
        self.rowBytes = rowBytes
        self.sections = sections
        self.importance = importance
        let plain = PlainGroups(format: format, columns: columns, sections: sections)
        kernel = instructionSet.groupEncoder(format, columns: columns) ?? plain.encode
    }

    /// Encodes consecutive rows; in bulk the kernels are faster, above all where rows have few groups.
    /// - Parameters:
    ///   - rows: A whole number of rows of `columns` floats each.
    ///   - output: As many times `rowBytes` bytes, at any alignment.
    /// - Returns: False if a row holds a NaN or infinity, or values that need a scale or a minimum beyond the
    ///   largest half. Such rows are then zero bytes, and the others encoded; a caller that writes files must stop
    ///   there.
    @discardableResult
    public func encode(_ rows: UnsafeBufferPointer<Float>, into output: UnsafeMutableRawBufferPointer) -> Bool {
        let count = columns == 0 ? 0 : rows.count / columns
        precondition(
            rows.count == count * columns && output.count == count * rowBytes,
            "GroupScaleEncoder: buffers of another size")
        guard let x = rows.baseAddress, let bytes = output.baseAddress else { return true }
        if Finiteness.holds(UnsafeRawBufferPointer(rows), .f32) {
            if let importance {
                importance.withUnsafeBufferPointer { kernel(x, $0.baseAddress, count, bytes) }
            } else {
                kernel(x, nil, count, bytes)
            }
            let encoded = UnsafeRawBufferPointer(output)
            if (0..<count).allSatisfy({ format.hasFiniteScales(encoded.row($0, rowBytes), sections) }) { return true }
        }
        if count == 1 {
            output.initializeMemory(as: UInt8.self, repeating: 0)
        } else {
            // Rare, so the good rows may be encoded twice.
            for row in 0..<count {
                encode(
                    UnsafeBufferPointer(start: x + row * columns, count: columns),
                    into: UnsafeMutableRawBufferPointer(start: bytes + row * rowBytes, count: rowBytes))
            }
        }
        return false
    }

    /// One row for `RowEncoder`, whose caller looks for values that are not finite himself; here they give zero bytes.
    func encodeRow(_ x: Floats, importance: Floats?, into output: UnsafeMutableRawPointer) {
        let values = UnsafeRawBufferPointer(UnsafeBufferPointer(start: x, count: columns))
        if Finiteness.holds(values, .f32) {
            kernel(x, importance, 1, output)
        } else {
            output.initializeMemory(as: UInt8.self, repeating: 0, count: rowBytes)
        }
    }
}

/// Decodes rows with group scales into floats.
///
/// Any bytes can be decoded; scales that are not finite give values that are not.
public struct GroupScaleDecoder: Sendable {
    public let format: GroupScaleFormat
    /// Elements per row.
    public let columns: Int
    /// Bytes per encoded row.
    public let rowBytes: Int
    private let sections: GroupScaleFormat.Sections
    let kernel: DecodeGroups

    /// - Parameters:
    ///   - format: Any of `GroupScaleFormat.allCases`.
    ///   - columns: Elements per row, a multiple of the format's group length.
    /// - Throws: `QuantizationError`.
    public init(_ format: GroupScaleFormat, columns: Int) throws {
        try self.init(format, columns: columns, on: .current)
    }

    /// The same on a chosen instruction set, one of `InstructionSet.available`.
    package init(_ format: GroupScaleFormat, columns: Int, on instructionSet: InstructionSet) throws {
        guard let rowBytes = format.rowBytes(columns: columns), let sections = format.sections(columns: columns) else {
            throw QuantizationError.groupColumns(columns, format)
        }
        self.format = format
        self.columns = columns
        self.rowBytes = rowBytes
        self.sections = sections
        let plain = PlainGroups(format: format, columns: columns, sections: sections)
        kernel = instructionSet.groupDecoder(format, columns: columns) ?? plain.decode
    }

    /// Decodes one row.
    /// - Parameters:
    ///   - bytes: Exactly `rowBytes` bytes, at any alignment.
    ///   - row: Exactly `columns` floats.
    public func decode(_ bytes: UnsafeRawBufferPointer, into row: UnsafeMutableBufferPointer<Float>) {
        precondition(row.count == columns && bytes.count == rowBytes, "GroupScaleDecoder: buffers of another size")
        guard let source = bytes.baseAddress, let y = row.baseAddress else { return }
        kernel(source, y)
    }

    /// True if all scales and minima of a row are finite.
    /// - Parameter bytes: Exactly `rowBytes` bytes.
    public func isFinite(_ bytes: UnsafeRawBufferPointer) -> Bool {
        precondition(bytes.count == rowBytes, "GroupScaleDecoder: a buffer of another size")
        return format.hasFiniteScales(bytes, sections)
    }
}

extension GroupScaleFormat {
    /// Scales and minima lie together at the row's end.
    fileprivate func hasFiniteScales(_ bytes: UnsafeRawBufferPointer, _ sections: Sections) -> Bool {
        Finiteness.holds(UnsafeRawBufferPointer(rebasing: bytes[sections.scales.lowerBound...]), .f16)
    }
}

extension UnsafeRawBufferPointer {
    /// The bytes of one row.
    fileprivate func row(_ index: Int, _ rowBytes: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[index * rowBytes..<(index + 1) * rowBytes])
    }
}

/// Rows in, rows out. All sizes were checked when the codec was made.
typealias EncodeGroups =
    @Sendable (_ x: Floats, _ importance: Floats?, _ rows: Int, _ output: UnsafeMutableRawPointer) -> Void
typealias DecodeGroups = @Sendable (_ row: UnsafeRawPointer, _ y: MutableFloats) -> Void
