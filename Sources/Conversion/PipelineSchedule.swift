import Quantization
import Synchronization

/// What the threads of a pipeline do next.
///
/// Jobs come first, so that the system stores what they wrote while chores are done. But a chore occupies one thread from
/// its first step to its last: it begins as soon as it is as long as a thread's share of all that is left, or the other
/// threads would wait for it at the end.
final class Schedule: Sendable {
    enum Task {
        case job(output: Int, position: Int)
        case chore(Int)
    }

    private struct State {
        /// The next job of each output.
        var positions: [Int]
        /// Chores that no thread is at.
        var waiting: [Int]
        /// Bytes that each chore still lacks.
        var choreBytes: [Int]
        var jobBytes: Int

        /// The longest chore that waits, taken out of the list.
        mutating func takeChore(longerThan least: Int = 0) -> Task? {
            guard let place = waiting.indices.max(by: { choreBytes[waiting[$0]] < choreBytes[waiting[$1]] }),
                choreBytes[waiting[place]] >= least
            else { return nil }
            return .chore(waiting.remove(at: place))
        }
    }

    private let jobs: [[Job]]
    private let threads: Int
    private let state: Mutex<State>
    /// Bytes of all jobs and chores.
    let totalBytes: Int

    init(_ jobs: [[Job]], _ chores: [Pipeline.Chore], threads: Int) {
        self.jobs = jobs
        self.threads = threads
        let jobBytes = jobs.reduce(0) { $0 + $1.reduce(0) { $0 + $1.sourceBytes } }
        let choreBytes = chores.map(\.byteCount)
        totalBytes = jobBytes + choreBytes.reduce(0, +)
        state = Mutex(
            State(
                positions: jobs.map { _ in 0 }, waiting: Array(chores.indices), choreBytes: choreBytes,
                jobBytes: jobBytes))
    }

    /// A task that is now the caller's; nil when none is left to begin.
    func next(thread: Int) -> Task? {
        state.withLock { state in
            let left = state.jobBytes + state.choreBytes.reduce(0, +)
            if let chore = state.takeChore(longerThan: left / threads) { return chore }
            // Threads begin with different files, because a system lets one at a time write to a file.
            for turn in jobs.indices {
                let output = (turn + thread) % jobs.count
                let position = state.positions[output]
                guard position < jobs[output].count else { continue }
                state.positions[output] += 1
                state.jobBytes -= jobs[output][position].sourceBytes
                return .job(output: output, position: position)
            }
            return state.takeChore()
        }
    }

    /// Gives back a chore that a step has brought `bytes` further and that is not at its end.
    func resume(chore: Int, after bytes: Int) {
        state.withLock { state in
            state.choreBytes[chore] = max(0, state.choreBytes[chore] - bytes)
            state.waiting.append(chore)
        }
    }
}

/// Which jobs of each output are done, and with what error.
final class JobLedger: Sendable {
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
