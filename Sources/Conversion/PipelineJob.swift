import ByteIO
import MobileVLM
import Models
import Quantization
import Synchronization
import Tensors

/// Rows of one tensor, to be converted by one thread at one go.
struct Job: Sendable {
    /// The tensor's place in its file's plan.
    let number: Int
    let tensor: PlannedTensor
    let input: JobInput
    let codec: RowCodec
    let order: RotaryRows
    let rows: Range<Int>

    var sourceBytes: Int { rows.count * sourceRowBytes }

    /// Bytes of the input that make one row of the output; a kernel's own rows may be shorter.
    var sourceRowBytes: Int {
        tensor.source.byteCount / max(1, tensor.target.elementCount / max(1, tensor.target.columns))
    }
}

/// The bytes of a tensor while its jobs need them. A tensor that is no view into a file (a transposed one, say) is put
/// together for its first job and let go after its last, so that few such copies exist at a time.
final class JobInput: Sendable {
    private struct State {
        var bytes: Bytes?
        var uses: Int
    }

    private let fetch: @Sendable () throws -> Bytes
    private let state: Mutex<State>

    init(uses: Int, fetch: @escaping @Sendable () throws -> Bytes) {
        self.fetch = fetch
        state = Mutex(State(bytes: nil, uses: uses))
    }

    /// The bytes for one use.
    func take() throws -> Bytes {
        try state.withLock { state in
            let bytes = try state.bytes ?? fetch()
            state.uses -= 1
            state.bytes = state.uses > 0 ? bytes : nil
            return bytes
        }
    }
}

/// How a row gets from one type to another: as it is, or by way of floats.
enum RowCodec: Sendable {
    case copy
    /// Decodes the source, encodes the target, and reads the target back to measure the error.
    case convert(RowDecoder, RowEncoder, RowDecoder)

    init(_ tensor: PlannedTensor, columns: Int) throws {
        self =
            tensor.source.type == tensor.target.type
            ? .copy
            : .convert(
                try RowDecoder(type: tensor.source.type, columns: columns),
                try RowEncoder(type: tensor.target.type, columns: columns, importance: tensor.importance),
                try RowDecoder(type: tensor.target.type, columns: columns))
    }
}

/// One thread's buffers.
struct Worker {
    private var floats: [Float] = []
    private var encoded: [UInt8] = []

    mutating func run(_ job: Job, into sink: any TensorSink, file: String) throws -> WeightError {
        let bytes = try job.input.take()
        var error = WeightError()
        let columns = max(1, job.tensor.target.columns)
        let sourceRow = job.sourceRowBytes
        let targetRow = job.tensor.target.type.rowBytes(columns: columns) ?? 0
        if floats.count < 2 * columns { floats = [Float](repeating: 0, count: 2 * columns) }
        if encoded.count < targetRow * job.rows.count {
            encoded = [UInt8](repeating: 0, count: targetRow * job.rows.count)
        }
        try bytes.withUnsafeBytes { source in
            try encoded.withUnsafeMutableBytes { output in
                try floats.withUnsafeMutableBufferPointer { floats in
                    let row = UnsafeMutableBufferPointer(rebasing: floats[..<columns])
                    let back = UnsafeMutableBufferPointer(rebasing: floats[columns..<2 * columns])
                    for (position, target) in job.rows.enumerated() {
                        let sourceNumber = job.order.source(of: target)
                        let start = sourceNumber * sourceRow
                        let from = UnsafeRawBufferPointer(rebasing: source[start..<start + sourceRow])
                        let to = UnsafeMutableRawBufferPointer(
                            rebasing: output[position * targetRow..<(position + 1) * targetRow])
                        let isFinite: Bool
                        switch job.codec {
                        case .copy:
                            to.copyMemory(from: from)
                            isFinite = RowEncoder.isFinite(encoded: from, type: job.tensor.source.type)
                        case .convert(let decoder, let encoder, let reader):
                            decoder.decode(from, into: row)
                            encoder.encodeUnchecked(UnsafeBufferPointer(row), into: to)
                            reader.decode(UnsafeRawBufferPointer(to), into: back)
                            error.add(
                                reference: UnsafeBufferPointer(row), values: UnsafeBufferPointer(back))
                            // A scale that is not finite makes every value of its block so, be it by 0 times infinity.
                            isFinite = error.isFinite
                        }
                        guard isFinite else { throw Self.notFinite(job, row: sourceNumber, file: file) }
                    }
                }
                try sink.write(
                    UnsafeRawBufferPointer(rebasing: output[..<(targetRow * job.rows.count)]), tensor: job.number,
                    offset: job.rows.lowerBound * targetRow)
            }
        }
        bytes.slice(job.rows.lowerBound * sourceRow..<job.rows.upperBound * sourceRow)?.giveBackPages()
        return error
    }

    private static func notFinite(_ job: Job, row: Int, file: String) -> InputError {
        InputError(
            Pipeline.notFinite, file: file, field: job.tensor.source.name,
            problem:
                "row \(row) holds NaN or an infinity, or values beyond what \(job.tensor.target.type.name) can scale",
            remedy: "Finite values that are too large for this type fit into bf16 and f32. A checkpoint with others is "
                + "damaged or overflowed in training.")
    }
}
