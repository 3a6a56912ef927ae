import Dispatch
import Synchronization

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Spreads the jobs of one operation over the processor's cores, and lends them scratch memory.
///
/// How an operation is cut into jobs never depends on `count`, and each job writes results of its own: so every
/// number the graph computes is the same, bit for bit, for any number of threads.
final class Workers: Sendable {
    /// Threads that may work at once.
    let count: Int
    /// What linear layers are given is added here, if anywhere.
    let statistics: ActivationStatistics?
    private let idleScratch = Mutex<[[Float]]>([])

    /// - Parameter count: Threads to use; nil takes one per core.
    init(count: Int? = nil, statistics: ActivationStatistics? = nil) {
        self.statistics = statistics
        self.count = max(1, count ?? sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        // The parallelism is here; a product inside a job stays on its thread.
        Kernels.keepProductsOnTheirThread()
    }

    /// Calls `body` once for each of 0 ..< `jobs`, in no particular order, and returns when all are done.
    func run(_ jobs: Int, _ body: (Int) -> Void) {
        let threads = min(count, jobs)
        guard threads > 1 else {
            for job in 0..<max(0, jobs) { body(job) }
            return
        }
        let next = Atomic<Int>(0)
        withoutActuallyEscaping(body) { body in
            // The jobs share what `body` captures, which the compiler cannot see to be harmless: they read the same
            // operands and write disjoint parts of one result, and all end before this call does.
            nonisolated(unsafe) let body = body
            DispatchQueue.concurrentPerform(iterations: threads) { _ in
                while true {
                    let job = next.wrappingAdd(1, ordering: .relaxed).oldValue
                    guard job < jobs else { return }
                    body(job)
                }
            }
        }
    }

    /// Lends `body` at least `count` floats of undefined content. Buffers are kept and lent again: fresh ones
    /// would cost a page fault per 4 KiB for every layer.
    func withScratch<R>(_ count: Int, _ body: (inout [Float]) -> R) -> R {
        var scratch = idleScratch.withLock { $0.popLast() } ?? []
        if scratch.count < count { scratch = [Float](repeating: 0, count: count) }
        defer { idleScratch.withLock { $0.append(scratch) } }
        return body(&scratch)
    }
}
