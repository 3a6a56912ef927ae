import MobileVLM
import Models
import ModelSupport
import Tensors
import Testing

/// Numbers of tensors and parameters that the released models are known to have.
struct FamilyTests {
    @Test(
        "the language models have the tensors and parameters of the releases",
        arguments: [
            (Family.small, 219, 1_364_297_728), (Family.medium, 291, 2_701_560_320), (Family.large, 291, 6_738_415_616),
        ])
    func language(_ language: LanguageConfiguration, tensors: Int, parameters: Int) {
        let model = ModelConfiguration(name: "", language: language, multimodal: nil)
        #expect(model.languageTensors.count == tensors)
        #expect(model.languageTensors.parameters == parameters)
        #expect(model.tensors == model.languageTensors)
    }

    @Test("with tied embeddings only the output head is missing")
    func tied() {
        var language = Family.small
        language.tiedEmbeddings = true
        let tied = ModelConfiguration(name: "", language: language, multimodal: nil).languageTensors
        let untied = ModelConfiguration(name: "", language: Family.small, multimodal: nil).languageTensors
        #expect(Set(untied).subtracting(tied).map(\.key) == ["lm_head.weight"])
        #expect(tied.count == 218)
    }

    @Test("grouped-query attention narrows keys and values alone")
    func groupedQueries() throws {
        var language = Family.small
        language.keyValueHeadCount = 4
        let model = ModelConfiguration(name: "", language: language, multimodal: nil)
        func shape(_ name: String) -> Shape? {
            model.tensors.first { $0.key == "model.layers.3.self_attn.\(name)_proj.weight" }?.shape
        }
        #expect(shape("q") == [2048, 2048])
        #expect(shape("k") == [512, 2048])
        #expect(shape("v") == [512, 2048])
        #expect(shape("o") == [2048, 2048])
    }

    @Test("of the tower's 391 tensors the last block and the last norm are not used")
    func tower() {
        let used = Family.model(Family.small, .ldpv2).towerTensors
        #expect(used.count == 391 - 16 - 2)
        #expect(used.contains { $0.key.hasPrefix("vision_model.encoder.layers.22.") })
        #expect(!used.contains { $0.key.hasPrefix("vision_model.encoder.layers.23.") })

        var whole = Family.model(Family.small, .ldpv2)
        whole.multimodal?.vision.featureLayer = 24
        let postLayerNorm = 2 * 1024
        #expect(whole.towerTensors.count == 391 - 2)
        #expect(whole.towerTensors.parameters + postLayerNorm == 303_507_456)
    }

    @Test(
        "the projectors have the tensors and parameters of the releases",
        arguments: [
            (Family.small, ProjectorKind.ldp, 24, 18_936_832), (Family.medium, .ldp, 24, 28_913_920),
            (Family.small, .ldpv2, 6, 6_316_032), (Family.medium, .ldpv2, 6, 9_205_760),
            (Family.large, .ldpv2, 6, 21_020_672),
        ])
    func projector(_ language: LanguageConfiguration, kind: ProjectorKind, tensors: Int, parameters: Int) {
        let list = Family.model(language, kind).projectorTensors
        #expect(list.count == tensors)
        #expect(list.parameters == parameters)
    }

    @Test(
        "a projector file has 379 tensors for V2 and 397 for V1", arguments: [(ProjectorKind.ldpv2, 379), (.ldp, 397)])
    func projectorFile(_ kind: ProjectorKind, count: Int) {
        let model = Family.model(Family.small, kind)
        #expect(model.towerTensors.count + model.projectorTensors.count == count)
    }

    @Test(
        "the squeeze is a quarter of the width, in steps of 8, not below 90 %",
        arguments: [(2048, 512), (2560, 640), (4096, 1024), (256, 64), (96, 24), (8, 8), (76, 24), (48, 16)])
    func squeeze(width: Int, expected: Int) {
        // 76: a quarter is 19, rounded 16, which is below 17.1. 48: 12, rounded 16.
        #expect(ModelConfiguration.squeezeWidth(width) == expected)
    }

    @Test(
        "a 24 x 24 grid becomes 144 tokens by LDP and LDPv2, 576 by an MLP",
        arguments: [
            (ProjectorKind.ldp, 24, 144), (.ldp, 7, 16), (.ldp, 1, 1), (.ldpv2, 24, 144), (.ldpv2, 8, 144),
            (.mlp(depth: 2), 24, 576), (.linear, 24, 576),
        ])
    func tokens(_ kind: ProjectorKind, grid: Int, count: Int) {
        #expect(kind.tokenCount(gridSide: grid) == count)
    }

    @Test("projector names are read in the order of the models' own builder")
    func projectorNames() {
        let known: [(String, ProjectorKind)] = [
            ("linear", .linear), ("mlp1x_gelu", .mlp(depth: 1)), ("mlp2x_gelu", .mlp(depth: 2)),
            ("mlp12x_gelu", .mlp(depth: 12)), ("ldpnetv2", .ldpv2), ("ldpnetv2_tuned", .ldpv2), ("ldpnet", .ldp),
            ("ldpnet_v2", .ldp), ("ldpnetv1", .ldp),
        ]
        for (name, kind) in known { #expect(ProjectorKind(checkpointName: name) == kind, "\(name)") }
        let unknown = [
            "", "identity", "Linear", "linear2", "mlp", "mlpx_gelu", "mlp2x_relu", "mlp2x_gelu2", "mlp0x_gelu",
            "mlp-1x_gelu", "mlp+2x_gelu", "mlp99999999999999999999x_gelu", "ldp", "qformer",
        ]
        for name in unknown { #expect(ProjectorKind(checkpointName: name) == nil, "\(name)") }
    }

    @Test("a projector's description is the name that checkpoints use")
    func projectorDescription() {
        for kind in [ProjectorKind.ldp, .ldpv2, .linear, .mlp(depth: 3)] {
            #expect(ProjectorKind(checkpointName: kind.description) == kind)
        }
    }
}
