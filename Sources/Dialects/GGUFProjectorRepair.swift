import MobileVLM
import Models
import Tensors

/// What is wrong with a projector file (mmproj), and what its header alone can mend.
///
/// llama.cpp's older scripts, and hand-made files, leave out keys that today's reader depends on; it then computes other
/// features without a word. Facts: formats/gguf.md, "Defects of older projector files".
public struct GGUFProjectorRepair: Sendable {
    public struct Finding: Sendable {
        /// The key or tensor at fault.
        public let field: String
        public let problem: String
        /// What the repaired file has instead; nil where only a new conversion helps.
        public let repair: String?
    }

    public private(set) var findings: [Finding] = []
    /// The metadata of the repaired file.
    public private(set) var metadata: Metadata
    /// Tensors that the repaired file keeps, in order, and their names there.
    public private(set) var tensors: [(info: TensorInfo, name: String)]

    /// True if a new header would mend something.
    public var canRepair: Bool { findings.contains { $0.repair != nil } }

    /// Examines the file of a tower and its projector.
    public init(_ metadata: Metadata, tensors: [TensorInfo]) {
        self.metadata = metadata
        self.tensors = tensors.map { ($0, $0.name) }
        let blocks = Self.blockCount(tensors)
        checkNames(tensors)
        checkFeatureLayer(blocks: blocks)
        checkBlockCount(blocks: blocks)
        checkProjectorType(tensors)
        checkConstants()
        checkPlainKeys()
        checkTypes(tensors)
    }

    private mutating func mend(_ key: String, _ problem: String, _ value: MetadataValue?, _ repair: String) {
        metadata[key] = value
        findings.append(Finding(field: key, problem: problem, repair: repair))
    }

    private mutating func tell(_ field: String, _ problem: String) {
        findings.append(Finding(field: field, problem: problem, repair: nil))
    }

    /// Blocks of the tower that are there, from the first on.
    private static func blockCount(_ tensors: [TensorInfo]) -> Int {
        let names = Set(tensors.map(\.name))
        return (0..<tensors.count).prefix { names.contains("v.blk.\($0).attn_q.weight") }.count
    }

    // MARK: The tower's depth

    private mutating func checkFeatureLayer(blocks: Int) {
        let key = "clip.vision.feature_layer"
        guard blocks > 0 else { return }
        let isLegacy = metadata["general.type"] == nil || metadata["clip.has_llava_projector"] != nil
        // The older scripts dropped the blocks that do not run; today's converter keeps the last one.
        let meant = isLegacy ? blocks : max(0, blocks - 1)
        switch metadata[key] {
        case nil:
            mend(
                key, "is missing: llama.cpp runs one block of the tower too few, and its image features are wrong",
                .int32s([Int32(meant)]), "[\(meant)]")
        case .int32s(let layers)?:
            if let deepest = layers.max(), deepest > blocks || deepest < 0 {
                mend(key, "is \(layers), but the file has \(blocks) blocks", .int32s([Int32(meant)]), "[\(meant)]")
            }
        case let other?:
            let layers = other.integers ?? other.integer.map { [$0] } ?? []
            let deepest = layers.max().map { min(max(0, $0), blocks) } ?? meant
            mend(key, "is not an array of 32-bit integers, and is not read", .int32s([Int32(deepest)]), "[\(deepest)]")
        }
    }

    private mutating func checkBlockCount(blocks: Int) {
        let key = "clip.vision.block_count"
        guard blocks > 0, metadata[key]?.integer != blocks else { return }
        let stated = metadata[key]?.integer.map { "is \($0)" } ?? "is missing"
        mend(key, "\(stated), but the file has \(blocks) blocks", .uint32(UInt32(blocks)), "\(blocks)")
    }

    // MARK: Names

    private mutating func checkNames(_ tensors: [TensorInfo]) {
        let width = metadata["clip.vision.embedding_length"]?.integer
        let down = tensors.first { $0.name == "v.blk.0.ffn_down.weight" }
        if let down, let up = tensors.first(where: { $0.name == "v.blk.0.ffn_up.weight" }), down.columns != up.columns,
            down.columns == width
        {
            self.tensors = self.tensors.map { info, name in
                (info, GGUFDialect.legacyFeedForwardName(name))
            }
            findings.append(
                Finding(
                    field: "v.blk.*.ffn_up, ffn_down",
                    problem:
                        "have each other's names, as the older scripts wrote them: quantizing such a file gives the better "
                        + "type to the wrong matrix",
                    repair: "each has its own name"))
        }
        if self.tensors.contains(where: { $0.name.hasPrefix("v.post_ln.") }) {
            self.tensors.removeAll { $0.name.hasPrefix("v.post_ln.") }
            findings.append(
                Finding(
                    field: "v.post_ln",
                    problem: "is there, and llama.cpp applies it before the projector: MobileVLM does not",
                    repair: "left out"))
        }
    }

    private mutating func checkProjectorType(_ tensors: [TensorInfo]) {
        let key = "clip.projector_type"
        let names = Set(tensors.map(\.name))
        let found: String? =
            if names.contains("mm.model.peg.0.weight") {
                "ldpv2"
            } else if names.contains("mm.model.mb_block.1.block.0.0.weight") {
                "ldp"
            } else if names.contains("mm.2.weight") {
                "mlp"
            } else {
                nil
            }
        guard let found else {
            tell("mm.*", "none of the known projectors (ldp, ldpv2, mlp) is in the file")
            return
        }
        let stated = metadata[key]?.text ?? metadata["clip.vision.projector_type"]?.text
        guard stated != found else { return }
        mend(key, stated.map { "is \"\($0)\"" } ?? "is missing", .string(found), "\"\(found)\", which the tensors are")
        metadata["clip.vision.projector_type"] = nil
    }

    // MARK: Constants

    private mutating func checkConstants() {
        for (key, standard) in [
            ("clip.vision.image_mean", CLIPConstants.mean), ("clip.vision.image_std", CLIPConstants.standardDeviation),
        ] {
            let isStandardDeviation = key.hasSuffix("std")
            if let values = metadata[key]?.floats, values.count == 3,
                values.allSatisfy({ $0.isFinite && (!isStandardDeviation || $0 > 0) })
            {
                // SigLIP's, and what scripts wrote by default; nobody can tell here what the tower was trained with.
                if values.allSatisfy({ $0 == 0.5 }) || values.allSatisfy({ $0 == (isStandardDeviation ? 1 : 0) }) {
                    tell(key, "is \(values); OpenAI's CLIP, which MobileVLM uses, has \(standard)")
                }
                continue
            }
            mend(
                key,
                metadata[key] == nil
                    ? "is missing"
                    : "is not three numbers that can be used (llama.cpp reads three "
                        + "without looking)", .float32s(standard), "CLIP's own, \(standard)")
        }
        let epsilon = "clip.vision.attention.layer_norm_epsilon"
        if case .float32(let value)? = metadata[epsilon], value > 0, value < 1 { return }
        mend(epsilon, metadata[epsilon] == nil ? "is missing" : "is no small positive number", .float32(1e-5), "1e-05")
    }

    private mutating func checkPlainKeys() {
        if metadata["general.type"]?.text != "mmproj" {
            mend("general.type", "does not say what the file is", .string("mmproj"), "\"mmproj\"")
        }
        if metadata["clip.has_vision_encoder"]?.flag != true {
            mend("clip.has_vision_encoder", "is not true", .bool(true), "true")
        }
        if metadata["clip.vision.projection_dim"]?.integer == nil {
            mend(
                "clip.vision.projection_dim", "is missing; llama.cpp demands it and uses it nowhere", .uint32(768),
                "768")
        }
        let pinpoints = "clip.vision.image_grid_pinpoints"
        if metadata[pinpoints] != nil {
            mend(
                pinpoints, "is there: llama.cpp then cuts pictures into tiles, which MobileVLM never saw", nil,
                "left out")
        }
    }

    // MARK: What needs other bytes

    private mutating func checkTypes(_ tensors: [TensorInfo]) {
        if let vector = tensors.first(where: { $0.shape.rank == 1 && $0.type != .f32 }) {
            tell(vector.name, "is \(vector.type.name); llama.cpp stops at vectors of another type than F32")
        }
        let kernels = [
            "mm.model.peg.0.weight", "mm.model.mb_block.1.block.0.0.weight", "mm.model.mb_block.2.block.0.0.weight",
        ]
        if let kernel = tensors.first(where: { kernels.contains($0.name) && $0.type != .f16 && $0.type != .bf16 }) {
            tell(
                kernel.name,
                "is \(kernel.type.name); llama.cpp's processor backend takes depthwise kernels in F16 or BF16 alone")
        }
    }
}
