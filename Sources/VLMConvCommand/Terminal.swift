import Platform
import Synchronization
import VLMConv

/// What the tool says to people: messages and progress on standard error, results on standard output.
enum Terminal {
    /// What an interrupt cancels.
    static let cancellation = Cancellation()

    private static let lock = Mutex(State())

    private struct State {
        var notices: Set<String> = []
        var isProgressShown = false
        var lastProgress: ContinuousClock.Instant?
        var lostOutput: LostOutput?
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

    /// Text on standard output, at once. Nothing follows where something was lost.
    static func output(_ text: String, terminator: String = "\n") {
        lock.withLock { state in
            guard state.lostOutput == nil else { return }
            let code = write(text + terminator, to: STDOUT_FILENO)
            // Who reads no more, as `head` does, misses nothing.
            if code != 0, code != EPIPE { state.lostOutput = LostOutput(code: code) }
        }
    }

    /// What became of the results, if they did not all get to standard output.
    static var lostOutput: LostOutput? { lock.withLock { $0.lostOutput } }

    private static func erase(_ state: inout State) {
        guard state.isProgressShown else { return }
        write("\r\u{1B}[K", to: STDERR_FILENO)
        state.isProgressShown = false
    }

    /// - Returns: The `errno` that ended it; 0 if all is written.
    @discardableResult
    private static func write(_ text: String, to descriptor: Int32) -> Int32 {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { writeBytes(descriptor, $0.baseAddress, $0.count) }
            if written < 0 {
                if errno == EINTR { continue }
                return errno
            }
            bytes = bytes.dropFirst(written)
        }
        return 0
    }
}

/// Results that standard output did not take.
struct LostOutput: CustomStringConvertible {
    /// The `errno` of the write.
    let code: Int32

    var kind: FailureKind { [ENOSPC, EDQUOT, EFBIG].contains(code) ? .outOfSpace : .system }

    var description: String {
        "standard output: could not write: \(String(cString: strerror(code)))\n  "
            + (kind == .outOfSpace ? "Free some space where it goes to" : "See where it goes to")
            + ", then run the command again."
    }
}
