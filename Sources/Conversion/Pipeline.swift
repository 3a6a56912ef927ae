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
    public func run(into sink: some TensorSink) throws {
        let jobs = try makeJobs()
        let total = plan.sourceBytes
        let next = Atomic(0)
        let done = Atomic(0)
        let failure = Mutex<(any Error)?>(nil)
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
            var worker = Worker()
            while failure.withLock({ $0 == nil }) {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < jobs.count else { return }
                do {
                    let job = jobs[index]
                    try worker.run(job, into: sink, file: weights.origin)
                    let bytes = job.rows.count * job.tensor.source.rowBytes
                    progress(done.wrappingAdd(bytes, ordering: .relaxed).newValue, total)
                } catch {
                    failure.withLock { $0 = $0 ?? error }
                }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
    }

    private func makeJobs() throws -> [Job] {
        var jobs: [Job] = []
        for (number, tensor) in plan.tensors.enumerated() {
            let stored = try weights.tensor(tensor.specification.key, shape: tensor.specification.shape)
            let columns = max(1, tensor.target.columns)
            let codec = try RowCodec(from: tensor.source.type, to: tensor.target.type, columns: columns)
            let rows = tensor.target.elementCount / columns
            let step = max(1, Self.chunkElements / columns)
            for start in stride(from: 0, to: rows, by: step) {
                jobs.append(
                    Job(
                        number: number, tensor: tensor, bytes: stored.bytes, codec: codec,
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
    let bytes: Bytes
    let codec: RowCodec
    let order: RotaryRows
    let rows: Range<Int>
}

/// How a row gets from one type to another: as it is, or by way of floats.
private enum RowCodec: Sendable {
    case copy
    case convert(RowDecoder, RowEncoder)

    init(from source: ElementType, to target: ElementType, columns: Int) throws {
        self =
            source == target
            ? .copy
            : .convert(
                try RowDecoder(type: source, columns: columns), try RowEncoder(type: target, columns: columns))
    }
}

/// One thread's buffers.
private struct Worker {
    private var floats: [Float] = []
    private var encoded: [UInt8] = []

    mutating func run(_ job: Job, into sink: some TensorSink, file: String) throws {
        let columns = max(1, job.tensor.target.columns)
        let sourceRow = job.bytes.count / max(1, job.tensor.target.elementCount / columns)
        let targetRow = job.tensor.target.type.rowBytes(columns: columns) ?? 0
        if floats.count < columns { floats = [Float](repeating: 0, count: columns) }
        if encoded.count < targetRow * job.rows.count {
            encoded = [UInt8](repeating: 0, count: targetRow * job.rows.count)
        }
        try job.bytes.withUnsafeBytes { source in
            try encoded.withUnsafeMutableBytes { output in
                try floats.withUnsafeMutableBufferPointer { floats in
                    let row = UnsafeMutableBufferPointer(rebasing: floats[..<columns])
                    for (position, target) in job.rows.enumerated() {
                        let start = job.order.source(of: target) * sourceRow
                        let from = UnsafeRawBufferPointer(rebasing: source[start..<start + sourceRow])
                        let to = UnsafeMutableRawBufferPointer(
                            rebasing: output[position * targetRow..<(position + 1) * targetRow])
                        switch job.codec {
                        case .copy: to.copyMemory(from: from)
                        case .convert(let decoder, let encoder):
                            decoder.decode(from, into: row)
                            guard encoder.encode(UnsafeBufferPointer(row), into: to) else {
                                throw Self.notFinite(job, row: target, file: file)
                            }
                        }
                    }
                }
                try sink.write(
                    UnsafeRawBufferPointer(rebasing: output[..<(targetRow * job.rows.count)]), tensor: job.number,
                    offset: job.rows.lowerBound * targetRow)
            }
        }
        giveBack(job, sourceRow: sourceRow)
    }

    /// Rows that are read in another order than they lie in are given back with the whole head that they are part of.
    private func giveBack(_ job: Job, sourceRow: Int) {
        job.bytes.slice(job.rows.lowerBound * sourceRow..<job.rows.upperBound * sourceRow)?.giveBackPages()
    }

    private static func notFinite(_ job: Job, row: Int, file: String) -> InputError {
        InputError(
            Pipeline.notFinite, file: file, field: job.tensor.source.name,
            problem:
                "row \(row) holds NaN or an infinity, or values beyond what \(job.tensor.target.type.name) can scale",
            remedy: "The checkpoint is damaged or overflowed in training; --f32 keeps such values as they are.")
    }
}
