import ByteIO
import Foundation
import ModelSupport
import Models
import TestSupport
import Testing
import Opening

/// Which files of a folder are read, and what a path leads to.
struct WeightChoiceTests {
    /// Lays out a folder, opens it and gives `q_proj` of layer 0 (whose seed tells the files apart) and the notes.
    private func open(
        _ checkpoint: SmallCheckpoint, path: (URL) -> String = { $0.path }, _ change: (URL) throws -> Void
    ) throws -> (seed: UInt64?, notes: [String]) {
        try withFolder { folder in
            let place = try checkpoint.write(to: folder.appendingPathComponent("tiny"))
            try change(place)
            let model = try Model(path: path(place))
            let name = "model.layers.0.self_attn.q_proj.weight"
            let bytes = try model.weights.tensor(name, shape: [64, 64]).bytes.withUnsafeBytes { Array($0) }
            return ((1...2).first { SmallCheckpoint(nil, seed: $0)[name]?.bytes == bytes }, model.notes)
        }
    }

    private let first = SmallCheckpoint(nil, seed: 1)
    private let second = SmallCheckpoint(nil, seed: 2)

    private func remove(_ folder: URL, _ name: String) throws {
        try FileManager.default.removeItem(at: folder.appendingPathComponent(name))
    }

    private func write(_ checkpoint: SmallCheckpoint, _ folder: URL, _ name: String) throws {
        try SmallCheckpoint.safetensors(checkpoint.tensors).write(to: folder.appendingPathComponent(name))
    }

    @Test("safetensors come before .bin when both are whole")
    func bothForms() throws {
        let found = try open(first) { try write(second, $0, "pytorch_model.bin") }
        #expect(found.seed == 1 && found.notes.isEmpty)
    }

    @Test("a form that is not whole gives way to the other, and that is said")
    func brokenForm() throws {
        let pointer = Data("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n".utf8)
        for damage: (URL) throws -> Void in [
            { try pointer.write(to: $0) }, { try Data(contentsOf: $0).dropLast(100).write(to: $0) },
            { try Data().write(to: $0) },
        ] {
            let found = try open(first) { folder in
                try write(second, folder, "pytorch_model.bin")
                try damage(folder.appendingPathComponent("model.safetensors"))
            }
            #expect(found.seed == 2)
            #expect(
                found.notes.contains {
                    $0.contains("model.safetensors cannot be read") && $0.contains("pytorch_model.bin")
                })
        }
        var sharded = first
        sharded.shards = 3
        let found = try open(sharded) { folder in
            try write(second, folder, "pytorch_model.bin")
            try remove(folder, SmallCheckpoint.shardName(1, of: 3))
        }
        #expect(found.seed == 2 && found.notes.contains { $0.contains("1 of the 3 shards") })
    }

    @Test("shards without their index are read together, and that is said")
    func shardsAlone() throws {
        var sharded = first
        sharded.shards = 3
        let found = try open(sharded) { try remove($0, "model.safetensors.index.json") }
        #expect(found.seed == 1 && found.notes.contains { $0.contains("all 3 shards") })
        // Of a count that the names tell, a missing one is missed.
        let error = #expect(throws: InputError.self) {
            _ = try open(sharded) {
                try remove($0, "model.safetensors.index.json")
                try remove($0, SmallCheckpoint.shardName(0, of: 3))
                try remove($0, SmallCheckpoint.shardName(2, of: 3))
            }
        }
        #expect(error?.rule == Rule("checkpoint.missing-file"))
        #expect(error?.problem.contains("2 of the 3 shards") == true, "\(error?.description ?? "")")
    }

    @Test("a whole file comes before an index of other files, whether those are there or not")
    func staleIndex() throws {
        for keepsShards in [true, false] {
            var sharded = second
            sharded.shards = 2
            let found = try open(sharded) { folder in
                try write(first, folder, "model.safetensors")
                if !keepsShards { for shard in 0..<2 { try remove(folder, SmallCheckpoint.shardName(shard, of: 2)) } }
            }
            #expect(found.seed == 1)
            #expect(found.notes.contains { $0.contains("index.json names other files") })
        }
    }

    @Test("shards of different saves that hold one tensor twice are not chosen between")
    func mixedShards() {
        let error = #expect(throws: InputError.self) {
            _ = try open(first) { folder in
                try write(first, folder, SmallCheckpoint.shardName(0, of: 2))
                try write(second, folder, SmallCheckpoint.shardName(1, of: 2))
                try remove(folder, "model.safetensors")
            }
        }
        #expect(error?.rule == Rule("checkpoint.index") && error?.problem.contains("two shards") == true)
    }

    @Test(
        "weights under a training's own names are found",
        arguments: ["mp_rank_00_model_states.pt", "consolidated.safetensors", "checkpoint.pth", "best.pt"])
    func otherNames(name: String) throws {
        let found = try open(first) { folder in
            try write(first, folder, name)
            try remove(folder, "model.safetensors")
            for other in ["training_args.bin", "optimizer.pt", "rng_state_0.pth", "scheduler.pt"] {
                try Data("x".utf8).write(to: folder.appendingPathComponent(other))
            }
        }
        #expect(found.seed == 1)
    }

    @Test("two files under other names are not chosen between")
    func twoOthers() {
        let error = #expect(throws: InputError.self) {
            _ = try open(first) { folder in
                try write(first, folder, "a.pt")
                try write(first, folder, "b.pt")
                try remove(folder, "model.safetensors")
            }
        }
        #expect(error?.rule == Rule("checkpoint.missing-file"))
    }

    @Test("bytes that are missing are counted")
    func missingBytes() {
        let error = #expect(throws: InputError.self) {
            _ = try open(first) { folder in
                let file = folder.appendingPathComponent("model.safetensors")
                try Data(contentsOf: file).dropLast(777).write(to: file)
            }
        }
        #expect(error?.description.contains("777 bytes are missing") == true, "\(error?.description ?? "")")
    }

    // MARK: Paths

    @Test(
        "a file inside a checkpoint leads to its folder, and that is said",
        arguments: ["model.safetensors", "config.json", "model.safetensors.index.json"])
    func fileInside(name: String) throws {
        let found = try open(first, path: { $0.path + "/" + name }) { folder in
            if name.contains("index") {
                var map: [String: String] = [:]
                for tensor in first.tensors { map[tensor.name] = "model.safetensors" }
                try JSONSerialization.data(withJSONObject: ["weight_map": map])
                    .write(to: folder.appendingPathComponent(name))
            }
        }
        #expect(found.seed == 1 && found.notes.contains { $0.contains("belongs to the checkpoint") })
    }

    @Test("a hub's name that is given as a path is told from a folder that is not there")
    func hubName() {
        let error = #expect(throws: InputError.self) { _ = try Model(path: "mtgv/MobileVLM_V2-1.7B") }
        #expect(error?.rule == Rule("model.kind"))
        #expect(error?.description.contains("hf download mtgv/MobileVLM_V2-1.7B") == true)
        for path in ["./nothing/here", "nothing", "a/b/c", "a/b.gguf", "/a/b"] {
            #expect(throws: SystemError.self) { _ = try Model(path: path) }
        }
    }

    @Test("the one snapshot of a hub cache's folder is read through its links; of several none is chosen")
    func hubCache() throws {
        try withFolder { folder in
            let real = try first.write(to: folder.appendingPathComponent("real"))
            let cache = folder.appendingPathComponent("models--a--b")
            let snapshot = cache.appendingPathComponent("snapshots/0123abc")
            let manager = FileManager.default
            try manager.createDirectory(at: snapshot, withIntermediateDirectories: true)
            try manager.createDirectory(at: cache.appendingPathComponent("blobs"), withIntermediateDirectories: true)
            for name in try FileManager.default.contentsOfDirectory(atPath: real.path) {
                let blob = cache.appendingPathComponent("blobs/blob-\(name)")
                try manager.moveItem(at: real.appendingPathComponent(name), to: blob)
                try manager.createSymbolicLink(
                    atPath: snapshot.appendingPathComponent(name).path, withDestinationPath: "../../blobs/blob-\(name)")
            }
            for path in [cache.path, snapshot.path] {
                #expect(try Model(path: path).configuration.language.layerCount == 2)
            }
            try manager.createDirectory(
                at: cache.appendingPathComponent("snapshots/4567def"), withIntermediateDirectories: true)
            expect(Rule("model.kind"), contains: "2 snapshots", "0123abc") { _ = try Model(path: cache.path) }
        }
    }

    @Test("what stands in place of a configuration or a model file is called by its name")
    func familiarKinds() throws {
        let pointer = Data("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n".utf8)
        let page = Data("<!DOCTYPE html><html></html>".utf8)
        for (data, word) in [(pointer, "Git LFS"), (page, "web page")] {
            for name in ["config.json", "tokenizer_config.json", "model.safetensors"] {
                let error = #expect(throws: InputError.self) {
                    _ = try open(first) { try data.write(to: $0.appendingPathComponent(name)) }
                }
                #expect(error?.description.contains(word) == true && error?.file.hasSuffix(name) == true, "\(name)")
            }
            try withFolder { folder in
                let file = folder.appendingPathComponent("model.gguf")
                try data.write(to: file)
                expect(Rule("model.kind"), contains: word) { _ = try Model(path: file.path) }
            }
        }
    }
}
