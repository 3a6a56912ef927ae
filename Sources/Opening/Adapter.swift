import ByteIO
import MobileVLM
import Models
import Tensors

/// A low-rank adapter's folder: its updates, and the tensors that it replaces whole.
struct Adapter: Sendable {
    /// A tensor of the adapter lacks its counterpart, or has another shape than the tensor it changes.
    static let mismatch = Rule("adapter.tensor")
    /// The base has no tensor that the adapter changes.
    static let noTarget = Rule("adapter.target")

    /// A module's update, by the canonical key of the weight that it changes.
    struct Update: Sendable {
        let key: String
        let update: LowRankUpdate
        /// Width and height of the product B · A.
        let rows: Int
        let columns: Int
    }

    let updates: [Update]
    /// Trained whole (`modules_to_save`): they take the place of the base's.
    let replacements: [(source: any TensorSource, name: String)]
    let files: [String]
    let notes: [String]

    static func isOne(_ folder: Folder) -> Bool { folder.has(AdapterConfiguration.fileName) }

    /// Opens the adapter in `folder`.
    init(_ folder: Folder) throws {
        guard let json = try folder.json(AdapterConfiguration.fileName) else {
            throw InputError(
                Folder.missing, file: folder.path, field: AdapterConfiguration.fileName, problem: "is not there",
                remedy: "Name the folder that PEFT's save_pretrained wrote.")
        }
        let configuration = try AdapterConfiguration(json, file: folder.file(AdapterConfiguration.fileName))
        guard let file = ["adapter_model.safetensors", "adapter_model.bin"].first(where: folder.has) else {
            throw InputError(
                Folder.missing, file: folder.path, field: "adapter_model.safetensors", problem: "is not there",
                remedy: "The adapter's weights belong beside its config, as adapter_model.safetensors or .bin.")
        }
        let source = try WeightFile.open(folder.file(file))
        var halves: [String: (a: String?, b: String?, isEmbedding: Bool)] = [:]
        var modules: [String] = []
        var replacements: [(source: any TensorSource, name: String)] = []
        for info in source.tensors {
            let part = AdapterTensor(info.name)
            switch part {
            case .magnitude:
                throw InputError(
                    AdapterConfiguration.dora, file: folder.file(file), field: info.name,
                    problem: "is DoRA's, which also rescales the rows it changes",
                    remedy: "Merge it where it was trained: model.merge_and_unload(), then save_pretrained().")
            // What the module was before it was trained whole.
            case .whole where info.name.has(".original_module."): continue
            case .whole: replacements.append((source, info.name))
            case .factor(let module, let isA, let isEmbedding):
                var half = halves[module] ?? (nil, nil, isEmbedding)
                if halves[module] == nil { modules.append(module) }
                guard (isA ? half.a : half.b) == nil, half.isEmbedding == isEmbedding, info.shape.rank == 2 else {
                    throw Self.wrong(source, info, "is there twice or no matrix: one adapter at a time can be merged")
                }
                if isA { half.a = info.name } else { half.b = info.name }
                halves[module] = half
            }
        }
        updates = try modules.map { module in
            guard let half = halves[module], let a = half.a.flatMap(source.info), let b = half.b.flatMap(source.info)
            else {
                throw InputError(
                    Self.mismatch, file: folder.file(file), field: module, problem: "has only one of its two factors",
                    remedy: "The file is incomplete: save the adapter again.")
            }
            let rank = a.rows
            guard rank > 0, b.columns == rank, a.type.isReal, b.type.isReal else {
                throw Self.wrong(source, b, "has shape \(b.shape), which does not fit \(a.shape) of its other half")
            }
            let scale = configuration.scale(module: module, rank: rank)
            return Update(
                key: CheckpointName(checkpoint: module + ".weight").key ?? module,
                update: LowRankUpdate(
                    source: source, a: a.name, b: b.name, isTransposed: half.isEmbedding, rank: rank, scale: scale),
                rows: half.isEmbedding ? a.columns : b.rows, columns: half.isEmbedding ? b.rows : a.columns)
        }
        self.replacements = replacements
        files = source.files + [folder.file(AdapterConfiguration.fileName)]
        notes = configuration.notes
    }

    private static func wrong(_ source: any TensorSource, _ info: TensorInfo, _ problem: String) -> InputError {
        InputError(
            mismatch, file: source.files.first ?? "", field: info.name, problem: problem,
            remedy: "The file is damaged or holds several adapters: save one alone.")
    }
}

/// What a tensor of an adapter is, told by PEFT's levels in its name.
enum AdapterTensor: Equatable {
    case factor(module: String, isA: Bool, isEmbedding: Bool)
    case magnitude
    case whole

    /// The name of a whole tensor without PEFT's levels of a module that it wrapped.
    static func bareName(_ name: String) -> String {
        var parts = name.split(separator: ".", omittingEmptySubsequences: false)
        parts.removeAll { $0 == "base_layer" }
        if let level = parts.firstIndex(of: "modules_to_save") {
            parts.remove(at: level)
            // Then the adapter's name, unless the tensor's own comes at once.
            if level < parts.count - 1 { parts.remove(at: level) }
        }
        return parts.joined(separator: ".")
    }

    init(_ name: String) {
        let parts = name.split(separator: ".")
        guard let level = parts.firstIndex(where: { $0.hasPrefix("lora_") }) else {
            self = .whole
            return
        }
        // PEFT's own prefix goes, so that patterns see the module's name.
        var module = parts[..<level]
        if module.starts(with: ["base_model", "model"]) { module = module.dropFirst(2) }
        let path = module.joined(separator: ".")
        switch parts[level] {
        case "lora_A": self = .factor(module: path, isA: true, isEmbedding: false)
        case "lora_B": self = .factor(module: path, isA: false, isEmbedding: false)
        case "lora_embedding_A": self = .factor(module: path, isA: true, isEmbedding: true)
        case "lora_embedding_B": self = .factor(module: path, isA: false, isEmbedding: true)
        default: self = .magnitude
        }
    }
}
