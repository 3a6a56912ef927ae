import ByteIO
import Quantization
import Tensors

/// Rows of one tensor, to be converted by one thread at one go.
struct Job: Sendable {
    /// The tensor's place in its file's plan.
    let number: Int
    /// The place of its first copy in another layout, after which the others follow.
    let firstCopy: Int
    let tensor: PlannedTensor
    let codec: RowCodec
    let rows: Range<Int>

    var sourceBytes: Int { rows.count * tensor.source.geometry.rowBytes }
}

/// How a row gets from one type to another.
enum RowCodec: Sendable {
    /// As it is.
    case copy
    /// Decodes the source, encodes the target, and reads the target back to measure the error.
    case convert(RowDecoder, RowEncoder, RowDecoder)
    /// Takes bytes that somebody else has chosen; decodes source and target to measure the error.
    case take(RowDecoder, RowDecoder)

    init(_ tensor: PlannedTensor) throws {
        let columns = tensor.target.geometry.columns
        let (source, target) = (tensor.source.type, tensor.target.type)
        if tensor.chosen != nil {
            self = .take(
                try RowDecoder(type: source, columns: columns), try RowDecoder(type: target, columns: columns))
        } else if source == target {
            self = .copy
        } else {
            self = .convert(
                try RowDecoder(type: source, columns: columns),
                try RowEncoder(type: target, columns: columns, importance: tensor.importance),
                try RowDecoder(type: target, columns: columns))
        }
    }
}

/// One thread's buffers.
struct Worker {
    private var floats: [Float] = []
    private var encoded: [UInt8] = []
    private var laidOut: [UInt8] = []

    mutating func run(_ job: Job, into sink: any TensorSink) throws -> WeightError {
        let source = try job.tensor.rows.rows(job.rows)
        let chosen = try job.tensor.chosen?.rows(job.rows)
        let (columns, targetRow) = (job.tensor.target.geometry.columns, job.tensor.target.geometry.rowBytes)
        let sourceRow = job.tensor.source.geometry.rowBytes
        let size = targetRow * job.rows.count
        guard source.count == sourceRow * job.rows.count, chosen.map({ $0.count == size }) ?? true else {
            throw InputError(
                PlannedTensor.mismatch, file: job.tensor.rows.origin, field: job.tensor.source.name,
                problem: "gave other bytes than \(job.rows.count) rows have")
        }
        if floats.count < 2 * columns { floats = [Float](repeating: 0, count: 2 * columns) }
        if encoded.count < size { encoded = [UInt8](repeating: 0, count: size) }
        var error = WeightError()
        try source.withUnsafeBytes { source in
            try encoded.withUnsafeMutableBytes { output in
                chosen?.withUnsafeBytes { output.copyMemory(from: $0) }
                try floats.withUnsafeMutableBufferPointer { floats in
                    let row = UnsafeMutableBufferPointer(rebasing: floats[..<columns])
                    let back = UnsafeMutableBufferPointer(rebasing: floats[columns..<2 * columns])
                    for position in 0..<job.rows.count {
                        let from = UnsafeRawBufferPointer(
                            rebasing: source[position * sourceRow..<(position + 1) * sourceRow])
                        let to = UnsafeMutableRawBufferPointer(
                            rebasing: output[position * targetRow..<(position + 1) * targetRow])
                        let isFinite: Bool
                        switch job.codec {
                        case .copy:
                            to.copyMemory(from: from)
                            isFinite = RowEncoder.isFinite(encoded: from, type: job.tensor.source.type)
                        case .convert(let decoder, let encoder, let reader):
                            decoder.decode(row: position, of: source, into: row)
                            encoder.encodeUnchecked(UnsafeBufferPointer(row), into: to)
                            reader.decode(UnsafeRawBufferPointer(to), into: back)
                            error.add(reference: UnsafeBufferPointer(row), values: UnsafeBufferPointer(back))
                            // A scale that is not finite makes every value of its block so, be it by 0 times infinity.
                            isFinite = error.isFinite
                        case .take(let decoder, let reader):
                            decoder.decode(row: position, of: source, into: row)
                            reader.decode(UnsafeRawBufferPointer(to), into: back)
                            error.add(reference: UnsafeBufferPointer(row), values: UnsafeBufferPointer(back))
                            isFinite = error.isFinite
                        }
                        guard isFinite else { throw Self.notFinite(job, row: job.rows.lowerBound + position) }
                    }
                }
                let rows = UnsafeRawBufferPointer(rebasing: output[..<size])
                let offset = job.rows.lowerBound * targetRow
                let layouts =
                    [(job.number, job.tensor.target.layout)]
                    + job.tensor.copies.enumerated().map { (job.firstCopy + $0, $1) }
                for (number, layout) in layouts {
                    guard let tiles = RowTiles(StorageFormat(job.tensor.target.type, layout: layout), columns: columns)
                    else {
                        try sink.write(rows, tensor: number, offset: offset)
                        continue
                    }
                    if laidOut.count < size { laidOut = [UInt8](repeating: 0, count: size) }
                    try laidOut.withUnsafeMutableBytes { memory in
                        let target = UnsafeMutableRawBufferPointer(rebasing: memory[..<size])
                        tiles.pack(rows, into: target)
                        try sink.write(UnsafeRawBufferPointer(target), tensor: number, offset: offset)
                    }
                }
            }
        }
        source.giveBackPages()
        return error
    }

    private static func notFinite(_ job: Job, row: Int) -> InputError {
        let rows = job.tensor.rows
        return InputError(
            Pipeline.notFinite, file: rows.origin, field: rows.info.name,
            problem: "row \(rows.origin(ofRow: row)) holds NaN or an infinity, or values beyond what "
                + "\(job.tensor.target.type.name) can scale",
            remedy: "Finite values that are too large for this type fit into bf16 and f32. A checkpoint with others is "
                + "damaged or overflowed in training.")
    }
}
