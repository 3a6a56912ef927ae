import ByteIO
import Foundation
import JSON
import MobileVLM
import Tensors
import TestSupport
import Testing

/// The released models, by the tables of the papers and the configs of the releases.
enum Family {
    static func language(
        hidden: Int, feedForward: Int, layers: Int, heads: Int, epsilon: Float = 1e-6
    ) -> LanguageConfiguration {
        LanguageConfiguration(
            hiddenSize: hidden, feedForwardSize: feedForward, layerCount: layers, headCount: heads,
            keyValueHeadCount: heads, headSize: hidden / heads, vocabularySize: 32000, contextLength: 2048,
            rmsEpsilon: epsilon, ropeBase: 10000, tiedEmbeddings: false)
    }

    static let small = language(hidden: 2048, feedForward: 5632, layers: 24, heads: 16)
    static let medium = language(hidden: 2560, feedForward: 6912, layers: 32, heads: 32)
    static let large = language(hidden: 4096, feedForward: 11008, layers: 32, heads: 32)

    /// CLIP ViT-L/14 at 336 pixels, the second last hidden state taken.
    static let tower = VisionConfiguration(
        hiddenSize: 1024, feedForwardSize: 4096, layerCount: 24, headCount: 16, imageSize: 336, patchSize: 14,
        layerNormEpsilon: 1e-5, activation: .quickGELU, featureLayer: 23, projectionSize: 768, padsToSquare: true)

    static func model(_ language: LanguageConfiguration, _ projector: ProjectorKind) -> ModelConfiguration {
        ModelConfiguration(
            name: "MobileVLM", language: language, multimodal: .init(vision: tower, projector: projector))
    }
}

extension Sequence<TensorSpecification> {
    var parameters: Int { reduce(0) { $0 + ($1.shape.elementCount ?? 0) } }
}

func config(_ text: String) throws -> HuggingFaceConfiguration {
    try HuggingFaceConfiguration(JSONValue(parsing: Bytes(Array(text.utf8)), file: "config.json"), file: "config.json")
}

/// Checks that `body` throws an `InputError` of that rule about that field.
func expect(
    _ rule: Rule, field: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) {
    let error = #expect(throws: InputError.self, sourceLocation: sourceLocation) { try body() }
    #expect(error?.rule == rule, "\(error.map(String.init(describing:)) ?? "")", sourceLocation: sourceLocation)
    #expect(error?.field == field, sourceLocation: sourceLocation)
    #expect(error?.problem.isEmpty == false, sourceLocation: sourceLocation)
}

/// Tensors with shapes and no bytes.
struct ShapesOnly: TensorSource {
    var tensors: [TensorInfo] = []
    var files: [String] { ["shapes"] }

    init(_ list: [(String, ElementType, Shape)]) throws {
        tensors = try list.map { name, type, shape in
            try #require(TensorInfo(name: name, type: type, shape: shape))
        }
    }

    func info(_ name: String) -> TensorInfo? { tensors.first { $0.name == name } }
    func bytes(of name: String) throws -> Bytes { Bytes([]) }
}
