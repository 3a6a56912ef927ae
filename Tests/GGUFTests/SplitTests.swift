import ByteIO
import Foundation
import GGUF
import TestSupport
import Tensors
import Testing

@Suite("Models in several GGUF files")
struct SplitTests {
    static let names = ["split-00001-of-00003.gguf", "split-00002-of-00003.gguf", "split-00003-of-00003.gguf"]

    /// A folder with copies of the three shards that gguf-py wrote.
    private func copies() throws -> Folder {
        let folder = try Folder()
        for name in Self.names { try write(try contents(fixture(name)), folder.path(name)) }
        return folder
    }

    private func write(_ bytes: [UInt8], _ path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    private func rule(_ folder: Folder, _ name: String = names[0]) throws -> Rule? {
        try brokenRule { _ = try GGUFSplit(path: folder.path(name)) }
    }

    /// Overwrites bytes `distance` after the end of the first `text` of the file.
    private func patch(_ path: String, after text: String, by distance: Int = 0, _ bytes: [UInt8]) throws {
        var file = try contents(path)
        let wanted = Array(text.utf8)
        let place = try #require((0..<file.count - wanted.count).first { file[$0...].starts(with: wanted) })
        let start = place + wanted.count + distance
        file.replaceSubrange(start..<start + bytes.count, with: bytes)
        try write(file, path)
    }

    @Test("any shard opens the whole model", arguments: names)
    func opensFromAnyShard(name: String) throws {
        let model = try GGUFSplit(path: fixture(name))
        #expect(model.files == Self.names.map(fixture))
        #expect(model.tensors.map(\.name) == ["t0", "t1", "t2", "t3", "t4"])
        #expect(
            model.metadata.entries.map { described($0.key, $0.value) } == [
                .init(key: "general.architecture", type: "STRING", array: false, values: ["fixture"]),
                .init(key: "general.name", type: "STRING", array: false, values: ["in three parts"]),
            ])
        for position in 0..<5 {
            let expected = [Float](repeating: Float(position), count: 3 + position)
            #expect(model.info("t\(position)")?.shape == [3 + position])
            #expect(
                try model.bytes(of: "t\(position)").array
                    == expected.flatMap { Builder().u32($0.bitPattern).bytes })
        }
        #expect(model.info("t5") == nil)
        #expect(try brokenRule { _ = try model.bytes(of: "t5") } == GGUFRule.tensorMissing)
    }

    @Test("a file that is not split is a model of one shard")
    func singleFile() throws {
        let model = try GGUFSplit(path: fixture("types.gguf"))
        let file = try GGUFFile(path: fixture("types.gguf"))
        #expect(model.files == file.files)
        #expect(model.tensors == file.tensors)
        #expect(model.metadata.entries.map(\.key) == file.metadata.entries.map(\.key))
    }

    @Test("a shard that is not there is named")
    func missingShard() throws {
        let folder = try copies()
        try FileManager.default.removeItem(atPath: folder.path(Self.names[1]))
        do {
            _ = try GGUFSplit(path: folder.path(Self.names[2]))
            Issue.record("opened without its second shard")
        } catch let error as InputError {
            #expect(error.rule == GGUFRule.splitMissing)
            #expect(error.file == folder.path(Self.names[1]))
        }
    }

    @Test("a shard under a name that does not tell its place is refused")
    func renamedShard() throws {
        let folder = try copies()
        try write(try contents(fixture(Self.names[0])), folder.path("model.gguf"))
        #expect(try rule(folder, "model.gguf") == GGUFRule.splitName)
        // The first shard under the second's name: its number says otherwise.
        try write(try contents(fixture(Self.names[0])), folder.path(Self.names[1]))
        #expect(try rule(folder, Self.names[1]) == GGUFRule.splitName)
        #expect(try rule(folder) == GGUFRule.splitOrder)
    }

    @Test("a shard of another count, another total or another model is refused")
    func foreignShard() throws {
        var folder = try copies()
        try patch(folder.path(Self.names[1]), after: "split.count", by: 4, [4])
        #expect(try rule(folder) == GGUFRule.splitOrder)

        folder = try copies()
        try patch(folder.path(Self.names[2]), after: "split.tensors.count", by: 4, [6])
        #expect(try rule(folder) == GGUFRule.splitOrder)

        folder = try copies()
        for name in Self.names { try patch(folder.path(name), after: "split.tensors.count", by: 4, [6]) }
        #expect(try rule(folder) == GGUFRule.splitTensors)

        folder = try copies()
        try patch(folder.path(Self.names[1]), after: "t2", by: -1, [UInt8(ascii: "0")])
        #expect(try rule(folder) == GGUFRule.nameDuplicate)

        // A second shard that repeats a key of the model with another value.
        folder = try copies()
        var second = try GGUFFile(path: fixture(Self.names[1])).metadata
        second["general.name"] = .string("another model")
        try rewrite(metadata: second, of: Self.names[1], in: folder)
        #expect(try rule(folder) == GGUFRule.splitModel)
        second["general.name"] = .string("in three parts")
        try rewrite(metadata: second, of: Self.names[1], in: folder)
        #expect(try rule(folder) == nil)
    }

    @Test("split keys that are missing or out of range are refused")
    func brokenKeys() throws {
        var folder = try copies()
        try patch(folder.path(Self.names[0]), after: "split.no", by: 4, [3])
        #expect(try rule(folder) == GGUFRule.splitKeys)

        folder = try copies()
        try patch(folder.path(Self.names[0]), after: "split.count", by: 4, [0])
        #expect(try rule(folder) == GGUFRule.splitKeys)

        folder = try copies()
        try patch(folder.path(Self.names[1]), after: "split.n", [UInt8(ascii: "x")])
        #expect(try rule(folder) == GGUFRule.splitKeys)
    }

    private func rewrite(metadata: Metadata, of name: String, in folder: Folder) throws {
        let source = try GGUFFile(path: fixture(name))
        let writer = try GGUFWriter(destination: folder.path(name), metadata: metadata, tensors: source.tensors)
        for (number, info) in source.tensors.enumerated() {
            try source.bytes(of: info.name).withUnsafeBytes { try writer.write($0, tensor: number, offset: 0) }
        }
        try writer.finish()
    }
}
