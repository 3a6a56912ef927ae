import ByteIO
import JSON
import MobileVLM
import Models
import Tensors
import Testing

/// The released models, by the tables of the papers and the configs of the releases.
public enum Family {
    public static func language(
        hidden: Int, feedForward: Int, layers: Int, heads: Int, epsilon: Float = 1e-6
    ) -> LanguageConfiguration {
        LanguageConfiguration(
            hiddenSize: hidden, feedForwardSize: feedForward, layerCount: layers, headCount: heads,
            keyValueHeadCount: heads, headSize: hidden / heads, vocabularySize: 32000, contextLength: 2048,
            rmsEpsilon: epsilon, ropeBase: 10000, tiedEmbeddings: false)
    }

    public static let small = language(hidden: 2048, feedForward: 5632, layers: 24, heads: 16)
    public static let medium = language(hidden: 2560, feedForward: 6912, layers: 32, heads: 32)
    public static let large = language(hidden: 4096, feedForward: 11008, layers: 32, heads: 32)

    /// CLIP ViT-L/14 at 336 pixels, the second last hidden state taken.
    public static let tower = VisionConfiguration(
        hiddenSize: 1024, feedForwardSize: 4096, layerCount: 24, headCount: 16, imageSize: 336, patchSize: 14,
        layerNormEpsilon: 1e-5, activation: .quickGELU, featureLayer: 23, projectionSize: 768, padsToSquare: true)

    public static func model(_ language: LanguageConfiguration, _ projector: ProjectorKind) -> ModelConfiguration {
        ModelConfiguration(
            name: "MobileVLM", language: language, multimodal: .init(vision: tower, projector: projector))
    }
}

extension Sequence<TensorSpecification> {
    public var parameters: Int { reduce(0) { $0 + ($1.shape.elementCount ?? 0) } }
}

public func config(_ text: String) throws -> HuggingFaceConfiguration {
    try HuggingFaceConfiguration(JSONValue(parsing: Bytes(Array(text.utf8)), file: "config.json"), file: "config.json")
}

/// Checks that `body` throws an `InputError` of that rule about that field.
public func expect(
    _ rule: Rule, field: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) {
    let error = #expect(throws: InputError.self, sourceLocation: sourceLocation) { try body() }
    #expect(error?.rule == rule, "\(error.map(String.init(describing:)) ?? "")", sourceLocation: sourceLocation)
    #expect(error?.field == field, sourceLocation: sourceLocation)
    #expect(error?.problem.isEmpty == false, sourceLocation: sourceLocation)
}

/// Tensors with shapes and no bytes.
public struct ShapesOnly: TensorSource {
    public var tensors: [TensorInfo] = []
    public var files: [String] { ["shapes"] }

    public init(_ list: [(String, ElementType, Shape)]) throws {
        tensors = try list.map { name, type, shape in
            try #require(TensorInfo(name: name, type: type, shape: shape))
        }
    }

    public func info(_ name: String) -> TensorInfo? { tensors.first { $0.name == name } }
    public func bytes(of name: String) throws -> Bytes { Bytes([]) }
}

/// Checks that `body` throws an `InputError` of that rule whose text contains every one of `parts`.
public func expect(
    _ rule: Rule, contains parts: String..., sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Void
) {
    let error = #expect(throws: InputError.self, sourceLocation: sourceLocation) { try body() }
    guard let error else { return }
    #expect(error.rule == rule, "\(error)", sourceLocation: sourceLocation)
    for part in parts {
        #expect(error.description.contains(part), "\(error)", sourceLocation: sourceLocation)
    }
}
