#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif
import ByteIO
import Dispatch

/// Files that are not yet whole when somebody interrupts the process.
public enum UnfinishedFiles {
    /// On an interrupt or a request to terminate: removes them, then ends the process with 128 + the signal's number.
    public static func removeOnInterrupt() {
        _ = sources
    }

    /// Made once, at the first call, and kept for good: a source that is let go is cancelled. Nobody touches them again.
    private nonisolated(unsafe) static let sources = [SIGINT, SIGTERM, SIGHUP].map { number in
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global(qos: .userInitiated))
        source.setEventHandler {
            AtomicFile.discardAll { exit(128 + number) }
        }
        source.resume()
        return source
    }
}
