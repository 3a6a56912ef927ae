import ByteIO
import Execution
import MobileVLM
import Models
import Quantization
import Tensors
import Testing

/// One linear layer for all storage types.
struct StorageTests {
    /// All but the 8-bit floats, which are read and never written.
    static let types = ElementType.allCases.filter { $0.isReal && ![.f8_E4M3, .f8_E5M2].contains($0) }

    private let configuration = ModelConfiguration(
        name: "one block",
        language: LanguageConfiguration(
            hiddenSize: 256, feedForwardSize: 512, layerCount: 1, headCount: 4, keyValueHeadCount: 2, headSize: 64,
            vocabularySize: 96, contextLength: 64, rmsEpsilon: 1e-5, ropeBase: 10000, tiedEmbeddings: false),
        multimodal: nil)

    /// The same random model twice: matrices stored as `type`, and as the F32 values that these decode to.
    private func models(_ type: ElementType) throws -> (stored: MemorySource, decoded: MemorySource) {
        var (stored, decoded) = (MemorySource(), MemorySource())
        var numbers = TestNumbers(state: 7)
        for tensor in configuration.tensors {
            let count = try #require(tensor.shape.elementCount)
            guard tensor.shape.rank == 2 else {
                let values = numbers.floats(count, in: 0.5...1.5)
                try stored.add(tensor.key, tensor.shape, values)
                try decoded.add(tensor.key, tensor.shape, values)
                continue
            }
            let columns = tensor.shape.columns
            let values = numbers.floats(count, in: -0.1...0.1)
            let rowBytes = try #require(type.rowBytes(columns: columns))
            var bytes = [UInt8](repeating: 0, count: count / columns * rowBytes)
            var floats = [Float](repeating: 0, count: count)
            let decoder = try RowDecoder(type: type, columns: columns)
            for row in 0..<count / columns {
                try bytes.withUnsafeMutableBytes { bytes in
                    let line = UnsafeMutableRawBufferPointer(rebasing: bytes[row * rowBytes..<(row + 1) * rowBytes])
                    let source = values[row * columns..<(row + 1) * columns]
                    if type == .f64 {
                        source.map(Double.init).withUnsafeBytes { line.copyBytes(from: $0) }
                    } else {
                        let encoder = try RowEncoder(type: type, columns: columns)
                        Array(source).withUnsafeBufferPointer { _ = encoder.encode($0, into: line) }
                    }
                    floats.withUnsafeMutableBufferPointer {
                        decoder.decode(
                            UnsafeRawBufferPointer(line),
                            into: UnsafeMutableBufferPointer(rebasing: $0[row * columns..<(row + 1) * columns]))
                    }
                }
            }
            try stored.add(tensor.key, type, tensor.shape, Bytes(bytes))
            try decoded.add(tensor.key, tensor.shape, floats)
        }
        return (stored, decoded)
    }

    @Test("weights of any type compute what their decoded values compute", arguments: types)
    func storage(type: ElementType) throws {
        let (stored, decoded) = try models(type)
        func run(_ source: MemorySource) throws -> (many: Matrix, one: Matrix, whole: Matrix) {
            let executor = try Executor(
                configuration: configuration, weights: ModelWeights(checkpoint: source), threads: 2)
            let cache = executor.makeCache()
            return (
                try executor.forward([.tokens(Array(0..<20))], cache: cache),
                try executor.forward([.tokens([95])], cache: cache),
                try executor.forward(
                    [.tokens(Array(0..<20) + [95])], cache: executor.makeCache(), logits: .last)
            )
        }
        let (a, b) = (try run(stored), try run(decoded))
        // Many rows go through the same product of the same floats: the same bits.
        #expect(a.many == b.many)
        // One row may be multiplied as it is decoded, in another order.
        #expect(relativeError(a.one.elements, b.one.elements) < 2e-6)
        #expect(relativeError(a.one.elements, a.whole.elements) < 2e-6)
        #expect(a.many.elements.contains { abs($0) > 0.01 })
    }

    @Test("a tensor that is missing, misshapen or of a type without numbers is refused by name")
    func refusals() throws {
        let key = "model.layers.0.mlp.up_proj.weight"
        let (sound, _) = try models(.f32)
        func load(_ source: MemorySource) throws {
            _ = try Executor(configuration: configuration, weights: ModelWeights(checkpoint: source))
        }
        func expect(_ rule: Rule, _ change: (inout MemorySource) throws -> Void) throws {
            var source = sound
            try change(&source)
            let error = try #require(throws: InputError.self) { try load(source) }
            #expect(error.rule == rule)
            #expect(error.field == key)
        }
        try load(sound)
        try expect(ModelWeights.missing) { $0.remove(key) }
        try expect(ModelWeights.misshapen) { try $0.add(key, [256, 512], [Float](repeating: 0, count: 512 * 256)) }
        try expect(ModelWeights.misshapen) {
            try $0.add(key, .i32, [512, 256], Bytes([UInt8](repeating: 0, count: 4 * 512 * 256)))
        }
        // A source that hands out fewer bytes than the tensor's shape needs.
        try expect(Rule("execution.weight-size")) {
            try $0.add(key, .f32, [512, 256], Bytes([UInt8](repeating: 0, count: 100)))
        }
    }

    @Test("a configuration with impossible sizes is refused before anything is loaded")
    func impossible() throws {
        var changed = configuration
        changed.language.keyValueHeadCount = 3
        let error = try #require(throws: InputError.self) {
            _ = try Executor(configuration: changed, weights: ModelWeights(checkpoint: MemorySource()))
        }
        #expect(error.rule == ModelConfiguration.impossible)
    }
}
