import ByteIO
import Dispatch
import MobileVLM
import Quantization
import Synchronization
import Tensors

/// Turns planned tensors into the bytes of output files.
///
/// The layouts are known before the first byte, so the work is a list of row ranges that any thread may take in any
/// order and write to its own place. Memory is one buffer pair per thread, whatever the model's size; input pages are
/// given back as soon as they are read. The bytes do not depend on the number of threads: rows are encoded one by one.
public struct Pipeline: Sendable {
    /// One file to be filled: tensor `i` of the plan is tensor `i` of the sink.
    public struct Output: Sendable {
        public let plan: ConversionPlan
        public let weights: ModelWeights
        public let sink: any TensorSink
        /// Called with a tensor's number by the thread that wrote the last of its bytes.
        public let tensorWritten: @Sendable (Int) throws -> Void

        public init(
            plan: ConversionPlan, weights: ModelWeights, sink: any TensorSink,
            tensorWritten: @escaping @Sendable (Int) throws -> Void = { _ in }
        ) {
            self.plan = plan
            self.weights = weights
            self.sink = sink
            self.tensorWritten = tensorWritten
        }
    }

    /// Work of another kind that shares the threads, such as a digest of an input file.
    public struct Chore: Sendable {
        /// Its share of the whole, in bytes.
        public let byteCount: Int
        /// Does it, and tells now and then how many more bytes are done.
        public let run: @Sendable (_ advance: (Int) -> Void) throws -> Void

        public init(byteCount: Int, run: @escaping @Sendable (_ advance: (Int) -> Void) throws -> Void) {
            self.byteCount = byteCount
            self.run = run
        }
    }

    public let outputs: [Output]
    public let chores: [Chore]
    public let threads: Int
    /// Called now and then, from any thread, with bytes done and in all: of the tensors' sources and of the chores.
    public let progress: @Sendable (_ done: Int, _ total: Int) -> Void

    public init(
        _ outputs: [Output], chores: [Chore] = [], threads: Int,
        progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) {
        self.outputs = outputs
        self.chores = chores
        self.threads = max(1, threads)
        self.progress = progress
    }

    /// A value that cannot be stored: an infinity or NaN in the input, or one that the target type makes of it.
    public static let notFinite = Rule("convert.not-finite")

    /// Elements that a thread works on at a time: large enough to hide the cost of a write, small enough for the cache.
    private static let chunkElements = 1 << 18

    /// Writes every tensor of every output.
    /// - Returns: For each output and tensor, how far what was written is from what was read.
    @discardableResult
    public func run() throws -> [[WeightError]] {
        let jobs = try outputs.indices.map(makeJobs)
        let total = outputs.reduce(0) { $0 + $1.plan.sourceBytes } + chores.reduce(0) { $0 + $1.byteCount }
        let done = Atomic(0)
        @Sendable func advance(_ bytes: Int) {
            progress(done.wrappingAdd(bytes, ordering: .relaxed).newValue, total)
        }
        let ledger = JobLedger(jobs, tensorCounts: outputs.map(\.plan.tensors.count))
        let failure = Mutex<(any Error)?>(nil)
        let next = Mutex(Array(repeating: 0, count: outputs.count))
        let nextChore = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: threads) { thread in
            var worker = Worker()
            func convert(_ index: Int) throws {
                let output = outputs[index]
                while failure.withLock({ $0 == nil }) {
                    let position = next.withLock { next in
                        defer { next[index] += 1 }
                        return next[index]
                    }
                    guard position < jobs[index].count else { return }
                    let job = jobs[index][position]
                    let error = try worker.run(job, into: output.sink, file: output.weights.origin)
                    if ledger.enter(error, output: index, job: position) { try output.tensorWritten(job.number) }
                    advance(job.rows.count * job.sourceRowBytes)
                }
            }
            // Threads begin with different files, because a system lets one at a time write to a file.
            func convert() throws {
                for index in outputs.indices { try convert((index + thread) % outputs.count) }
            }
            func doChores() throws {
                while failure.withLock({ $0 == nil }) {
                    let index = nextChore.wrappingAdd(1, ordering: .relaxed).oldValue
                    guard index < chores.count else { return }
                    try chores[index].run(advance)
                }
            }
            do {
                // A chore cannot be shared, so one that begins late would be waited for at the end.
                try doChores()
                try convert()
            } catch {
                failure.withLock { $0 = $0 ?? error }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
        return ledger.totals
    }

    private func makeJobs(_ index: Int) throws -> [Job] {
        let output = outputs[index]
        var jobs: [Job] = []
        for (number, tensor) in output.plan.tensors.enumerated() {
            let columns = max(1, tensor.target.columns)
            let codec = try RowCodec(tensor, columns: columns)
            let rows = tensor.target.elementCount / columns
            let step = max(1, Self.chunkElements / columns)
            let input = JobInput(uses: (rows + step - 1) / step) {
                try output.weights.tensor(tensor.specification.key, shape: tensor.specification.shape).bytes
            }
            for start in stride(from: 0, to: rows, by: step) {
                jobs.append(
                    Job(
                        number: number, tensor: tensor, input: input, codec: codec,
                        order: RotaryRows(
                            tensor.specification.kind, rows: rows, target: .neighbours,
                            source: output.weights.rotaryPairing),
                        rows: start..<min(start + step, rows)))
            }
        }
        return jobs
    }
}

/// Which jobs of each output are done, and with what error.
private final class JobLedger: Sendable {
    private struct State {
        var errors: [[WeightError]]
        /// Jobs that each tensor of each output still waits for.
        var open: [[Int]]
    }

    private let jobs: [[Job]]
    private let state: Mutex<State>

    init(_ jobs: [[Job]], tensorCounts: [Int]) {
        self.jobs = jobs
        var open = tensorCounts.map { Array(repeating: 0, count: $0) }
        for (output, jobs) in jobs.enumerated() {
            for job in jobs { open[output][job.number] += 1 }
        }
        state = Mutex(State(errors: jobs.map { $0.map { _ in WeightError() } }, open: open))
    }

    /// Notes that a job is done.
    /// - Returns: Whether its tensor is done with it.
    func enter(_ error: WeightError, output: Int, job: Int) -> Bool {
        let tensor = jobs[output][job].number
        return state.withLock { state in
            state.errors[output][job] = error
            state.open[output][tensor] -= 1
            return state.open[output][tensor] == 0
        }
    }

    /// The error of every tensor, added up in the order of the jobs, whichever thread did them: sums of floats depend
    /// on their order.
    var totals: [[WeightError]] {
        state.withLock { state in
            var totals = state.open.map { $0.map { _ in WeightError() } }
            for (output, jobs) in jobs.enumerated() {
                for (job, error) in zip(jobs, state.errors[output]) { totals[output][job.number] += error }
            }
            return totals
        }
    }
}
