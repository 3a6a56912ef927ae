import ByteIO
import Tensors

/// A model in one GGUF file or in several, as llama.cpp's `gguf-split` cuts it.
///
/// Shard `i` of `n` (from 1) is named `NAME-0000i-of-0000n.gguf`. Each holds `split.no` (from 0), `split.count` and
/// `split.tensors.count` (of all shards together); the first holds the model's metadata, every one its own tensors.
public struct GGUFSplit: TensorSource {
    /// In order; a single file where the model is not split.
    public let shards: [GGUFFile]
    /// The first shard's metadata without the `split.*` keys.
    public let metadata: Metadata
    /// The tensors of all shards, shard by shard.
    public let tensors: [TensorInfo]
    /// For each tensor name the position in `tensors` and of its shard.
    private let index: [String: (tensor: Int, shard: Int)]

    static let numberKey = "split.no"
    static let countKey = "split.count"
    static let tensorCountKey = "split.tensors.count"

    /// Opens the model that the file at `path`, any of its shards, belongs to.
    /// - Throws: `InputError` with a rule `gguf.split.*` if a shard is missing, misplaced or of another model.
    public init(path: String) throws { try self.init(MappedFile(path: path)) }

    /// The same of a file that is mapped already.
    public init(_ file: MappedFile) throws {
        let path = file.path
        let named = try GGUFFile(file)
        let count = try Self.count(in: named)
        guard count > 1 else {
            try self.init(shards: [named])
            return
        }
        let prefix = try Self.prefix(of: named, count: count)
        var shards: [GGUFFile] = []
        for number in 0..<count {
            let shardPath = Self.path(prefix: prefix, number: number, count: count)
            if shardPath == path {
                shards.append(named)
                continue
            }
            do {
                shards.append(try GGUFFile(path: shardPath))
            } catch let error as SystemError where error.operation == "open" {
                throw InputError(
                    GGUFRule.splitMissing, file: shardPath, field: "shard \(number + 1) of \(count)",
                    problem: "cannot be opened (\(error))", remedy: "Put all \(count) shards into the same folder.")
            }
        }
        try self.init(shards: shards)
    }

    /// Joins the shards of one model, in order, or takes a single file that is not split.
    init(shards: [GGUFFile]) throws {
        self.shards = shards
        var tensors: [TensorInfo] = []
        var index: [String: (tensor: Int, shard: Int)] = [:]
        for (number, shard) in shards.enumerated() {
            try Self.check(shard, number: number, of: shards)
            for info in shard.tensors {
                guard index.updateValue((tensors.count, number), forKey: info.name) == nil else {
                    throw InputError(
                        GGUFRule.nameDuplicate, file: shard.name, field: "tensor \(info.name)",
                        problem: "is in an earlier shard too", remedy: "The shards belong to different models.")
                }
                tensors.append(info)
            }
        }
        var metadata = shards.first?.metadata ?? Metadata()
        if shards.count > 1, let announced = metadata[Self.tensorCountKey]?.integer, announced != tensors.count {
            throw InputError(
                GGUFRule.splitTensors, file: shards[0].name, field: Self.tensorCountKey,
                problem: "is \(announced), but the shards hold \(tensors.count) tensors",
                remedy: "The shards belong to different models, or one is damaged.")
        }
        for key in [Self.numberKey, Self.countKey, Self.tensorCountKey] { metadata[key] = nil }
        self.metadata = metadata
        self.tensors = tensors
        self.index = index
    }

    public var files: [String] { shards.flatMap(\.files) }

    public func info(_ name: String) -> TensorInfo? { index[name].map { tensors[$0.tensor] } }

    public func bytes(of name: String) throws -> Bytes {
        guard let place = index[name] else {
            throw InputError(
                GGUFRule.tensorMissing, file: shards.first?.name ?? "GGUF", field: name, problem: "no such tensor")
        }
        return try shards[place.shard].bytes(of: name)
    }

    // MARK: - Checks

    /// Number of shards of the model that `file` belongs to; 1 if it is not split.
    private static func count(in file: GGUFFile) throws -> Int {
        guard let value = file.metadata[countKey] else { return 1 }
        // The names have five digits.
        guard let count = value.integer, (1...99999).contains(count) else {
            throw InputError(
                GGUFRule.splitKeys, file: file.name, field: countKey, problem: "is not a number from 1 to 99999")
        }
        return count
    }

    static func path(prefix: String, number: Int, count: Int) -> String {
        func digits(_ value: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, 5 - text.count)) + text
        }
        return "\(prefix)-\(digits(number + 1))-of-\(digits(count)).gguf"
    }

    /// The path that a model had before it was cut: `NAME.gguf` for `NAME-00002-of-00003.gguf`, any other as it is.
    /// Goes by the name alone and opens nothing.
    public static func wholePath(_ path: String) -> String {
        let pattern = "-NNNNN-of-NNNNN.gguf"
        let tail = path.suffix(pattern.count)
        let isShard = zip(tail, pattern).allSatisfy { $1 == "N" ? $0.isASCII && $0.isNumber : $0 == $1 }
        guard isShard, tail.count == pattern.count else { return path }
        return path.dropLast(pattern.count) + ".gguf"
    }

    /// What the names of all shards start with, from the name and the number of one of them.
    private static func prefix(of file: GGUFFile, count: Int) throws -> String {
        guard let number = file.metadata[numberKey]?.integer, (0..<count).contains(number) else {
            throw InputError(
                GGUFRule.splitKeys, file: file.name, field: numberKey, problem: "is not a number below \(count)")
        }
        let suffix = path(prefix: "", number: number, count: count)
        guard file.name.hasSuffix(suffix) else {
            throw InputError(
                GGUFRule.splitName, file: file.name, field: "file name",
                problem: "the file is shard \(number + 1) of \(count), so its name must end in \(suffix)",
                remedy: "Give all shards the names that they were made with.")
        }
        return String(file.name.dropLast(suffix.count))
    }

    private static func check(_ shard: GGUFFile, number: Int, of shards: [GGUFFile]) throws {
        guard shards.count > 1 else { return }
        func refuse(_ rule: Rule, _ field: String, _ problem: String, remedy: String) -> InputError {
            InputError(rule, file: shard.name, field: field, problem: problem, remedy: remedy)
        }
        let expected = [
            (numberKey, number), (countKey, shards.count),
            (tensorCountKey, shards[0].metadata[tensorCountKey]?.integer ?? -1),
        ]
        for (key, value) in expected {
            guard let stored = shard.metadata[key]?.integer, stored >= 0 else {
                throw refuse(
                    GGUFRule.splitKeys, key, "is missing or not a number",
                    remedy: "The file is no shard: make the shards again.")
            }
            guard stored == value else {
                throw refuse(
                    GGUFRule.splitOrder, key, "is \(stored) where \(value) was expected",
                    remedy: "A shard was renamed, or the shards belong to different models.")
            }
        }
        for entry in shard.metadata.entries {
            guard let first = shards[0].metadata[entry.key], entry.key != numberKey else { continue }
            guard first == entry.value else {
                throw refuse(
                    GGUFRule.splitModel, String(entry.key.prefix(100)), "differs from the first shard's",
                    remedy: "The shards belong to different models.")
            }
        }
    }
}
