import ByteIO
import Calibration
import Conversion
import Execution
import Foundation
import GGUF
import ModelSupport
import Models
import Tensors
import TestSupport
import Testing
import VLMConv

/// Models whose embedding is the head too are calibrated with their channels in another order.
@Suite(.enabled(if: FileManager.default.fileExists(atPath: Fixtures.path("tiny-mobilevlm-v1"))))
struct `The order of channels` {
    private static let key = "vlmconv.calibration.channels"

    /// The small language model in F32, its embedding for a head.
    private static func tied(_ folder: URL) throws -> String {
        let (whole, path) = (folder.path + "/whole.gguf", folder.path + "/tied.gguf")
        var request = try ConversionRequest(Fixtures.path("tiny-mobilevlm-v1"), whole, "f32")
        request.languageOnly = true
        _ = try request.run()
        let file = try GGUFFile(path: whole)
        let kept = file.tensors.filter { $0.name != "output.weight" }
        let writer = try GGUFWriter(destination: path, metadata: file.metadata, tensors: kept)
        for (number, info) in kept.enumerated() {
            try file.bytes(of: info.name).withUnsafeBytes { try writer.write($0, tensor: number, offset: 0) }
        }
        try writer.finish()
        return path
    }

    private static func calibrated(
        _ tied: String, _ folder: URL, _ name: String = "calibrated.gguf"
    ) throws -> String {
        var request = QuantizationRequest(
            input: tied, output: folder.path + "/" + name, storage: StorageOptions(try preset("q8_0")))
        var options = CalibrationOptions()
        options.effort = .quick
        options.texts = [Fixtures.path("importance/text.txt")]
        request.calibration = options
        _ = try request.run()
        return request.output
    }

    private static func verify(_ reference: String, _ candidate: String) throws -> VerificationReport {
        var request = VerificationRequest(reference: ModelLocation(reference), candidate: ModelLocation(candidate))
        request.threads = 2
        return try request.run()
    }

    private static func floats(_ weights: ModelWeights, _ tensor: TensorSpecification) throws -> [Float] {
        try weights.tensor(tensor.key, shape: tensor.shape).bytes.withUnsafeBytes {
            Array($0.bindMemory(to: Float.self))
        }
    }

    @Test func `changes nothing that a model computes`() throws {
        try withFolder { folder in
            let model = try Model(path: Self.tied(folder))
            let count = model.configuration.language.hiddenSize
            let order = try #require(ChannelOrder((0..<count).map { ($0 * 37 + 5) % count }))
            let reordered = try model.weights.reordered(order, model.configuration)
            let ids = model.tokenIDs("The square is red and the circle is blue.")
            func logits(_ weights: ModelWeights) throws -> [Float] {
                let executor = try Executor(configuration: model.configuration, weights: weights, threads: 2)
                return try executor.forward([.tokens(ids)], cache: executor.makeCache()).elements
            }
            let (before, after) = (try logits(model.weights), try logits(reordered))
            // Other orders of summing, and nothing else.
            let largest = zip(before, after).map { abs($0 - $1) }.max() ?? .infinity
            #expect(largest < 1e-4 * (before.map(abs).max() ?? 0) && before != after)
        }
    }

    @Test func `goes by the means of an embedding that is the head too, and of no other`() throws {
        try withFolder { folder in
            let model = try Model(path: Self.tied(folder))
            let order = try #require(try ChannelOrder(model.configuration, model.weights, threads: 2))
            let embedding = try #require(model.configuration.languageTensors.first { $0.kind == .tokenEmbedding })
            let columns = model.configuration.language.hiddenSize
            let reordered = try Self.floats(model.weights.reordered(order, model.configuration), embedding)
            let means = (0..<columns).map { column in
                stride(from: column, to: reordered.count, by: columns).reduce(0.0) { $0 + Double(reordered[$1]) }
            }
            #expect(means == means.sorted() && Set(means).count == columns)
            let whole = try Model(path: folder.path + "/whole.gguf")
            #expect(try ChannelOrder(whole.configuration, whole.weights, threads: 2) == nil)
            let pictures = try Model(path: Fixtures.path("tiny-mobilevlm-v1"), visionTower: nil)
            #expect(try ChannelOrder(pictures.configuration, pictures.weights, threads: 2) == nil)
        }
    }

    @Test func `is recorded, undone by verify, and found out where it is another`() throws {
        try withFolder { folder in
            let tied = try Self.tied(folder)
            let path = try Self.calibrated(tied, folder)
            let text = try #require(GGUFFile(path: path).metadata[Self.key]?.text)
            let report = try Self.verify(tied, path)
            #expect(report.passed, "\(report.faults)")

            func damaged(_ change: (inout [Substring]) throws -> Void) throws -> VerificationReport {
                var numbers = text.split(separator: " ")
                try change(&numbers)
                var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
                let place = try #require(bytes.range(of: Data(text.utf8)))
                let other = Data(numbers.joined(separator: " ").utf8)
                try #require(other.count == place.count)
                bytes.replaceSubrange(place, with: other)
                try bytes.write(to: folder.appendingPathComponent("damaged.gguf"))
                return try Self.verify(tied, folder.path + "/damaged.gguf")
            }
            let pair = try #require(
                text.split(separator: " ").indices.dropFirst().first {
                    let numbers = text.split(separator: " ")
                    return numbers[$0].count == numbers[$0 - 1].count
                })
            let swapped = try damaged { $0.swapAt(pair, pair - 1) }
            #expect(!swapped.passed && swapped.faults.contains { $0.subject == "token_embd.weight" })
            expect(CalibrationRecord.wrongOrder, contains: "every channel once") {
                _ = try damaged { $0[pair] = $0[pair - 1] }
            }
        }
    }

    @Test func `stays on record in what is made from the calibrated file, which verify takes`() throws {
        try withFolder { folder in
            let tied = try Self.tied(folder)
            let path = try Self.calibrated(tied, folder)
            func made(_ name: String) -> String { folder.path + "/" + name }

            for (source, target) in [(path, made("mapped.mvlm")), (made("mapped.mvlm"), made("back.gguf"))] {
                _ = try ConversionRequest(
                    checkpoint: ModelLocation(source), output: target, storage: StorageOptions(.stored),
                    projectorPreset: .stored
                ).run()
                let report = try Self.verify(tied, target)
                #expect(report.passed, "\(target): \(report.faults)")
            }
            let record = try GGUFFile(path: path).metadata.entries.filter { $0.key.hasPrefix("vlmconv.calibration.") }
            let back = try GGUFFile(path: made("back.gguf")).metadata
            #expect(record.count == 7)
            for (key, value) in record { #expect(back[key] == value, "\(key)") }

            var request = QuantizationRequest(
                input: path, output: made("again.gguf"), storage: StorageOptions(try preset("q4_0")))
            request.allowsRequantizing = true
            _ = try request.run()
            let report = try Self.verify(tied, request.output)
            #expect(report.faults.allSatisfy { $0.subject != "token_embd.weight" }, "\(report.faults)")
            #expect(try GGUFFile(path: request.output).metadata[Self.key] == GGUFFile(path: path).metadata[Self.key])
        }
    }

    @Test func `is that of both calibrations where a calibrated file is calibrated again`() throws {
        try withFolder { folder in
            let tied = try Self.tied(folder)
            let once = try Self.calibrated(tied, folder)
            var request = QuantizationRequest(
                input: once, output: folder.path + "/floats.gguf", storage: StorageOptions(try preset("f32")))
            request.allowsRequantizing = true
            _ = try request.run()
            let twice = try Self.calibrated(request.output, folder, "twice.gguf")
            let report = try Self.verify(tied, twice)
            #expect(report.passed, "\(report.faults)")
        }
    }

    @Test func `after another one is an order of that one's source`() throws {
        let (earlier, later) = (try #require(ChannelOrder([2, 0, 1])), try #require(ChannelOrder([0, 2, 1])))
        // What stands last after the first stands in the middle after both: the source's channel 1.
        #expect(later.following(earlier)?.channels == [2, 1, 0])
        #expect(later.following(try #require(ChannelOrder([1, 0]))) == nil)
    }

    @Test func `is undone for what was measured in it`() throws {
        let order = try #require(ChannelOrder([2, 0, 1]))
        #expect(order.restored([30, 10, 20]) == [10, 20, 30])
    }

    @Test func `is of every channel once`() {
        #expect(ChannelOrder([2, 0, 1]) != nil)
        for wrong in [[0, 0, 1], [1, 2], [0, -1], [0, 1, 3]] { #expect(ChannelOrder(wrong) == nil) }
    }
}
