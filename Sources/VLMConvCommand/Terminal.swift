import Platform
import Synchronization

/// What the tool says to people: messages and progress on standard error, results on standard output.
enum Terminal {
    /// What an interrupt cancels.
    static let cancellation = Cancellation()

    private static let lock = Mutex(State())

    private struct State {
        var notices: Set<String> = []
        var isProgressShown = false
        var lastProgress: ContinuousClock.Instant?
    }

    /// Whether somebody watches standard error.
    static let isInteractive = isatty(STDERR_FILENO) == 1

    /// A line on standard error.
    static func message(_ text: String) {
        lock.withLock { state in
            erase(&state)
            write(text + "\n", to: STDERR_FILENO)
        }
    }

    /// A line on standard error, the first time that it is said.
    static func notice(_ text: String) {
        guard lock.withLock({ $0.notices.insert(text).inserted }) else { return }
        message("note: " + text)
    }

    /// A line that replaces the one before, on a terminal only and at most ten times a second.
    static func progress(_ text: @autoclosure () -> String) {
        guard isInteractive else { return }
        lock.withLock { state in
            let now = ContinuousClock.now
            if let last = state.lastProgress, now - last < .milliseconds(100) { return }
            state.lastProgress = now
            erase(&state)
            write(text(), to: STDERR_FILENO)
            state.isProgressShown = true
        }
    }

    /// Removes the progress line.
    static func endProgress() {
        lock.withLock { state in
            erase(&state)
            state.lastProgress = nil
        }
    }

    /// Text on standard output, at once.
    static func output(_ text: String, terminator: String = "\n") {
        write(text + terminator, to: STDOUT_FILENO)
    }

    private static func erase(_ state: inout State) {
        guard state.isProgressShown else { return }
        write("\r\u{1B}[K", to: STDERR_FILENO)
        state.isProgressShown = false
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { writeBytes(descriptor, $0.baseAddress, $0.count) }
            if written < 0 {
                if errno == EINTR { continue }
                return  // nobody reads any more
            }
            bytes = bytes.dropFirst(written)
        }
    }
}
