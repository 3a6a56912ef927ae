import Dispatch
import Synchronization

/// The one loop over threads: items of unlike size, taken one by one by whoever is free.
public enum Parallel {
    /// Calls `body` once for each of 0 ..< `count`, in no particular order, on at most `threads` threads.
    ///
    /// Threads get numbers from 0 on, for buffers that each has for itself. After a failure no thread begins another
    /// item.
    /// - Parameters:
    ///   - threads: Values below 1 count as 1.
    ///   - cancellation: Looked at before each item.
    /// - Throws: The first error of `body`, or `CancellationError`, when every thread has ended.
    public static func forEach(
        _ count: Int, threads: Int, cancellation: Cancellation? = nil,
        _ body: @Sendable (_ item: Int, _ thread: Int) throws -> Void
    ) throws {
        let next = Atomic(0)
        try run(threads: min(threads, count)) { thread, hasFailed in
            while !hasFailed() {
                let item = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard item < count else { return }
                try cancellation?.check()
                try body(item, thread)
            }
        }
    }

    /// Calls `body` once on each of `threads` threads at the same time and returns when all have ended.
    /// - Parameter body: Gets the thread's number, and a function that says whether another thread has failed.
    /// - Throws: The first error of any thread.
    public static func run(
        threads: Int, _ body: @Sendable (_ thread: Int, _ hasFailed: () -> Bool) throws -> Void
    ) throws {
        let failure = Mutex<(any Error)?>(nil)
        DispatchQueue.concurrentPerform(iterations: max(1, threads)) { thread in
            do {
                try body(thread) { failure.withLock { $0 != nil } }
            } catch {
                failure.withLock { $0 = $0 ?? error }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
    }
}
