import Execution
import MobileVLM
import Testing
import Verification

struct VerifierTests {
    private func executor(_ source: MemorySource, _ model: ModelConfiguration) throws -> Executor {
        try Executor(configuration: model, weights: source.weights(model), threads: 1)
    }

    /// Both models on one prompt.
    private func run(
        _ model: ModelConfiguration, tokens: [Int] = [1, 7, 9, 20], pictures: Int = 0, answerLength: Int = 5,
        stopTokens: Set<Int> = [], _ change: (inout MemorySource) throws -> Void = { _ in }
    ) throws -> PromptResult {
        var reference = try MemorySource(model)
        // A model that is sure of what it says: random heads are not.
        try reference.edit("lm_head.weight") { for index in $0.indices { $0[index] *= 40 } }
        var candidate = reference
        try change(&candidate)
        let side = model.multimodal?.vision.imageSize ?? 0
        let pixels = (0..<3 * side * side).map { Float($0 % 13) / 6 - 1 }
        let prompt = VerificationPrompt(
            name: "prompt", tokens: TokenPrompt(ids: tokens), images: Array(repeating: pixels, count: pictures))
        return try Verifier(
            reference: executor(reference, model), candidate: executor(candidate, model),
            answerLength: answerLength, stopTokens: (stopTokens, stopTokens)
        ).run(prompt)
    }

    private func report(_ result: PromptResult, _ thresholds: Thresholds = Thresholds(coarsest: .f32))
        -> VerificationReport
    {
        VerificationReport(prompts: [result], tensors: [], thresholds: thresholds)
    }

    @Test("a model compared with itself passes the strictest limits")
    func itself() throws {
        let result = try run(Small.language)
        #expect(result.logits.positions == 4 + 5)
        #expect(result.logits.maxDelta == 0)
        #expect(result.logits.topAgreement == 1)
        #expect(result.referenceAnswer == result.candidateAnswer)
        #expect(result.referenceAnswer.count == 5)
        #expect(result.featureCosine == nil)
        #expect(!result.hasImage)
        #expect(report(result).passed)
        #expect(report(result).sameAnswers == 1)
    }

    @Test("positions that hold image rows are not compared: they predict nothing")
    func pictures() throws {
        let result = try run(Small.withPictures, tokens: [1, -200, 9, 20, -200], pictures: 2, answerLength: 3)
        #expect(result.logits.positions == 3 + 3)
        #expect(result.featureCosine.map { abs($0 - 1) < 1e-12 } == true)
        #expect(result.hasImage)
        #expect(report(result).passed)
    }

    @Test("as many pictures as places, or an error")
    func pictureCount() {
        #expect(throws: (any Error).self) { try run(Small.withPictures, tokens: [1, -200], pictures: 2) }
        #expect(throws: (any Error).self) { try run(Small.withPictures, tokens: [1, 2], pictures: 1) }
    }

    @Test("where the answers part, the reference's ends with the word that is its own")
    func parting() throws {
        let result = try run(Small.language) { candidate in
            try candidate.edit("lm_head.weight") { for index in $0.indices { $0[index] *= -1 } }
        }
        #expect(result.candidateAnswer.count == 5)
        #expect(result.referenceAnswer.count == 1)
        #expect(result.referenceAnswer.first != result.candidateAnswer.first)
        #expect(result.logits.positions == 4 + 1)
    }

    @Test("an answer ends at a stop token, and none is asked for at length 0")
    func answers() throws {
        let free = try run(Small.language)
        let first = try #require(free.referenceAnswer.first)
        let stopped = try run(Small.language, stopTokens: [first])
        #expect(stopped.referenceAnswer.isEmpty)
        let none = try run(Small.language, answerLength: 0)
        #expect(none.referenceAnswer.isEmpty)
        #expect(none.logits.positions == 4)
    }

    @Test("an output head turned round fails by divergence and by top tokens, each named with its limit")
    func wrongHead() throws {
        let result = try run(Small.language) { try $0.edit("lm_head.weight") { for i in $0.indices { $0[i] *= -1 } } }
        let found = report(result)
        #expect(found.faults.map(\.subject) == ["Mean KLD", "Same top p"])
        #expect(found.faults.allSatisfy { $0.problem.contains("allowed") || $0.problem.contains("asked for") })
        #expect(abs(result.logits.meanCosine + 1) < 1e-9)
        #expect(found.sameAnswers == 0)
    }

    @Test("a limit that is met exactly passes, one that is missed by a hair fails")
    func exactLimits() throws {
        let result = try run(Small.language) { try $0.edit("model.norm.weight") { $0[0] *= 1.5 } }
        let (divergence, agreement) = (result.logits.meanDivergence, result.logits.sureAgreement)
        #expect(divergence > 0)
        #expect(result.logits.surePositions > 0)
        func passes(_ meanDivergence: Double, _ topAgreement: Double) -> Bool {
            report(
                result,
                Thresholds(meanDivergence: meanDivergence, topAgreement: topAgreement, featureCosine: 1)
            ).passed
        }
        #expect(passes(divergence, agreement))
        #expect(!passes(divergence.nextDown, agreement))
        #expect(!passes(divergence, agreement.nextUp))
    }

    @Test("a wrong projector shows in the features of its prompt")
    func wrongProjector() throws {
        let result = try run(Small.withPictures, tokens: [1, -200, 5], pictures: 1) {
            try $0.edit("mm_projector.mlp.mlp.2.bias") { for i in $0.indices { $0[i] = i % 2 == 0 ? 3 : -3 } }
        }
        let faults = report(result, Thresholds(meanDivergence: 100, topAgreement: 0, featureCosine: 0.99)).faults
        #expect(faults.map(\.subject) == ["image features (prompt)"])
    }

    @Test("results that are no numbers fail, however wide the limits")
    func notFinite() throws {
        let result = try run(Small.withPictures, tokens: [1, -200, 5], pictures: 1) {
            try $0.edit("mm_projector.mlp.mlp.2.bias") { $0[0] = .nan }
        }
        let faults = report(result, Thresholds(coarsest: .q2_K)).faults.map(\.subject)
        #expect(faults == ["Mean KLD", "image features (prompt)"])
    }

    @Test("a report over several prompts adds them up and averages the features")
    func several() throws {
        let text = try run(Small.language)
        let picture = try run(Small.withPictures, tokens: [1, -200, 5], pictures: 1, answerLength: 2)
        let report = VerificationReport(
            prompts: [text, picture], tensors: [], thresholds: Thresholds(coarsest: .f32))
        #expect(report.logits.positions == 9 + 4)
        #expect(report.featureCosine == picture.featureCosine)
        #expect(report.sameAnswers == 2)
    }

    @Test("prompts that share a beginning or a picture give what each gives alone, though less is computed")
    func shared() throws {
        let model = Small.withPictures
        var reference = try MemorySource(model)
        try reference.edit("lm_head.weight") { for index in $0.indices { $0[index] *= 40 } }
        var candidate = reference
        try candidate.edit("model.layers.1.mlp.up_proj.weight") { for i in $0.indices { $0[i] *= 1.2 } }
        let side = model.multimodal?.vision.imageSize ?? 0
        let pictures = [13, 7].map { period in (0..<3 * side * side).map { Float($0 % period) / 6 - 1 } }
        let prompts: [([Int], [Int])] = [
            ([1, 7, -200, 9, 20], [0]), ([1, 7, -200, 9, 21, 30], [0]), ([1, 7, -200, 9, 20], [1]), ([1, 7, 9], []),
            ([1, 7, 9], []), ([1, 7], []), ([1, -200, 5, -200], [1, 0]),
        ]
        func verifier() throws -> Verifier {
            Verifier(
                reference: try executor(reference, model), candidate: try executor(candidate, model), answerLength: 6,
                stopTokens: ([], []))
        }
        let together = try verifier()
        for (tokens, images) in prompts {
            let prompt = VerificationPrompt(
                name: "p", tokens: TokenPrompt(ids: tokens), images: images.map { pictures[$0] })
            let (a, b) = (try together.run(prompt), try verifier().run(prompt))
            #expect(a.referenceAnswer == b.referenceAnswer && a.candidateAnswer == b.candidateAnswer)
            #expect(a.logits.positions == b.logits.positions)
            #expect(abs(a.logits.meanDivergence - b.logits.meanDivergence) <= 1e-4 * b.logits.meanDivergence)
            #expect(a.featureCosine == b.featureCosine)
        }
    }
}
