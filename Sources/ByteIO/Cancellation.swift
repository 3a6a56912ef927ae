import Synchronization

/// Asks long work to end before it is done. Work that was given it looks at it between steps, and then throws
/// `CancellationError` and leaves nothing half done.
public final class Cancellation: Sendable {
    private let flag = Atomic(false)

    public init() {}

    /// May be called from any thread, more than once, and from a handler of signals.
    public func cancel() { flag.store(true, ordering: .relaxed) }

    public var isCancelled: Bool { flag.load(ordering: .relaxed) }

    /// - Throws: `CancellationError` once `cancel` was called.
    public func check() throws {
        if isCancelled { throw CancellationError() }
    }
}
