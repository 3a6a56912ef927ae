import CSystemShims
import Dispatch
// Whoever reads files long enough to be cancelled needs it.
@_exported import class Platform.Cancellation
import Platform
import Synchronization

/// What a process does about signals, so that no end of it leaves half a file behind. A tool asks for this at its start; a
/// library must not, because signals belong to the app.
public enum ProcessSignals {
    /// Takes charge of them, for good.
    ///
    /// - An interrupt, a request to terminate, or the terminal's end cancels `cancellation`; work that looks at it ends as
    ///   after any error. Whatever still runs after `patience`, or at a second signal, is ended by force: unfinished files
    ///   are removed and the process ends with 128 + the signal's number.
    /// - A write past the limit on file sizes fails with an error instead of ending the process.
    /// - A mapped file that became shorter, or that the disk cannot read, ends the process with `mappedFileFault` and a
    ///   message that names it; unfinished files are removed. The pages are gone, so nothing can go on from there.
    public static func takeCharge(_ cancellation: Cancellation, patience: Duration = .seconds(2)) {
        guard
            state.withLock({ isTaken in
                defer { isTaken = true }
                return !isTaken
            })
        else { return }
        signal(SIGXFSZ, SIG_IGN)
        vlmc_on_bus_error { address in ProcessSignals.endAfterFault(UInt(bitPattern: address)) }
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global(qos: .userInitiated))
            source.setEventHandler {
                if cancellation.isCancelled { end(number) }
                received.store(number, ordering: .relaxed)
                cancellation.cancel()
                DispatchQueue.global(qos: .userInitiated).asyncAfter(deadline: .now() + patience.seconds) {
                    end(number)
                }
            }
            source.resume()
            sources.withLock { $0.append(Held(source)) }
        }
    }

    /// The number of the signal that cancelled the work; 0 if none did.
    public static var cancelledBy: Int32 { received.load(ordering: .relaxed) }

    /// The status of a process that could not read on in a mapped file: `EX_IOERR`.
    public static let mappedFileFault: Int32 = 74

    private static let state = Mutex(false)
    private static let received = Atomic<Int32>(0)
    /// A source that is let go is cancelled.
    private static let sources = Mutex<[Held]>([])

    private struct Held: @unchecked Sendable {
        let source: any DispatchSourceSignal

        init(_ source: any DispatchSourceSignal) { self.source = source }
    }

    private static func end(_ number: Int32) {
        AtomicFile.discardAll { exit(128 + number) }
    }

    /// Runs in the signal's handler, on the thread that touched the page: that is our own code in the middle of reading
    /// mapped memory, never inside an allocation or under one of the locks that are taken here.
    private static func endAfterFault(_ address: UInt) {
        let file = MappedFile.path(at: address) ?? "a mapped file"
        let text =
            "\(file): became shorter, or could not be read, while it was in use [file.mapped]\n"
            + "  Leave the file alone while it is read; if nobody touched it, the disk may be failing.\n"
        Array(text.utf8).withUnsafeBytes { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
        AtomicFile.discardAll { _exit(mappedFileFault) }
    }
}
