import ByteIO
import MobileVLM
import Models
import Tensors

/// Matches the tensors of a checkpoint's files with the canonical keys.
struct Assignment {
    private struct Place {
        let source: any TensorSource
        let name: String
    }

    private var places: [String: Place] = [:]
    private var ledger = TensorLedger()
    private(set) var files: [String]

    init(main: ShardedTensors) {
        files = main.files
        for name in main.unlisted { ledger.drop(name, reason: "lies in a shard, but the index does not list it there") }
        add(main, naming: CheckpointName.init(checkpoint:))
    }

    var hasTower: Bool { places["vision_model.embeddings.class_embedding"] != nil }

    /// Adds a tower of its own folder; it takes the place of an embedded one.
    mutating func add(tower: ShardedTensors) {
        // Sorted, so that the ledger reads the same in every run.
        for (key, place) in places.sorted(by: { $0.key < $1.key }) where key.hasPrefix("vision_model.") {
            ledger.drop(place.name, reason: "replaced by the tower of its own folder")
            places[key] = nil
        }
        files += tower.files
        add(tower, naming: CheckpointName.init(tower:))
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
            weights.place(specification.key, in: place.source, name: place.name)
            ledger.use(place.name)
        }
        for (key, place) in rest.sorted(by: { $0.key < $1.key }) {
            if languageOnly, key.hasPrefix("vision_model.") || key.hasPrefix("mm_projector.") {
                ledger.drop(place.name, reason: "only the language model was asked for")
            } else if let reason = CheckpointName.reasonToDrop(key, configuration: configuration) {
                ledger.drop(place.name, reason: reason)
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
