import Dispatch
import Synchronization

/// The one loop that spreads work over threads.
public enum Parallel {
    /// Calls `body` once for each of 0 ..< `count`, in no particular order, and returns when all are done.
    ///
    /// After an error no further call begins; that error is thrown when those at work have ended.
    /// - Parameters:
    ///   - threads: At most so many calls at a time; 1 calls one after the other, in order, on the caller's thread.
    ///   - cancellation: Looked at before each call.
    ///   - body: Called from several threads: what it shares it must guard, or write to disjoint places.
    public static func forEach(
        _ count: Int, threads: Int, cancellation: Cancellation? = nil, _ body: @Sendable (Int) throws -> Void
    ) throws {
        let workers = min(threads, count)
        guard workers > 1 else {
            for index in 0..<max(0, count) {
                try cancellation?.check()
                try body(index)
            }
            return
        }
        let next = Atomic(0)
        let failure = Mutex<(any Error)?>(nil)
        DispatchQueue.concurrentPerform(iterations: workers) { _ in
            while failure.withLock({ $0 == nil }) {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < count else { return }
                do {
                    try cancellation?.check()
                    try body(index)
                } catch {
                    failure.withLock { $0 = $0 ?? error }
                }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
    }

    /// The results of `body` for each of 0 ..< `count`, in their order; else as `forEach`.
    public static func map<Result: Sendable>(
        _ count: Int, threads: Int, cancellation: Cancellation? = nil, _ body: @Sendable (Int) throws -> Result
    ) throws -> [Result] {
        let results = Mutex([Result?](repeating: nil, count: max(0, count)))
        try forEach(count, threads: threads, cancellation: cancellation) { index in
            let result = try body(index)
            results.withLock { $0[index] = result }
        }
        return results.withLock { $0.compactMap(\.self) }
    }
}
