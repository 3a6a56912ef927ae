import ByteIO
import Execution
import MobileVLM
import Models
import Quantization
import Tensors
import Testing
import TestSupport
import Verification

/// Tensors in memory, under canonical keys.
struct MemorySource: TensorSource {
    private(set) var tensors: [TensorInfo] = []
    private var contents: [String: [UInt8]] = [:]
    var files: [String] { [] }

    func info(_ name: String) -> TensorInfo? { tensors.first { $0.name == name } }
    func bytes(of name: String) throws -> Bytes { Bytes(try #require(contents[name])) }

    /// Random F32 values for every tensor of `model`: norms near 1, the rest about ±0.1.
    init(_ model: ModelConfiguration) throws {
        var numbers = SeededGenerator(state: 3)
        for tensor in model.tensors {
            let count = try #require(tensor.shape.elementCount)
            let isNorm = tensor.kind == .vector && tensor.key.hasSuffix("weight")
            let range: ClosedRange<Float> = isNorm ? 0.9...1.1 : -0.1...0.1
            try set(tensor.key, (0..<count).map { _ in Float.random(in: range, using: &numbers) }, shape: tensor.shape)
        }
    }

    private mutating func set(_ name: String, _ type: ElementType, _ shape: Shape, _ bytes: [UInt8]) throws {
        let info = try #require(TensorInfo(name: name, type: type, shape: shape))
        if let index = tensors.firstIndex(where: { $0.name == name }) {
            tensors[index] = info
        } else {
            tensors.append(info)
        }
        contents[name] = bytes
    }

    private mutating func set(_ name: String, _ values: [Float], shape: Shape) throws {
        try set(name, .f32, shape, values.withUnsafeBytes { Array($0) })
    }

    func floats(_ name: String) throws -> [Float] {
        try bytes(of: name).withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
        }
    }

    /// Changes the values of an F32 tensor.
    mutating func edit(_ name: String, _ change: (inout [Float]) -> Void) throws {
        var values = try floats(name)
        change(&values)
        try set(name, values, shape: #require(info(name)?.shape))
    }

    /// Changes stored bytes.
    mutating func editBytes(_ name: String, _ change: (inout [UInt8]) -> Void) throws {
        change(&contents[name, default: []])
    }

    /// A copy whose matrices are of another type, as a converter without importance makes it.
    func quantized(
        _ type: ElementType, _ model: ModelConfiguration, importance: (Int) -> [Float]? = { _ in nil }
    ) throws -> MemorySource {
        try quantized(type, model) { columns in
            let encoder = try RowEncoder(type: type, columns: columns, importance: importance(columns))
            return { encoder.encode($0, into: $1) }
        }
    }

    /// A copy whose matrices are of another type, row by row as `encoder` writes them.
    func quantized(
        _ type: ElementType, _ model: ModelConfiguration,
        encoder: (Int) throws -> (UnsafeBufferPointer<Float>, UnsafeMutableRawBufferPointer) -> Void
    ) throws -> MemorySource {
        var copy = self
        for tensor in model.tensors where tensor.shape.rank == 2 && tensor.kind != .positionTable {
            let columns = tensor.shape.columns
            let encode = try encoder(columns)
            let rowBytes = try #require(type.rowBytes(columns: columns))
            let values = try floats(tensor.key)
            var bytes: [UInt8] = []
            for start in stride(from: 0, to: values.count, by: columns) {
                var row = [UInt8](repeating: 0, count: rowBytes)
                Array(values[start..<start + columns]).withUnsafeBufferPointer { values in
                    row.withUnsafeMutableBytes { encode(values, $0) }
                }
                bytes += row
            }
            try copy.set(tensor.key, type, tensor.shape, bytes)
        }
        return copy
    }

    func weights(_ model: ModelConfiguration, pairing: RotaryPairing = .halves) -> ModelWeights {
        var weights = ModelWeights(rotaryPairing: pairing, origin: "memory")
        for tensor in model.tensors { weights.place(tensor.key, in: self, name: tensor.key) }
        return weights
    }
}

/// Small models: a language model of 21 tensors, and the same with a tower and LDPv2.
enum Small {
    static let language = ModelConfiguration(
        name: "small",
        language: LanguageConfiguration(
            hiddenSize: 64, feedForwardSize: 96, layerCount: 2, headCount: 2, keyValueHeadCount: 2, headSize: 32,
            vocabularySize: 50, contextLength: 512, rmsEpsilon: 1e-5, ropeBase: 10000, tiedEmbeddings: false),
        multimodal: nil)

    static let withPictures: ModelConfiguration = {
        var model = language
        model.multimodal = .init(
            vision: VisionConfiguration(
                hiddenSize: 32, feedForwardSize: 64, layerCount: 2, headCount: 2, imageSize: 16, patchSize: 4,
                layerNormEpsilon: 1e-5, activation: .quickGELU, featureLayer: 2, projectionSize: 32,
                padsToSquare: true),
            projector: .ldpv2)
        return model
    }()
}

func compare(
    _ model: ModelConfiguration, _ reference: MemorySource, _ candidate: MemorySource, threads: Int = 2
) throws -> [TensorComparison] {
    try WeightComparison(
        model, reference: reference.weights(model), candidate: candidate.weights(model), threads: threads
    ).tensors
}

/// A report on tensors alone; the fault that nothing was computed is left out.
func weightFaults(_ tensors: [TensorComparison]) -> [VerificationReport.Fault] {
    VerificationReport(prompts: [], tensors: tensors, thresholds: Thresholds(coarsest: .f32)).faults
        .filter { $0.subject != "prompts" }
}
