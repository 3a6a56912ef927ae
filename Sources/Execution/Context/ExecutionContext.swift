import Platform
import Synchronization

/// What the parts of a graph share: threads, memory that is lent and given back, the arithmetic, and who watches.
///
/// How an operation is cut into jobs never depends on the number of threads, and each job writes results of its own: so
/// every number the graph computes is the same, bit for bit, for any number of threads.
final class ExecutionContext: Sendable {
    let arithmetic: Arithmetic
    /// Kernels for the operations between products; nil in `reference` arithmetic.
    let fast: FastKernels?
    /// What linear layers are given is shown to this, if anything.
    let observer: (any ActivationObserver)?
    private let pool: ThreadPool
    private let memory = Mutex(IdleMemory())

    /// - Parameter threads: Threads to use; nil takes one per core.
    init(
        arithmetic: Arithmetic = .reference, threads: Int? = nil, observer: (any ActivationObserver)? = nil
    ) {
        self.arithmetic = arithmetic
        fast = arithmetic.kernels
        self.observer = observer
        pool = ThreadPool(count: threads ?? Machine.processorCount)
        // The parallelism is here; a product inside a job stays on its thread.
        Kernels.keepProductsOnTheirThread()
    }

    deinit { memory.withLock { $0.free() } }

    /// Threads that may work at once.
    var threads: Int { pool.count }

    /// Calls `body` once for each of 0 ..< `jobs`, in no particular order, and returns when all are done.
    func run(_ jobs: Int, _ body: (Int) -> Void) { pool.run(jobs, body) }

    /// The same for ranges of `size` out of `count` things, the last of which may be shorter.
    func run(_ count: Int, by size: Int, _ body: (Range<Int>) -> Void) {
        pool.run((count + size - 1) / size) { job in body(job * size..<min(count, (job + 1) * size)) }
    }

    // MARK: Memory

    /// A matrix of undefined content, whose memory comes back when it is dropped.
    func rows(_ rows: Int, _ columns: Int) -> Rows {
        let (start, capacity) = lend(rows * columns)
        return Rows(rows: rows, columns: columns, start: start, capacity: capacity, context: self)
    }

    /// A copy of `matrix` in lent memory.
    func rows(_ matrix: Matrix) -> Rows {
        let result = rows(matrix.rows, matrix.columns)
        matrix.elements.withUnsafeBufferPointer { source in
            if let source = source.baseAddress { result.start.update(from: source, count: matrix.elements.count) }
        }
        return result
    }

    /// Lends `body` memory for at least `count` floats, of undefined content and aligned for any vector.
    func withScratch<R>(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> R) -> R {
        let (start, capacity) = lend(count)
        defer { giveBack(start, capacity) }
        return body(start)
    }

    /// How often memory was fetched from the system. After a first pass it stays what it is.
    var allocations: Int { memory.withLock { $0.allocations } }

    /// Gives memory that is not lent back to the system. The next pass fetches its own.
    func releaseIdleMemory() { memory.withLock { $0.free() } }

    private func lend(_ count: Int) -> (UnsafeMutablePointer<Float>, capacity: Int) {
        let (address, size) = memory.withLock { $0.lend(count) }
        guard let start = UnsafeMutablePointer<Float>(bitPattern: address) else {
            preconditionFailure("memory at address zero")
        }
        return (start, size)
    }

    fileprivate func giveBack(_ start: UnsafeMutablePointer<Float>, _ capacity: Int) {
        let address = UInt(bitPattern: start)
        memory.withLock { $0.keep(address, capacity) }
    }
}

/// Adds to the last rows: where only they are of interest.
infix operator +^ : AdditionPrecedence

/// Rows of channels in lent memory: what flows between the parts of the graph. A row is a position (a token, a patch, a
/// cell of the projector's grid), a column a channel.
///
/// There is one owner, so that memory is given back the moment a result is used up, and no operation allocates.
struct Rows: ~Copyable {
    let rows: Int
    let columns: Int
    /// Row-major. For `Kernels` only, which is where pointers are.
    let start: UnsafeMutablePointer<Float>
    private let capacity: Int
    let context: ExecutionContext

    fileprivate init(
        rows: Int, columns: Int, start: UnsafeMutablePointer<Float>, capacity: Int, context: ExecutionContext
    ) {
        self.rows = rows
        self.columns = columns
        self.start = start
        self.capacity = capacity
        self.context = context
    }

    deinit { context.giveBack(start, capacity) }

    var count: Int { rows * columns }

    /// A plain value of the same numbers.
    var matrix: Matrix {
        Matrix(
            rows: rows, columns: columns,
            elements: Array(UnsafeBufferPointer(start: UnsafePointer(start), count: count)))
    }

    /// Lends the elements of some rows.
    func withElements<R>(of range: Range<Int>, _ body: (UnsafeBufferPointer<Float>) throws -> R) rethrows -> R {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows)
        return try body(
            UnsafeBufferPointer(start: start + range.lowerBound * columns, count: range.count * columns))
    }

    /// The sum, element by element: a residual connection.
    static func + (left: borrowing Rows, right: consuming Rows) -> Rows {
        Kernels.add(left, from: 0, to: right)
        return right
    }

    /// The sum of the last rows, as many as `right` has.
    static func +^ (left: borrowing Rows, right: consuming Rows) -> Rows {
        Kernels.add(left, from: left.rows - right.rows, to: right)
        return right
    }
}

/// Memory that is lent out by size, and kept for the next who asks.
///
/// Sizes are rounded up to four steps per doubling, so that a prompt of another length finds memory too.
private struct IdleMemory: ~Copyable {
    /// Addresses, by step.
    private var idle: [[UInt]] = []
    private(set) var allocations = 0

    /// Index of the least step that holds `count`, and its size.
    private static func step(_ count: Int) -> (index: Int, size: Int) {
        let least = max(64, count)
        let exponent = Int.bitWidth - 1 - (least - 1).leadingZeroBitCount  // 2^exponent < least <= 2^(exponent + 1)
        let quarter = 1 << (exponent - 2)
        let steps = (least - (1 << exponent) + quarter - 1) / quarter  // 1 ... 4
        return (4 * exponent + steps, (1 << exponent) + steps * quarter)
    }

    mutating func lend(_ count: Int) -> (address: UInt, size: Int) {
        let (index, size) = Self.step(count)
        if index < idle.count, let address = idle[index].popLast() { return (address, size) }
        allocations += 1
        let memory = UnsafeMutableRawPointer.allocate(byteCount: 4 * size, alignment: 64)
        return (UInt(bitPattern: memory.bindMemory(to: Float.self, capacity: size)), size)
    }

    mutating func keep(_ address: UInt, _ size: Int) {
        let index = Self.step(size).index
        while idle.count <= index { idle.append([]) }
        idle[index].append(address)
    }

    mutating func free() {
        for address in idle.joined() { UnsafeMutableRawPointer(bitPattern: address)?.deallocate() }
        idle = []
    }
}
