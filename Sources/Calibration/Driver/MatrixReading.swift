import ByteIO
import Models
import Platform
import Quantization
import Tensors

/// Whole tensors as floats, and as plain rounding stores them.
struct MatrixReading {
    /// What the conversion would refuse too, after all the work.
    static let notFinite = Rule("convert.not-finite")

    let weights: ModelWeights
    let threads: Int

    /// Rows of one piece of work.
    private static let piece = 128

    /// All rows of a tensor, in the order of the weights' own pairing.
    func floats(_ tensor: TensorSpecification) throws -> FloatMemory {
        let rows = try weights.rows(tensor, pairing: weights.rotaryPairing)
        let geometry = rows.info.geometry
        let decoder = try RowDecoder(type: rows.info.type, columns: geometry.columns)
        let result = FloatMemory(count: geometry.rows * geometry.columns)
        try pieces(of: rows) { range, bytes in
            for (position, row) in range.enumerated() {
                decoder.decode(
                    row: position, of: bytes,
                    into: UnsafeMutableBufferPointer(
                        start: result.start + row * geometry.columns, count: geometry.columns))
            }
        }
        return result
    }

    /// The tensor in `type`, every weight at its nearest level.
    func plain(_ tensor: TensorSpecification, _ type: ElementType) throws -> RowsInMemory? {
        let rows = try weights.rows(tensor, pairing: weights.rotaryPairing)
        let columns = rows.info.geometry.columns
        guard let info = TensorInfo(name: tensor.key, type: type, shape: tensor.shape.asMatrix) else { return nil }
        let decoder = try RowDecoder(type: rows.info.type, columns: columns)
        let encoder = try RowEncoder(type: type, columns: columns)
        let output = ByteMemory(count: info.byteCount)
        try pieces(of: rows) { range, bytes in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: columns) { values in
                for (position, row) in range.enumerated() {
                    decoder.decode(row: position, of: bytes, into: values)
                    encoder.encodeUnchecked(
                        UnsafeBufferPointer(values),
                        into: UnsafeMutableRawBufferPointer(
                            start: output.start + row * encoder.rowBytes, count: encoder.rowBytes))
                }
            }
        }
        return RowsInMemory(info, output.asBytes, origin: weights.origin)
    }

    /// Reads a tensor for nothing but the errors.
    func check(_ tensor: TensorSpecification) throws {
        try pieces(of: weights.rows(tensor, pairing: weights.rotaryPairing)) { _, _ in }
    }

    /// - Throws: `InputError` `convert.not-finite` if a number, or the scale of a block, is not finite.
    private func pieces(
        of rows: any TensorRows, _ body: @Sendable (Range<Int>, UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let count = rows.info.geometry.rows
        let size = max(1, Self.piece / rows.rowsTogether) * rows.rowsTogether
        try Parallel.forEach((count + size - 1) / size, threads: threads) { number in
            let range = number * size..<min(count, (number + 1) * size)
            let bytes = try rows.rows(range)
            guard bytes.count == range.count * rows.info.geometry.rowBytes else {
                throw InputError(
                    StoredRows.outside, file: rows.origin, field: rows.info.name, problem: "gave other bytes than asked"
                )
            }
            try bytes.withUnsafeBytes {
                try checkFinite(range, of: rows, $0)
                try body(range, $0)
            }
            bytes.giveBackPages()
        }
    }

    private func checkFinite(_ range: Range<Int>, of rows: any TensorRows, _ bytes: UnsafeRawBufferPointer) throws {
        let (size, type) = (rows.info.geometry.rowBytes, rows.info.type)
        for (position, row) in range.enumerated() {
            let encoded = UnsafeRawBufferPointer(rebasing: bytes[position * size..<(position + 1) * size])
            guard RowEncoder.isFinite(encoded: encoded, type: type) else {
                throw InputError(
                    Self.notFinite, file: rows.origin, field: rows.info.name,
                    problem: "row \(rows.origin(ofRow: row)) holds NaN or an infinity",
                    remedy: "Such a checkpoint is damaged or overflowed in training.")
            }
        }
    }
}
