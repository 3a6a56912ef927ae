import ByteIO
import Models
import Quantization
import Tensors

/// A low-rank update of a matrix: `scale · B · A`, added to it.
struct LowRankUpdate: Sendable {
    let source: any TensorSource
    /// The names of A `[rank, columns]` and B `[rows, rank]`. An embedding's factors are stored the other way round.
    let a: String
    let b: String
    let isTransposed: Bool
    let rank: Int
    let scale: Float
}

/// Tensors of a checkpoint with low-rank updates added: sources over sources, computed when they are asked for.
///
/// As PyTorch merges them: in f32 `w + scale · (B · A)`, then rounded to the type of `w`. A type that nothing is written
/// in (F64, 8-bit numbers) becomes F32.
struct MergedTensors: TensorSource {
    struct Target: Sendable {
        let source: any TensorSource
        let name: String
        let update: LowRankUpdate
    }

    let tensors: [TensorInfo]
    let files: [String]
    private let targets: [String: Target]
    private let infos: [String: TensorInfo]

    /// - Parameter targets: By the name under which the sum is asked for. The shapes were held against each other.
    init(_ targets: [String: Target]) {
        self.targets = targets
        var infos: [String: TensorInfo] = [:]
        for (name, target) in targets {
            guard let info = target.source.info(target.name) else { continue }
            let isWritable = info.type == .f32 || info.type == .f16 || info.type == .bf16
            infos[name] = TensorInfo(name: name, type: isWritable ? info.type : .f32, shape: info.shape)
        }
        self.infos = infos
        tensors = infos.values.sorted { $0.name < $1.name }
        files = []
    }

    func info(_ name: String) -> TensorInfo? { infos[name] }

    func bytes(of name: String) throws -> Bytes {
        try rows(0..<(infos[name]?.rows ?? 0), of: name)
    }

    /// The sum's rows alone: a matrix is never held whole.
    func rows(_ rows: Range<Int>, of name: String) throws -> Bytes {
        guard let target = targets[name], let info = infos[name], let base = target.source.info(target.name),
            rows.lowerBound >= 0, rows.upperBound <= info.rows
        else {
            throw InputError(
                ModelWeights.missing, file: name, field: name, problem: "is not among the merged tensors")
        }
        let columns = info.columns
        let update = target.update
        let decoder = try RowDecoder(type: base.type, columns: columns)
        let encoder = try RowEncoder(type: info.type, columns: columns)
        let (a, b) = try update.factors(rows: rows, columns: columns)
        let source = try target.source.rows(rows, of: target.name)
        defer { source.giveBackPages() }
        var sums = [Float](repeating: 0, count: columns)
        return Bytes(count: rows.count * info.rowBytes) { output in
            source.withUnsafeBytes { source in
                sums.withUnsafeMutableBufferPointer { sum in
                    for position in 0..<rows.count {
                        Self.multiply(b[(position * update.rank)...].prefix(update.rank), a, into: sum)
                        let from = UnsafeRawBufferPointer(
                            rebasing: source[position * base.rowBytes..<(position + 1) * base.rowBytes])
                        let to = UnsafeMutableRawBufferPointer(
                            rebasing: output[position * info.rowBytes..<(position + 1) * info.rowBytes])
                        withUnsafeTemporaryAllocation(of: Float.self, capacity: columns) { weights in
                            decoder.decode(from, into: weights)
                            for column in 0..<columns { weights[column] += update.scale * sum[column] }
                            encoder.encodeUnchecked(UnsafeBufferPointer(weights), into: to)
                        }
                    }
                }
            }
        }
    }

    /// `sum = b · A`, the terms added in the order of the rank.
    private static func multiply(_ b: ArraySlice<Float>, _ a: [Float], into sum: UnsafeMutableBufferPointer<Float>) {
        let columns = sum.count
        sum.update(repeating: 0)
        a.withUnsafeBufferPointer { a in
            for (k, factor) in b.enumerated() {
                let row = UnsafeBufferPointer(rebasing: a[k * columns..<(k + 1) * columns])
                for column in 0..<columns { sum[column] += factor * row[column] }
            }
        }
    }
}

extension LowRankUpdate {
    /// A whole, and B's rows `rows`, both row by row.
    fileprivate func factors(rows: Range<Int>, columns: Int) throws -> (a: [Float], b: [Float]) {
        if !isTransposed {
            return (try floats(a, rows: 0..<rank), try floats(b, rows: rows))
        }
        // An embedding is looked up by row: its A is [rank, vocabulary], its B [width, rank].
        let storedA = try floats(a, rows: 0..<rank)
        let storedB = try floats(b, rows: 0..<columns)
        let vocabulary = storedA.count / max(1, rank)
        var turnedA = [Float](repeating: 0, count: rank * columns)
        for k in 0..<rank {
            for column in 0..<columns { turnedA[k * columns + column] = storedB[column * rank + k] }
        }
        let turnedB = rows.flatMap { row in (0..<rank).map { storedA[$0 * vocabulary + row] } }
        return (turnedA, turnedB)
    }

    private func floats(_ name: String, rows: Range<Int>) throws -> [Float] {
        guard let info = source.info(name) else { return [] }
        let bytes = try source.bytes(of: name)
        let decoder = try RowDecoder(type: info.type, columns: info.columns)
        return [Float](unsafeUninitializedCapacity: rows.count * info.columns) { buffer, count in
            bytes.withUnsafeBytes { bytes in
                for (position, row) in rows.enumerated() {
                    decoder.decode(
                        UnsafeRawBufferPointer(rebasing: bytes[row * info.rowBytes..<(row + 1) * info.rowBytes]),
                        into: UnsafeMutableBufferPointer(
                            rebasing: buffer[position * info.columns..<(position + 1) * info.columns]))
                }
            }
            count = rows.count * info.columns
        }
    }
}
