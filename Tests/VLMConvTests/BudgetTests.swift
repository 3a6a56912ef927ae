import ByteIO
import Conversion
import Foundation
import GGUF
import ModelSupport
import Tensors
import TestSupport
import Testing
import VLMConv

/// Types chosen for a size, from request to file.
struct BudgetTests {
    private func request(_ source: String, _ output: String, _ budget: SizeBudget) -> ConversionRequest {
        var storage = StorageOptions(.mixed)
        storage.budget = budget
        storage.threads = 2
        var request = ConversionRequest(
            checkpoint: ModelLocation(source), output: output, storage: storage, projectorPreset: .stored)
        request.languageOnly = true
        return request
    }

    @Test("the file is not larger than asked for, fills what was asked for, and says no preset's number")
    func fits() throws {
        let source = Fixtures.path("tiny-mobilevlm-v2")
        try withFolder { folder in
            let whole = try ConversionRequest(source, folder.path + "/f16.gguf", "f16").plan().files[0].bytes
            let small = try ConversionRequest(source, folder.path + "/q2_k.gguf", "q2_k").plan().files[0].bytes
            var divergences: [Double] = []
            for part in [0.2, 0.5, 0.8] {
                let size = small + Int(Double(whole - small) * part)
                let path = folder.path + "/\(part).gguf"
                let report = try request(source, path, .bytes(size)).run()
                #expect(report.files[0].bytes <= size)
                #expect(Double(report.files[0].bytes) > Double(size) * 0.97)
                #expect(try GGUFFile(path: path).metadata["general.file_type"] == nil)
                #expect(try request(source, path, .bytes(size)).plan().files[0].bytes == report.files[0].bytes)
                divergences.append(try #require(report.budget).expectedDivergence)
            }
            #expect(divergences == divergences.sorted(by: >) && divergences[2] > 0)
        }
    }

    @Test("a size counts every copy of a file with several layouts; bits per weight count one")
    func copies() throws {
        try withFolder { folder in
            let source = Fixtures.path("tiny-mobilevlm-v2")
            func request(_ budget: SizeBudget, _ layouts: [RowLayout]) -> ConversionRequest {
                var request = self.request(source, folder.path + "/a.mvlm", budget)
                request.storage.layouts = layouts
                return request
            }
            let both = [RowLayout.tiles(rows: 8), .tiles(rows: 4)]
            // F16, which has no tiles, is there once, and so never larger than two copies of Q8_0.
            for size in [2_600_000, 3_800_000, 5_000_000] {
                let report = try request(.bytes(size), both).run()
                #expect(report.files[0].bytes <= size)
                #expect(Double(report.files[0].bytes) > Double(size) * 0.97, "\(report.files[0].bytes) of \(size)")
            }
            let types = try [[], both].map { layouts in
                try request(.bitsPerWeight(5), layouts).plan().files[0].rows.map(\.target)
            }
            #expect(types[0] == types[1])
        }
    }

    @Test("a checkpoint and its F16 file get the same types, and bits per weight are kept to")
    func bitsPerWeight() throws {
        let source = Fixtures.path("tiny-mobilevlm-v2")
        try withFolder { folder in
            _ = try request(source, folder.path + "/direct.gguf", .bitsPerWeight(5)).run()
            _ = try ConversionRequest(source, folder.path + "/f16.gguf", "f16").run()
            var storage = StorageOptions(.mixed)
            storage.budget = .bitsPerWeight(5)
            let report = try QuantizationRequest(
                input: folder.path + "/f16.gguf", output: folder.path + "/indirect.gguf", storage: storage
            ).run()
            #expect(report.files[0].bitsPerWeight <= 5 && report.files[0].bitsPerWeight > 4.8)
            let (direct, indirect) = try (
                GGUFFile(path: folder.path + "/direct.gguf"), GGUFFile(path: folder.path + "/indirect.gguf")
            )
            for tensor in direct.tensors { #expect(indirect.info(tensor.name)?.type == tensor.type, "\(tensor.name)") }
        }
    }

    @Test("a type that was given for a tensor stays")
    func overrides() throws {
        try withFolder { folder in
            var request = request(
                Fixtures.path("tiny-mobilevlm-v2"), folder.path + "/a.gguf", .bitsPerWeight(6))
            request.storage.overrides = [try TypePolicy.Override(pattern: "ffn_up", type: .q8_0)]
            let rows = try request.plan().files[0].rows.filter { $0.name.contains("ffn_up") }
            #expect(!rows.isEmpty && rows.allSatisfy { $0.target == .q8_0 })
        }
    }

    @Test("a size that nothing fits into is refused, with the least that would do")
    func tooSmall() throws {
        try withFolder { folder in
            let request = request(Fixtures.path("tiny-mobilevlm-v2"), folder.path + "/a.gguf", .bytes(1000))
            let error = try #require(throws: InputError.self) { try request.run() }
            #expect(error.rule == SizeBudget.tooSmall)
            #expect(try contents(of: folder).isEmpty)
        }
    }

    @Test("with calibration the model itself says what matters, and every matrix counts")
    func measured() throws {
        try withFolder { folder in
            var request = request(
                Fixtures.path("tiny-mobilevlm-v2"), folder.path + "/a.gguf", .bitsPerWeight(5))
            request.languageOnly = false
            request.projectorPreset = try preset("f16")
            var options = CalibrationOptions()
            options.effort = .quick
            request.calibration = options
            let report = try request.run()
            let language = try #require(report.files.first { $0.parts.count == 1 && $0.path.hasSuffix("/a.gguf") })
            #expect(language.bitsPerWeight <= 5)
            let budget = try #require(report.budget)
            #expect(budget.isMeasured && budget.expectedDivergence > 0)
            let calibration = try #require(report.calibration)
            #expect(calibration.calibrated.meanDivergence < calibration.plain.meanDivergence)
        }
    }
}
