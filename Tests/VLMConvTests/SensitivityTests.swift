import Calibration
import Conversion
import Execution
import Foundation
import ModelSupport
import Models
import Tensors
import TestSupport
import Testing
import VLMConv

/// What a budget goes by: how far predictions move for each matrix, and what each type costs it.
@Suite(.enabled(if: FileManager.default.fileExists(atPath: Fixtures.path("tiny-mobilevlm-v1"))))
struct SensitivityTests {
    private static let text = """
        USER: What is in the picture? ASSISTANT: There is a red square on the left and a blue circle on the right of it. \
        USER: How many objects are there, and which of them is the largest? ASSISTANT: There are three. The triangle is.
        """
    private static let types: [ElementType] = [.q4_0, .q5_0, .q8_0, .f16]

    private func measure(
        _ model: Model, blocks: Int, _ divergence: @escaping (Matrix, Matrix) -> Double
    ) throws -> SensitivityMeasurement.Result {
        let ids = model.tokenIDs(Self.text)
        // Beginnings and ends of one text, so that the material has more positions than matrices have columns.
        let material = stride(from: 0, to: ids.count / 2, by: 4).map {
            CalibrationSequence(prompt: .init([.tokens(Array(ids.dropFirst($0)))]))
        }
        return try SensitivityMeasurement(configuration: model.configuration, weights: model.weights).run(
            [material[0]], material: material, types: Self.types, blocks: blocks, threads: 2, divergence: divergence)
    }

    @Test func `finer types lose less by calibrated rounding, and coarse ones less than by plain rounding`() throws {
        let model = try Model(path: Fixtures.path("tiny-mobilevlm-v1"), visionTower: nil)
        let result = try measure(model, blocks: 2) { _, _ in 1 }
        let matrices = model.configuration.languageTensors.filter { $0.kind != .vector && $0.kind != .tokenEmbedding }
        #expect(!matrices.isEmpty && Set(result.losses.keys) == Set(matrices.map(\.key)))
        for matrix in matrices {
            let losses = try #require(result.losses[matrix.key])
            #expect(Set(losses.keys) == [.q4_0, .q5_0, .q8_0])
            let (q4, q5, q8) = (try #require(losses[.q4_0]), try #require(losses[.q5_0]), try #require(losses[.q8_0]))
            #expect(q8 > 0 && q8 < q5 && q5 < q4, "\(matrix.key)")
            let plainly = try RoundingError(
                model.weights.rows(matrix, pairing: model.weights.rotaryPairing),
                importance: result.importance[matrix.key])
            #expect(q4 < (try plainly(.q4_0)), "\(matrix.key)")
        }
    }

    @Test func `what moves predictions is measured in as many blocks as asked for, and in all others lies between`()
        throws
    {
        let model = try Model(path: Fixtures.path("tiny-mobilevlm-v1"), visionTower: nil)
        let result = try measure(model, blocks: 2) { whole, rounded in
            zip(whole.elements, rounded.elements).reduce(0) { $0 + Double(abs($1.0 - $1.1)) }
        }
        let count = model.configuration.language.layerCount
        let figures = try (0..<count).map {
            try #require(result.divergence["model.layers.\($0).mlp.down_proj.weight"])
        }
        #expect(figures.allSatisfy { $0 > 0 })
        for (block, figure) in figures.enumerated() {
            let part = Double(block) / Double(count - 1)
            let between = figures[0] + (figures[count - 1] - figures[0]) * part
            #expect(abs(figure - between) <= 1e-9 * between)
        }
        for key in ["model.embed_tokens.weight", "lm_head.weight"] { #expect((result.divergence[key] ?? 0) > 0) }
    }
}
