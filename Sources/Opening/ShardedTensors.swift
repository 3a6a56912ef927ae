import ByteIO
import JSON
import Safetensors
import Tensors
import TorchArchive

/// The tensors of a Hugging Face folder: one file, or the shards that an index names. The index is authoritative.
package struct ShardedTensors: TensorSource {
    package static let badIndex = Rule("checkpoint.index")

    package let tensors: [TensorInfo]
    package let files: [String]
    /// Tensors that lie in a shard although the index does not mention them.
    package let unlisted: [String]
    private let shards: [any TensorSource]
    private let places: [String: (shard: Int, info: TensorInfo)]

    /// Opens the weights of `folder`. Safetensors come before `.bin`, an index before a single file, as in transformers.
    package init(_ folder: Folder) throws {
        let stems = [("model", "safetensors"), ("pytorch_model", "bin")]
        for (stem, suffix) in stems {
            let index = "\(stem).\(suffix).index.json"
            if let json = try folder.json(index) {
                try self.init(folder, index: json, indexFile: folder.file(index))
                return
            }
            if folder.has("\(stem).\(suffix)") {
                let source = try Self.open(folder.file("\(stem).\(suffix)"))
                try self.init(shards: [source], listed: nil, indexFile: folder.path)
                return
            }
        }
        throw InputError(
            Folder.missing, file: folder.path, field: "weights",
            problem: "has no model.safetensors or pytorch_model.bin, and no index of either",
            remedy: "Name the folder that the release's files were fetched into.")
    }

    private init(_ folder: Folder, index: JSONValue, indexFile: String) throws {
        guard let entries = index["weight_map"]?.object?.entries, !entries.isEmpty else {
            throw InputError(
                Self.badIndex, file: indexFile, field: "weight_map", problem: "is missing, empty or not an object")
        }
        var names: [String] = []
        var numbers: [String: Int] = [:]
        var listed: [(tensor: String, shard: Int)] = []
        for (tensor, value) in entries {
            guard let file = value.string else {
                throw InputError(
                    Self.badIndex, file: indexFile, field: "weight_map.\(tensor)", problem: "is not a file name")
            }
            if numbers[file] == nil {
                try folder.checkPlain(file, statedBy: indexFile)
                guard folder.has(file) else {
                    throw InputError(
                        Folder.missing, file: folder.file(file), field: "shard",
                        problem: "the index names this file and it is not there",
                        remedy: "Fetch the missing shard into the same folder.")
                }
                numbers[file] = names.count
                names.append(file)
            }
            listed.append((tensor, numbers[file] ?? 0))
        }
        let sources = try names.map { try Self.open(folder.file($0)) }
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
            places[name] = (shard, info)
            order.append(info)
        }
        self.shards = shards
        self.places = places
        tensors = order
        files = shards.flatMap(\.files) + (listed == nil ? [] : [indexFile])
        unlisted = shards.enumerated().flatMap { number, shard in
            shard.tensors.map(\.name).filter { places[$0]?.shard != number }
        }
    }

    /// Opens one file of weights by what is in it, not by its name.
    package static func open(_ path: String) throws -> any TensorSource {
        let bytes = try MappedFile(path: path).bytes
        if SafetensorsFile.recognises(bytes) { return try SafetensorsFile(path: path) }
        return try TorchArchive(path: path)
    }

    package func info(_ name: String) -> TensorInfo? { places[name]?.info }

    package func bytes(of name: String) throws -> Bytes {
        guard let place = places[name] else {
            throw InputError(ShardedTensors.badIndex, file: files.first ?? "", field: name, problem: "is not there")
        }
        return try shards[place.shard].bytes(of: name)
    }
}
