import Synchronization
import Testing

import Platform

@Suite struct ParallelTests {
    private struct Broken: Error, Equatable { let item: Int }

    @Test("Every item is worked on once, by any number of threads", arguments: [-1, 0, 1, 2, 7])
    func everyItemOnce(threads: Int) throws {
        let seen = Mutex([Int](repeating: 0, count: 100))
        try Parallel.forEach(100, threads: threads) { item, thread in
            #expect((0..<max(1, threads)).contains(thread))
            seen.withLock { $0[item] += 1 }
        }
        #expect(seen.withLock { $0.allSatisfy { $0 == 1 } })
    }

    @Test("An error ends the loop and is thrown")
    func errorEnds() {
        let count = Atomic(0)
        #expect(throws: Broken(item: 3)) {
            try Parallel.forEach(1000, threads: 1) { item, _ in
                count.wrappingAdd(1, ordering: .relaxed)
                if item == 3 { throw Broken(item: item) }
            }
        }
        #expect(count.load(ordering: .relaxed) == 4)
    }

    @Test("A cancelled loop begins no further item")
    func cancellation() {
        let cancellation = Cancellation()
        let count = Atomic(0)
        #expect(throws: CancellationError.self) {
            try Parallel.forEach(1000, threads: 1, cancellation: cancellation) { item, _ in
                count.wrappingAdd(1, ordering: .relaxed)
                if item == 10 { cancellation.cancel() }
            }
        }
        #expect(count.load(ordering: .relaxed) == 11)
    }
}
