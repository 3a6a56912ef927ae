import Foundation
import TestSupport
import Testing
import VLMConv

/// What models are calibrated on when nothing is given.
struct BuiltinCalibrationTests {
    @Test(
        "the text is what its script composes",
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/env")))
    func script() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", Fixtures.path("calibration-text/compose.py"), "--text"]
        process.environment = ProcessInfo.processInfo.environment.merging(["PYTHONDONTWRITEBYTECODE": "1"]) { $1 }
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        // Without an interpreter there is nothing to compare with.
        guard process.terminationStatus != 127 else { return }
        #expect(text == BuiltinCalibration.text)
    }

    @Test("the text is long and says nothing twice at length")
    func text() {
        let pieces = BuiltinCalibration.text.components(separatedBy: "\n\n").filter { $0.utf8.count > 120 }
        #expect(BuiltinCalibration.text.utf8.count > 90_000)
        #expect(Set(pieces).count == pieces.count)
        let words = BuiltinCalibration.text.split { !$0.isLetter }
        #expect(Set(words).count > 3000)
    }

    @Test("nothing is asked while calibrating that the result is held against")
    func questions() {
        let heldOut = Set(BuiltinPrompts.pictureQuestions + BuiltinPrompts.texts)
        #expect(!BuiltinCalibration.questions.isEmpty && heldOut.isDisjoint(with: BuiltinCalibration.questions))
        #expect(!heldOut.contains { BuiltinCalibration.text.contains($0) })
    }

    @Test("the pictures are the same on every machine")
    func digest() throws {
        let pictures = try BuiltinCalibration.pictures(count: 16)
        #expect(XXH64.hex(pictures.flatMap(\.pixels)) == "616b1c826db3b538")
    }

    @Test("no picture is like another, and none is of one colour")
    func different() throws {
        let pictures = try BuiltinCalibration.pictures(count: 24)
        #expect(pictures.count == 24)
        for (number, picture) in pictures.enumerated() {
            #expect(Set(picture.pixels).count > 40, "\(number)")
            for other in pictures[..<number] where other.pixels.count == picture.pixels.count {
                let same = zip(picture.pixels, other.pixels).count { abs(Int($0) - Int($1)) < 4 }
                #expect(same * 10 < picture.pixels.count * 9, "\(number)")
            }
        }
    }
}
