import Delivery
import Platform

/// `vlmconv pack`, `unpack`, `delta` and `patch` as calls.
public enum DeliveryRequests {
    public typealias Progress = Packing.Progress
    public typealias PackingResult = Packing.Result

    /// Packs an .mvlm file with zstd.
    /// - Parameter level: 1 to 19.
    public static func pack(
        _ path: String, to output: String, level: Int = 3, threads: Int? = nil, progress: Progress = { _, _ in }
    ) throws -> PackingResult {
        try Packing.pack(
            path, to: output, level: min(19, max(1, level)), threads: threads ?? Machine.processorCount,
            progress: progress)
    }

    /// Unpacks what `pack` wrote; goes on with what an interrupted run left.
    public static func unpack(
        _ path: String, to output: String, threads: Int? = nil, progress: Progress = { _, _ in }
    ) throws -> PackingResult {
        try Packing.unpack(path, to: output, threads: threads ?? Machine.processorCount, progress: progress)
    }

    /// Writes what turns `old` into `new`.
    /// - Returns: Bytes of the delta and of the new file.
    public static func delta(
        old: String, new: String, to output: String, level: Int = 9, threads: Int? = nil,
        progress: Progress = { _, _ in }
    ) throws -> (bytes: Int, newBytes: Int) {
        try Delta.make(
            old: old, new: new, to: output, level: min(19, max(1, level)),
            threads: threads ?? Machine.processorCount, progress: progress)
    }

    /// Applies a delta to the file that it was made from.
    /// - Returns: Bytes of the new file.
    public static func patch(
        _ delta: String, old: String, to output: String, threads: Int? = nil, progress: Progress = { _, _ in }
    ) throws -> Int {
        try Delta.apply(
            delta, to: old, output: output, threads: threads ?? Machine.processorCount, progress: progress)
    }
}
