import Models
import ModelSupport
import Tensors
import Testing

struct ModelWeightsTests {
    private func weights(_ type: ElementType, _ shape: Shape) throws -> ModelWeights {
        var weights = ModelWeights(rotaryPairing: .halves, origin: "model.gguf")
        weights.place("key", in: try ShapesOnly([("stored", type, shape)]), name: "stored")
        return weights
    }

    @Test("a tensor is found under its key, in the shape that the graph asks for")
    func found() throws {
        // GGUF drops size-1 dimensions; both forms pass for the checkpoint's shape.
        for stored in [[64, 3, 3], [64, 1, 3, 3]] as [Shape] {
            let info = try weights(.f16, stored).check("key", shape: [64, 1, 3, 3])
            #expect(info.name == "stored")
            #expect(info.shape == [64, 1, 3, 3])
            #expect(info.type == .f16)
        }
        #expect(try weights(.f16, [2, 3]).info("key")?.name == "stored")
        #expect(try weights(.f16, [2, 3]).info("other") == nil)
    }

    @Test("a quantized 1 x 1 kernel keeps its matrix shape, since no block divides rows of one element")
    func pointwise() throws {
        #expect(try weights(.q8_0, [64, 96]).check("key", shape: [64, 96, 1, 1]).shape == [64, 96])
    }

    @Test("a missing, misshapen or unreal tensor is named with its file")
    func refused() throws {
        let weights = try weights(.f32, [4, 6])
        expect(ModelWeights.missing, field: "other") { _ = try weights.check("other", shape: [4, 6]) }
        expect(ModelWeights.misshapen, field: "stored") { _ = try weights.check("key", shape: [6, 4]) }
        expect(ModelWeights.misshapen, field: "stored") { _ = try weights.check("key", shape: [24]) }
        let integers = try self.weights(.i64, [4, 6])
        expect(ModelWeights.misshapen, field: "stored") { _ = try integers.check("key", shape: [4, 6]) }
    }
}
