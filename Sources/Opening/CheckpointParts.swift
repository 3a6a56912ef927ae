import ByteIO
import MobileVLM
import Models
import Tensors

/// The folders and files that make up one checkpoint: a release is one folder, a training leaves several.
struct CheckpointParts {
    /// A folder that holds only part of a model.
    static let adapterAlone = Rule("checkpoint.adapter-alone")
    static let projectorAlone = Rule("checkpoint.projector-alone")
    /// A base was named for a folder that needs none.
    static let needlessBase = Rule("checkpoint.base")
    static let severalAdapters = Rule("checkpoint.adapters")

    struct Overlay {
        let path: String
        /// True if nobody named it: a projector among the weights then comes first.
        var isOnlyFound = false
    }

    static let projectorFiles = ["mm_projector.safetensors", "mm_projector.bin"]
    static let otherTrained = "non_lora_trainables.bin"

    /// Where the weights are.
    let weights: Folder
    let adapter: Folder?
    /// Files of tensors that take the place of the weights', in the order in which they are laid over them.
    let overlays: [Overlay]
    let visionTower: Folder?
    /// Where configuration and tokenizer are sought, the most specific first: a training writes its own beside its results.
    let settings: [Folder]
    let notes: [String]

    init(_ folder: Folder, _ location: ModelLocation) throws {
        func open(_ path: String?, _ option: String) throws -> Folder? {
            try path.map { path in
                guard let folder = Folder(path) else {
                    // ENOTDIR or ENOENT.
                    throw SystemError(
                        "open", path: path, code: Folder.exists(path) ? 20 : 2, remedy: "\(option) takes a folder.")
                }
                return folder
            }
        }
        let base = try open(location.base, "--base")
        guard location.adapters.count <= 1 else {
            throw InputError(
                Self.severalAdapters, file: folder.path, field: "adapters",
                problem: "\(location.adapters.count) were named, and one can be merged",
                remedy: "Merge the others into the weights before.")
        }
        let lora = try open(location.adapters.first, "--lora")
        var notes: [String] = []
        let hasWeights = try WeightChoice.exists(in: folder)
        let ownProjector = Self.projectorFiles.first(where: folder.has)
        let isAdapter = Adapter.isOne(folder)

        if hasWeights, let base {
            throw InputError(
                Self.needlessBase, file: folder.path, field: "--base \(base.path)",
                problem: "this folder has weights of its own",
                remedy: "Leave --base away, or name the folder that holds only the adapter or the projector.")
        }
        if !hasWeights, base == nil {
            if isAdapter {
                throw InputError(
                    Self.adapterAlone, file: folder.path, field: AdapterConfiguration.fileName,
                    problem: "this folder holds a LoRA adapter, and no weights to add it to",
                    remedy: "Name the folder of the model that it was trained on with --base DIR.")
            }
            if let ownProjector {
                throw InputError(
                    Self.projectorAlone, file: folder.path, field: ownProjector,
                    problem: "this folder holds a trained projector, and no language model",
                    remedy: "Name the folder of the language model that it was trained with with --base DIR.")
            }
        }
        weights = hasWeights ? folder : base ?? folder
        adapter = lora ?? (!hasWeights && isAdapter ? folder : nil)
        if hasWeights, isAdapter, lora == nil {
            notes.append(
                "\(AdapterConfiguration.fileName) lies beside the weights; the adapter is not applied. "
                    + "--lora \(folder.path) adds it.")
        }
        var overlays: [Overlay] = []
        // A release's projector lies among the weights; the first stage of a training leaves it in its own file.
        if location.projector == nil, let ownProjector {
            overlays.append(Overlay(path: folder.file(ownProjector), isOnlyFound: hasWeights))
        }
        if let adapter {
            if location.projector == nil, adapter.path != folder.path {
                overlays += Self.projectorFiles.filter(adapter.has).prefix(1).map { Overlay(path: adapter.file($0)) }
            }
            if adapter.has(Self.otherTrained) { overlays.append(Overlay(path: adapter.file(Self.otherTrained))) }
        }
        if let projector = location.projector { overlays.append(Overlay(path: projector)) }
        self.overlays = overlays
        visionTower = try open(location.visionTower, "--vision-tower")
        settings = [adapter, folder, base].compactMap(\.self)
        self.notes = notes
    }

    /// The first of `settings` that has one of these files.
    func folder(with names: String...) -> Folder? {
        settings.first { folder in names.contains(where: folder.has) }
    }
}
