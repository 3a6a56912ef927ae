import ByteIO
import Tensors

/// What was measured at the input of one weight: the numbers from which its importance follows.
public struct ImportanceSums: Sendable, Equatable {
    /// Name of the weight in the GGUF of the model.
    public let name: String
    /// Sum over activation rows of the square of each column, one matrix after another.
    public let squares: [Float]
    /// Number of activation rows summed, for each matrix; one matrix but for mixtures of experts.
    public let counts: [Float]

    public init(name: String, squares: [Float], counts: [Float]) {
        self.name = name
        self.squares = squares
        self.counts = counts
    }
}

/// Writes importance matrices in the GGUF form, laid out as `llama-imatrix` does: the same sums give the same bytes.
public enum ImportanceWriter {
    /// Writes one file.
    /// - Parameters:
    ///   - entries: In any order; the file has them in the order of the names' bytes.
    ///   - datasets: Names of the texts measured on.
    ///   - chunkCount: Number of pieces of text measured.
    ///   - chunkSize: Tokens in a piece.
    ///   - inputs: Files being read, none of which is overwritten.
    /// - Throws: `InputError` with a rule of `ImportanceRule` or `GGUFRule`, `SystemError` if writing fails.
    public static func write(
        _ entries: [ImportanceSums], datasets: [String], chunkCount: UInt32, chunkSize: UInt32, to destination: String,
        inputs: [String] = []
    ) throws {
        let entries = entries.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        var metadata = Metadata()
        metadata["general.type"] = .string(ImportanceFormat.type)
        metadata[ImportanceFormat.datasetsKey] = .strings(datasets)
        metadata[ImportanceFormat.chunkCountKey] = .uint32(chunkCount)
        metadata[ImportanceFormat.chunkSizeKey] = .uint32(chunkSize)
        let writer = try GGUFWriter(
            destination: destination, inputs: inputs, metadata: metadata,
            tensors: try entries.flatMap { try infos(of: $0, file: destination) })
        for (number, entry) in entries.enumerated() {
            try write(entry.squares, to: writer, tensor: 2 * number)
            try write(entry.counts, to: writer, tensor: 2 * number + 1)
        }
        try writer.finish()
    }

    private static func infos(of entry: ImportanceSums, file: String) throws -> [TensorInfo] {
        let matrices = entry.counts.count
        guard matrices > 0, !entry.squares.isEmpty, entry.squares.count % matrices == 0,
            let squares = TensorInfo(
                name: entry.name + ImportanceFormat.sumSuffix, type: .f32,
                shape: [matrices, entry.squares.count / matrices]),
            let counts = TensorInfo(
                name: entry.name + ImportanceFormat.countSuffix, type: .f32, shape: [matrices, 1])
        else {
            throw InputError(
                ImportanceRule.shape, file: file, field: entry.name,
                problem: "\(entry.squares.count) sums do not divide into \(matrices) matrices")
        }
        for sum in entry.squares { try ImportanceMatrix.check(sum, file: file, field: entry.name) }
        guard entry.counts.allSatisfy({ $0.isFinite && $0 >= 0 && $0 == $0.rounded() }) else {
            throw InputError(
                ImportanceRule.count, file: file, field: entry.name, problem: "a count is no whole number of rows")
        }
        return [squares, counts]
    }

    private static func write(_ values: [Float], to writer: GGUFWriter, tensor: Int) throws {
        try values.map(\.bitPattern.littleEndian).withUnsafeBytes { try writer.write($0, tensor: tensor, offset: 0) }
    }
}
