import Platform

/// Chooses the next token from logits.
///
/// In the order of the library that MobileVLM runs on: temperature, then top-k, then top-p, then a draw. The same seed
/// and the same logits give the same tokens.
public struct Sampler: Sendable {
    /// Always the most likely token, the lowest id among equals.
    public static let greedy = Sampler(temperature: 0)

    private let temperature: Float
    private let topK: Int?
    private let topP: Float?
    private var generator: SplitMix64

    /// - Parameters:
    ///   - temperature: Divides the logits. Zero or less, and what is no number, means greedy.
    ///   - topK: Keeps the k most likely tokens and those as likely as the last of them; nil keeps all. The library
    ///     takes 50 unless told otherwise.
    ///   - topP: Keeps the fewest most likely tokens whose probabilities reach this sum; nil, or 1 and more, keeps all.
    public init(temperature: Float, topK: Int? = 50, topP: Float? = nil, seed: UInt64 = 0) {
        self.temperature = temperature
        self.topK = topK.flatMap { $0 > 0 ? $0 : nil }
        self.topP = topP.flatMap { $0 < 1 ? $0 : nil }
        generator = SplitMix64(state: seed)
    }

    /// The chosen token's id: the index into `logits`. What is no number is never chosen; of nothing at all, 0 is.
    public mutating func next(_ logits: some Collection<Float>) -> Int {
        if let id = logits.withContiguousStorageIfAvailable({ next($0) }) { return id }
        return Array(logits).withUnsafeBufferPointer { next($0) }
    }

    private mutating func next(_ logits: UnsafeBufferPointer<Float>) -> Int {
        guard temperature > 0 else { return mostLikely(logits) }
        var candidates = mostLikelyFirst(logits)
        guard let best = candidates.first else { return 0 }

        let scale = Double(temperature)
        var weights = candidates.map { exp((Double($0.logit) - Double(best.logit)) / scale) }
        if let topP {
            let target = Double(topP) * weights.reduce(0, +)
            var sum = 0.0
            let kept = weights.firstIndex {
                sum += $0
                return sum >= target
            }
            let count = (kept ?? weights.count - 1) + 1  // never none
            candidates.removeSubrange(count...)
            weights.removeSubrange(count...)
        }
        var rest = generator.unit() * weights.reduce(0, +)
        for (candidate, weight) in zip(candidates, weights) {
            rest -= weight
            if rest < 0 { return candidate.id }
        }
        return best.id
    }

    private func mostLikely(_ logits: UnsafeBufferPointer<Float>) -> Int {
        var best = 0
        for id in logits.indices where logits[id] > logits[best] || (logits[best].isNaN && !logits[id].isNaN) {
            best = id
        }
        return best
    }

    /// The tokens that top-k keeps, by falling logit and rising id.
    private func mostLikelyFirst(_ logits: UnsafeBufferPointer<Float>) -> [(id: Int, logit: Float)] {
        var least = -Float.infinity
        if let topK, topK < logits.count {
            // The k greatest so far, in falling order. Nearly all tokens fail the first comparison.
            var greatest: [Float] = []
            for logit in logits where greatest.count < topK || logit > least {
                guard !logit.isNaN else { continue }
                let place = greatest.firstIndex { $0 < logit } ?? greatest.count
                greatest.insert(logit, at: place)
                if greatest.count > topK { greatest.removeLast() }
                least = greatest.count == topK ? greatest[topK - 1] : -.infinity
            }
        }
        return logits.enumerated().filter { $0.element >= least }.map { (id: $0.offset, logit: $0.element) }
            .sorted { ($1.logit, $0.id) < ($0.logit, $1.id) }
    }
}

/// A generator of our own, so that a seed means the same tokens everywhere (Steele, Lea and Flood, OOPSLA 2014,
/// doi 10.1145/2660193.2660195).
private struct SplitMix64: Sendable {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// At least 0, less than 1, in steps of 2^-53.
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
