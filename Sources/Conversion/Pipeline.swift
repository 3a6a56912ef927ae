import Platform
import ByteIO
import Quantization
import Synchronization
import Tensors

/// Turns planned tensors into the bytes of output files.
///
/// The layouts are known before the first byte, so the work is a list of row ranges that any thread may take in any
/// order and write to its own place. Memory is one buffer pair per thread, whatever the model's size; input pages are
/// given back as soon as they are read. The bytes do not depend on the number of threads: rows are encoded one by one.
public struct Pipeline: Sendable {
    /// One file to be filled: tensor `i` of the plan is tensor `i` of the sink, and its copies come after all others.
    public struct Output: Sendable {
        public let plan: ConversionPlan
        public let sink: any TensorSink
        /// Called with a tensor's number by the thread that wrote the last of its bytes.
        public let tensorWritten: @Sendable (Int) throws -> Void

        public init(
            plan: ConversionPlan, sink: any TensorSink,
            tensorWritten: @escaping @Sendable (Int) throws -> Void = { _ in }
        ) {
            self.plan = plan
            self.sink = sink
            self.tensorWritten = tensorWritten
        }
    }

    /// Work of another kind that shares the threads, such as a digest of an input file. Its steps follow one another,
    /// each on whichever thread is free.
    public struct Chore: Sendable {
        /// Its share of the whole, in bytes.
        public let byteCount: Int
        /// Does a little more of it and says how many bytes that was; 0 when there is no more to do.
        public let step: @Sendable () throws -> Int

        public init(byteCount: Int, step: @escaping @Sendable () throws -> Int) {
            self.byteCount = byteCount
            self.step = step
        }
    }

    public let outputs: [Output]
    public let chores: [Chore]
    public let threads: Int
    /// Looked at before each piece of work.
    public let cancellation: Cancellation?
    /// Called now and then, from any thread, with bytes done and in all: of the tensors' sources and of the chores.
    public let progress: @Sendable (_ done: Int, _ total: Int) -> Void

    public init(
        _ outputs: [Output], chores: [Chore] = [], threads: Int, cancellation: Cancellation? = nil,
        progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) {
        self.outputs = outputs
        self.chores = chores
        self.threads = max(1, threads)
        self.cancellation = cancellation
        self.progress = progress
    }

    /// A value that cannot be stored: an infinity or NaN in the input, or one that the target type makes of it.
    public static let notFinite = Rule("convert.not-finite")

    /// Elements that a thread works on at a time: large enough to hide the cost of a write, small enough for the cache.
    private static let chunkElements = 1 << 19

    /// Writes every tensor of every output.
    /// - Returns: For each output and tensor, how far what was written is from what was read.
    @discardableResult
    public func run() throws -> [[WeightError]] {
        let jobs = try outputs.indices.map(makeJobs)
        let schedule = Schedule(jobs, chores, threads: threads)
        let ledger = JobLedger(jobs, tensorCounts: outputs.map(\.plan.tensors.count))
        let done = Atomic(0)
        // A thread's error has the others begin nothing more.
        let isFailed = Atomic(false)
        try Parallel.forEach(threads, threads: threads) { thread in
            var worker = Worker()
            do {
                while !isFailed.load(ordering: .relaxed), let task = schedule.next(thread: thread) {
                    try cancellation?.check()
                    let bytes: Int
                    switch task {
                    case .job(let index, let position):
                        let job = jobs[index][position]
                        let output = outputs[index]
                        let error = try worker.run(job, into: output.sink)
                        if ledger.enter(error, output: index, job: position) { try output.tensorWritten(job.number) }
                        bytes = job.sourceBytes
                    case .chore(let index):
                        bytes = try chores[index].step()
                        if bytes > 0 { schedule.resume(chore: index, after: bytes) }
                    }
                    progress(done.wrappingAdd(bytes, ordering: .relaxed).newValue, schedule.totalBytes)
                }
            } catch {
                isFailed.store(true, ordering: .relaxed)
                throw error
            }
        }
        return ledger.totals
    }

    private func makeJobs(_ index: Int) throws -> [Job] {
        var jobs: [Job] = []
        let copies = outputs[index].plan.copyNumbers
        for (number, tensor) in outputs[index].plan.tensors.enumerated() {
            let codec = try RowCodec(tensor)
            let geometry = tensor.target.geometry
            // Whole heads, say, so that a job reads exactly the rows whose pages it gives back; and whole tiles.
            let group = ([tensor.target.layout] + tensor.copies).map(\.rowsTogether)
                .reduce(max(1, tensor.rows.rowsTogether), commonMultiple)
            let step = max(1, Self.chunkElements / max(1, geometry.columns) / group) * group
            for start in stride(from: 0, to: geometry.rows, by: step) {
                jobs.append(
                    Job(
                        number: number, firstCopy: copies[number], tensor: tensor, codec: codec,
                        rows: start..<min(start + step, geometry.rows)))
            }
        }
        return jobs
    }
}

/// The least common multiple of two positive numbers.
private func commonMultiple(_ a: Int, _ b: Int) -> Int {
    var (divisor, rest) = (a, b)
    while rest != 0 { (divisor, rest) = (rest, divisor % rest) }
    return a / divisor * b
}
