import ByteIO
import Execution
import Foundation
import MobileVLM
import Models
import Safetensors
import Tensors
import Testing
import TestSupport

/// Tensors in memory.
struct MemorySource: TensorSource {
    private(set) var tensors: [TensorInfo] = []
    private var contents: [String: Bytes] = [:]
    var files: [String] { [] }

    mutating func add(_ name: String, _ type: ElementType, _ shape: Shape, _ bytes: Bytes) throws {
        tensors.removeAll { $0.name == name }
        tensors.append(try #require(TensorInfo(name: name, type: type, shape: shape)))
        contents[name] = bytes
    }

    mutating func add(_ name: String, _ shape: Shape, _ values: [Float]) throws {
        try add(name, .f32, shape, values.withUnsafeBytes { Bytes(Array($0)) })
    }

    mutating func remove(_ name: String) { tensors.removeAll { $0.name == name } }

    func info(_ name: String) -> TensorInfo? { tensors.first { $0.name == name } }
    func bytes(of name: String) throws -> Bytes { try #require(contents[name]) }

    init() {}

    /// A copy of what another source holds.
    init(_ source: some TensorSource) throws {
        for info in source.tensors { try add(info.name, info.type, info.shape, source.bytes(of: info.name)) }
    }
}

extension TensorSource {
    func floats(_ name: String) throws -> [Float] {
        try #require(info(name)?.type == .f32, "\(name) is not there as F32")
        return try bytes(of: name).withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
        }
    }

    func integers(_ name: String) throws -> [Int] {
        try #require(info(name)?.type == .i32, "\(name) is not there as I32")
        return try bytes(of: name).withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map { Int(bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self)) }
        }
    }
}

extension ModelWeights {
    /// Weights under the names of a released checkpoint, in one file or several.
    init(checkpoint files: any TensorSource..., pairing: RotaryPairing = .halves) {
        self.init(rotaryPairing: pairing, origin: "the test's checkpoint")
        for file in files {
            for info in file.tensors {
                let key = info.name
                    .replacingOccurrences(of: "model.vision_tower.vision_tower.vision_model.", with: "vision_model.")
                    .replacingOccurrences(of: "model.mm_projector.", with: "mm_projector.")
                place(key, in: file, name: info.name)
            }
        }
    }
}

/// A file of `fixtures/graph`: a tiny model, inputs, and what PyTorch computes from them.
struct GraphFixture {
    static let names = [
        "grouped-query", "tied-other-base", "linear-rope", "ldp-24", "ldp-7", "ldpv2-16", "ldpv2-8", "mlp2x", "mlp3x",
        "linear",
    ]

    let file: SafetensorsFile
    let configuration: ModelConfiguration
    let ids: [Int]

    private struct Sizes: Decodable {
        let hidden, ffn, layers, heads, kv_heads, vocab: Int
        let rms_eps, rope_base: Float
        let rope_factor: Float?
        let tied: Bool
        let projector: String?
        let vision_hidden, vision_ffn, vision_layers, vision_heads, image, patch, feature_layer: Int
        let vision_activation: String
    }

    init(_ name: String) throws {
        file = try SafetensorsFile(path: Fixtures.path("graph/\(name).safetensors"))
        let text = try #require(file.metadata["config"]?.text)
        let c = try JSONDecoder().decode(Sizes.self, from: Data(text.utf8))
        let language = LanguageConfiguration(
            hiddenSize: c.hidden, feedForwardSize: c.ffn, layerCount: c.layers, headCount: c.heads,
            keyValueHeadCount: c.kv_heads, headSize: c.hidden / c.heads, vocabularySize: c.vocab, contextLength: 256,
            rmsEpsilon: c.rms_eps, ropeBase: c.rope_base, ropeScaling: c.rope_factor ?? 1,
            tiedEmbeddings: c.tied)
        configuration = ModelConfiguration(
            name: name, language: language,
            multimodal: try c.projector.map { projector in
                ModelConfiguration.Multimodal(
                    vision: VisionConfiguration(
                        hiddenSize: c.vision_hidden, feedForwardSize: c.vision_ffn, layerCount: c.vision_layers,
                        headCount: c.vision_heads, imageSize: c.image, patchSize: c.patch, layerNormEpsilon: 1e-5,
                        activation: try #require(TowerActivation(rawValue: c.vision_activation)),
                        featureLayer: c.feature_layer, projectionSize: 8, padsToSquare: true),
                    projector: try #require(ProjectorKind(checkpointName: projector)))
            })
        ids = try file.integers("input_ids")
    }

    func executor(threads: Int? = nil) throws -> Executor {
        try Executor(configuration: configuration, weights: ModelWeights(checkpoint: file), threads: threads)
    }

    /// The input as the fixture's maker fed it: five tokens, the picture if there is one, the other tokens.
    func pieces(_ executor: Executor, taps: Taps? = nil) throws -> [InputPiece] {
        guard configuration.multimodal != nil else { return [.tokens(ids)] }
        let image = try executor.encodeImage(file.floats("pixel_values"), taps: taps)
        return [.tokens(Array(ids.prefix(5))), .image(image), .tokens(Array(ids.dropFirst(5)))]
    }
}

/// A repeatable source of weights and inputs.
struct TestNumbers: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state >> 32) | (state << 32)
    }
    mutating func floats(_ count: Int, in range: ClosedRange<Float> = -1...1) -> [Float] {
        (0..<count).map { _ in Float.random(in: range, using: &self) }
    }
}

/// `‖a - b‖ / ‖b‖`
func relativeError(_ a: [Float], _ b: [Float]) -> Double {
    guard a.count == b.count, !b.isEmpty else { return .infinity }
    var (difference, norm) = (0.0, 0.0)
    for (a, b) in zip(a, b) {
        difference += (Double(a) - Double(b)) * (Double(a) - Double(b))
        norm += Double(b) * Double(b)
    }
    let error = (difference / norm).squareRoot()
    return error.isNaN ? .infinity : error
}

func greatestDifference(_ a: some Collection<Float>, _ b: [Float]) -> Float {
    guard a.count == b.count else { return .infinity }
    return zip(a, b).reduce(0) { $1.0.isNaN ? .infinity : max($0, abs($1.0 - $1.1)) }
}
