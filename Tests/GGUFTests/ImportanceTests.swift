import ByteIO
import Foundation
import GGUF
import TestSupport
import Tensors
import Testing

@Suite("Importance matrices")
struct ImportanceTests {
    @Test("the two forms that llama-imatrix wrote of one measurement give the same importances")
    func bothFormsAgree() throws {
        let gguf = try ImportanceMatrix(path: fixture("imatrix.gguf"))
        let dat = try ImportanceMatrix(path: fixture("imatrix.dat"))
        #expect(gguf.names.count == 28)
        #expect(gguf.names == dat.names)
        for name in gguf.names {
            #expect(gguf[name]?.map(\.bitPattern) == dat[name]?.map(\.bitPattern), "\(name)")
            #expect(gguf[name]?.count == (name.contains("ffn_down") ? 768 : 256))
        }
        for matrix in [gguf, dat] {
            #expect(matrix.datasets == ["calibration.txt"])
            #expect(matrix.chunkCount == 89)
            #expect(matrix.ignored == [])
        }
        #expect(gguf.fileName == fixture("imatrix.gguf"))
        #expect(gguf["token_embd.weight"] == nil)
        // By hand: the .dat file starts with blk.0.attn_k.weight, 89 calls, 256 values, the first 0x42A82BC3.
        #expect(dat["blk.0.attn_k.weight"]?.first == Float(bitPattern: 0x42A8_2BC3) / 89)
    }

    @Test("the same sums, in any order, give the bytes that llama-imatrix wrote")
    func writesAsLlamaImatrix() throws {
        let folder = try Folder()
        let source = try GGUFFile(path: fixture("imatrix.gguf"))
        let names = source.tensors.map(\.name).filter { $0.hasSuffix(".counts") }.map { String($0.dropLast(7)) }
        let entries = try names.reversed().map { name in
            ImportanceSums(
                name: name, squares: try floats(source, name + ".in_sum2"), counts: try floats(source, name + ".counts")
            )
        }
        let path = folder.path("out.gguf")
        try ImportanceWriter.write(
            entries, datasets: ["calibration.txt"], chunkCount: 89, chunkSize: 512, to: path, inputs: source.files)
        #expect(try contents(path) == contents(fixture("imatrix.gguf")))
    }

    private func floats(_ file: GGUFFile, _ name: String) throws -> [Float] {
        let bytes = try file.bytes(of: name).array
        return stride(from: 0, to: bytes.count, by: 4).map { start in
            Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * $1) })
        }
    }

    @Test("importance is the sum over the count, matrix by matrix, and 1 where nothing was counted")
    func dividesByCount() throws {
        let folder = try Folder()
        let path = folder.path("out.gguf")
        try ImportanceWriter.write(
            [
                ImportanceSums(name: "experts", squares: [2, 4, 6, 8, 5, 7], counts: [2, 0, 4]),
                ImportanceSums(name: "blk.10", squares: [9], counts: [3]),
                ImportanceSums(name: "blk.2", squares: [0], counts: [1]),
            ], datasets: [], chunkCount: 0, chunkSize: 1, to: path)
        let matrix = try ImportanceMatrix(path: path)
        #expect(matrix.names == ["blk.10", "blk.2", "experts"])
        #expect(matrix["experts"] == [1, 2, 1, 1, 1.25, 1.75])
        #expect(matrix["blk.10"] == [3])
        #expect(matrix["blk.2"] == [0])
        // ne [2, 3] and [1, 3], as llama-imatrix shapes stacked matrices.
        let file = try GGUFFile(path: path)
        #expect(file.info("experts.in_sum2")?.shape == [3, 2])
        #expect(file.info("experts.counts")?.shape == [3, 1])
    }

    @Test("sums that no measurement can give are not written")
    func refusesToWrite() throws {
        let folder = try Folder()
        func rule(_ squares: [Float], _ counts: [Float], name: String = "w") throws -> Rule? {
            try brokenRule {
                try ImportanceWriter.write(
                    [ImportanceSums(name: name, squares: squares, counts: counts)], datasets: [], chunkCount: 1,
                    chunkSize: 1, to: folder.path("out.gguf"))
            }
        }
        #expect(try rule([1, 2, 3], [1, 1]) == ImportanceRule.shape)
        #expect(try rule([], [1]) == ImportanceRule.shape)
        #expect(try rule([1], []) == ImportanceRule.shape)
        #expect(try rule([.nan], [1]) == ImportanceRule.value)
        #expect(try rule([-1], [1]) == ImportanceRule.value)
        #expect(try rule([1], [0.5]) == ImportanceRule.count)
        #expect(try rule([1], [.infinity]) == ImportanceRule.count)
        #expect(try rule([1], [1], name: String(repeating: "w", count: 56)) == GGUFRule.nameLength)
        #expect(try folder.names() == [])
    }

    // MARK: - Damaged files, GGUF form

    private struct Part {
        var name: String
        var ne: [UInt64]
        var values: [Float]
        var type: UInt32 = 0
    }

    /// A GGUF importance matrix of these tensors; `without` leaves out one key.
    private func gguf(_ parts: [Part], without: String? = nil) -> [UInt8] {
        let all: [String] = ["imatrix.datasets", "imatrix.chunk_count", "imatrix.chunk_size"]
        let keys = all.filter { $0 != without }
        var built = Builder.header(tensors: UInt64(parts.count), pairs: UInt64(keys.count))
        for key in keys {
            built =
                key == "imatrix.datasets"
                ? built.pair(key, type: 9).u32(8).u64(1).string("text") : built.pair(key, type: 4).u32(1)
        }
        var data = Builder()
        for part in parts {
            built = built.tensor(part.name, ne: part.ne, type: part.type, offset: UInt64(data.bytes.count))
            for value in part.values { data = data.u32(value.bitPattern) }
            data = data.padded()
        }
        return built.padded().adding(data.bytes).bytes
    }

    private func rule(_ bytes: [UInt8]) throws -> Rule? {
        try brokenRule { _ = try ImportanceMatrix(bytes: Bytes(bytes), name: "test.imatrix") }
    }

    @Test("sums and counts must come in pairs of matching shape, finite and not negative")
    func damagedGGUF() throws {
        let sums = Part(name: "w.in_sum2", ne: [2], values: [1, 2])
        let counts = Part(name: "w.counts", ne: [1], values: [4])
        #expect(try rule(gguf([sums, counts])) == nil)
        #expect(try rule(gguf([counts, sums])) == nil)
        for key in ["imatrix.datasets", "imatrix.chunk_count", "imatrix.chunk_size"] {
            #expect(try rule(gguf([sums, counts], without: key)) == ImportanceRule.keys, "\(key)")
        }
        #expect(try rule(contents(fixture("types.gguf"))) == ImportanceRule.keys)
        #expect(try rule(gguf([sums])) == ImportanceRule.pair)
        #expect(try rule(gguf([counts])) == ImportanceRule.pair)
        func sumsOf(_ ne: [UInt64], _ values: [Float], type: UInt32 = 0) throws -> Rule? {
            try rule(gguf([Part(name: "w.in_sum2", ne: ne, values: values, type: type), counts]))
        }
        #expect(try sumsOf([2, 2], [1, 2, 3, 4]) == ImportanceRule.shape)
        #expect(try sumsOf([2], [1, 2], type: 26) == ImportanceRule.shape)
        #expect(try sumsOf([0], []) == ImportanceRule.shape)
        #expect(try sumsOf([2], [1, .nan]) == ImportanceRule.value)
        #expect(try sumsOf([2], [.infinity, 1]) == ImportanceRule.value)
        #expect(try sumsOf([2], [-1, 1]) == ImportanceRule.value)
        func countsOf(_ ne: [UInt64], _ values: [Float]) throws -> Rule? {
            try rule(gguf([sums, Part(name: "w.counts", ne: ne, values: values)]))
        }
        #expect(try countsOf([2], [1, 1]) == ImportanceRule.shape)
        #expect(try countsOf([1], [.nan]) == ImportanceRule.count)
        #expect(try countsOf([1], [-1]) == ImportanceRule.count)

        let other = Part(name: "w.in_sum", ne: [1], values: [1])
        let matrix = try ImportanceMatrix(bytes: Bytes(gguf([sums, counts, other])), name: "test.imatrix")
        #expect(matrix.ignored == ["w.in_sum"])
        #expect(matrix["w"] == [0.25, 0.5])
    }

    // MARK: - Damaged files, .dat form

    @Test("counts and lengths of the old form are held against the file, and values must be finite")
    func damagedDat() throws {
        func entry(
            _ name: String = "w", nameLength: UInt32? = nil, calls: UInt32 = 2, count: UInt32? = nil,
            values: [Float] = [4, 6]
        ) -> Builder {
            var built = Builder().u32(nameLength ?? UInt32(name.utf8.count)).adding(Array(name.utf8))
                .u32(calls).u32(count ?? UInt32(values.count))
            for value in values { built = built.u32(value.bitPattern) }
            return built
        }
        func file(_ entries: Builder..., count: UInt32? = nil, trailer: [UInt8] = []) -> [UInt8] {
            let bytes = entries.flatMap(\.bytes)
            return Builder().u32(count ?? UInt32(entries.count)).adding(bytes).adding(trailer).bytes
        }
        let matrix = try ImportanceMatrix(bytes: Bytes(file(entry(), entry("v", calls: 0))), name: "old.dat")
        #expect(matrix["w"] == [2, 3])
        #expect(matrix["v"] == [4, 6])
        #expect(matrix.chunkCount == nil)
        #expect(matrix.datasets == [])
        #expect(try rule(file(entry(), trailer: Builder().u32(7).u32(2).adding([97, 98]).bytes)) == nil)

        #expect(try rule([]) == .truncated)
        #expect(try rule(file(count: 0)) == ImportanceRule.count)
        #expect(try rule(file(entry(), count: .max)) == ImportanceRule.count)
        #expect(try rule(file(entry(), count: 1 << 30)) == ImportanceRule.count)
        #expect(try rule(file(entry(nameLength: 0))) == ImportanceRule.count)
        #expect(try rule(file(entry(nameLength: 1 << 31))) == ImportanceRule.count)
        #expect(try rule(file(entry("w\0"))) == ImportanceRule.name)
        #expect(try rule(file(entry(calls: .max))) == ImportanceRule.count)
        #expect(try rule(file(entry(values: []), trailer: [0, 0, 0, 0])) == ImportanceRule.count)
        #expect(try rule(file(entry(count: 3))) == ImportanceRule.count)
        #expect(try rule(file(entry(count: 1 << 30))) == ImportanceRule.count)
        #expect(try rule(file(entry(values: [.nan]))) == ImportanceRule.value)
        #expect(try rule(file(entry(values: [-.infinity]))) == ImportanceRule.value)
        #expect(try rule(file(entry(), entry())) == ImportanceRule.duplicate)
        #expect(try rule(file(entry(), trailer: [1, 2, 3])) == .truncated)
        #expect(
            try rule(file(entry(), trailer: Builder().u32(7).u32(3).adding([97, 98]).bytes)) == ImportanceRule.count)
        #expect(try rule(file(entry(), trailer: Builder().u32(7).u32(0).u8(0).bytes)) == ImportanceRule.trailing)
    }

    @Test("the old form cut at any byte is refused, but where its trailer starts")
    func cutAnywhere() throws {
        let whole = try contents(fixture("imatrix.dat"))
        let trailer = 4 + 4 + "calibration.txt".utf8.count
        for length in Array(stride(from: 0, to: whole.count - 200, by: 97)) + Array(whole.count - 200..<whole.count) {
            #expect((try rule(Array(whole[..<length])) == nil) == (length == whole.count - trailer), "cut at \(length)")
        }
    }
}
