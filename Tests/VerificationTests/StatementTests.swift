import ByteIO
import Foundation
import MobileVLM
import TestSupport
import Testing
import Tokenizer
import Verification

/// What models state of themselves, compared value by value.
struct StatementTests {
    private static let vocabulary = Result {
        let path = Fixtures.path("tokenizer/plain.model")
        return try Vocabulary(
            sentencePieceModel: Bytes(Array(try Data(contentsOf: URL(fileURLWithPath: path)))), file: path)
    }

    private func statements(_ change: (inout ModelConfiguration) -> Void = { _ in }) throws -> ModelStatements {
        var configuration = Small.withPictures
        change(&configuration)
        return ModelStatements(
            configuration: configuration, vocabulary: try Self.vocabulary.get(), stopTokens: [2], chatTemplate: nil)
    }

    /// A change of one constant, and the name by which it is told.
    private static let changes: [(name: String, change: @Sendable (inout ModelConfiguration) -> Void)] = [
        ("context length", { $0.language.contextLength = 1024 }),
        ("RMS epsilon", { $0.language.rmsEpsilon = 1.1e-5 }),
        ("rotary base", { $0.language.ropeBase = 10_001 }),
        ("rotary scaling factor", { $0.language.ropeScaling = 2 }),
        ("layer norm epsilon", { $0.multimodal?.vision.layerNormEpsilon = 1e-6 }),
        ("vision tower's activation", { $0.multimodal?.vision.activation = .gelu }),
        ("image mean", { $0.multimodal?.vision.imageMean[1] += 1e-4 }),
        ("image standard deviation", { $0.multimodal?.vision.imageStandardDeviation[2] += 1e-4 }),
        ("padding of pictures to a square", { $0.multimodal?.vision.padsToSquare.toggle() }),
        ("text in front of a question", { $0.conversation.before += " " }),
        ("text around a picture", { $0.conversation.picture = Conversation.v1Marked.picture }),
        ("text behind a question", { $0.conversation.after = "" }),
    ]

    @Test("every constant that differs is one fault, told by its name", arguments: changes.indices)
    func constants(index: Int) throws {
        let (name, change) = Self.changes[index]
        let faults = ModelStatements.differences(reference: try statements(), candidate: try statements(change))
        #expect(faults.map(\.subject) == [name])
        #expect(
            ModelStatements.differences(reference: try statements(change), candidate: try statements(change)).isEmpty)
    }

    @Test("models of other sizes are not compared", arguments: 0..<6)
    func sizes(index: Int) throws {
        let changes: [(inout ModelConfiguration) -> Void] = [
            { $0.language.layerCount = 3 }, { $0.language.vocabularySize = 51 }, { $0.language.keyValueHeadCount = 1 },
            { $0.multimodal?.vision.featureLayer = 1 }, { $0.multimodal?.vision.patchSize = 8 },
            { $0.multimodal?.projector = .ldp },
        ]
        var other = Small.withPictures
        changes[index](&other)
        let error = #expect(throws: InputError.self) {
            try ModelStatements.checkComparable(reference: Small.withPictures, candidate: other, file: "m.gguf")
        }
        #expect(error?.rule == ModelStatements.differentModel)
    }
}
