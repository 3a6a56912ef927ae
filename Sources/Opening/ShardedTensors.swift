import ByteIO
import JSON
import Tensors
import TorchArchive

/// The tensors of a Hugging Face folder: one file, or the shards that an index names. The index is authoritative.
package struct ShardedTensors: TensorSource {
    package static let badIndex = Rule("checkpoint.index")

    package let tensors: [TensorInfo]
    package let files: [String]
    /// Tensors that lie in a shard although the index does not mention them.
    package let unlisted: [String]
    /// What lies beside the weights in a training's checkpoint, and is not read.
    package let besideWeights: [String]
    private let shards: [any TensorSource]
    private let places: [String: (shard: Int, info: TensorInfo)]

    /// Opens shards that no index lists.
    init(_ folder: Folder, files: [String]) throws {
        try self.init(
            shards: try files.map { try WeightFile.open(folder.file($0)) }, listed: nil, indexFile: folder.path)
    }

    /// The files that an index names, in the order of their first tensors. Only plain names get through.
    static func shardNames(_ index: JSONValue, _ folder: Folder, indexFile: String) throws -> [String] {
        guard let entries = index["weight_map"]?.object?.entries, !entries.isEmpty else {
            throw InputError(
                Self.badIndex, file: indexFile, field: "weight_map", problem: "is missing, empty or not an object")
        }
        var names: [String] = []
        var seen: Set<String> = []
        for (tensor, value) in entries {
            guard let file = value.string else {
                throw InputError(
                    Self.badIndex, file: indexFile, field: "weight_map.\(tensor)", problem: "is not a file name")
            }
            guard seen.insert(file).inserted else { continue }
            try folder.checkPlain(file, statedBy: indexFile)
            names.append(file)
        }
        return names
    }

    /// Opens the shards that an index names; all of them are there.
    init(_ folder: Folder, index: JSONValue, indexFile: String) throws {
        let names = try Self.shardNames(index, folder, indexFile: indexFile)
        let numbers = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        let listed = (index["weight_map"]?.object?.entries ?? []).compactMap { tensor, value in
            value.string.flatMap { numbers[$0] }.map { (tensor: tensor, shard: $0) }
        }
        let sources = try names.map { try WeightFile.open(folder.file($0)) }
        try self.init(shards: sources, listed: listed, indexFile: indexFile)
    }

    /// - Parameter listed: What the index says, or nil where there is none.
    private init(shards: [any TensorSource], listed: [(tensor: String, shard: Int)]?, indexFile: String) throws {
        var places: [String: (shard: Int, info: TensorInfo)] = [:]
        var order: [TensorInfo] = []
        let wanted =
            listed
            ?? shards.enumerated().flatMap { shard in shard.element.tensors.map { ($0.name, shard.offset) } }
        for (name, shard) in wanted {
            guard let info = shards[shard].info(name) else {
                throw InputError(
                    Self.badIndex, file: indexFile, field: "weight_map.\(name)",
                    problem: "is said to lie in \(shards[shard].files.first ?? "a shard"), but is not there",
                    remedy: "Index and shards are from different downloads; fetch them again together.")
            }
            guard places.updateValue((shard, info), forKey: name) == nil else {
                throw InputError(
                    Self.badIndex, file: indexFile, field: name,
                    problem: "lies in two shards, and no index says which counts",
                    remedy: "Shards of different saves lie side by side; fetch one of them into a folder of its own.")
            }
            order.append(info)
        }
        self.shards = shards
        self.places = places
        tensors = order
        files = shards.flatMap(\.files) + (listed == nil ? [] : [indexFile])
        besideWeights = shards.flatMap { ($0 as? TorchArchive)?.ignoredKeys ?? [] }
        unlisted = shards.enumerated().flatMap { number, shard in
            shard.tensors.map(\.name).filter { places[$0]?.shard != number }
        }
    }

    package func info(_ name: String) -> TensorInfo? { places[name]?.info }

    package func bytes(of name: String) throws -> Bytes {
        guard let place = places[name] else {
            throw InputError(ShardedTensors.badIndex, file: files.first ?? "", field: name, problem: "is not there")
        }
        return try shards[place.shard].bytes(of: name)
    }

    package func rows(_ range: Range<Int>, of name: String) throws -> Bytes {
        guard let place = places[name] else {
            throw InputError(ShardedTensors.badIndex, file: files.first ?? "", field: name, problem: "is not there")
        }
        return try shards[place.shard].rows(range, of: name)
    }
}
