#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The seconds of processor time that `body` takes on this thread: other tests beside it do not count.
public func threadTime(_ body: () throws -> Void) rethrows -> Double {
    func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
    let start = now()
    try body()
    return now() - start
}
