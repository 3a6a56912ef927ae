import ByteIO
import Platform

/// Rules of packed files and deltas (formats/mvlm.md, "Delivery").
public enum DeliveryRule {
    /// The file is a packed .mvlm file.
    public static let packed = Rule("mvlm.packed")
    /// The file is a delta.
    public static let delta = Rule("mvlm.delta")
    /// A delta is applied to the file that it was made from.
    public static let deltaBase = Rule("mvlm.delta.base")
}

/// Runs `count` steps on several threads and hands their results over in order; few results exist at a time.
func inOrder<Result: Sendable>(
    _ count: Int, threads: Int, make: @escaping @Sendable (Int) throws -> Result, take: (Int, Result) throws -> Void
) throws {
    let batch = max(1, threads) * 2
    for start in stride(from: 0, to: count, by: batch) {
        let size = min(batch, count - start)
        let results = try Parallel.map(size, threads: threads) { try make(start + $0) }
        for (number, result) in results.enumerated() { try take(start + number, result) }
    }
}
