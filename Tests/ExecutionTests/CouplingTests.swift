import Execution
import MobileVLM
import Models
import Quantization
import Tensors
import Testing

/// What the model says may be folded, tried on the graph.
struct CouplingTests {
    /// The fixture's weights as F32, with every coupling's channels scaled by random powers of two, or by 1.
    private func weights(
        _ fixture: GraphFixture, exponents: ClosedRange<Int>, numbers: inout TestNumbers
    ) throws -> ModelWeights {
        let weights = ModelWeights(checkpoint: fixture.file)
        var source = MemorySource()
        var values: [String: [Float]] = [:]
        let tensors = Dictionary(uniqueKeysWithValues: fixture.configuration.tensors.map { ($0.key, $0) })
        for (key, tensor) in tensors {
            let stored = try weights.tensor(key, shape: tensor.shape)
            let decoder = try RowDecoder(type: stored.info.type, columns: stored.info.elementCount)
            var decoded = [Float](repeating: 0, count: stored.info.elementCount)
            stored.bytes.withUnsafeBytes { bytes in
                decoded.withUnsafeMutableBufferPointer { decoder.decode(bytes, into: $0) }
            }
            values[key] = decoded
        }
        for coupling in fixture.configuration.couplings {
            let factors = (0..<coupling.channelCount).map { _ in
                Float(sign: .plus, exponent: Int.random(in: exponents, using: &numbers), significand: 1)
            }
            for key in coupling.producers {
                var scaled = try #require(values[key])
                let columns = scaled.count / coupling.channelCount
                for index in scaled.indices { scaled[index] /= factors[index / columns] }
                values[key] = scaled
            }
            for key in coupling.consumers {
                var scaled = try #require(values[key])
                for index in scaled.indices {
                    scaled[index] *= factors[coupling.channel(ofColumn: index % coupling.columnCount)]
                }
                values[key] = scaled
            }
        }
        for (key, tensor) in tensors { try source.add(key, tensor.shape, #require(values[key])) }
        return ModelWeights(checkpoint: source)
    }

    @Test(
        "scales that move through every coupling at once change no bit of features and logits",
        arguments: ["grouped-query", "tied-other-base", "ldp-7", "ldpv2-8", "mlp2x"])
    func exact(_ name: String) throws {
        var numbers = TestNumbers(state: 11)
        let fixture = try GraphFixture(name)
        func logits(_ exponents: ClosedRange<Int>) throws -> [Float] {
            let executor = try Executor(
                configuration: fixture.configuration,
                weights: weights(fixture, exponents: exponents, numbers: &numbers))
            return try executor.forward(fixture.pieces(executor), cache: executor.makeCache()).elements
        }
        #expect(try logits(-3...3) == logits(0...0))
    }
}
