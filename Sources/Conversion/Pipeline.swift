import ByteIO
import Dispatch
import MobileVLM
import Quantization
import Synchronization
import Tensors

/// Turns planned tensors into the bytes of an output file.
///
/// The layout is known before the first byte, so the work is a list of row ranges that any thread may take in any order
/// and write to its own place. Memory is one buffer pair per thread, whatever the model's size; input pages are given
/// back as soon as they are read. The bytes do not depend on the number of threads: rows are encoded one by one.
public struct Pipeline: Sendable {
    public let plan: ConversionPlan
    public let weights: ModelWeights
    public let threads: Int
    /// Called now and then, from any thread, with source bytes done and in all.
    public let progress: @Sendable (_ done: Int, _ total: Int) -> Void

    public init(
        plan: ConversionPlan, weights: ModelWeights, threads: Int,
        progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) {
        self.plan = plan
        self.weights = weights
        self.threads = max(1, threads)
        self.progress = progress
    }

    /// A value that cannot be stored: an infinity or NaN in the input, or one that the target type makes of it.
    public static let notFinite = Rule("convert.not-finite")

    /// Elements that a thread works on at a time: large enough to hide the cost of a write, small enough for the cache.
    private static let chunkElements = 1 << 18

    /// Writes every tensor of the plan to `sink`, tensor `i` of the plan being tensor `i` of the sink.
    /// - Returns: For each tensor, how far what was written is from what was read.
    @discardableResult
    public func run(into sink: some TensorSink) throws -> [WeightError] {
        let jobs = try makeJobs()
        let total = plan.sourceBytes
        let next = Atomic(0)
        let done = Atomic(0)
        let failure = Mutex<(any Error)?>(nil)
        let errors = Mutex([WeightError](repeating: WeightError(), count: jobs.count))
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
            var worker = Worker()
            while failure.withLock({ $0 == nil }) {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < jobs.count else { return }
                do {
                    let job = jobs[index]
                    let error = try worker.run(job, into: sink, file: weights.origin)
                    errors.withLock { $0[index] = error }
                    let bytes = job.rows.count * job.sourceRowBytes
                    progress(done.wrappingAdd(bytes, ordering: .relaxed).newValue, total)
                } catch {
                    failure.withLock { $0 = $0 ?? error }
                }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
        // In the order of the jobs, whichever thread did them: sums of floats depend on their order.
        var totals = [WeightError](repeating: WeightError(), count: plan.tensors.count)
        for (job, error) in zip(jobs, errors.withLock { $0 }) { totals[job.number] += error }
        return totals
    }

    private func makeJobs() throws -> [Job] {
        var jobs: [Job] = []
        for (number, tensor) in plan.tensors.enumerated() {
            let columns = max(1, tensor.target.columns)
            let codec = try RowCodec(tensor, columns: columns)
            let rows = tensor.target.elementCount / columns
            let step = max(1, Self.chunkElements / columns)
            let input = JobInput(uses: (rows + step - 1) / step) { [weights] in
                try weights.tensor(tensor.specification.key, shape: tensor.specification.shape).bytes
            }
            for start in stride(from: 0, to: rows, by: step) {
                jobs.append(
                    Job(
                        number: number, tensor: tensor, input: input, codec: codec,
                        order: RotaryRows(
                            tensor.specification.kind, rows: rows, target: .neighbours, source: weights.rotaryPairing),
                        rows: start..<min(start + step, rows)))
            }
        }
        return jobs
    }
}

/// Rows of one tensor, to be converted by one thread at one go.
private struct Job: Sendable {
    let number: Int
    let tensor: PlannedTensor
    let input: JobInput
    let codec: RowCodec
    let order: RotaryRows
    let rows: Range<Int>

    /// Bytes of the input that make one row of the output; a kernel's own rows may be shorter.
    var sourceRowBytes: Int {
        tensor.source.byteCount / max(1, tensor.target.elementCount / max(1, tensor.target.columns))
    }
}

/// The bytes of a tensor while its jobs need them. A tensor that is no view into a file (a transposed one, say) is put
/// together for its first job and let go after its last, so that few such copies exist at a time.
private final class JobInput: Sendable {
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
private enum RowCodec: Sendable {
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
private struct Worker {
    private var floats: [Float] = []
    private var encoded: [UInt8] = []

    mutating func run(_ job: Job, into sink: some TensorSink, file: String) throws -> WeightError {
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
                            isFinite = encoder.encode(UnsafeBufferPointer(row), into: to)
                            reader.decode(UnsafeRawBufferPointer(to), into: back)
                            error.add(
                                reference: UnsafeBufferPointer(row), values: UnsafeBufferPointer(back))
                        }
                        guard isFinite else { throw Self.notFinite(job, row: sourceNumber, file: file) }
                    }
                }
                try sink.write(
                    UnsafeRawBufferPointer(rebasing: output[..<(targetRow * job.rows.count)]), tensor: job.number,
                    offset: job.rows.lowerBound * targetRow)
            }
        }
        // Rows that are read in another order lie elsewhere, but within the same tensor: what is given back too early
        // is read again, what is given back too late has its turn with the next range.
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
