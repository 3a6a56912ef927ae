import Execution
import MobileVLM
import Synchronization
import Testing

/// Threads, lent memory, and the cache's formats.
struct ContextTests {
    @Test(
        "every job is done exactly once, however many threads and however small the jobs", arguments: [1, 2, 3, 8, 64])
    func jobs(threads: Int) {
        let pool = ThreadPool(count: threads)
        for round in 0..<300 {
            let count = round % 97
            let done = Mutex([Int](repeating: 0, count: count))
            pool.run(count) { job in done.withLock { $0[job] += 1 } }
            #expect(done.withLock { $0 } == [Int](repeating: 1, count: count))
        }
    }

    @Test("callers on several threads share a pool, and a job may start jobs of its own")
    func nested() async {
        let pool = ThreadPool(count: 3)
        let sums = await withTaskGroup(of: Int.self) { group in
            for caller in 0..<6 {
                group.addTask {
                    let sum = Atomic(0)
                    for _ in 0..<50 {
                        pool.run(20) { job in pool.run(2) { inner in sum.add(job * inner + caller, ordering: .relaxed) }
                        }
                    }
                    return sum.load(ordering: .relaxed)
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(sums.sorted() == (0..<6).map { 50 * (190 + 40 * $0) })
    }

    @Test("after a first pass no operation fetches memory from the system", arguments: ["ldp-24", "ldpv2-16"])
    func memory(name: String) throws {
        let fixture = try GraphFixture(name)
        let executor = try fixture.executor(threads: 1)
        func pass() throws {
            let cache = executor.makeCache()
            _ = try executor.forward(fixture.pieces(executor), cache: cache, logits: .last)
            for id in 0..<5 { _ = try executor.forward([.tokens([id])], cache: cache, logits: .last) }
        }
        try pass()
        let fetched = executor.allocations
        #expect(fetched > 0)
        try pass()
        #expect(executor.allocations == fetched)
    }

    @Test(
        "keys and values kept as F16 or Q8_0 compute nearly the same, at any head size",
        arguments: [(KeyValueCache.Format.f16, 2e-3), (.q8_0, 3e-2)])
    func formats(format: KeyValueCache.Format, bound: Double) throws {
        let fixture = try GraphFixture("grouped-query")
        let executor = try fixture.executor()
        func run(_ format: KeyValueCache.Format) throws -> [Float] {
            let cache = executor.makeCache(format: format)
            _ = try executor.forward([.tokens(Array(fixture.ids.dropLast(3)))], cache: cache)
            return try executor.forward([.tokens(Array(fixture.ids.suffix(3)))], cache: cache).elements
        }
        let exact = try run(.f32)
        let error = try relativeError(run(format), exact)
        #expect(error > 0 && error < bound)
    }
}
