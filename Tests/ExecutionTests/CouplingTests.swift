import Execution
import MobileVLM
import Models
import Tensors
import Testing

/// What the model says may be folded, tried on the graph.
struct CouplingTests {
    /// The fixture's weights with every coupling's channels scaled by random powers of two.
    private func folded(_ fixture: GraphFixture, numbers: inout TestNumbers) throws -> MemorySource {
        let weights = ModelWeights(checkpoint: fixture.file)
        var source = MemorySource()
        var values: [String: [Float]] = [:]
        let tensors = Dictionary(uniqueKeysWithValues: fixture.configuration.tensors.map { ($0.key, $0) })
        for (key, tensor) in tensors {
            try source.add(key, .f32, tensor.shape, weights.tensor(key, shape: tensor.shape).bytes)
            values[key] = try source.floats(key)
        }
        for coupling in fixture.configuration.couplings {
            let factors = (0..<coupling.channelCount).map { _ in
                Float(sign: .plus, exponent: Int.random(in: -3...3, using: &numbers), significand: 1)
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
        return source
    }

    @Test(
        "scales that move through every coupling at once change no bit of features and logits",
        arguments: ["grouped-query", "tied-other-base", "ldp-7", "ldpv2-8", "mlp2x"])
    func exact(_ name: String) throws {
        var numbers = TestNumbers(state: 11)
        let fixture = try GraphFixture(name)
        let plain = try fixture.executor()
        let folded = try Executor(
            configuration: fixture.configuration,
            weights: ModelWeights(checkpoint: folded(fixture, numbers: &numbers)))
        func logits(_ executor: Executor) throws -> [Float] {
            try executor.forward(fixture.pieces(executor), cache: executor.makeCache()).elements
        }
        #expect(try logits(folded) == logits(plain))
    }
}
