import ByteIO
import MobileVLM
import Models
import Quantization
import Tensors

/// Matches the tensors of a checkpoint's files with the canonical keys.
struct Assignment {
    /// ZeRO stage 3 left only empty tensors in the file.
    static let emptied = Rule("checkpoint.zero3")
    /// An adapter's factors lie among the weights, not yet added to them.
    static let unmerged = Rule("checkpoint.unmerged")

    private struct Place {
        let source: any TensorSource
        let name: String
    }

    private var places: [String: Place] = [:]
    private var ledger = TensorLedger()
    private(set) var files: [String]

    /// - Throws: `InputError` if the weights are of a kind that cannot be converted at all.
    init(main: ShardedTensors) throws {
        files = main.files
        if let (method, tensor) = ForeignQuantization.method(main.tensors) {
            throw InputError(
                ForeignQuantization.rule, file: main.files.first ?? "", field: tensor,
                problem: "the weights are quantized already, by \(method)",
                remedy: "Start from the release in F16 or BF16; quantizing twice would add one error to the other.")
        }
        if let factor = main.tensors.first(where: { AdapterTensor($0.name) != .whole }) {
            throw InputError(
                Self.unmerged, file: main.files.first ?? "", field: factor.name,
                problem: "is a factor of a LoRA adapter that is not merged into these weights",
                remedy: "Merge it where it was trained: model.merge_and_unload(), then save_pretrained().")
        }
        for name in main.unlisted { ledger.drop(name, reason: "lies in a shard, but the index does not list it there") }
        add(main, naming: CheckpointName.init(checkpoint:))
    }

    var hasTower: Bool { places["vision_model.embeddings.class_embedding"] != nil }

    /// Adds a tower of its own folder; it takes the place of an embedded one.
    /// - Returns: What the user should know.
    mutating func add(tower folder: Folder) throws -> [String] {
        let tower = try WeightChoice(folder)
        var notes = tower.notes
        if hasTower {
            let own = places.filter { $0.key.hasPrefix("vision_model.") }
            let differing = try own.filter { key, place in
                guard
                    let name = tower.tensors.tensors.first(where: { CheckpointName(tower: $0.name) == .key(key) })?.name
                else { return true }
                return try !Self.holdSame(place, Place(source: tower.tensors, name: name))
            }
            let comparison =
                differing.isEmpty
                ? "the two are equal" : "\(differing.count) of \(own.count) tensors differ"
            notes.append(
                "The checkpoint holds a vision tower; the one in \(folder.path) is used instead (\(comparison)).")
        }
        // Sorted, so that the ledger reads the same in every run.
        for (key, place) in places.sorted(by: { $0.key < $1.key }) where key.hasPrefix("vision_model.") {
            ledger.drop(place.name, reason: "replaced by the tower of its own folder")
            places[key] = nil
        }
        files += tower.tensors.files
        add(tower.tensors, naming: CheckpointName.init(tower:))
        return notes
    }

    /// True if two tensors have the same numbers, whatever their types.
    private static func holdSame(_ a: Place, _ b: Place) throws -> Bool {
        guard let first = a.source.info(a.name), let second = b.source.info(b.name),
            first.shape.squeezed == second.shape.squeezed
        else { return false }
        let (left, right) = try (a.source.bytes(of: a.name), b.source.bytes(of: b.name))
        defer {
            left.giveBackPages()
            right.giveBackPages()
        }
        return try left.withUnsafeBytes { left in
            try right.withUnsafeBytes { right in
                if first.type == second.type { return left.elementsEqual(right) }
                guard first.type.isReal, second.type.isReal else { return false }
                let columns = first.columns
                let decoders = try (
                    RowDecoder(type: first.type, columns: columns), RowDecoder(type: second.type, columns: columns)
                )
                var rows = (
                    [Float](repeating: 0, count: columns), [Float](repeating: 0, count: columns)
                )
                for row in 0..<first.rows {
                    rows.0.withUnsafeMutableBufferPointer {
                        decoders.0.decode(
                            UnsafeRawBufferPointer(rebasing: left[row * first.rowBytes..<(row + 1) * first.rowBytes]),
                            into: $0)
                    }
                    rows.1.withUnsafeMutableBufferPointer {
                        decoders.1.decode(
                            UnsafeRawBufferPointer(
                                rebasing: right[row * second.rowBytes..<(row + 1) * second.rowBytes]),
                            into: $0)
                    }
                    guard rows.0 == rows.1 else { return false }
                }
                return true
            }
        }
    }

    /// Lays the tensors of a file over those that are there: a projector's file, or what was trained beside an adapter.
    mutating func lay(over overlay: CheckpointParts.Overlay) throws -> [String] {
        let name = Folder.lastComponent(overlay.path)
        if overlay.isOnlyFound, places.keys.contains(where: { $0.hasPrefix("mm_projector.") }) {
            return [
                "\(name) lies beside weights that hold a projector of their own, which is used; --projector takes the file's."
            ]
        }
        let source = try WeightFile.open(overlay.path)
        files.append(overlay.path)
        let isBare =
            name != CheckpointParts.otherTrained
            && !source.tensors.contains { $0.name.has("mm_projector") || $0.name.has("multi_modal_projector") }
        var replaced = 0
        for info in source.tensors {
            let naming =
                isBare
                ? CheckpointName(projector: info.name) : CheckpointName(checkpoint: AdapterTensor.bareName(info.name))
            switch naming {
            case .ignored(let reason): ledger.drop(info.name, reason: reason)
            case .key(let key):
                if let old = places[key] {
                    replaced += 1
                    ledger.drop(old.name, reason: "replaced by \(name)")
                }
                places[key] = Place(source: source, name: info.name)
            }
        }
        let count = source.tensors.count
        return [
            "\(count) tensors are read from \(name)"
                + (replaced > 0 ? "; \(replaced) of them take the place of the checkpoint's own." : ".")
        ]
    }

    /// Adds an adapter's updates to the tensors that they belong to.
    mutating func merge(_ adapter: Adapter) throws -> [String] {
        files += adapter.files
        for (source, name) in adapter.replacements {
            guard case .key(let key) = CheckpointName(checkpoint: AdapterTensor.bareName(name)) else { continue }
            if let old = places[key] { ledger.drop(old.name, reason: "replaced by the adapter's own") }
            places[key] = Place(source: source, name: name)
        }
        var targets: [String: MergedTensors.Target] = [:]
        for update in adapter.updates {
            guard let place = places[update.key], let info = place.source.info(place.name) else {
                throw InputError(
                    Adapter.noTarget, file: adapter.files.first ?? "", field: update.update.a,
                    problem: "changes \(update.key), which the base does not have",
                    remedy: "The adapter was trained on another model: name that one with --base.")
            }
            guard info.shape == [update.rows, update.columns] else {
                throw InputError(
                    Adapter.mismatch, file: adapter.files.first ?? "", field: update.update.b,
                    problem:
                        "makes a change of [\(update.rows), \(update.columns)], but \(place.name) is \(info.shape)",
                    remedy: "The adapter was trained on another model: name that one with --base.")
            }
            targets[place.name] = MergedTensors.Target(source: place.source, name: place.name, update: update.update)
            ledger.merge(update.update.a, into: place.name)
            ledger.merge(update.update.b, into: place.name)
        }
        let merged = MergedTensors(targets)
        for update in adapter.updates {
            if let name = places[update.key]?.name { places[update.key] = Place(source: merged, name: name) }
        }
        return ["An adapter's updates are added to \(adapter.updates.count) tensors."] + adapter.notes
    }

    private mutating func add(_ source: ShardedTensors, naming: (String) -> CheckpointName) {
        for info in source.tensors {
            switch naming(info.name) {
            // Of two tensors for one place, under different prefixes, nobody can tell which is meant.
            case .key(let key) where places[key] != nil: ledger.fail(info.name)
            case .key(let key): places[key] = Place(source: source, name: info.name)
            case .ignored(let reason): ledger.drop(info.name, reason: reason)
            }
        }
    }

    func info(_ key: String) -> TensorInfo? { places[key].flatMap { $0.source.info($0.name) } }

    /// The weights that `configuration` needs, and what became of every tensor.
    func resolve(
        _ configuration: ModelConfiguration, languageOnly: Bool, origin: String
    ) throws -> (ModelWeights, TensorLedger) {
        var weights = ModelWeights(rotaryPairing: .halves, origin: origin)
        var ledger = ledger
        var rest = places
        for specification in configuration.tensors {
            guard let place = rest.removeValue(forKey: specification.key) else { continue }
            if let info = place.source.info(place.name), info.elementCount == 0, specification.shape.elementCount != 0 {
                throw InputError(
                    Self.emptied, file: place.source.files.first ?? origin, field: place.name,
                    problem:
                        "is empty: a training with ZeRO stage 3 saved it so, its elements are spread over other files",
                    remedy:
                        "Run the zero_to_fp32.py that lies beside the training's checkpoint, and convert its result.")
            }
            weights.place(specification.key, in: place.source, name: place.name)
            ledger.use(place.name)
        }
        for (key, place) in rest.sorted(by: { $0.key < $1.key }) {
            if languageOnly, key.hasPrefix("vision_model.") || key.hasPrefix("mm_projector.") {
                ledger.drop(place.name, reason: "only the language model was asked for")
            } else if let reason = CheckpointName.reasonToDrop(key, configuration: configuration) {
                ledger.drop(place.name, reason: reason)
            } else if let info = place.source.info(place.name), !info.type.isReal {
                ledger.drop(place.name, reason: "a buffer of whole numbers (\(info.type.name)), no weight")
            } else {
                ledger.fail(place.name)
            }
        }
        guard ledger.unknown.isEmpty else {
            let shown = ledger.unknown.prefix(5).joined(separator: ", ")
            throw InputError(
                Checkpoint.unknownTensor, file: origin, field: "\(ledger.unknown.count) tensors",
                problem: "nothing is known about \(shown)\(ledger.unknown.count > 5 ? ", …" : "")",
                remedy: "Dropping them could change what the model computes. The config may belong to other weights.")
        }
        // Asks for each once, so that what is missing or misshapen is found before any work.
        for specification in configuration.tensors {
            _ = try weights.check(specification.key, shape: specification.shape)
        }
        return (weights, ledger)
    }
}
