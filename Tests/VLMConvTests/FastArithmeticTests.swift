import Execution
import Foundation
import ModelSupport
import MobileVLM
import Opening
import TestSupport
import Testing
import VLMConv
import Verification

/// `fast` arithmetic on the trained models: how far it is from `reference`, beside how far Q4_0's weights are.
@Suite(
    "fast arithmetic on the tiny models",
    .enabled(if: FileManager.default.fileExists(atPath: Fixtures.path("tiny-mobilevlm-v1"))))
struct FastArithmeticTests {
    private static let questions = [
        "What colour is the shape?", "What is in this picture?", "Which shape do you see?",
        "How many shapes are there?",
    ]

    private func pictures() throws -> [Picture] {
        let folder = Fixtures.path("pictures")
        return try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".png") }.sorted()
            .prefix(4).map { try Picture(path: folder + "/" + $0) }
    }

    /// Mean KLD over texts and pictures, and the answers to pictures of both.
    private func compare(_ reference: Session, _ candidate: Session) throws -> (
        divergence: Double, results: [PromptResult]
    ) {
        let verifier = Verifier(
            reference: reference.executor, candidate: candidate.executor, answerLength: 12,
            stopTokens: (reference.stopTokens, reference.stopTokens))
        var logits = LogitComparison()
        var results: [PromptResult] = []
        for picture in try pictures() {
            for question in Self.questions {
                let result = try verifier.run(
                    VerificationPrompt(
                        name: question, tokens: reference.tokens(question: question, images: 1),
                        images: [reference.pixels(picture)]))
                logits.add(result.logits)
                results.append(result)
            }
        }
        return (logits.meanDivergence, results)
    }

    @Test(
        "the divergence of fast arithmetic is at most a tenth of that of Q4_0's weights, and no picture is answered otherwise",
        arguments: [1, 2])
    func divergence(version: Int) throws {
        try withFolder { folder in
            let checkpoint = Fixtures.path("tiny-mobilevlm-v\(version)")
            _ = try ConversionRequest(checkpoint, folder.path + "/q4.gguf", "q4_0").run()
            let original = try Session(Model(path: checkpoint), arithmetic: .reference, threads: 2)
            let quantized = try Model(path: folder.path + "/q4.gguf")
            let reference = try Session(quantized, arithmetic: .reference, threads: 2)
            let fast = try Session(quantized, arithmetic: .fast, threads: 2)
            let ofWeights = try compare(original, reference).divergence
            let (ofArithmetic, results) = try compare(reference, fast)
            #expect(ofArithmetic > 0 && ofArithmetic <= ofWeights / 10, "\(ofArithmetic) of \(ofWeights)")
            for result in results {
                #expect(result.referenceAnswer == result.candidateAnswer, "\(result.name)")
                #expect((result.featureCosine ?? 0) > 0.9999)
            }
            print("fast arithmetic, V\(version): Mean KLD \(ofArithmetic); of Q4_0's weights \(ofWeights)")
        }
    }
}
