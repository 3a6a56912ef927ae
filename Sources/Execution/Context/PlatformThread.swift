import CSystemShims
import Platform
import Synchronization

// What this module asks of the system: threads, and a place for them to sleep.

/// A thread of the system.
enum PlatformThread {
    private final class Start {
        let name: String
        let body: () -> Void

        init(_ name: String, _ body: @escaping () -> Void) {
            self.name = name
            self.body = body
        }

        func run() {
            vlmc_name_thread(name)
            body()
        }
    }

    /// Runs `body` on a thread of its own, which nobody waits for. Where the system has no thread left, nothing runs.
    /// - Parameter name: As debuggers show it, at most 15 letters.
    static func start(named name: String, _ body: @escaping @Sendable () -> Void) {
        let start = Unmanaged.passRetained(Start(name, body))
        #if canImport(Darwin)
            var thread: pthread_t?
            let code = pthread_create(
                &thread, nil,
                { argument in
                    Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().run()
                    return nil
                }, start.toOpaque())
            if let thread, code == 0 { pthread_detach(thread) }
        #else
            var thread = pthread_t()
            let code = pthread_create(
                &thread, nil,
                { argument in
                    if let argument { Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().run() }
                    return nil
                }, start.toOpaque())
            if code == 0 { pthread_detach(thread) }
        #endif
        if code != 0 { start.release() }
    }
}

/// Threads that sleep until a condition holds, which whoever makes it true tells them by `wake`.
final class SleepingThreads: Sendable {
    private nonisolated(unsafe) let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private nonisolated(unsafe) let signal = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let sleepers = Atomic(0)

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(signal, nil)
    }

    deinit {
        pthread_cond_destroy(signal)
        pthread_mutex_destroy(mutex)
        signal.deallocate()
        mutex.deallocate()
    }

    /// Returns when `condition` holds. It is read in sequentially consistent order after this thread counts as asleep,
    /// so that either it sees the change or `wake` sees the sleeper.
    func sleep(until condition: () -> Bool) {
        pthread_mutex_lock(mutex)
        sleepers.add(1, ordering: .sequentiallyConsistent)
        while !condition() { pthread_cond_wait(signal, mutex) }
        sleepers.subtract(1, ordering: .sequentiallyConsistent)
        pthread_mutex_unlock(mutex)
    }

    /// To be called after the condition was made true, in sequentially consistent order. Costs nothing if all are awake.
    func wake() {
        guard sleepers.load(ordering: .sequentiallyConsistent) > 0 else { return }
        pthread_mutex_lock(mutex)
        pthread_cond_broadcast(signal)
        pthread_mutex_unlock(mutex)
    }
}
