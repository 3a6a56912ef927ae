import ByteIO
import Platform
import Synchronization

/// Jobs shared by threads. Who takes which is chance; what a job computes must not be.
package struct Threads: Sendable {
    let count: Int

    package init(count: Int) { self.count = count }

    /// Calls `body` once for each of 0 ..< `jobs`, in no particular order, and returns when all are done.
    func run(_ jobs: Int, _ body: @Sendable (Int) -> Void) {
        // Only a body that throws makes this throw.
        try? Parallel.forEach(jobs, threads: count) { body($0) }
    }

    /// Two results, at once where there are threads for it.
    func both<First: Sendable, Second: Sendable>(
        _ first: @Sendable () -> First, _ second: @Sendable () -> Second
    ) -> (First, Second) {
        let one = Mutex<First?>(nil)
        let other = Mutex<Second?>(nil)
        run(2) { job in
            if job == 0 {
                let found = first()
                one.withLock { $0 = found }
            } else {
                let found = second()
                other.withLock { $0 = found }
            }
        }
        return (one.withLock { $0 } ?? first(), other.withLock { $0 } ?? second())
    }
}

/// Floats in memory of their own, which the jobs of one operation share: each writes a part that no other touches.
package final class FloatMemory: @unchecked Sendable {
    package let count: Int
    package let start: UnsafeMutablePointer<Float>

    package init(count: Int) {
        self.count = count
        let memory = UnsafeMutableRawPointer.allocate(byteCount: max(64, count * 4), alignment: 64)
        start = memory.bindMemory(to: Float.self, capacity: count)
        start.initialize(repeating: 0, count: count)
    }

    package convenience init(_ values: some Collection<Float>) {
        self.init(count: values.count)
        _ = buffer.update(from: values)
    }

    deinit { start.deallocate() }

    package var buffer: UnsafeMutableBufferPointer<Float> { UnsafeMutableBufferPointer(start: start, count: count) }
    package var values: [Float] { Array(buffer) }

    func copy() -> FloatMemory {
        let result = FloatMemory(count: count)
        result.start.update(from: start, count: count)
        return result
    }
}

/// Bytes that the jobs of one operation share: each writes a part that no other touches.
final class ByteMemory: @unchecked Sendable {
    let count: Int
    let start: UnsafeMutableRawPointer

    init(count: Int) {
        self.count = count
        start = .allocate(byteCount: max(1, count), alignment: 64)
        start.initializeMemory(as: UInt8.self, repeating: 0, count: count)
    }

    deinit { start.deallocate() }

    var bytes: [UInt8] { Array(UnsafeRawBufferPointer(start: start, count: count)) }
    var asBytes: Bytes {
        Bytes(count: count) { $0.copyMemory(from: UnsafeRawBufferPointer(start: start, count: count)) }
    }
}
