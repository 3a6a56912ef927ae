import Execution
import Platform

/// How far one model's logits are from another's, position by position, in the measures that llama.cpp prints.
///
/// Everything is accumulated in double, in the order of the positions.
public struct LogitComparison: Sendable {
    /// Positions compared.
    public private(set) var positions = 0
    /// Largest |Δ| of any logit.
    public private(set) var maxDelta = 0.0
    private var deltaSum = 0.0
    private var logitCount = 0
    private var cosineSum = 0.0
    /// The worst position's cosine.
    public private(set) var minCosine = 1.0
    private var divergenceSum = 0.0
    /// The worst position's Kullback-Leibler divergence, in nats.
    public private(set) var maxDivergence = 0.0
    private var agreements = 0
    /// Positions at which the reference is sure: its most likely token leads the second by at least `sureLead`.
    public private(set) var surePositions = 0
    private var sureAgreements = 0

    /// In probability. A smaller lead may turn by rounding alone, and says nothing about the file.
    public static let sureLead = 0.1

    public init() {}

    public var meanDelta: Double { logitCount == 0 ? 0 : deltaSum / Double(logitCount) }
    public var meanCosine: Double { positions == 0 ? 1 : cosineSum / Double(positions) }
    /// Mean KLD, in nats: the sum over the vocabulary of `p (log p - log q)`, p the reference's probabilities.
    public var meanDivergence: Double { positions == 0 ? 0 : divergenceSum / Double(positions) }
    /// Same top p: the share of positions at which both models have the same most likely token.
    public var topAgreement: Double { positions == 0 ? 1 : Double(agreements) / Double(positions) }

    /// The same over the positions at which the reference is sure; 1 if there is none.
    public var sureAgreement: Double { surePositions == 0 ? 1 : Double(sureAgreements) / Double(surePositions) }

    /// Adds one position's logits. A value that is not finite counts as infinitely far.
    public mutating func add(reference: ArraySlice<Float>, candidate: ArraySlice<Float>) {
        positions += 1
        var dot = 0.0
        var referenceSquares = 0.0
        var candidateSquares = 0.0
        var isFinite = true
        for (p, q) in zip(reference, candidate) {
            let (p, q) = (Double(p), Double(q))
            isFinite = isFinite && p.isFinite && q.isFinite
            let delta = abs(p - q)
            maxDelta = max(maxDelta, delta)
            deltaSum += delta
            dot += p * q
            referenceSquares += p * p
            candidateSquares += q * q
        }
        logitCount += reference.count
        guard isFinite else {
            maxDelta = .infinity
            deltaSum = .infinity
            minCosine = -1
            divergenceSum = .infinity
            maxDivergence = .infinity
            return
        }
        let norm = (referenceSquares * candidateSquares).squareRoot()
        let cosine = norm > 0 ? dot / norm : (referenceSquares == candidateSquares ? 1 : 0)
        cosineSum += cosine
        minCosine = min(minCosine, cosine)
        let divergence = Self.divergence(reference, candidate)
        divergenceSum += divergence
        maxDivergence = max(maxDivergence, divergence)
        let top = Self.top(reference)
        let agrees = top == Self.top(candidate)
        if agrees { agreements += 1 }
        if Self.lead(reference, top) >= Self.sureLead {
            surePositions += 1
            if agrees { sureAgreements += 1 }
        }
    }

    /// Adds every position of another comparison.
    public mutating func add(_ other: LogitComparison) {
        positions += other.positions
        maxDelta = max(maxDelta, other.maxDelta)
        deltaSum += other.deltaSum
        logitCount += other.logitCount
        cosineSum += other.cosineSum
        minCosine = min(minCosine, other.minCosine)
        divergenceSum += other.divergenceSum
        maxDivergence = max(maxDivergence, other.maxDivergence)
        agreements += other.agreements
        surePositions += other.surePositions
        sureAgreements += other.sureAgreements
    }

    /// KL divergence of two rows of logits, through log-softmax with the maximum taken out.
    static func divergence(_ reference: ArraySlice<Float>, _ candidate: ArraySlice<Float>) -> Double {
        let p = LogSoftmax(reference)
        let q = LogSoftmax(candidate)
        var sum = 0.0
        for (a, b) in zip(reference, candidate) {
            let logP = p(a)
            sum += exp(logP) * (logP - q(b))
        }
        return max(0, sum)
    }

    /// By how much the probability of token `top` leads that of the next.
    private static func lead(_ row: ArraySlice<Float>, _ top: Int) -> Double {
        let probability = LogSoftmax(row)
        var second = -Double.infinity
        for (index, logit) in row.enumerated() where index != top { second = max(second, Double(logit)) }
        return exp(probability(row[row.startIndex + top])) - exp(probability(Float(second)))
    }

    private static func top(_ row: ArraySlice<Float>) -> Int {
        var best = row.startIndex
        for index in row.indices where row[index] > row[best] { best = index }
        return best - row.startIndex
    }

    private struct LogSoftmax {
        private let offset: Double

        init(_ row: ArraySlice<Float>) {
            let maximum = Double(row.max() ?? 0)
            offset = maximum + log(row.reduce(0.0) { $0 + exp(Double($1) - maximum) })
        }

        func callAsFunction(_ logit: Float) -> Double { Double(logit) - offset }
    }
}
