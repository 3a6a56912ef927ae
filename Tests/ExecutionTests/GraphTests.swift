import Execution
import Foundation
import MobileVLM
import Models
import Tensors
import Testing

/// The graph against PyTorch on tiny models of every shape, and against itself.
struct GraphTests {
    @Test("every intermediate result is PyTorch's", arguments: GraphFixture.names)
    func taps(name: String) throws {
        let fixture = try GraphFixture(name)
        let executor = try fixture.executor()
        let taps = Taps()
        _ = try executor.forward(
            fixture.pieces(executor, taps: taps), cache: executor.makeCache(), taps: taps)
        for tap in taps.recorded {
            let expected = "tap.\(tap.name)"
            #expect(fixture.file.info(expected)?.shape.dimensions == tap.shape, "\(tap.name)")
            // The fixtures are exact to a rounding; what is left is this module's own float32 noise.
            #expect(try relativeError(tap.values, fixture.file.floats(expected)) < 2e-6, "\(tap.name)")
        }
        // And none is missing.
        let names = fixture.file.tensors.map(\.name).filter { $0.hasPrefix("tap.") }.map { String($0.dropFirst(4)) }
        #expect(Set(names) == Set(taps.recorded.map(\.name)))
    }

    @Test("token by token, in chunks or all at once: the cache changes nothing", arguments: [1, 7, 39])
    func cache(chunk: Int) throws {
        let fixture = try GraphFixture("grouped-query")
        let executor = try fixture.executor()
        let whole = try executor.forward([.tokens(fixture.ids)], cache: executor.makeCache())
        let cache = executor.makeCache()
        var parts: [Float] = []
        for start in stride(from: 0, to: fixture.ids.count, by: chunk) {
            let ids = Array(fixture.ids[start..<min(start + chunk, fixture.ids.count)])
            parts += try executor.forward([.tokens(ids)], cache: cache).elements
        }
        #expect(cache.position == fixture.ids.count)
        #expect(relativeError(parts, whole.elements) < 2e-6)
    }

    @Test("a cache that is wound back continues as if the forgotten rows had never been")
    func rewind() throws {
        let fixture = try GraphFixture("grouped-query")
        let executor = try fixture.executor()
        let (start, end) = (Array(fixture.ids.prefix(10)), Array(fixture.ids.dropFirst(10)))
        let cache = executor.makeCache()
        _ = try executor.forward([.tokens(start)], cache: cache)
        let first = try executor.forward([.tokens(end)], cache: cache)
        cache.rewind(to: 10)
        _ = try executor.forward([.tokens([1, 2, 3])], cache: cache)
        cache.rewind(to: 10)
        #expect(cache.position == 10)
        #expect(try executor.forward([.tokens(end)], cache: cache) == first)
        cache.rewind(to: 400)
        #expect(cache.position == fixture.ids.count)
    }

    @Test("logits of the last row are the last row of all logits")
    func lastRow() throws {
        let fixture = try GraphFixture("grouped-query")
        let executor = try fixture.executor()
        let all = try executor.forward([.tokens(fixture.ids)], cache: executor.makeCache())
        let last = try executor.forward([.tokens(fixture.ids)], cache: executor.makeCache(), logits: .last)
        #expect((last.rows, last.columns) == (1, 40))
        #expect(relativeError(last.elements, Array(all[row: all.rows - 1])) < 2e-6)
    }

    @Test("a file with rows reordered for neighbour pairs computes what the original computes")
    func pairing() throws {
        let fixture = try GraphFixture("grouped-query")
        let c = fixture.configuration.language
        // GGUF's order: rows i and i + D/2 of a head become rows 2i and 2i + 1.
        var reordered = try MemorySource(fixture.file)
        for n in 0..<c.layerCount {
            for (name, heads) in [("q_proj", c.headCount), ("k_proj", c.keyValueHeadCount)] {
                let key = "model.layers.\(n).self_attn.\(name).weight"
                let rows = try fixture.file.floats(key)
                var result = rows
                for head in 0..<heads {
                    for i in 0..<c.headSize / 2 {
                        for (from, to) in [(i, 2 * i), (i + c.headSize / 2, 2 * i + 1)] {
                            let (source, target) = (head * c.headSize + from, head * c.headSize + to)
                            for column in 0..<c.hiddenSize {
                                result[target * c.hiddenSize + column] = rows[source * c.hiddenSize + column]
                            }
                        }
                    }
                }
                try reordered.add(key, [heads * c.headSize, c.hiddenSize], result)
            }
        }
        func layers(_ source: any TensorSource, _ pairing: RotaryPairing) throws -> [[Float]] {
            let executor = try Executor(
                configuration: fixture.configuration, weights: ModelWeights(checkpoint: source, pairing: pairing))
            let taps = Taps(.names(["llama.layer"]))
            _ = try executor.forward([.tokens(fixture.ids)], cache: executor.makeCache(), taps: taps)
            return taps.recorded.map(\.values)
        }
        let original = try layers(fixture.file, .halves)
        #expect(original.count == c.layerCount)
        for (a, b) in zip(try layers(reordered, .neighbours), original) { #expect(relativeError(a, b) < 2e-6) }
        // The wrong pairing runs as well and gives something else: it is the container that must know.
        for (a, b) in zip(try layers(reordered, .halves), original) { #expect(relativeError(a, b) > 1e-3) }
    }

    @Test("the results are the same, bit for bit, for any number of threads", arguments: ["ldp-24", "ldpv2-16"])
    func threads(name: String) throws {
        let fixture = try GraphFixture(name)
        func run(_ threads: Int) throws -> [[UInt32]] {
            let executor = try fixture.executor(threads: threads)
            #expect(executor.threads == threads)
            let taps = Taps()
            let cache = executor.makeCache()
            _ = try executor.forward(fixture.pieces(executor, taps: taps), cache: cache, taps: taps)
            _ = try executor.forward([.tokens([3])], cache: cache, taps: taps)
            return taps.recorded.map { $0.values.map(\.bitPattern) }
        }
        let one = try run(1)
        for threads in [2, 3, 8] { #expect(try run(threads) == one) }
    }

    @Test("several threads may use one executor, each with its own cache")
    func concurrentUse() async throws {
        let fixture = try GraphFixture("grouped-query")
        let executor = try fixture.executor()
        let ids = fixture.ids
        let alone = try executor.forward([.tokens(ids)], cache: executor.makeCache())
        let results = try await withThrowingTaskGroup(of: Matrix.self) { group in
            for _ in 0..<8 {
                group.addTask { try executor.forward([.tokens(ids)], cache: executor.makeCache()) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results == Array(repeating: alone, count: 8))
    }

    @Test("taps are recorded by whole name or by the part before a dot, and otherwise not")
    func selection() throws {
        let fixture = try GraphFixture("ldp-7")
        let executor = try fixture.executor()
        let taps = Taps(.names(["projector.block.2", "llama.layer.1", "logit"]))
        _ = try executor.forward(fixture.pieces(executor, taps: taps), cache: executor.makeCache(), taps: taps)
        #expect(
            taps.recorded.map(\.name) == [
                "projector.block.2.depthwise", "projector.block.2.norm", "projector.block.2.se",
                "projector.block.2.out", "llama.layer.1",
            ])
        #expect(taps["llama.layer.1"]?.shape == [fixture.ids.count + 16, 48])
        #expect(taps["llama.layer.0"] == nil)
    }
}
