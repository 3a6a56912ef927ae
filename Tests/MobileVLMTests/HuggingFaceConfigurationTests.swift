import JSON
import MobileVLM
import Models
import ModelSupport
import Tensors
import Testing

/// What is read from config.json, and what is refused rather than guessed.
struct LanguageConfigTests {
    private func language(_ text: String, shapes: [String: Shape] = [:]) throws -> LanguageConfiguration {
        try config(text).language { shapes[$0] }
    }

    @Test("absent fields have LLaMA's defaults")
    func defaults() throws {
        let expected = LanguageConfiguration(
            hiddenSize: 4096, feedForwardSize: 11008, layerCount: 32, headCount: 32, keyValueHeadCount: 32,
            headSize: 128, vocabularySize: 32000, contextLength: 2048, rmsEpsilon: 1e-6, ropeBase: 10000,
            tiedEmbeddings: false)
        #expect(try language("{}") == expected)
        #expect(try language(#"{"rope_scaling": null, "num_key_value_heads": null}"#) == expected)
    }

    @Test("every field of the config is taken over")
    func fields() throws {
        let text = """
            {"model_type": "mobilevlm", "hidden_size": 256, "intermediate_size": 768, "num_hidden_layers": 4,
             "num_attention_heads": 8, "num_key_value_heads": 2, "vocab_size": 640, "max_position_embeddings": 512,
             "rms_norm_eps": 1e-05, "rope_theta": 500000, "hidden_act": "silu", "attention_bias": false}
            """
        #expect(
            try language(text)
                == LanguageConfiguration(
                    hiddenSize: 256, feedForwardSize: 768, layerCount: 4, headCount: 8, keyValueHeadCount: 2,
                    headSize: 32, vocabularySize: 640, contextLength: 512, rmsEpsilon: 1e-5, ropeBase: 500_000,
                    tiedEmbeddings: false))
    }

    @Test("max_sequence_length comes before max_position_embeddings, as the legacy converter has it")
    func context() throws {
        let text = #"{"max_sequence_length": 2048, "max_position_embeddings": 4096}"#
        #expect(try language(text).contextLength == 2048)
        #expect(try language(#"{"max_position_embeddings": 4096}"#).contextLength == 4096)
    }

    @Test("newer configs keep the rotary base in rope_parameters")
    func ropeParameters() throws {
        let text = #"{"rope_parameters": {"rope_type": "default", "rope_theta": 5000.0}}"#
        #expect(try language(text).ropeBase == 5000)
    }

    @Test("the embedding's rows count, not a stale vocab_size")
    func vocabulary() throws {
        let shapes: [String: Shape] = ["model.embed_tokens.weight": [32001, 64]]
        #expect(try language(#"{"vocab_size": 32000}"#, shapes: shapes).vocabularySize == 32001)
    }

    @Test("embeddings are tied only where no output head is stored")
    func tied() throws {
        let text = #"{"tie_word_embeddings": true}"#
        #expect(try language(text).tiedEmbeddings)
        #expect(try !language(text, shapes: ["lm_head.weight": [32000, 64]]).tiedEmbeddings)
        #expect(try !language("{}").tiedEmbeddings)
    }

    @Test(
        "what the graph would have to compute differently is refused by name",
        arguments: [
            ("rope_scaling.type", #"{"rope_scaling": {"type": "dynamic", "factor": 2.0}}"#),
            ("rope_scaling.rope_type", #"{"rope_scaling": {"rope_type": "llama3", "factor": 8.0}}"#),
            ("rope_scaling.factor", #"{"rope_scaling": {"factor": 2.0}}"#),
            ("rope_scaling.type", #"{"rope_scaling": {"rope_type": "linear", "type": "yarn", "factor": 2.0}}"#),
            ("rope_parameters.rope_type", #"{"rope_parameters": {"rope_type": "yarn"}}"#),
            ("rope_parameters.type", #"{"rope_parameters": {"type": "yarn", "factor": 2}}"#),
            ("rope_parameters.full_attention", #"{"rope_parameters": {"full_attention": {"rope_type": "linear"}}}"#),
            (
                "rope_parameters.factor",
                #"{"rope_scaling": {"type": "linear", "factor": 2}, "rope_parameters": {"type": "linear", "factor": 4}}"#
            ),
            ("attention_bias", #"{"attention_bias": true}"#), ("mlp_bias", #"{"mlp_bias": true}"#),
            ("hidden_act", #"{"hidden_act": "gelu"}"#), ("model_type", #"{"model_type": "qwen2"}"#),
        ])
    func unsupported(field: String, text: String) {
        expect(HuggingFaceConfiguration.unsupported, field: field) { _ = try language(text) }
    }

    @Test(
        "linear scaling of positions is read wherever configs keep it; scaling that changes nothing is none",
        arguments: [
            (#"{"rope_scaling": {"type": "linear", "factor": 2.0}}"#, Float(2)),
            (#"{"rope_scaling": {"rope_type": "linear", "factor": 4}}"#, 4),
            (#"{"rope_parameters": {"type": "linear", "factor": 8, "rope_theta": 10000}}"#, 8),
            (#"{"rope_parameters": {"rope_type": "linear", "factor": 1.5}}"#, 1.5),
            (#"{"rope_scaling": {"rope_type": "default"}}"#, 1), (#"{"rope_scaling": null}"#, 1),
            (#"{"rope_parameters": {"rope_type": "default", "rope_theta": 500}}"#, 1), ("{}", 1),
        ])
    func ropeScaling(text: String, factor: Float) throws {
        #expect(try language(text).ropeScaling == factor)
    }

    @Test(
        "linear scaling without a factor above 0 is an error", arguments: ["", #", "factor": 0"#, #", "factor": "2""#])
    func ropeFactor(rest: String) {
        expect(HuggingFaceConfiguration.field, field: "rope_scaling.factor") {
            _ = try language(#"{"rope_scaling": {"type": "linear"\#(rest)}}"#)
        }
    }

    @Test("what transformers writes for LLaVA has the language model's fields in an object of their own")
    func textConfig() throws {
        let text =
            #"{"model_type": "llava", "text_config": {"model_type": "llama", "hidden_size": 128, "eos_token_id": [2, 7]}, "#
            + #""vision_config": {"hidden_size": 32}, "tie_word_embeddings": false}"#
        #expect(try language(text).hiddenSize == 128)
        #expect(try config(text).isMultimodal && config(text).ids("eos_token_id") == [2, 7])
        #expect(try config(#"{"eos_token_id": -1, "bos_token_id": 5}"#).ids("eos_token_id") == [])
    }

    @Test(
        "a value of the wrong type is named, not skipped",
        arguments: [
            ("hidden_size", #"{"hidden_size": "2048"}"#), ("num_hidden_layers", #"{"num_hidden_layers": 24.5}"#),
            ("vocab_size", #"{"vocab_size": true}"#), ("rms_norm_eps", #"{"rms_norm_eps": "1e-6"}"#),
            ("rope_theta", #"{"rope_theta": [10000]}"#), ("attention_bias", #"{"attention_bias": "no"}"#),
            ("tie_word_embeddings", #"{"tie_word_embeddings": 0}"#),
            ("num_attention_heads", #"{"num_attention_heads": {}}"#),
        ])
    func wrongType(field: String, text: String) {
        expect(HuggingFaceConfiguration.field, field: field) { _ = try language(text) }
    }

    @Test("a config that is no object is refused", arguments: ["[]", "3", "\"config\"", "null"])
    func noObject(text: String) {
        expect(HuggingFaceConfiguration.field, field: "config") { _ = try config(text) }
    }
}

struct VisionConfigTests {
    /// Shapes of a ViT-L/14-336 tower and, on demand, of a projector.
    private static func shapes(
        width: Int = 1024, layers: Int = 24, positions: Int = 577, projector: [String] = []
    ) -> (String) -> Shape? {
        var shapes: [String: Shape] = [
            "vision_model.embeddings.patch_embedding.weight": [width, 3, 14, 14],
            "vision_model.embeddings.position_embedding.weight": [positions, width],
            "vision_model.encoder.layers.0.mlp.fc1.weight": [4 * width, width],
        ]
        for n in 0..<layers { shapes["vision_model.encoder.layers.\(n).layer_norm1.weight"] = [width] }
        for name in projector { shapes["mm_projector." + name] = [1] }
        return { [shapes] in shapes[$0] }
    }

    private static let release = """
        {"model_type": "mobilevlm", "mm_vision_tower": "openai/clip-vit-large-patch14-336", "mm_hidden_size": 1024,
         "mm_vision_select_layer": -2, "mm_vision_select_feature": "patch", "image_aspect_ratio": "pad"}
        """

    @Test("a release says nothing about its tower: sizes come from the shapes, the rest is ViT-L/14-336's")
    func release() throws {
        let vision = try config(Self.release).vision(clip: nil, preprocessor: nil, shape: Self.shapes())
        #expect(vision == Family.tower)
    }

    @Test(
        "the layer taken counts hidden states, from the end if negative",
        arguments: [(-2, 24, 23), (-1, 24, 24), (-25, 24, 0), (0, 24, 0), (23, 24, 23), (24, 24, 24), (-2, 5, 4)])
    func selectLayer(select: Int, layers: Int, expected: Int) throws {
        let vision = try config(#"{"mm_vision_select_layer": \#(select)}"#)
            .vision(clip: nil, preprocessor: nil, shape: Self.shapes(layers: layers))
        #expect(vision.featureLayer == expected)
        #expect(vision.layerCount == layers)
    }

    @Test("a layer outside the tower is refused", arguments: [-26, 25])
    func selectLayerOutside(select: Int) {
        expect(HuggingFaceConfiguration.field, field: "mm_vision_select_layer") {
            _ = try config(#"{"mm_vision_select_layer": \#(select)}"#)
                .vision(clip: nil, preprocessor: nil, shape: Self.shapes())
        }
    }

    @Test("a full CLIP config gives heads, epsilon, activation and projection width")
    func clipFolder() throws {
        let clip = try config(
            """
            {"model_type": "clip", "projection_dim": 512, "vision_config":
             {"num_attention_heads": 8, "layer_norm_eps": 1e-6, "hidden_act": "gelu"}}
            """)
        let vision = try config(Self.release).vision(clip: clip, preprocessor: nil, shape: Self.shapes())
        var expected = Family.tower
        expected.headCount = 8
        expected.layerNormEpsilon = 1e-6
        expected.activation = .gelu
        expected.projectionSize = 512
        #expect(vision == expected)
    }

    @Test("a vision model's own config is read at its top level, and its width of the shared space comes first")
    func clipVisionModel() throws {
        let clip = try config(
            #"{"model_type": "clip_vision_model", "projection_dim": 128, "num_attention_heads": 4}"#)
        let vision = try config(Self.release).vision(clip: clip, preprocessor: nil, shape: Self.shapes())
        #expect(vision.projectionSize == 128)
        #expect(vision.headCount == 4)
    }

    @Test("sizes follow the shapes: 8 x 8 patches, heads of 64")
    func shapesCount() throws {
        let vision = try config("{}")
            .vision(clip: nil, preprocessor: nil, shape: Self.shapes(width: 128, layers: 3, positions: 65))
        #expect(vision.imageSize == 112)
        #expect(vision.gridSide == 8)
        #expect(vision.headCount == 2)
        #expect(vision.feedForwardSize == 512)
        #expect(vision.layerCount == 3)
        #expect(vision.featureLayer == 2)
    }

    @Test("pictures are padded only if the config says so")
    func padding() throws {
        func pads(_ text: String) throws -> Bool {
            try config(text).vision(clip: nil, preprocessor: nil, shape: Self.shapes()).padsToSquare
        }
        #expect(try pads(#"{"image_aspect_ratio": "pad"}"#))
        #expect(try !pads(#"{"image_aspect_ratio": "square"}"#))
        #expect(try !pads("{}"))
    }

    @Test("mean and standard deviation come from the preprocessor's config")
    func preprocessor() throws {
        let preprocessor = try config(#"{"image_mean": [0.5, 0.25, 0.125], "image_std": [1, 2, 4]}"#)
        let vision = try config("{}").vision(clip: nil, preprocessor: preprocessor, shape: Self.shapes())
        #expect(vision.imageMean == [0.5, 0.25, 0.125])
        #expect(vision.imageStandardDeviation == [1, 2, 4])
    }

    @Test(
        "a preprocessor's channels must be three numbers",
        arguments: ["[0.5, 0.5]", "[0.5, 0.5, \"0.5\"]", "0.5", "[0.1, 0.2, 0.3, 0.4]"])
    func preprocessorChannels(text: String) throws {
        let preprocessor = try config(#"{"image_mean": \#(text)}"#)
        expect(HuggingFaceConfiguration.field, field: "image_mean") {
            _ = try config("{}").vision(clip: nil, preprocessor: preprocessor, shape: Self.shapes())
        }
    }

    @Test(
        "a value of the wrong type in the tower's config is named, not replaced by a guess",
        arguments: [
            ("num_attention_heads", #"{"num_attention_heads": "16"}"#),
            ("layer_norm_eps", #"{"layer_norm_eps": "1e-5"}"#),
            ("projection_dim", #"{"projection_dim": "768"}"#), ("hidden_act", #"{"hidden_act": 1}"#),
        ])
    func towerTypes(field: String, section: String) throws {
        let clip = try config(#"{"model_type": "clip", "vision_config": \#(section)}"#)
        expect(HuggingFaceConfiguration.field, field: field) {
            _ = try config("{}").vision(clip: clip, preprocessor: nil, shape: Self.shapes())
        }
    }

    @Test("an unknown activation, or the class token among the features, is refused")
    func unsupported() throws {
        let clip = try config(#"{"vision_config": {"hidden_act": "gelu_new"}}"#)
        expect(HuggingFaceConfiguration.unsupported, field: "vision hidden_act") {
            _ = try config("{}").vision(clip: clip, preprocessor: nil, shape: Self.shapes())
        }
        expect(HuggingFaceConfiguration.unsupported, field: "mm_vision_select_feature") {
            _ = try config(#"{"mm_vision_select_feature": "cls_patch"}"#)
                .vision(clip: nil, preprocessor: nil, shape: Self.shapes())
        }
    }

    @Test("position rows that are no square and a class token are refused", arguments: [576, 578, 0])
    func noSquare(positions: Int) {
        expect(ModelWeights.misshapen, field: "vision_model.embeddings.position_embedding.weight") {
            _ = try config("{}").vision(clip: nil, preprocessor: nil, shape: Self.shapes(positions: positions))
        }
    }

    @Test("without a patch kernel the tower's size is unknown, and the remedy names the option")
    func noTower() throws {
        let error = #expect(throws: (any Error).self) {
            try config("{}").vision(clip: nil, preprocessor: nil, shape: { _ in nil })
        }
        #expect("\(try #require(error))".contains("--vision-tower"))
    }

    @Test(
        "settings that pictures would have to be prepared otherwise for are refused by name",
        arguments: [
            ("resample", #"{"resample": 2}"#), ("do_resize", #"{"do_resize": false}"#),
            ("do_center_crop", #"{"do_center_crop": false}"#), ("rescale_factor", #"{"rescale_factor": 0.0078}"#),
            ("size", #"{"size": {"shortest_edge": 224}}"#),
            ("crop_size", #"{"crop_size": {"height": 336, "width": 224}}"#),
            ("crop_size", #"{"crop_size": 224}"#),
        ])
    func preprocessing(field: String, text: String) throws {
        let preprocessor = try config(text)
        expect(HuggingFaceConfiguration.unsupported, field: field) {
            _ = try config("{}").vision(clip: nil, preprocessor: preprocessor, shape: Self.shapes())
        }
    }

    @Test("a release's preprocessor is accepted whole; without normalising, mean and deviation are 0 and 1")
    func wholePreprocessor() throws {
        let release =
            #"{"resample": 3, "size": 336, "crop_size": {"height": 336, "width": 336}, "do_rescale": true, "#
            + #""rescale_factor": 0.00392156862745098, "do_normalize": false}"#
        let vision = try config("{}").vision(clip: nil, preprocessor: config(release), shape: Self.shapes())
        #expect(vision.imageMean == [0, 0, 0] && vision.imageStandardDeviation == [1, 1, 1])
        expect(HuggingFaceConfiguration.unsupported, field: "image_aspect_ratio") {
            _ = try config(#"{"image_aspect_ratio": "anyres"}"#).vision(
                clip: nil, preprocessor: nil, shape: Self.shapes())
        }
        expect(HuggingFaceConfiguration.unsupported, field: "vision_feature_select_strategy") {
            _ = try config(#"{"vision_feature_select_strategy": "full"}"#)
                .vision(clip: nil, preprocessor: nil, shape: Self.shapes())
        }
        #expect(
            try config(#"{"vision_feature_layer": -3}"#)
                .vision(clip: nil, preprocessor: nil, shape: Self.shapes()).featureLayer == 22)
    }

    // MARK: Projector

    @Test("the tensors tell the projector, with and without a name in the config")
    func projector() throws {
        let cases: [(String, [String], ProjectorKind)] = [
            ("ldpnetv2", ["mlp.mlp.0.weight", "peg.peg.0.weight"], .ldpv2),
            ("ldpnet", ["model.mlp.1.weight", "model.mb_block.1.block.0.0.weight"], .ldp),
            ("linear", ["weight", "bias"], .linear),
            ("mlp2x_gelu", ["0.weight", "0.bias", "2.weight", "2.bias"], .mlp(depth: 2)),
            ("mlp3x_gelu", ["0.weight", "2.weight", "4.weight"], .mlp(depth: 3)),
        ]
        for (name, tensors, kind) in cases {
            let shape = Self.shapes(projector: tensors)
            #expect(try config(#"{"mm_projector_type": "\#(name)"}"#).projector(shape: shape) == kind)
            #expect(try config("{}").projector(shape: shape) == kind)
        }
    }

    @Test("a name that its tensors contradict is refused, as is an unknown one")
    func projectorMismatch() {
        let v2 = Self.shapes(projector: ["peg.peg.0.weight"])
        for name in ["ldpnet", "linear", "mlp2x_gelu"] {
            expect(HuggingFaceConfiguration.field, field: "mm_projector_type") {
                _ = try config(#"{"mm_projector_type": "\#(name)"}"#).projector(shape: v2)
            }
        }
        expect(HuggingFaceConfiguration.unsupported, field: "mm_projector_type") {
            _ = try config(#"{"mm_projector_type": "resampler"}"#).projector(shape: v2)
        }
        expect(ModelWeights.missing, field: "mm_projector") {
            _ = try config(#"{"mm_projector_type": "ldpnetv2"}"#).projector(shape: { _ in nil })
        }
    }

    @Test("a tower or a projector in the config makes the model multimodal")
    func multimodal() throws {
        #expect(try config(Self.release).isMultimodal)
        #expect(try config(Self.release).visionTower == "openai/clip-vit-large-patch14-336")
        #expect(try config(#"{"mm_projector_type": "ldpnet"}"#).isMultimodal)
        #expect(try !config(#"{"model_type": "llama", "mm_vision_tower": null}"#).isMultimodal)
    }
}

struct ConfigurationLimitTests {
    private func expectImpossible(
        _ field: String, sourceLocation: SourceLocation = #_sourceLocation, _ change: (inout ModelConfiguration) -> Void
    ) {
        var model = Family.model(Family.small, .ldpv2)
        change(&model)
        expect(ModelConfiguration.impossible, field: field, sourceLocation: sourceLocation) {
            try model.validate(file: "config.json")
        }
    }

    @Test("the released models are possible")
    func released() throws {
        for language in [Family.small, Family.medium, Family.large] {
            try Family.model(language, .ldpv2).validate(file: "config.json")
            try Family.model(language, .ldp).validate(file: "config.json")
        }
    }

    @Test("a size or constant that no model can have is named")
    func impossible() {
        expectImpossible("hidden size") { $0.language.hiddenSize = 0 }
        expectImpossible("hidden size") { $0.language.hiddenSize = .max }
        expectImpossible("feed-forward size") { $0.language.feedForwardSize = -1 }
        expectImpossible("number of layers") { $0.language.layerCount = 513 }
        expectImpossible("number of attention heads") { $0.language.headCount = 0 }
        expectImpossible("number of attention heads") { $0.language.headSize = 64 }
        expectImpossible("number of attention heads") {
            $0.language.headCount = 2048
            $0.language.headSize = 1
        }
        expectImpossible("number of key/value heads") { $0.language.keyValueHeadCount = 3 }
        expectImpossible("number of key/value heads") { $0.language.keyValueHeadCount = 17 }
        expectImpossible("vocabulary size") { $0.language.vocabularySize = 0 }
        expectImpossible("context length") { $0.language.contextLength = 0 }
        expectImpossible("RMS epsilon") { $0.language.rmsEpsilon = 0 }
        expectImpossible("RMS epsilon") { $0.language.rmsEpsilon = .nan }
        expectImpossible("rotary base") { $0.language.ropeBase = .infinity }
        expectImpossible("rotary base") { $0.language.ropeBase = 1 }
        expectImpossible("vision hidden size") { $0.multimodal?.vision.hiddenSize = 0 }
        expectImpossible("vision layers") { $0.multimodal?.vision.layerCount = 0 }
        expectImpossible("vision heads") { $0.multimodal?.vision.headCount = 3 }
        expectImpossible("image size") { $0.multimodal?.vision.imageSize = 9000 }
        expectImpossible("patch size") { $0.multimodal?.vision.patchSize = 15 }
        expectImpossible("feature layer") { $0.multimodal?.vision.featureLayer = 25 }
        expectImpossible("feature layer") { $0.multimodal?.vision.featureLayer = -1 }
        expectImpossible("layer norm epsilon") { $0.multimodal?.vision.layerNormEpsilon = .nan }
        expectImpossible("image mean") { $0.multimodal?.vision.imageMean = [0, 0] }
        expectImpossible("image standard deviation") { $0.multimodal?.vision.imageStandardDeviation = [1, 0, 1] }
    }
}
