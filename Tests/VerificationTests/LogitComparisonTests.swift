import Testing
import Verification

/// The measures against values worked out by hand, or by these lines of numpy in double:
///
///     def log_softmax(x): x = x - x.max(); return x - np.log(np.exp(x).sum())
///     P, Q = log_softmax(p), log_softmax(q)
///     kld = (np.exp(P) * (P - Q)).sum()
///     cosine = p @ q / np.sqrt((p @ p) * (q @ q))
struct LogitComparisonTests {
    private func compare(_ rows: [(reference: [Float], candidate: [Float])]) -> LogitComparison {
        var comparison = LogitComparison()
        for row in rows { comparison.add(reference: row.reference[...], candidate: row.candidate[...]) }
        return comparison
    }

    private func close(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-12 }

    @Test("equal rows have no divergence")
    func equal() {
        let found = compare([([1, 2, 3], [1, 2, 3]), ([-5, 0, 5], [-5, 0, 5])])
        #expect(found.positions == 2)
        #expect(found.maxDelta == 0)
        #expect(found.meanDelta == 0)
        #expect(found.meanDivergence == 0)
        #expect(found.maxDivergence == 0)
        #expect(close(found.meanCosine, 1))
        #expect(found.topAgreement == 1)
    }

    @Test("one row by numpy: [1, 2, 3] against [1, 2, 4]")
    func numpy() {
        let found = compare([([1, 2, 3], [1, 2, 4])])
        #expect(close(found.meanDivergence, 0.09699909933708334))
        #expect(close(found.meanCosine, 0.9914601339836673))
        #expect(close(found.minCosine, 0.9914601339836673))
        #expect(found.maxDelta == 1)
        #expect(close(found.meanDelta, 1.0 / 3))
        #expect(found.topAgreement == 1)
    }

    /// ln 2 - (ln 4 + ln (4/3)) / 2 with p = (1/2, 1/2) and q = (1/4, 3/4).
    @Test("a divergence worked out by hand, and its direction")
    func byHand() {
        let thirds = Float(1.0986122886681098)  // ln 3
        #expect(abs(compare([([0, 0], [0, thirds])]).meanDivergence - 0.14384103622589045) < 1e-7)
        #expect(abs(compare([([0, thirds], [0, 0])]).meanDivergence - 0.13081203594113694) < 1e-7)
    }

    @Test("logits far from zero lose nothing: [-1000, -1001, -1002] by numpy")
    func farFromZero() {
        let found = compare([([-1000, -1001, -1002], [-1000, -1001, -1002.5])])
        #expect(close(found.meanDivergence, 0.008948353993492648))
        #expect(close(found.meanCosine, 0.9999999723146425))
    }

    @Test("a constant added to every logit changes the distance, not the divergence")
    func constant() {
        let found = compare([([1, 2, 3], [11, 12, 13])])
        #expect(found.meanDivergence < 1e-12)
        #expect(found.maxDelta == 10)
        #expect(found.topAgreement == 1)
    }

    @Test("rounding never makes a divergence negative")
    func notNegative() {
        #expect(compare([([100, -100, 0], [90, -90, 0])]).meanDivergence >= 0)
    }

    @Test("means are over positions, extremes the worst position's")
    func several() {
        let found = compare([
            ([1, 2, 3], [1, 2, 4]), ([3, 2, 1], [3, 2, 1]), ([0, 1], [1, 0]), ([2, 1], [2, 1]),
        ])
        // The third row: cosine 0, divergence tanh(1/2) = (e - 1) / (e + 1).
        #expect(found.positions == 4)
        #expect(close(found.meanDivergence, (0.09699909933708334 + 0.46211715726000973) / 4))
        #expect(close(found.maxDivergence, 0.46211715726000973))
        #expect(close(found.meanCosine, (0.9914601339836673 + 1 + 0 + 1) / 4))
        #expect(close(found.minCosine, 0))
        #expect(close(found.meanDelta, 3.0 / 10))
        #expect(found.topAgreement == 0.75)
    }

    @Test("of equal largest logits the first is the top")
    func ties() {
        #expect(compare([([5, 5, 1], [5, 4, 1])]).topAgreement == 1)
        #expect(compare([([5, 5, 1], [4, 5, 1])]).topAgreement == 0)
    }

    @Test("a row of zeros has no direction: equal only to another one")
    func zeros() {
        #expect(compare([([0, 0], [0, 0])]).meanCosine == 1)
        let found = compare([([0, 0, 0, 0], [1, -1, 0.5, 0])])
        #expect(found.meanCosine == 0)
        #expect(close(found.meanDivergence, 0.23527290805390047))
    }

    @Test(
        "a value that is no number is infinitely far and agrees with nothing",
        arguments: [Float.nan, .infinity, -.infinity])
    func notFinite(value: Float) {
        for row in [([1, 2, value], [1, 2, 3]), ([1, 2, 3], [1, 2, value])] as [([Float], [Float])] {
            let found = compare([row, ([1, 2, 3], [1, 2, 3])])
            #expect(found.positions == 2)
            #expect(found.maxDelta == .infinity)
            #expect(found.meanDelta == .infinity)
            #expect(found.meanDivergence == .infinity)
            #expect(found.maxDivergence == .infinity)
            #expect(found.minCosine == -1)
            #expect(found.topAgreement == 0.5)
        }
    }

    /// Probabilities of [0, ln 1.5] are 0.4 and 0.6, of [0, ln 1.2] 0.4545 and 0.5454.
    @Test("agreement where the reference is sure leaves out leads below a tenth")
    func sure() {
        let (sure, unsure): ([Float], [Float]) = ([0, 0.4054651], [0, 0.1823216])
        let found = compare([(sure, sure), (sure, [1, 0]), (sure, [1, 0]), (unsure, [1, 0]), (unsure, unsure)])
        #expect(found.surePositions == 3)
        #expect(close(found.sureAgreement, 1.0 / 3))
        #expect(close(found.topAgreement, 2.0 / 5))
        #expect(compare([(unsure, [1, 0])]).sureAgreement == 1)
        #expect(compare([([5, 5, 1], [4, 5, 1])]).surePositions == 0)
        #expect(compare([([3], [3])]).surePositions == 1)
        var sum = compare([(unsure, unsure)])
        sum.add(compare([(sure, [1, 0]), (sure, sure)]))
        #expect(sum.surePositions == 2)
        #expect(sum.sureAgreement == 0.5)
    }

    @Test("parts add up to the whole")
    func parts() {
        let rows: [([Float], [Float])] = [([1, 2, 3], [1, 2, 4]), ([0, 1], [1, 0]), ([2, 1], [2, 1])]
        var sum = compare([rows[0]])
        sum.add(compare(Array(rows[1...])))
        let whole = compare(rows)
        #expect(sum.positions == 3)
        #expect(close(sum.meanDivergence, whole.meanDivergence))
        #expect(sum.maxDivergence == whole.maxDivergence)
        #expect(close(sum.meanCosine, whole.meanCosine))
        #expect(sum.minCosine == whole.minCosine)
        #expect(sum.meanDelta == whole.meanDelta)
        #expect(sum.maxDelta == whole.maxDelta)
        #expect(sum.topAgreement == whole.topAgreement)
    }

    @Test("of nothing at all nothing bad is said; the report says that nothing was compared")
    func nothing() {
        let found = LogitComparison()
        #expect(found.positions == 0)
        #expect(found.meanDivergence == 0)
        #expect(found.topAgreement == 1)
        let report = VerificationReport(prompts: [], tensors: [], thresholds: Thresholds(coarsest: .f32))
        #expect(report.faults.map(\.subject) == ["prompts"])
        #expect(!report.passed)
    }
}
