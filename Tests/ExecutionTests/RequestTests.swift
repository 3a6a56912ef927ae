import ByteIO
import Execution
import MobileVLM
import Platform
import Testing

/// What callers may ask, and what they are told when they may not.
struct RequestTests {
    private func refusal(_ body: () throws -> Void) throws -> ExecutionError {
        try #require(throws: ExecutionError.self) { try body() }
    }

    @Test("a request that the model cannot answer is refused and leaves the cache as it was")
    func refusals() throws {
        let fixture = try GraphFixture("mlp2x")
        let executor = try fixture.executor()
        let textOnly = try GraphFixture("grouped-query").executor()
        let cache = executor.makeCache()
        _ = try executor.forward([.tokens([1, 2])], cache: cache)
        func forward(_ pieces: [InputPiece]) throws -> ExecutionError {
            let error = try refusal { _ = try executor.forward(pieces, cache: cache) }
            #expect(cache.position == 2)
            return error
        }
        #expect(try forward([]) == .emptyInput)
        #expect(try forward([.tokens([]), .tokens([])]) == .emptyInput)
        #expect(try forward([.tokens([0, 40])]) == .tokenOutOfRange(id: 40, vocabularySize: 40))
        #expect(try forward([.tokens([-200])]) == .tokenOutOfRange(id: -200, vocabularySize: 40))
        let narrow = Matrix(rows: 1, columns: 15, elements: [Float](repeating: 0, count: 15))
        #expect(try forward([.tokens([1]), .image(narrow)]) == .wrongImageWidth(15, hiddenSize: 16))
        #expect(
            try forward([.tokens([Int](repeating: 1, count: 255))])
                == .tooManyPositions(asked: 257, contextLength: 256))
        #expect(
            try refusal { _ = try executor.encodeImage([0, 0, 0]) } == .wrongPixelCount(3, imageSize: 12))
        #expect(
            try refusal { _ = try textOnly.encodeImage([]) } == .noVisionTower(model: "grouped-query"))
        #expect(
            try refusal { _ = try executor.forward([.tokens([1])], cache: textOnly.makeCache()) } == .foreignCache)
        #expect(
            try refusal { _ = try executor.forward([.tokens([1, 2])], cache: cache, logits: .at([2])) }
                == .rowOutOfRange(2, rows: 2))
        #expect(cache.position == 2)
        // The context may be filled to its end.
        _ = try executor.forward([.tokens([Int](repeating: 1, count: 254))], cache: cache, logits: .last)
        #expect(cache.position == 256)
    }

    @Test("generation feeds each chosen token back, and tells how it ended")
    func generation() throws {
        let fixture = try GraphFixture("grouped-query")
        let executor = try fixture.executor()
        var streamed: [Int] = []
        let result = try executor.generate(
            [.tokens(fixture.ids)], maximumTokens: 12
        ) {
            streamed.append($0)
            return true
        }
        #expect(result.ids.count == 12 && result.ids == streamed)
        #expect(result.ending == .length)
        #expect(result.promptRows == 40 && result.decodeSteps == 11)
        #expect(result.prefillSeconds > 0 && result.decodeSeconds > 0)

        // The same by hand, without a cache.
        var ids = fixture.ids
        for _ in 0..<12 {
            let logits = try executor.forward([.tokens(ids)], cache: executor.makeCache(), logits: .last).elements
            ids.append(try #require(logits.indices.max { logits[$0] < logits[$1] }))
        }
        #expect(result.ids == Array(ids.suffix(12)))

        // A stop token ends the text and is not part of it.
        let stop = result.ids[5]
        let first = try #require(result.ids.firstIndex(of: stop))
        let stopped = try executor.generate(
            [.tokens(fixture.ids)], maximumTokens: 12, stopIDs: [stop])
        #expect(stopped.ids == Array(result.ids.prefix(first)) && stopped.ending == .stopToken(stop))

        // A full context ends it too, after the token for which there was still room to choose.
        let cache = executor.makeCache()
        _ = try executor.forward([.tokens([Int](repeating: 2, count: 250))], cache: cache, logits: .last)
        let cut = try executor.generate([.tokens([1, 2, 3])], cache: cache, maximumTokens: 100)
        #expect(cut.ending == .contextFull && cut.ids.count == 4 && cache.position == 256)

        // The caller may end it with any token.
        let short = try executor.generate([.tokens(fixture.ids)], maximumTokens: 12) { $0 != result.ids[3] }
        let end = try #require(result.ids.firstIndex(of: result.ids[3]))
        #expect(short.ids == Array(result.ids.prefix(end + 1)) && short.ending == .stopped)

        let none = try executor.generate([.tokens([1])], maximumTokens: 0)
        #expect(none.ids.isEmpty && none.ending == .length)
    }

    @Test("a cancelled pass throws and leaves the cache as it was")
    func cancellation() throws {
        let fixture = try GraphFixture("mlp2x")
        let executor = try fixture.executor()
        let cache = executor.makeCache()
        _ = try executor.forward([.tokens([1, 2])], cache: cache)
        let cancellation = Cancellation()
        let before = try executor.forward(
            [.tokens([3])], cache: cache, logits: .last, cancellation: cancellation)
        cache.rewind(to: 2)
        cancellation.cancel()
        #expect(throws: CancellationError.self) {
            try executor.forward([.tokens([3])], cache: cache, cancellation: cancellation)
        }
        #expect(cache.position == 2)
        #expect(throws: CancellationError.self) {
            try executor.encodeImage(fixture.file.floats("pixel_values"), cancellation: cancellation)
        }
        #expect(throws: CancellationError.self) {
            try executor.generate([.tokens([3])], maximumTokens: 4, cancellation: cancellation)
        }
        #expect(try executor.forward([.tokens([3])], cache: cache, logits: .last) == before)
    }

    @Test("a cache made for few positions holds exactly so many")
    func smallCache() throws {
        let fixture = try GraphFixture("grouped-query")
        let executor = try fixture.executor()
        let cache = executor.makeCache(positions: 12)
        _ = try executor.forward([.tokens(Array(fixture.ids.prefix(12)))], cache: cache)
        #expect(cache.capacity == 12 && cache.position == 12)
        #expect(
            try refusal { _ = try executor.forward([.tokens([1])], cache: cache) }
                == .tooManyPositions(asked: 13, contextLength: 12))
        #expect(executor.makeCache(positions: .max).capacity == 256 && executor.makeCache(positions: -1).capacity == 1)
    }
}
