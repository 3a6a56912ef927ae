import ByteIO
import Foundation
import ModelSupport
import TestSupport
import Testing
import VLMConv

/// What a model is calibrated on, of all that is given.
struct CalibrationMaterialTests {
    /// Places of the sequences that are taken of such lengths.
    private func taken(_ lengths: [Int], rows: Int) -> [Int] {
        CalibrationMaterial.spread(Array(lengths.indices), rows: rows) { lengths[$0] }
    }

    @Test("sequences of one length are taken at even distances, as many as fit", arguments: [10, 204, 512])
    func equalLengths(length: Int) {
        for count in 1...100 {
            for rows in [512, 1536, 3072, 4096] {
                let fitting = min(count, rows / length)
                let expected = (0..<fitting).map { $0 * count / fitting }
                #expect(taken(Array(repeating: length, count: count), rows: rows) == expected)
            }
        }
    }

    @Test("a text's last, short sequence changes nothing about the others", arguments: [8, 300, 511])
    func shortEnd(length: Int) {
        let lengths = Array(repeating: 512, count: 64) + [length]
        for fitting in [3, 8, 16] {
            #expect(taken(lengths, rows: 512 * fitting) == (0..<fitting).map { $0 * 65 / fitting })
        }
    }

    @Test("long and short sequences in turn are taken alike, to the number of rows and not beyond")
    func unequalLengths() {
        for lengths in [[500, 10], [10, 500], [500, 10, 10], [10, 500, 500]] {
            let all = Array(repeating: lengths, count: 40).flatMap { $0 }
            for rows in [3072, 8192] {
                let found = taken(all, rows: rows).map { all[$0] }
                let sum = found.reduce(0, +)
                #expect(sum <= rows && sum > rows - 500, "\(lengths): \(sum) of \(rows)")
                #expect(Set(found) == [10, 500], "\(lengths)")
            }
        }
    }

    @Test("everything is taken where it fits, and one sequence where none does")
    func ends() {
        #expect(taken([], rows: 100) == [])
        #expect(taken([60, 40], rows: 100) == [0, 1])
        #expect(taken([600, 400], rows: 100) == [0])
    }

    /// A request to calibrate the small checkpoint on files of its own.
    private func request(
        _ checkpoint: SmallCheckpoint, _ folder: URL, _ change: (inout CalibrationOptions) -> Void
    ) throws -> ConversionRequest {
        let source = try checkpoint.write(to: folder.appendingPathComponent("tiny")).path
        var request = try ConversionRequest(source, folder.path + "/m.gguf", "q4_0")
        var options = CalibrationOptions()
        options.effort = .quick
        change(&options)
        request.calibration = options
        return request
    }

    @Test("a context that holds no text worth reading is refused", arguments: [1, 7])
    func shortContext(length: Int) throws {
        try withFolder { folder in
            var checkpoint = SmallCheckpoint()
            checkpoint.config["max_position_embeddings"] = length
            let request = try request(checkpoint, folder) { $0.texts = [Fixtures.path("importance/text.txt")] }
            expect(Rule("calibrate.no-input"), contains: "context length", "is \(length)") { _ = try request.run() }
        }
    }

    @Test("texts that are all too short are called that")
    func shortTexts() throws {
        try withFolder { folder in
            let ids = folder.appendingPathComponent("ids.txt")
            try Data("1 2 3\n4 5 6 7\n".utf8).write(to: ids)
            let request = try request(SmallCheckpoint(), folder) { $0.tokens = [ids.path] }
            expect(Rule("calibrate.no-input"), contains: "ids.txt", "too short") { _ = try request.run() }
        }
    }

    @Test("of a folder only the pictures that are chosen are read, and none by a model without vision")
    func chosenPictures() throws {
        try withFolder { folder in
            let pictures = folder.appendingPathComponent("pictures")
            try FileManager.default.createDirectory(at: pictures, withIntermediateDirectories: false)
            for number in 100..<200 {
                try FileManager.default.copyItem(
                    atPath: Fixtures.path("images/rgb_64x40.png"),
                    toPath: pictures.appendingPathComponent("\(number).png").path)
            }
            var request = try request(SmallCheckpoint(), folder) { $0.imageFolders = [pictures.path] }
            // The first is always chosen, the last only where all are.
            try Data("no picture".utf8).write(to: pictures.appendingPathComponent("199.png"))
            let report = try #require(request.run().calibration)
            #expect((2..<100).contains(report.summary.pictures))
            try Data("no picture".utf8).write(to: pictures.appendingPathComponent("100.png"))
            let error = #expect(throws: InputError.self) { try request.run() }
            #expect(error?.file.hasSuffix("100.png") == true)
            request.languageOnly = true
            request.calibration?.texts = [Fixtures.path("importance/text.txt")]
            #expect(try request.run().calibration?.summary.pictures == 0)
        }
    }
}
