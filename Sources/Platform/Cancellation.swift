import Synchronization

/// A way to end long work from another thread: an app's button and the command line's interrupt use the same.
///
/// Work that was given one looks at it often (before each layer, each piece of a tensor, each prompt) and then ends as
/// after any other error: nothing half-written stays.
public final class Cancellation: Sendable {
    private let flag = Atomic(false)

    public init() {}

    public var isCancelled: Bool { flag.load(ordering: .relaxed) }

    /// Asks the work to end. May be called from anywhere, any number of times.
    public func cancel() { flag.store(true, ordering: .relaxed) }

    /// - Throws: `CancellationError` once the work shall end.
    public func check() throws {
        if isCancelled { throw CancellationError() }
    }
}
