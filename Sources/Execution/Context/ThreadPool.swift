import CSystemShims
import Platform
import Synchronization

/// Threads that share the jobs of one operation after another, handed over in microseconds.
///
/// The caller works too. A thread that finds no job looks for the next operation for a moment, since the operations of
/// a pass follow each other closely, and then sleeps: an idle pool burns nothing. Threads start with the first
/// operation that can use them and end with the pool.
///
/// Who takes which job is chance; what a job computes is not: see `ExecutionContext.run`.
package final class ThreadPool: Sendable {
    /// Threads that may work at once, the caller among them.
    package let count: Int
    private let board: JobBoard
    private let areStarted = Atomic(false)
    /// One operation at a time is shared. A second caller meanwhile does its jobs alone.
    private let isBusy = Atomic(false)

    package init(count: Int) {
        self.count = max(1, count)
        // Where more threads than processors look for work, looking takes the processor from who has some.
        board = JobBoard(patience: self.count <= Machine.processorCount ? .microseconds(100) : .zero)
    }

    deinit { board.close() }

    /// Calls `body` once for each of 0 ..< `jobs`, in no particular order, and returns when all are done.
    package func run(_ jobs: Int, _ body: (Int) -> Void) {
        guard count > 1, jobs > 1,
            isBusy.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged
        else {
            for job in 0..<max(0, jobs) { body(job) }
            return
        }
        defer { isBusy.store(false, ordering: .releasing) }
        if !areStarted.exchange(true, ordering: .relaxed) {
            for number in 1..<count { PlatformThread.start(named: "vlmconv-\(number)") { [board] in board.serve() } }
        }
        board.share(jobs, body)
    }
}

/// Where an operation's jobs are announced and taken.
private final class JobBoard: Sendable {
    /// The operation's number in the upper half, the next job to take in the lower. Whoever moves the lower half on by
    /// one owns that job: so a thread that comes late can never take a job of an operation that has ended.
    private let ticket = Atomic<UInt64>(0)
    private let jobs = Atomic<UInt64>(0)
    private let done = Atomic<UInt64>(0)
    /// Address of the `Operation`, valid while a job of it is not done.
    private let body = Atomic<UInt>(0)
    private let isClosed = Atomic(false)
    private let bell = SleepingThreads()
    private let end = SleepingThreads()
    private let patience: Duration

    private struct Operation {
        let work: (Int) -> Void
    }

    /// In place of the next job: nothing may be taken while an operation is being written down.
    private static let closed: UInt64 = 0xFFFF_FFFF

    init(patience: Duration) { self.patience = patience }

    func share(_ count: Int, _ work: (Int) -> Void) {
        withoutActuallyEscaping(work) { work in
            // The jobs share what `work` captures, which the compiler cannot see to be harmless: they read the same
            // operands and write disjoint parts of one result, and all end before this call does.
            withUnsafePointer(to: Operation(work: work)) { address in
                let number = (ticket.load(ordering: .relaxed) >> 32 &+ 1) << 32
                ticket.store(number | Self.closed, ordering: .sequentiallyConsistent)
                jobs.store(UInt64(count), ordering: .relaxed)
                done.store(0, ordering: .relaxed)
                body.store(UInt(bitPattern: address), ordering: .relaxed)
                ticket.store(number, ordering: .sequentiallyConsistent)
                bell.wake()
                take()
                let all = UInt64(count)
                if !look(until: { done.load(ordering: .acquiring) == all }) {
                    end.sleep(until: { done.load(ordering: .sequentiallyConsistent) == all })
                }
            }
        }
    }

    /// A thread's life.
    func serve() {
        let isWanted = { self.hasJobs || self.isClosed.load(ordering: .sequentiallyConsistent) }
        while !isClosed.load(ordering: .acquiring) {
            take()
            if !look(until: isWanted) { bell.sleep(until: isWanted) }
        }
    }

    func close() {
        isClosed.store(true, ordering: .sequentiallyConsistent)
        bell.wake()
    }

    private var hasJobs: Bool {
        ticket.load(ordering: .sequentiallyConsistent) & Self.closed < jobs.load(ordering: .acquiring)
    }

    /// Does jobs of the present operation until none is left.
    private func take() {
        while true {
            let next = ticket.load(ordering: .acquiring)
            let count = jobs.load(ordering: .relaxed)
            let address = body.load(ordering: .relaxed)
            let job = next & Self.closed
            guard job < count, job != Self.closed else { return }
            guard ticket.compareExchange(expected: next, desired: next &+ 1, ordering: .acquiringAndReleasing).exchanged
            else { continue }
            if let operation = UnsafePointer<Operation>(bitPattern: address) { operation.pointee.work(Int(job)) }
            if done.add(1, ordering: .sequentiallyConsistent).newValue == count { end.wake() }
        }
    }

    /// True as soon as `condition` holds; false once patience is at its end.
    private func look(until condition: () -> Bool) -> Bool {
        if condition() { return true }
        guard patience > .zero else { return false }
        let start = ContinuousClock.now
        while true {
            for _ in 0..<64 {
                if condition() { return true }
                vlmc_relax()
            }
            if ContinuousClock.now - start > patience { return false }
        }
    }
}
