import ByteIO
import JSON
import Tensors

/// Which files of a folder are read as its weights.
///
/// As transformers chooses: safetensors before `.bin`, a whole file before an index, and both before what only names tell:
/// shards without an index, DeepSpeed's model states, a single file of tensors under another name. If what comes first
/// is not whole (a shard that was not fetched, a pointer in a file's place), the next that is whole is taken, and said.
struct WeightChoice {
    /// A way of reading the folder: file names, and the index where one lists their tensors.
    private struct Candidate {
        let names: [String]
        var index: String?
        var note: String?
    }

    let tensors: ShardedTensors
    let notes: [String]

    init(_ folder: Folder) throws { (tensors, notes) = try Self.choose(folder) }

    /// True if there is anything to choose from.
    static func exists(in folder: Folder) throws -> Bool { try !candidates(folder).isEmpty }

    private static func choose(_ folder: Folder) throws -> (ShardedTensors, [String]) {
        let candidates = try candidates(folder)
        guard !candidates.isEmpty else {
            throw InputError(
                Folder.missing, file: folder.path, field: "weights",
                problem: "has no model.safetensors or pytorch_model.bin, and no index of either",
                remedy: "Name the folder that the release's files were fetched into.")
        }
        var failure: (any Error)?
        for candidate in candidates {
            do {
                let tensors = try open(candidate, folder)
                var notes = [candidate.note].compactMap(\.self)
                if let error = failure as? InputError {
                    notes.append("\(error.file) cannot be read (\(error.problem)); \(candidate.names[0]) is used.")
                }
                if !tensors.besideWeights.isEmpty {
                    notes.append(
                        "The weights lie in a training's checkpoint; not read: "
                            + tensors.besideWeights.prefix(8).joined(separator: ", ") + ".")
                }
                return (tensors, notes)
            } catch let error as InputError
                where error.rule != Folder.unsafeName && error.rule != ShardedTensors.badIndex
            {
                failure = failure ?? error
            }
        }
        throw failure ?? SystemError("read weights in", path: folder.path, code: 2)
    }

    private static func open(_ candidate: Candidate, _ folder: Folder) throws -> ShardedTensors {
        let absent = candidate.names.filter { !folder.has($0) }
        guard absent.isEmpty else {
            let shown = absent.prefix(3).joined(separator: ", ") + (absent.count > 3 ? ", …" : "")
            throw InputError(
                Folder.missing, file: folder.file(absent[0]), field: "shard",
                problem: "\(absent.count) of the \(candidate.names.count) shards are not there: \(shown)",
                remedy: "Fetch what is missing into the same folder.")
        }
        if let index = candidate.index, let json = try folder.json(index) {
            return try ShardedTensors(folder, index: json, indexFile: folder.file(index))
        }
        return try ShardedTensors(folder, files: candidate.names)
    }

    private static func candidates(_ folder: Folder) throws -> [Candidate] {
        let names = try folder.names()
        var candidates: [Candidate] = []
        for (stem, suffix) in [("model", "safetensors"), ("pytorch_model", "bin")] {
            let whole = "\(stem).\(suffix)"
            let index = "\(whole).index.json"
            if let json = try folder.json(index) {
                let listed = try ShardedTensors.shardNames(json, folder, indexFile: folder.file(index))
                if folder.has(whole), listed != [whole] {
                    candidates.append(
                        Candidate(names: [whole], note: "\(index) names other files than \(whole), which is used."))
                }
                candidates.append(Candidate(names: listed, index: index))
            } else if folder.has(whole) {
                candidates.append(Candidate(names: [whole]))
            }
            if let shards = shards(names, stem: stem, suffix: suffix), !folder.has(index) {
                candidates.append(
                    Candidate(names: shards, note: "There is no \(index); all \(shards.count) shards are read."))
            }
        }
        let deepSpeed = "mp_rank_00_model_states.pt"
        if folder.has(deepSpeed) { candidates.append(Candidate(names: [deepSpeed])) }
        let others = names.filter {
            WeightFile.hasSuffix($0) && !WeightFile.isOther($0) && $0 != deepSpeed && shardNumber($0) == nil
        }
        if candidates.isEmpty, others.count == 1, !Adapter.isOne(folder) {
            candidates.append(Candidate(names: others, note: "The weights are read from \(others[0])."))
        }
        return candidates
    }

    /// The shards `STEM-0000N-of-0000M.SUFFIX` of one M, from 1 to M, whether or not they are there.
    private static func shards(_ names: [String], stem: String, suffix: String) -> [String]? {
        let found = names.filter { $0.hasPrefix(stem + "-") && $0.hasSuffix("." + suffix) }.compactMap(shardNumber)
        guard let total = found.first?.total, found.allSatisfy({ $0.total == total }), total <= 10_000 else {
            return nil
        }
        return (1...total).map { "\(stem)-\(padded($0))-of-\(padded(total)).\(suffix)" }
    }

    private static func shardNumber(_ name: String) -> (number: Int, total: Int)? {
        let parts = name.split(separator: "-").suffix(3)
        guard parts.count == 3, let first = parts.first, parts.dropFirst().first == "of",
            let last = parts.last?.prefix(while: { $0 != "." }), first.utf8.count == 5, last.utf8.count == 5,
            let number = Int(first), let total = Int(last), total > 0
        else { return nil }
        return (number, total)
    }

    private static func padded(_ number: Int) -> String {
        String(repeating: "0", count: max(0, 5 - "\(number)".count)) + "\(number)"
    }
}
