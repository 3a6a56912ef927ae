import Platform
import Synchronization
import Testing

struct ParallelTests {
    @Test("each index is worked on once, by any number of threads", arguments: [1, 2, 7])
    func once(threads: Int) throws {
        let seen = Mutex([Int]())
        try Parallel.forEach(100, threads: threads) { index in seen.withLock { $0.append(index) } }
        #expect(seen.withLock { $0.sorted() } == Array(0..<100))
        try Parallel.forEach(0, threads: threads) { _ in Issue.record("there is nothing to do") }
    }

    @Test("results come in the order of the indices", arguments: [1, 3])
    func order(threads: Int) throws {
        #expect(try Parallel.map(50, threads: threads) { $0 * $0 } == (0..<50).map { $0 * $0 })
        #expect(try Parallel.map(0, threads: threads) { $0 } == [])
    }

    @Test("an error is thrown, and nothing begins after it", arguments: [1, 2])
    func failure(threads: Int) {
        struct Broken: Error {}
        let calls = Atomic(0)
        #expect(throws: Broken.self) {
            try Parallel.forEach(100_000, threads: threads) { index in
                calls.wrappingAdd(1, ordering: .relaxed)
                if index == 3 { throw Broken() }
            }
        }
        #expect(calls.load(ordering: .relaxed) < 100_000)
    }

    @Test("a cancelled loop begins no further call", arguments: [1, 2])
    func cancellation(threads: Int) {
        let cancellation = Cancellation()
        let calls = Atomic(0)
        #expect(throws: CancellationError.self) {
            try Parallel.forEach(100_000, threads: threads, cancellation: cancellation) { index in
                calls.wrappingAdd(1, ordering: .relaxed)
                if index == 10 { cancellation.cancel() }
            }
        }
        #expect(calls.load(ordering: .relaxed) < 100_000)
    }
}
