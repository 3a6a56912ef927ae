import ByteIO
import MobileVLM
import Tensors

/// The `clip.*` keys of a projector file (mmproj), written and read in one place.
public enum GGUFProjectorMetadata {
    public static let architecture = "clip"
    /// A projector that no GGUF reader has a name for.
    public static let inexpressible = Rule("gguf.projector-inexpressible")

    /// Keys of our own; readers skip keys they do not know.
    private enum Own {
        static let padsToSquare = "vlmconv.pads_to_square"
        static let activation = "vlmconv.tower_activation"
        /// Written where it is true.
        static let marksPictures = "vlmconv.marks_pictures"
    }

    /// llama.cpp's name for the projector.
    /// - Throws: `InputError` for `linear` and for an MLP of another depth than 2, which GGUF readers cannot run.
    public static func projectorType(_ kind: ProjectorKind, file: String) throws -> String {
        switch kind {
        case .ldp: return "ldp"
        case .ldpv2: return "ldpv2"
        case .mlp(depth: 2): return "mlp"
        case .mlp, .linear:
            throw InputError(
                inexpressible, file: file, field: "mm_projector_type",
                problem: "GGUF readers have no name for the projector \(kind)",
                remedy: "Of this checkpoint only the language model can be written: use --language-only.")
        }
    }

    /// The metadata of a converted tower and projector.
    public static func write(
        _ configuration: ModelConfiguration, _ multimodal: ModelConfiguration.Multimodal, fileType: UInt32?,
        isQuantized: Bool, file: String
    ) throws -> Metadata {
        let v = multimodal.vision
        var m = Metadata()
        m["general.architecture"] = .string(architecture)
        m["general.type"] = .string("mmproj")
        m["general.name"] = .string(configuration.name)
        m["general.description"] = .string("vision tower and \(multimodal.projector) projector")
        m["general.file_type"] = fileType.map { .uint32($0) }
        if isQuantized { m["general.quantization_version"] = .uint32(2) }
        m["clip.has_text_encoder"] = .bool(false)
        m["clip.has_vision_encoder"] = .bool(true)
        m["clip.has_llava_projector"] = .bool(true)
        m["clip.projector_type"] = .string(try projectorType(multimodal.projector, file: file))
        m["clip.vision.image_size"] = .uint32(UInt32(v.imageSize))
        m["clip.vision.patch_size"] = .uint32(UInt32(v.patchSize))
        m["clip.vision.embedding_length"] = .uint32(UInt32(v.hiddenSize))
        m["clip.vision.feed_forward_length"] = .uint32(UInt32(v.feedForwardSize))
        m["clip.vision.projection_dim"] = .uint32(UInt32(v.projectionSize))
        m["clip.vision.attention.head_count"] = .uint32(UInt32(v.headCount))
        m["clip.vision.attention.layer_norm_epsilon"] = .float32(v.layerNormEpsilon)
        // The file holds exactly the blocks that run. llama.cpp runs one block fewer than `block_count` unless
        // `feature_layer` names the hidden state; with it the number of blocks is right in every build since 2025.
        m["clip.vision.block_count"] = .uint32(UInt32(v.featureLayer))
        m["clip.vision.feature_layer"] = .int32s([Int32(v.featureLayer)])
        m["clip.vision.image_mean"] = .float32s(v.imageMean)
        m["clip.vision.image_std"] = .float32s(v.imageStandardDeviation)
        m["clip.use_gelu"] = .bool(v.activation == .gelu)
        m[Own.activation] = .string(v.activation.rawValue)
        m[Own.padsToSquare] = .bool(v.padsToSquare)
        if configuration.conversation == .v1Marked { m[Own.marksPictures] = .bool(true) }
        return m
    }

    /// What other readers will not do right with a file of this model; each line stands on its own.
    public static func advice(_ configuration: ModelConfiguration) -> [String] {
        guard let v = configuration.multimodal?.vision else { return [] }
        var lines: [String] = []
        if v.gridSide != 24 {
            lines.append(
                "llama.cpp only runs a grid of 24 x 24 patches; this tower has \(v.gridSide) x \(v.gridSide), "
                    + "so the file works with vlmconv alone.")
        }
        if !v.padsToSquare {
            lines.append(
                "This model crops the centre of a picture; llama.cpp always pads. Give it square pictures.")
        }
        if configuration.conversation == .v1Marked {
            lines.append(
                "Pictures of this model stand between <im_start> and <im_end>; llama.cpp puts nothing around them. Write both "
                    + "into the prompt there.")
        }
        if v.activation == .gelu {
            lines.append("The tower uses GELU by erf; llama.cpp computes the tanh approximation.")
        }
        return lines
    }

    /// Tower and projector of a `clip` file, validated.
    /// - Parameter hasTensor: Whether the file holds a tensor of that GGUF name.
    /// - Throws: `InputError` `gguf.model-key` for a key that is missing or of another type, `model.configuration` for
    ///   sizes and constants that no tower has.
    public static func read(
        _ metadata: Metadata, file: String, hasTensor: (String) -> Bool
    ) throws -> ModelConfiguration.Multimodal {
        let fields = GGUFFields(metadata, file: file)
        try fields.require(architecture: architecture)
        let typeKey = "clip.projector_type"
        let types = [metadata[typeKey]?.text, metadata["clip.vision.projector_type"]?.text]
        let type = types.lazy.compactMap(\.self).first { !$0.isEmpty } ?? ""
        let projector: ProjectorKind
        switch type {
        case "ldp": projector = .ldp
        case "ldpv2": projector = .ldpv2
        case "mlp" where !hasTensor("mm.3.weight"): projector = .mlp(depth: 2)
        default: throw fields.wrong(typeKey, "is \"\(type)\"; known are ldp, ldpv2, mlp")
        }
        let blocks = try fields.integer("clip.vision.block_count")
        let usesGELU = metadata["clip.use_gelu"]?.flag ?? false
        let vision = VisionConfiguration(
            hiddenSize: try fields.integer("clip.vision.embedding_length"),
            feedForwardSize: try fields.integer("clip.vision.feed_forward_length"),
            layerCount: blocks,
            headCount: try fields.integer("clip.vision.attention.head_count"),
            imageSize: try fields.integer("clip.vision.image_size"),
            patchSize: try fields.integer("clip.vision.patch_size"),
            layerNormEpsilon: try fields.real("clip.vision.attention.layer_norm_epsilon"),
            activation: usesGELU ? .gelu : .quickGELU,
            featureLayer: featureLayer(metadata, blocks: blocks),
            projectionSize: try fields.integer("clip.vision.projection_dim"),
            imageMean: metadata["clip.vision.image_mean"]?.floats ?? [],
            imageStandardDeviation: metadata["clip.vision.image_std"]?.floats ?? [],
            padsToSquare: metadata[Own.padsToSquare]?.flag ?? true)
        try vision.validate(file: file)
        return .init(vision: vision, projector: projector)
    }

    /// Whether a `clip` file says that pictures stand between `<im_start>` and `<im_end>`.
    package static func marksPictures(_ metadata: Metadata) -> Bool { metadata[Own.marksPictures]?.flag ?? false }

    /// How many blocks the file means to run.
    ///
    /// A file with the key says so. Of files without it there are two kinds: the legacy scripts write exactly the blocks
    /// that run, today's converter writes all of them and means all but the last.
    private static func featureLayer(_ metadata: Metadata, blocks: Int) -> Int {
        if let layers = metadata["clip.vision.feature_layer"]?.integers, let deepest = layers.max() { return deepest }
        let isLegacy = metadata["general.type"] == nil || metadata["clip.has_llava_projector"] != nil
        return isLegacy ? blocks : blocks - 1
    }
}
