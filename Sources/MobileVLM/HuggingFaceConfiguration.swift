import ByteIO
import JSON
import Models
import Tensors

/// Reads a model's configuration from the JSON files of a Hugging Face folder, with the help of the tensors' shapes.
///
/// Absent fields have LLaMA's defaults. Released checkpoints say nothing about the tower: its sizes come from the CLIP
/// folder's own config where there is one, else from the shapes; what shapes cannot tell is ViT-L/14-336's.
public struct HuggingFaceConfiguration {
    /// Something the graph would have to compute differently, and does not.
    public static let unsupported = Rule("config.unsupported")
    public static let field = Rule("config.field")

    private let json: JSONValue
    private let file: String

    /// - Parameter file: The path that errors name.
    public init(_ json: JSONValue, file: String) throws {
        guard case .object = json else {
            throw InputError(
                Self.field, file: file, field: "config", problem: "is not a JSON object",
                remedy: "Name the folder of a checkpoint as it is released, with its own config.json.")
        }
        self.json = json
        self.file = file
    }

    /// True if the checkpoint says that it belongs to a model that sees pictures.
    public var isMultimodal: Bool {
        json["mm_vision_tower"]?.string != nil || json["mm_projector_type"]?.string != nil
            || (json["text_config"]?.object != nil && json["vision_config"]?.object != nil)
    }

    /// Whether pictures stand between `<im_start>` and `<im_end>`.
    public var marksPictures: Bool { json["mm_use_im_start_end"]?.bool ?? false }

    /// The name or path of the tower that the checkpoint was trained with.
    public var visionTower: String? { json["mm_vision_tower"]?.string }

    /// The ids that a field such as `eos_token_id` names: one, several, or none. Numbers below 0 stand for none.
    public func ids(_ name: String) -> [Int] {
        let own = Self.ids(json, name)
        return own.isEmpty ? Self.ids(json["text_config"], name) : own
    }

    /// As above, of any JSON object.
    public static func ids(_ json: JSONValue?, _ name: String) -> [Int] {
        guard let value = json?[name] else { return [] }
        return (value.array ?? [value]).compactMap(\.int).filter { $0 >= 0 }
    }

    // MARK: Language model

    /// The language model's configuration.
    /// - Parameter shape: The shape of a tensor by its canonical key, nil if it is not there.
    public func language(shape: (String) -> Shape?) throws -> LanguageConfiguration {
        // What transformers writes for LLaVA keeps the language model's fields in an object of their own.
        if let section = json["text_config"], case .object(var fields) = section {
            if fields["tie_word_embeddings"] == nil { fields["tie_word_embeddings"] = json["tie_word_embeddings"] }
            return try HuggingFaceConfiguration(.object(fields), file: file).language(shape: shape)
        }
        try refuseUnsupported()
        let hidden = try integer("hidden_size") ?? 4096
        let heads = try integer("num_attention_heads") ?? 32
        let parameters = json["rope_parameters"]
        let base = try real("rope_theta") ?? parameters?["rope_theta"]?.double ?? 10_000
        let embedding = shape("model.embed_tokens.weight")
        let declared = try integer("vocab_size") ?? 32_000
        // A fine-tune that added tokens may have a stale number here; the matrix is what is computed with.
        let vocabulary = embedding.map { $0.dimensions.first ?? declared } ?? declared
        // Savers leave tied tensors out; one that writes no config field has LLaMA's default, which ties nothing.
        let tied = try flag("tie_word_embeddings") ?? (embedding != nil)
        return LanguageConfiguration(
            hiddenSize: hidden,
            feedForwardSize: try integer("intermediate_size") ?? 11_008,
            layerCount: try integer("num_hidden_layers") ?? 32,
            headCount: heads,
            keyValueHeadCount: try integer("num_key_value_heads") ?? heads,
            headSize: try integer("head_dim") ?? (heads > 0 ? hidden / heads : 0),
            vocabularySize: vocabulary,
            contextLength: try integer("max_sequence_length") ?? integer("max_position_embeddings") ?? 2048,
            rmsEpsilon: Float(try real("rms_norm_eps") ?? 1e-6),
            ropeBase: Float(base), ropeScaling: try ropeScaling(),
            tiedEmbeddings: tied && shape("lm_head.weight") == nil)
    }

    private func refuseUnsupported() throws {
        func refuse(_ name: String, _ problem: String) -> InputError {
            InputError(
                Self.unsupported, file: file, field: name, problem: problem,
                remedy: "No released model of the family has this; the result would be wrong, so nothing is done.")
        }
        for name in ["attention_bias", "mlp_bias"] where try flag(name) == true { throw refuse(name, "is true") }
        if let activation = json["hidden_act"]?.string, activation != "silu" {
            throw refuse("hidden_act", "is \"\(activation)\"; only \"silu\" is known")
        }
        let types = ["mobilevlm", "llama", "llava", "llava_llama"]
        if let type = json["model_type"]?.string, !types.contains(type) {
            throw refuse("model_type", "is \"\(type)\"; known are \(types.joined(separator: ", "))")
        }
    }

    /// The factor of linear RoPE scaling, 1 for none. Older configs keep it in `rope_scaling`, newer ones in
    /// `rope_parameters`, under `rope_type` or `type`.
    private func ropeScaling() throws -> Float {
        var factor: Float = 1
        for name in ["rope_scaling", "rope_parameters"] {
            guard let section = json[name], section != .null else { continue }
            guard let fields = section.object else { throw wrong(name, "an object") }
            func refuse(_ field: String, _ problem: String) -> InputError {
                InputError(
                    Self.unsupported, file: file, field: "\(name).\(field)", problem: problem,
                    remedy:
                        "Only linear scaling can be computed; with another the result would be wrong, so nothing is done."
                )
            }
            if let nested = fields.entries.first(where: { $0.value.object != nil }) {
                throw refuse(nested.key, "says something for some of the layers alone")
            }
            let types = ["rope_type", "type"].compactMap { key in section[key].flatMap { $0.isNull ? nil : (key, $0) } }
            if types.count == 2, types[0].1 != types[1].1 { throw refuse("type", "contradicts rope_type") }
            guard let (key, value) = types.first else {
                if let factor = section["factor"], factor != .null {
                    throw refuse("factor", "stands there without a type")
                }
                continue
            }
            switch value.string {
            case "default": continue
            case "linear":
                guard let number = section["factor"]?.double, number > 0, number.isFinite else {
                    throw InputError(
                        Self.field, file: file, field: "\(name).factor", problem: "is missing or not a number above 0",
                        remedy: "Compare with the config.json of the release.")
                }
                guard factor == 1 || factor == Float(number) else { throw refuse("factor", "contradicts rope_scaling") }
                factor = Float(number)
            default: throw refuse(key, "is \"\(value.string ?? value.kind)\"; known are default and linear")
            }
        }
        return factor
    }

    // MARK: Tower and projector

    /// The projector, by the name in the config, checked by the tensors' presence.
    public func projector(shape: (String) -> Shape?) throws -> ProjectorKind {
        let found: ProjectorKind? =
            if shape("mm_projector.peg.peg.0.weight") != nil {
                .ldpv2
            } else if shape("mm_projector.model.mb_block.1.block.0.0.weight") != nil {
                .ldp
            } else if shape("mm_projector.weight") != nil {
                .linear
            } else if shape("mm_projector.0.weight") != nil {
                .mlp(depth: (0..<64).prefix { shape("mm_projector.\(2 * $0).weight") != nil }.count)
            } else {
                nil
            }
        guard let found else {
            throw InputError(
                ModelWeights.missing, file: file, field: "mm_projector",
                problem: "the checkpoint holds no projector that is known (ldpnet, ldpnetv2, mlpNx_gelu, linear)",
                remedy:
                    "Check that all shards are there; a language model alone has no mm_projector_type in its config.")
        }
        if let name = json["mm_projector_type"]?.string {
            guard let declared = ProjectorKind(checkpointName: name) else {
                throw InputError(
                    Self.unsupported, file: file, field: "mm_projector_type",
                    problem: "is \"\(name)\", not a known name")
            }
            guard declared == found else {
                throw InputError(
                    Self.field, file: file, field: "mm_projector_type",
                    problem: "says \"\(name)\", but the tensors are those of \(found)",
                    remedy: "The config belongs to another checkpoint; fetch both from the same place.")
            }
        }
        return found
    }

    /// The tower's configuration.
    /// - Parameters:
    ///   - clip: The config of the tower's own folder, if the tower lies in one.
    ///   - preprocessor: `preprocessor_config.json` beside the tower, if there is one.
    ///   - shape: The shape of a tensor by its canonical key (`vision_model.…`).
    public func vision(
        clip: HuggingFaceConfiguration?, preprocessor: HuggingFaceConfiguration?, shape: (String) -> Shape?
    ) throws -> VisionConfiguration {
        let tower = try (clip ?? self).towerSection.map { try HuggingFaceConfiguration($0, file: (clip ?? self).file) }
        func needed(_ key: String, rank: Int) throws -> [Int] {
            guard let found = shape("vision_model.\(key)"), found.rank == rank else {
                throw InputError(
                    ModelWeights.missing, file: file, field: "vision_model.\(key)",
                    problem: "is missing or has not \(rank) dimensions, so the tower's size is unknown",
                    remedy: "Give the folder of the CLIP tower with --vision-tower DIR.")
            }
            return found.dimensions
        }
        let patchKernel = try needed("embeddings.patch_embedding.weight", rank: 4)
        let positions = try needed("embeddings.position_embedding.weight", rank: 2)
        let width = patchKernel[0]
        let patch = patchKernel[3]
        let grid = (1...4096).first { $0 * $0 + 1 == positions[0] } ?? 0
        guard grid > 0, patch > 0, patch <= 4096 else {
            throw InputError(
                ModelWeights.misshapen, file: file, field: "vision_model.embeddings.position_embedding.weight",
                problem: "\(positions[0]) rows are no square of patches and a class token")
        }
        var layers = 0
        while layers < ModelConfiguration.Limit.layers,
            shape("vision_model.encoder.layers.\(layers).layer_norm1.weight") != nil
        {
            layers += 1
        }
        let fc1 = try needed("encoder.layers.0.mlp.fc1.weight", rank: 2)
        let activationName = try tower?.text("hidden_act") ?? TowerActivation.quickGELU.rawValue
        guard let activation = TowerActivation(rawValue: activationName) else {
            throw InputError(
                Self.unsupported, file: file, field: "vision hidden_act", problem: "is \"\(activationName)\"")
        }
        for (name, known) in [("mm_vision_select_feature", "patch"), ("vision_feature_select_strategy", "default")] {
            if let feature = json[name]?.string, feature != known {
                throw InputError(
                    Self.unsupported, file: file, field: name,
                    problem: "is \"\(feature)\"; the projectors of the family need \"\(known)\"")
            }
        }
        // hidden_states has layers + 1 entries; entry e is what comes out of the first e blocks.
        let select = try integer("mm_vision_select_layer") ?? integer("vision_feature_layer") ?? -2
        let entry = select >= 0 ? select : layers + 1 + select
        guard (0...layers).contains(entry) else {
            throw InputError(
                Self.field, file: file, field: "mm_vision_select_layer",
                problem: "\(select) is outside the \(layers + 1) hidden states of the tower")
        }
        try preprocessor?.checkPreprocessing(imageSize: grid * patch)
        if let aspect = json["image_aspect_ratio"]?.string, aspect.hasPrefix("anyres") || aspect == "highres" {
            throw InputError(
                Self.unsupported, file: file, field: "image_aspect_ratio",
                problem:
                    "is \"\(aspect)\", which cuts a picture into tiles; known are \"pad\" and the crop of the centre")
        }
        let normalizes = try preprocessor?.flag("do_normalize") ?? true
        return VisionConfiguration(
            hiddenSize: width, feedForwardSize: fc1[0], layerCount: layers,
            headCount: try tower?.integer("num_attention_heads") ?? width / 64,
            imageSize: grid * patch, patchSize: patch,
            layerNormEpsilon: Float(try tower?.real("layer_norm_eps") ?? 1e-5),
            activation: activation, featureLayer: entry,
            projectionSize: try tower?.integer("projection_dim") ?? clip?.integer("projection_dim") ?? 768,
            imageMean: normalizes ? try preprocessor?.channels("image_mean") ?? CLIPConstants.mean : [0, 0, 0],
            imageStandardDeviation: normalizes
                ? try preprocessor?.channels("image_std") ?? CLIPConstants.standardDeviation : [1, 1, 1],
            padsToSquare: json["image_aspect_ratio"]?.string == "pad")
    }

    /// Refuses settings of `preprocessor_config.json` that pictures are not prepared by here.
    private func checkPreprocessing(imageSize: Int) throws {
        func refuse(_ name: String, _ problem: String) -> InputError {
            InputError(
                Self.unsupported, file: file, field: name, problem: problem,
                remedy: "Pictures would be prepared otherwise than in training; compare with the release's file.")
        }
        for name in ["do_resize", "do_center_crop", "do_rescale", "do_convert_rgb"] where try flag(name) == false {
            throw refuse(name, "is false")
        }
        if let resample = try integer("resample"), resample != 3 {
            throw refuse("resample", "is \(resample), not 3 (bicubic)")
        }
        if let factor = try real("rescale_factor"), abs(factor * 255 - 1) > 1e-6 {
            throw refuse("rescale_factor", "is \(factor), not 1/255")
        }
        for name in ["size", "crop_size"] {
            guard let value = json[name], value != .null else { continue }
            let sides = value.object.map { $0.entries.compactMap(\.value.int) } ?? [value.int].compactMap(\.self)
            if let side = sides.first(where: { $0 != imageSize }) {
                throw refuse(name, "is \(side), but the tower takes \(imageSize) pixels")
            }
        }
    }

    /// The object with the tower's sizes: `vision_config` of a full CLIP config, or the config itself if it is a
    /// vision model's. Nil in a released MobileVLM config.
    private var towerSection: JSONValue? {
        if let section = json["vision_config"], section != .null { return section }
        return json["model_type"]?.string == "clip_vision_model" ? json : nil
    }

    // MARK: Fields

    private func wrong(_ name: String, _ wanted: String) -> InputError {
        InputError(
            Self.field, file: file, field: name, problem: "is not \(wanted)",
            remedy: "Compare with the config.json of the release.")
    }

    private func integer(_ name: String) throws -> Int? {
        guard let value = json[name], value != .null else { return nil }
        guard let number = value.int else { throw wrong(name, "a whole number") }
        return number
    }

    private func real(_ name: String) throws -> Double? {
        guard let value = json[name], value != .null else { return nil }
        guard let number = value.double else { throw wrong(name, "a number") }
        return number
    }

    private func flag(_ name: String) throws -> Bool? {
        guard let value = json[name], value != .null else { return nil }
        guard let flag = value.bool else { throw wrong(name, "true or false") }
        return flag
    }

    private func text(_ name: String) throws -> String? {
        guard let value = json[name], value != .null else { return nil }
        guard let text = value.string else { throw wrong(name, "a text") }
        return text
    }

    private func channels(_ name: String) throws -> [Float]? {
        guard let value = json[name], value != .null else { return nil }
        guard let list = value.array?.compactMap(\.double), list.count == 3 else {
            throw wrong(name, "a list of three numbers")
        }
        return list.map { Float($0) }
    }
}
