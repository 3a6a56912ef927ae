import CSystemShims

/// What the process knows of the machine it runs on.
public enum Machine {
    /// Processors that this process may use: those that it is bound to, and no more than its control group's quota.
    public static let processorCount = max(1, min(boundProcessors, quota.map { Int($0.rounded(.up)) } ?? .max))

    /// Bytes of a page of memory.
    public static let pageSize = max(1, sysconf(Int32(_SC_PAGESIZE)))

    /// Bytes of memory that this process may use: the machine's, and no more than its control group's limit.
    public static let memory = min(physicalMemory, ControlGroup.current.memoryLimit ?? .max)

    /// Largest resident set of this process so far, in bytes.
    public static var peakMemory: Int {
        var usage = rusage()
        #if canImport(Darwin)
            getrusage(RUSAGE_SELF, &usage)
            return usage.ru_maxrss
        #elseif canImport(Glibc)
            getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
            return usage.ru_maxrss * 1024
        #else
            getrusage(RUSAGE_SELF, &usage)
            return usage.ru_maxrss * 1024
        #endif
    }

    private static let quota = ControlGroup.current.processors

    private static var physicalMemory: Int {
        let (bytes, overflow) = sysconf(Int32(_SC_PHYS_PAGES)).multipliedReportingOverflow(by: pageSize)
        return overflow || bytes <= 0 ? .max : bytes
    }

    private static var boundProcessors: Int {
        let bound = Int(vlmc_bound_processors())
        if bound > 0 { return bound }
        return max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    }
}

/// The limits that Linux's control groups put on this process; all nil elsewhere.
///
/// Version 2 has one tree (`cpu.max`, `memory.max`), version 1 one per controller (`cpu.cfs_quota_us` over
/// `cpu.cfs_period_us`, `memory.limit_in_bytes`). The tightest limit on the way up to the root counts.
package struct ControlGroup: Sendable, Equatable {
    /// Processor time per time, in processors.
    package var processors: Double?
    /// In bytes.
    package var memoryLimit: Int?

    static let current = ControlGroup(membership: text("/proc/self/cgroup") ?? "", read: text)

    /// - Parameters:
    ///   - membership: The text of `/proc/self/cgroup`: lines `hierarchy:controllers:path`.
    ///   - read: The text of the file at a path, nil if there is none.
    package init(membership: String, root: String = "/sys/fs/cgroup", read: (String) -> String?) {
        for line in membership.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let controllers = fields[1].split(separator: ",")
            var path = fields[2]
            // In a container the path is the host's, which is not there; the root then stands for the group.
            while true {
                if controllers.isEmpty {
                    take(processors: read("\(root)\(path)/cpu.max").flatMap(Self.quota))
                    take(memory: read("\(root)\(path)/memory.max").flatMap(Self.number))
                }
                if controllers.contains("cpu") {
                    let folder = "\(root)/cpu\(path)"
                    if let quota = read("\(folder)/cpu.cfs_quota_us").flatMap(Self.number),
                        let period = read("\(folder)/cpu.cfs_period_us").flatMap(Self.number), period > 0
                    {
                        take(processors: Double(quota) / Double(period))
                    }
                }
                if controllers.contains("memory") {
                    take(memory: read("\(root)/memory\(path)/memory.limit_in_bytes").flatMap(Self.number))
                }
                guard let slash = path.lastIndex(of: "/"), path != "/", !path.isEmpty else { break }
                path = path[..<slash]
            }
        }
    }

    private mutating func take(processors limit: Double?) {
        guard let limit, limit > 0 else { return }
        processors = min(processors ?? limit, limit)
    }

    private mutating func take(memory limit: Int?) {
        guard let limit, limit > 0 else { return }
        memoryLimit = min(memoryLimit ?? limit, limit)
    }

    /// `cpu.max`: quota and period in microseconds, the quota possibly `max`.
    private static func quota(_ text: String) -> Double? {
        let words = text.split { $0 == " " || $0 == "\n" }.map { Double($0) }
        guard words.count == 2, let quota = words[0], let period = words[1], period > 0 else { return nil }
        return quota / period
    }

    private static func number(_ text: String) -> Int? { Int(text.prefix { $0 != "\n" }) }

    /// The first 4 KiB of a small file of the system.
    private static func text(_ path: String) -> String? {
        #if os(Linux)
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { return nil }
            defer { close(descriptor) }
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = read(descriptor, &bytes, bytes.count)
            return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
        #else
            return nil
        #endif
    }
}
