import ByteIO
import Conversion
import Dialects
import MobileVLM
import Models
import Tensors
import Testing

struct ConversionPlanTests {
    private static func model(_ projector: ProjectorKind) -> ModelConfiguration {
        ModelConfiguration(
            name: "",
            language: language(blocks: 2, heads: 4, keyValueHeads: 4, hidden: 256, feedForward: 512, vocabulary: 8),
            multimodal: .init(vision: tower(hidden: 64, feedForward: 256, blocks: 2, grid: 2), projector: projector))
    }

    private static let architecture = TypePolicy.Architecture.language(blocks: 2, queriesPerKeyValueHead: 1)

    private func plan(_ model: ModelConfiguration, _ preset: Preset) throws -> [PlannedTensor] {
        let weights = try MemorySource(model).weights(model)
        return try ConversionTests.plan(
            model.languageTensors, of: model, weights, TypePolicy(preset, Self.architecture))
            + ConversionTests.plan(
                model.towerTensors + model.projectorTensors, of: model, weights, TypePolicy(preset, .projector))
    }

    @Test(
        "whatever the preset, no tensor gets a type that llama.cpp's CPU backend does not accept for its kind",
        arguments: Preset.all)
    func allowedTypes(_ preset: Preset) throws {
        for kind in [ProjectorKind.ldp, .ldpv2, .mlp(depth: 2)] {
            let model = Self.model(kind)
            let plan = try plan(model, preset)
            for (specification, tensor) in zip(model.tensors, plan) {
                let type = tensor.target.type
                let allowed: Bool =
                    switch specification.kind {
                    case .vector: type == .f32
                    case .positionTable: [.f32, .f16].contains(type)
                    case .patchKernel: [.f32, .f16, .bf16].contains(type)
                    case .depthwiseKernel: [.f16, .bf16].contains(type)
                    case .matrix, .rotaryMatrix, .tokenEmbedding, .outputHead, .pointwiseKernel:
                        tensor.target.columns % type.blockLength == 0
                    }
                #expect(allowed, "\(preset.name): \(tensor.target.name) as \(type.name)")
            }
        }
    }

    @Test("plain presets keep vectors F32 and give matrices and tables their own type")
    func plainPresets() throws {
        let expected: [(String, table: ElementType, patch: ElementType, depthwise: ElementType, matrix: ElementType)] =
            [
                ("f32", .f32, .f32, .f16, .f32), ("f16", .f16, .f16, .f16, .f16), ("bf16", .f32, .bf16, .bf16, .bf16),
                ("q4_0", .f16, .f16, .f16, .q4_0),
            ]
        for row in expected {
            let plan = try plan(Self.model(.ldpv2), preset(row.0))
            func type(_ name: String) -> ElementType? { plan.first { $0.target.name == name }?.target.type }
            #expect(type("v.position_embd.weight") == row.table)
            #expect(type("v.patch_embd.weight") == row.patch)
            #expect(type("mm.model.peg.0.weight") == row.depthwise)
            #expect(type("blk.1.ffn_up.weight") == row.matrix)
            #expect(type("v.blk.0.attn_q.weight") == row.matrix)
            #expect(type("v.class_embd") == .f32)
            #expect(type("blk.1.attn_norm.weight") == .f32)
            #expect(type("mm.model.peg.0.bias") == .f32)
        }
    }

    @Test("the plan lists every tensor once, under its GGUF name, in its GGUF shape")
    func targets() throws {
        let model = Self.model(.ldp)
        let plan = try plan(model, preset("q8_0"))
        #expect(plan.map(\.target.name) == model.tensors.map { GGUFDialect().name(of: $0, in: model) })
        #expect(plan.map(\.target.shape) == model.tensors.map { GGUFDialect().shape(of: $0) })
        #expect(plan.map(\.source.name) == model.tensors.map(\.key))
        #expect(plan.map(\.part) == model.tensors.map(\.part))
        #expect(plan.allSatisfy { $0.source.type == .f32 })
    }

    @Test("sizes and bits per weight are sums over the tensors")
    func figures() throws {
        let model = ModelConfiguration(
            name: "",
            language: language(blocks: 1, heads: 2, keyValueHeads: 2, hidden: 64, feedForward: 96, vocabulary: 10),
            multimodal: nil)
        let plan = ConversionPlan(
            metadata: Metadata(),
            tensors: try ConversionTests.plan(
                model.tensors, of: model, MemorySource(model).weights(model), TypePolicy(preset("q8_0"))))
        // Matrices: 2 of 10 x 64, 4 of 64 x 64, 3 of 96 x 64. Vectors: 3 of 64.
        let matrices = 2 * 640 + 4 * 4096 + 3 * 6144
        let vectors = 3 * 64
        #expect(plan.parameterCount == matrices + vectors)
        #expect(plan.sourceBytes == 4 * (matrices + vectors))
        #expect(plan.targetBytes == matrices / 32 * 34 + 4 * vectors)
        #expect(plan.bitsPerWeight == Double(plan.targetBytes * 8) / Double(matrices + vectors))
    }

    @Test("a tensor that is missing or misshapen stops the plan")
    func missing() throws {
        let model = Self.model(.ldpv2)
        let full = try MemorySource(model)
        var weights = ModelWeights(rotaryPairing: .halves, origin: "checkpoint")
        for tensor in model.tensors where tensor.key != "model.norm.weight" {
            weights.place(tensor.key, in: full, name: tensor.key)
        }
        func plan() throws -> [PlannedTensor] {
            try ConversionTests.plan(
                model.languageTensors, of: model, weights, TypePolicy(preset("f16"), Self.architecture))
        }
        #expect(throws: InputError.self) { try plan() }
        weights.place("model.norm.weight", in: full, name: "model.layers.0.mlp.up_proj.weight")
        let error = #expect(throws: InputError.self) { try plan() }
        #expect(error?.rule == ModelWeights.misshapen)
    }

    @Test("a projector that GGUF has no names for stops the plan", arguments: [ProjectorKind.linear, .mlp(depth: 3)])
    func inexpressible(kind: ProjectorKind) throws {
        let error = #expect(throws: InexpressibleTensor.self) { try plan(Self.model(kind), preset("f16")) }
        #expect(error?.key.hasPrefix("mm_projector.") == true)
    }
}
