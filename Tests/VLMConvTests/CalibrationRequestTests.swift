import ByteIO
import Calibration
import Execution
import Foundation
import GGUF
import ModelSupport
import Models
import Platform
import Tensors
import TestSupport
import Testing
import VLMConv

/// `--calibrate` on the trained models: what it is worth, and what must stay as it was.
@Suite(.enabled(if: FileManager.default.fileExists(atPath: Fixtures.path("tiny-mobilevlm-v1"))))
struct `Calibrated conversion` {
    private struct Question: Decodable { let image, question, answer: String }

    private static func model(_ version: Int) -> String { Fixtures.path("tiny-mobilevlm-v\(version)") }

    private static func questions(_ scenes: ClosedRange<Int>) throws -> [Question] {
        let all = try JSONDecoder().decode(
            [Question].self, from: Data(contentsOf: URL(fileURLWithPath: Fixtures.path("pictures/questions.json"))))
        return all.filter { question in
            scenes.contains { question.image.hasPrefix("scene-\($0 < 10 ? "0" : "")\($0)") }
        }
    }

    /// What the models are calibrated on: half of the scenes, and what is asked about them.
    private static func options(_ folder: URL, _ effort: CalibrationEffort) throws -> CalibrationOptions {
        let pictures = folder.appendingPathComponent("calibration")
        try FileManager.default.createDirectory(at: pictures, withIntermediateDirectories: false)
        let asked = try questions(1...6)
        for name in Set(asked.map(\.image)) {
            try FileManager.default.copyItem(
                atPath: Fixtures.path("pictures/" + name), toPath: pictures.appendingPathComponent(name).path)
        }
        let text = folder.appendingPathComponent("calibration.txt")
        try Data(asked.map { "USER: \($0.question) ASSISTANT: \($0.answer)\n" }.joined().utf8).write(to: text)
        var options = CalibrationOptions()
        options.effort = effort
        options.texts = [text.path, Fixtures.path("importance/text.txt")]
        options.imageFolders = [pictures.path]
        return options
    }

    private static func request(
        _ version: Int, _ folder: URL, _ name: String, _ effort: CalibrationEffort?, threads: Int = 2
    ) throws -> ConversionRequest {
        var request = try ConversionRequest(model(version), folder.path + "/\(name)", "q4_0")
        request.storage.threads = threads
        let own = folder.appendingPathComponent(name + ".input")
        if let effort {
            try FileManager.default.createDirectory(at: own, withIntermediateDirectories: false)
            request.calibration = try options(own, effort)
        }
        return request
    }

    private static func verify(_ version: Int, _ path: String) throws -> VerificationReport {
        var request = VerificationRequest(reference: ModelLocation(model(version)), candidate: ModelLocation(path))
        let asked = try questions(7...12)
        request.images = Set(asked.map(\.image)).sorted().prefix(4).map { Fixtures.path("pictures/" + $0) }
        request.questions = [
            "What shape is the red object?", "How many shapes are there?", "What color is the circle?",
        ]
        request.threads = 2
        return try request.run()
    }

    @Test(arguments: [1, 2])
    func `leaves at most a third of plain rounding's divergence, and every answer about other pictures`(
        version: Int
    ) throws {
        try withFolder { folder in
            _ = try Self.request(version, folder, "plain.gguf", nil).run()
            let report = try Self.request(version, folder, "calibrated.gguf", .normal).run()
            let plain = try Self.verify(version, folder.path + "/plain.gguf")
            let calibrated = try Self.verify(version, folder.path + "/calibrated.gguf")
            #expect(calibrated.logits.meanDivergence < plain.logits.meanDivergence / 3)
            #expect(calibrated.sameAnswers == calibrated.prompts.count)
            #expect(calibrated.passed, "\(calibrated.faults)")
            let summary = try #require(report.calibration).summary
            #expect(summary.matrices == 4 * 7 + 1)
            #expect(summary.pictures == 6 && summary.pictureRows == 6 * 144)
            // Same types, same size: nobody can tell but by the metadata.
            let (one, other) = (
                try GGUFFile(path: folder.path + "/plain.gguf"), try GGUFFile(path: folder.path + "/calibrated.gguf")
            )
            #expect(one.tensors == other.tensors)
            #expect(try contents(of: folder).allSatisfy { !$0.contains("unfinished") })
        }
    }

    @Test(arguments: [1, 2])
    func `projected features of a tower and projector in Q4_0 lose at most a third of what plain rounding loses`(
        version: Int
    ) throws {
        try withFolder { folder in
            func loss(_ name: String, _ effort: CalibrationEffort?) throws -> Double {
                var request = try Self.request(version, folder, name, effort)
                request.projectorPreset = try preset("q4_0")
                _ = try request.run()
                let report = try Self.verify(version, request.output)
                #expect(report.faults.allSatisfy { !$0.subject.hasSuffix(".weight") }, "\(report.faults)")
                return 1 - (try #require(report.featureCosine))
            }
            let (plain, calibrated) = (try loss("plain.gguf", nil), try loss("calibrated.gguf", .normal))
            #expect(calibrated <= plain / 3)
        }
    }

    @Test func `the language model is rounded on what the tower sees as it is stored`() throws {
        try withFolder { folder in
            let files = try ["f16", "q4_0"].map { type -> GGUFFile in
                var request = try Self.request(2, folder, type + ".gguf", .quick)
                request.projectorPreset = try preset(type)
                _ = try request.run()
                return try GGUFFile(path: request.output)
            }
            let name = "blk.1.ffn_down.weight"
            let bytes = try files.map { try $0.bytes(of: name).withUnsafeBytes { Array($0) } }
            #expect(bytes[0] != bytes[1])
        }
    }

    @Test func `an embedding that is the head too is rounded for both`() throws {
        let model = try Model(path: Self.model(1), visionTower: nil)
        var configuration = model.configuration
        configuration.language.tiedEmbeddings = true
        let tied = try #require(configuration.languageTensors.first { $0.kind == .tokenEmbedding })
        let calibration = {
            var calibration = ModelCalibration(
                configuration: configuration, weights: model.weights, types: [tied.key: .q4_0])
            calibration.threads = 2
            return calibration
        }()
        let asked = try Self.questions(1...6).map { "USER: \($0.question) ASSISTANT: \($0.answer)" }
        let heldOut = try Self.questions(7...12).map { "USER: \($0.question) ASSISTANT: \($0.answer)" }
        func sequences(_ texts: [String]) -> [CalibrationSequence] {
            texts.map { CalibrationSequence(prompt: .init([.tokens(model.tokenIDs($0))])) }
        }
        var (plain, calibrated) = (LogitComparison(), LogitComparison())
        let result = try calibration.run(sequences(asked), heldOut: sequences(heldOut)) { logits in
            for row in 0..<logits.whole.rows {
                plain.add(reference: logits.whole[row: row], candidate: logits.plain[row: row])
                calibrated.add(reference: logits.whole[row: row], candidate: logits.calibrated[row: row])
            }
        }
        #expect(result.summary.matrices == 1)
        let rows = try #require(try result.chosenRows(tied, pairing: model.weights.rotaryPairing))
        #expect(rows.info.type == .q4_0)
        // Looked up without blocks to make up for it, an embedding gains less than other matrices do.
        #expect(calibrated.meanDivergence < 0.6 * plain.meanDivergence)
    }

    @Test func `moves scales without changing what the model computes`() throws {
        let model = try Model(path: Self.model(1), visionTower: nil)
        let types = Dictionary(
            model.configuration.languageTensors.filter { $0.kind != .vector }.map { ($0.key, ElementType.q4_0) }
        ) { first, _ in first }
        var calibration = ModelCalibration(
            configuration: model.configuration, weights: model.weights, types: types)
        calibration.effort = .quick
        calibration.threads = 2
        let ids = model.tokenIDs("The square is red and the circle is blue. There are three objects in the picture.")
        let result = try calibration.run([CalibrationSequence(prompt: .init([.tokens(ids)]))])
        #expect(result.summary.folds >= 4)
        func logits(_ weights: ModelWeights) throws -> [Float] {
            let executor = try Executor(configuration: model.configuration, weights: weights, threads: 2)
            return try executor.forward([.tokens(ids)], cache: executor.makeCache()).elements
        }
        let (before, after) = (try logits(model.weights), try logits(result.folded))
        let largest = zip(before, after).map { abs($0 - $1) }.max() ?? .infinity
        #expect(largest < 1e-3 * (before.map(abs).max() ?? 0))
        #expect(before != after)
    }

    @Test func `gives the same bytes on any number of threads`() throws {
        try withFolder { folder in
            let files = try [1, 2, 3].map { threads in
                _ = try Self.request(1, folder, "t\(threads).gguf", .quick, threads: threads).run()
                let file = try GGUFFile(path: folder.path + "/t\(threads).gguf")
                return try file.tensors.map { try file.array($0.name) }
            }
            #expect(files[0] == files[1])
            #expect(files[0] == files[2])
        }
    }

    @Test func `goes on after an interruption, to the same bytes`() throws {
        try withFolder { folder in
            let output = folder.path + "/m.gguf"
            let request = try Self.request(1, folder, "m.gguf", .quick)
            let stop = Cancellation()
            #expect(throws: CancellationError.self) {
                try request.run(
                    cancellation: stop, calibrating: { if $0.stage.hasPrefix("layer 3") { stop.cancel() } })
            }
            #expect(!FileManager.default.fileExists(atPath: output))
            let kept = output + ".calibration.unfinished"
            // Half a step more, as a crash would leave it.
            let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: kept))
            try handle.seekToEnd()
            try handle.write(contentsOf: Data([9, 0, 0, 0, 0, 0, 0, 0, 1, 2]))
            try handle.close()
            let report = try request.run()
            #expect(report.calibration?.summary.resumed == 2)
            #expect(!FileManager.default.fileExists(atPath: kept))
            let resumed = try Data(contentsOf: URL(fileURLWithPath: output))
            let whole = try request.run()
            #expect(whole.calibration?.summary.resumed == 0)
            #expect(try Data(contentsOf: URL(fileURLWithPath: output)) == resumed)
        }
    }

    @Test func `counts every step that an interruption left, the projector's and the head's too`() throws {
        try withFolder { folder in
            var request = try Self.request(1, folder, "m.gguf", .quick)
            request.projectorPreset = try preset("q4_0")
            let stop = Cancellation()
            #expect(throws: CancellationError.self) {
                try request.run(
                    cancellation: stop, calibrating: { if $0.stage == "output head" { stop.cancel() } })
            }
            let model = try Model(path: Self.model(1))
            let executor = try Executor(configuration: model.configuration, weights: model.weights, threads: 2)
            let blocks = executor.blockCount(.visionTower) + executor.blockCount(.language)
            #expect(try request.run().calibration?.summary.resumed == blocks + 2)
        }
    }

    @Test func `pictures' share is that of what is rounded in the language model, and none where nothing is`() throws {
        try withFolder { folder in
            var request = try Self.request(2, folder, "m.gguf", .quick)
            request.storage.preset = try preset("f16")
            request.projectorPreset = try preset("q4_0")
            let none = try #require(request.run().calibration).summary
            #expect(none.pictureRows > 0 && none.pictureShare == nil)
            // Half of the rows, more or less, are pictures'; nine layers' inputs without any would leave a ninth of that.
            request.storage.overrides = [try TypePolicy.Override(pattern: "blk.0.ffn_up", type: .q4_0)]
            let share = try #require(try request.run().calibration?.summary.pictureShare)
            #expect(share > 0.2)
        }
    }

    @Test func `an infinity is found before any work is done`() throws {
        try withFolder { folder in
            let source = folder.path + "/f16.gguf"
            _ = try ConversionRequest(Self.model(1), source, "f16").run()
            let name = "blk.3.ffn_up.weight"
            let file = try GGUFFile(path: source)
            let place = try #require(file.offset(of: name)) + file.dataOffset
            var bytes = try Data(contentsOf: URL(fileURLWithPath: source))
            bytes.replaceSubrange(place + 2000..<place + 2002, with: [0x00, 0x7C])
            try bytes.write(to: URL(fileURLWithPath: source))
            var request = QuantizationRequest(
                input: source, output: folder.path + "/m.gguf", storage: StorageOptions(try preset("q4_0")))
            request.calibration = try Self.options(folder, .quick)
            expect(Rule("convert.not-finite"), contains: name, "row 3 ") { _ = try request.run() }
            let kept = try Data(contentsOf: folder.appendingPathComponent("m.gguf.calibration.unfinished"))
            // The two lines that name the work, and no step.
            let newline = UInt8(ascii: "\n")
            #expect(kept.last == newline && kept.count { $0 == newline } == 2)
        }
    }

    @Test func `verify names the tensor in which one bit changed`() throws {
        try withFolder { folder in
            let output = folder.path + "/m.gguf"
            _ = try Self.request(2, folder, "m.gguf", .quick).run()
            #expect(try Self.verify(2, output).passed)
            let file = try GGUFFile(path: output)
            let place = try #require(file.offset(of: "blk.2.ffn_up.weight")) + file.dataOffset
            var bytes = try Data(contentsOf: URL(fileURLWithPath: output))
            bytes[place + 1000] ^= 1
            try bytes.write(to: URL(fileURLWithPath: output))
            let report = try Self.verify(2, output)
            #expect(report.faults.map(\.subject) == ["blk.2.ffn_up.weight"])
        }
    }

    @Test func `verify without digests still names a tensor that another took the place of`() throws {
        try withFolder { folder in
            let output = folder.path + "/m.gguf"
            var request = try Self.request(2, folder, "m.gguf", .quick)
            request.storage.digests = .nothing
            _ = try request.run()
            #expect(try Self.verify(2, output).passed)
            let file = try GGUFFile(path: output)
            let other = Data(try file.array("blk.1.attn_v.weight"))
            let place = try #require(file.offset(of: "blk.2.attn_v.weight")) + file.dataOffset
            var bytes = try Data(contentsOf: URL(fileURLWithPath: output))
            bytes.replaceSubrange(place..<place + other.count, with: other)
            try bytes.write(to: URL(fileURLWithPath: output))
            #expect(try Self.verify(2, output).faults.map(\.subject).contains("blk.2.attn_v.weight"))
        }
    }

    @Test(arguments: ["q4_0", "q3_k_m"])
    func `quantize chooses other bytes in the same places`(preset: String) throws {
        try withFolder { folder in
            _ = try ConversionRequest(Self.model(1), folder.path + "/f16.gguf", "f16").run()
            var request = QuantizationRequest(
                input: folder.path + "/f16.gguf", output: folder.path + "/plain.gguf",
                storage: StorageOptions(try VLMConvTests.preset(preset)))
            _ = try request.run()
            request.output = folder.path + "/calibrated.gguf"
            request.calibration = try Self.options(folder, .normal)
            let report = try #require(request.run().calibration)
            #expect(report.calibrated.meanDivergence < 0.6 * report.plain.meanDivergence)
            let (plain, calibrated) = (
                try GGUFFile(path: folder.path + "/plain.gguf"), try GGUFFile(path: request.output)
            )
            #expect(plain.tensors == calibrated.tensors)
            let keys = Set(calibrated.metadata.entries.map(\.key)).subtracting(plain.metadata.entries.map(\.key))
            #expect(keys.allSatisfy { $0.hasPrefix("vlmconv.calibration.") } && !keys.isEmpty)
            #expect(try plain.array("blk.1.ffn_up.weight") != calibrated.array("blk.1.ffn_up.weight"))
        }
    }

    @Test func `an .mvlm file with group scales takes chosen bytes too`() throws {
        try withFolder { folder in
            var request = try ConversionRequest(Self.model(2), folder.path + "/m.mvlm", "s4g64")
            request.calibration = try Self.options(folder, .normal)
            let report = try #require(request.run().calibration)
            // The held-out prompts are like nothing that this model was trained on.
            #expect(report.calibrated.meanDivergence < report.plain.meanDivergence)
            let plain = try ConversionRequest(Self.model(2), folder.path + "/plain.mvlm", "s4g64")
            _ = try plain.run()
            let (before, after) = (try Self.verify(2, plain.output), try Self.verify(2, request.output))
            #expect(after.passed)
            #expect(after.logits.meanDivergence < 0.5 * before.logits.meanDivergence)
        }
    }

    @Test func `types without levels, and input without text or pictures, are refused`() throws {
        try withFolder { folder in
            var request = try ConversionRequest(Self.model(2), folder.path + "/m.gguf", "f16")
            request.calibration = CalibrationOptions()
            expect(Rule("calibrate.no-levels"), contains: "--calibrate") { _ = try request.run() }
            let empty = folder.appendingPathComponent("empty.txt")
            try Data().write(to: empty)
            request.storage.preset = try preset("q4_0")
            request.calibration?.texts = [empty.path]
            expect(Rule("calibrate.no-input"), contains: "empty.txt") { _ = try request.run() }
            try Data("1 2 three".utf8).write(to: empty)
            request.calibration?.texts = []
            request.calibration?.tokens = [empty.path]
            expect(Rule("calibrate.tokens"), contains: "three") { _ = try request.run() }
            try Data("1 2 3 4 5 6 7 99999999 8".utf8).write(to: empty)
            expect(Rule("calibrate.tokens"), contains: "99999999") { _ = try request.run() }
        }
    }
}
