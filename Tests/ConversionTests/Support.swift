import ByteIO
import Conversion
import Dialects
import Foundation
import MobileVLM
import Models
import Synchronization
import Tensors
import Testing
import TestSupport

/// What `llama-quantize` decided for a small model, with every preset and option that was recorded.
struct RecordedTypes: Decodable {
    struct Part: Decodable {
        /// Of all tensors, sorted.
        let names: [String]
        let shapes: [[Int]]
        /// By the run's name (`q4_k_m`, `q4_0-imatrix`, …) the types, in the order of the names.
        let runs: [String: [String]]

        func candidates(isProjector: Bool) -> [TypePolicy.Candidate] {
            zip(names, shapes).map { TypePolicy.Candidate($0, Shape($1), isProjector: isProjector) }
        }
    }

    let language: Part
    let projector: Part

    static func load() throws -> RecordedTypes {
        let url = URL(fileURLWithPath: Fixtures.path("mini-quantize/types.json"))
        return try JSONDecoder().decode(RecordedTypes.self, from: Data(contentsOf: url))
    }
}

extension TypePolicy.Candidate {
    /// A tensor of a GGUF file, by its name.
    init(_ name: String, _ shape: Shape, isProjector: Bool = false) {
        self.init(
            name: name, role: GGUFDialect().role(ofName: name, shape: shape, isProjector: isProjector),
            columns: shape.columns)
    }
}

extension TypePolicy {
    init(_ preset: Preset) { self.init(preset, .language(blocks: 24, queriesPerKeyValueHead: 1)) }

    /// Types in llama-quantize's order.
    func types(for candidates: [Candidate]) throws -> [ElementType?] {
        try types(for: candidates, order: GGUFDialect().choiceOrder(candidates.map(\.name)))
    }
}

/// Plans some of a model's tensors for GGUF.
func plan(
    _ specifications: [TensorSpecification], of model: ModelConfiguration, _ weights: ModelWeights, _ policy: TypePolicy
) throws -> [PlannedTensor] {
    try ConversionPlan.tensors(specifications, of: model, weights: weights, dialect: GGUFDialect(), policy: policy)
}

func preset(_ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> Preset {
    try #require(Preset(named: name), sourceLocation: sourceLocation)
}

/// Sizes of a language model whose blocks and heads are given; the rest are MobileLLaMA 1.4B's.
func language(
    blocks: Int, heads: Int = 16, keyValueHeads: Int = 16, hidden: Int = 2048, feedForward: Int = 5632,
    vocabulary: Int = 32000
) -> LanguageConfiguration {
    LanguageConfiguration(
        hiddenSize: hidden, feedForwardSize: feedForward, layerCount: blocks, headCount: heads,
        keyValueHeadCount: keyValueHeads, headSize: hidden / heads, vocabularySize: vocabulary, contextLength: 2048,
        rmsEpsilon: 1e-6, ropeBase: 10000, tiedEmbeddings: false)
}

func tower(hidden: Int, feedForward: Int, blocks: Int, grid: Int) -> VisionConfiguration {
    VisionConfiguration(
        hiddenSize: hidden, feedForwardSize: feedForward, layerCount: blocks, headCount: hidden / 64,
        imageSize: 14 * grid, patchSize: 14, layerNormEpsilon: 1e-5, activation: .quickGELU,
        featureLayer: blocks - 1, projectionSize: 768, padsToSquare: true)
}

/// Tensors in memory.
struct MemorySource: TensorSource {
    private(set) var tensors: [TensorInfo] = []
    private var contents: [String: Bytes] = [:]
    var files: [String] { [] }

    func info(_ name: String) -> TensorInfo? { tensors.first { $0.name == name } }
    func bytes(of name: String) throws -> Bytes { try #require(contents[name]) }

    mutating func add(_ name: String, _ type: ElementType, _ shape: Shape, _ bytes: [UInt8]) throws {
        tensors.append(try #require(TensorInfo(name: name, type: type, shape: shape)))
        contents[name] = Bytes(bytes)
    }

    /// Random F32 values for every tensor of `model`; `edit` may change those of one.
    init(_ model: ModelConfiguration, edit: (String, inout [Float]) -> Void = { _, _ in }) throws {
        var numbers = SeededGenerator(state: 7)
        for tensor in model.tensors {
            let count = try #require(tensor.shape.elementCount)
            var values = (0..<count).map { _ in Float.random(in: -1...1, using: &numbers) }
            edit(tensor.key, &values)
            try add(tensor.key, .f32, tensor.shape, values.withUnsafeBytes { Array($0) })
        }
    }

    func floats(_ name: String) throws -> [Float] {
        try bytes(of: name).withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
        }
    }

    /// The tensors as the weights of `model`.
    func weights(_ model: ModelConfiguration) -> ModelWeights {
        var weights = ModelWeights(rotaryPairing: .halves, origin: "checkpoint")
        for tensor in model.tensors where info(tensor.key) != nil {
            weights.place(tensor.key, in: self, name: tensor.key)
        }
        return weights
    }
}

/// Takes tensors into memory and counts how often each byte is written.
final class MemorySink: TensorSink {
    struct Refused: Error {}
    private let state: Mutex<(bytes: [[UInt8]], writes: [[UInt8]])>
    private let refuses: Bool

    init(_ plan: [PlannedTensor], refuses: Bool = false) {
        let empty = plan.map { [UInt8](repeating: 0, count: $0.target.byteCount) }
        state = Mutex((empty, empty))
        self.refuses = refuses
    }

    func write(_ bytes: UnsafeRawBufferPointer, tensor: Int, offset: Int) throws {
        if refuses { throw Refused() }
        state.withLock { state in
            for (index, byte) in bytes.enumerated() {
                state.bytes[tensor][offset + index] = byte
                state.writes[tensor][offset + index] += 1
            }
        }
    }

    func finish() throws {}

    var tensors: [[UInt8]] { state.withLock { $0.bytes } }
    /// True if every byte was written exactly once.
    var isComplete: Bool { state.withLock { $0.writes.allSatisfy { $0.allSatisfy { $0 == 1 } } } }
}
