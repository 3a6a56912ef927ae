/// Elements of a super-block, the unit of the K types and of IQ4_XS.
let superBlock = 256

/// Working memory of one row's encoder, used again for every super-block.
struct Scratch {
    /// One weight per element.
    let weights: MutableFloats
    /// One level per element.
    let levels: Levels
    /// The trial levels of a search.
    let trial: Levels
    /// Per sub-block, at most 16: what the search found, and the sum of its weights.
    let scales: MutableFloats
    let minima: MutableFloats
    let sums: MutableFloats
    /// `scales` and `minima` as small integers.
    let scaleLevels: Levels
    let minimumLevels: Levels

    /// Runs `body` with zeroed memory.
    @inline(__always)
    static func with(_ body: (Scratch) -> Void) {
        let floats = superBlock + 3 * 16
        let bytes = 2 * superBlock + 2 * 16
        withUnsafeTemporaryAllocation(of: Float.self, capacity: floats) { floatMemory in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: bytes) { byteMemory in
                guard let f = floatMemory.baseAddress, let b = byteMemory.baseAddress else { return }
                f.initialize(repeating: 0, count: floats)
                b.initialize(repeating: 0, count: bytes)
                body(
                    Scratch(
                        weights: f, levels: b, trial: b + superBlock,
                        scales: f + superBlock, minima: f + superBlock + 16, sums: f + superBlock + 32,
                        scaleLevels: b + 2 * superBlock, minimumLevels: b + 2 * superBlock + 16))
            }
        }
    }
}

/// Rounds the elements once more, to the levels of the scales and minima as stored:
/// `level = clip(ni((x + minimum) / scale), low, high) - low`. Sub-blocks of scale 0 keep the search's levels.
@inline(__always)
func requantize(
    _ x: Floats, _ levels: Levels, subBlock: Int, low: Int32, high: Int32,
    grid: (_ subBlock: Int) -> (scale: Float, minimum: Float)
) {
    for j in 0..<superBlock / subBlock {
        let (scale, minimum) = grid(j)
        guard scale != 0 else { continue }
        for i in subBlock &* j..<subBlock &* (j &+ 1) {
            levels[i] = UInt8(truncatingIfNeeded: nearestInt((x[i] + minimum) / scale, low, high) &- low)
        }
    }
}
