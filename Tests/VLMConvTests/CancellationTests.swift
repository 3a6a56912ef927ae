import Foundation
import TestSupport
import Testing
import VLMConv

/// Long calls end when they are told to, with the error that an app and Ctrl-C are answered with.
struct CancellationTests {
    /// Runs `call`, which is cancelled when its progress says a line with `word`; returns the lines until the end.
    private func cancelled(
        at word: String?, _ call: (Cancellation, (String) -> Void) throws -> Void
    ) -> [String] {
        let cancellation = Cancellation()
        if word == nil { cancellation.cancel() }
        var lines: [String] = []
        let error = #expect(throws: CancellationError.self) {
            try call(cancellation) { line in
                lines.append(line)
                if let word, line.contains(word) { cancellation.cancel() }
            }
        }
        #expect(error.map { FailureKind($0) } == .interrupted)
        return lines
    }

    @Test("a cancelled verification ends with the interrupted error, while it compares weights and while it runs")
    func verification() throws {
        try withFolder { folder in
            let checkpoint = try SmallCheckpoint().write(to: folder.appendingPathComponent("tiny"))
            let output = folder.path + "/m.gguf"
            _ = try ConversionRequest(checkpoint.path, output, "q8_0").run()
            func verify(_ cancellation: Cancellation, _ progress: (String) -> Void) throws {
                var request = VerificationRequest(
                    reference: ModelLocation(checkpoint.path), candidate: ModelLocation(output))
                request.threads = 1
                _ = try request.run(cancellation: cancellation, progress: progress)
            }
            #expect(cancelled(at: nil, verify).count == 1)
            let lines = cancelled(at: "running text 2", verify)
            #expect(lines.count == 3 && lines.last == "running text 2")
        }
    }

    @Test("a cancelled benchmark ends with the interrupted error, between two blocks")
    func benchmark() throws {
        try withFolder { folder in
            let checkpoint = try SmallCheckpoint().write(to: folder.appendingPathComponent("tiny"))
            func measure(_ cancellation: Cancellation, _ progress: (String) -> Void) throws {
                var request = BenchmarkRequest(model: ModelLocation(checkpoint.path))
                (request.promptTokens, request.answerTokens, request.threads) = (4, 4, [1])
                _ = try request.run(cancellation: cancellation, progress: progress)
            }
            #expect(cancelled(at: nil, measure).isEmpty)
            #expect(cancelled(at: "repetition 2", measure).last?.contains("repetition 2") == true)
        }
    }
}
