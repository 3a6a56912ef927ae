import Execution
import MobileVLM
import Models
import Synchronization
import Testing

/// The graph in steps, and whoever watches it.
struct LayerTests {
    /// Writes down whole inputs.
    private final class Recorder: ActivationObserver {
        private let inputs = Mutex<[(keys: [String], input: Matrix)]>([])
        func observe(_ input: Matrix, of keys: [String]) { inputs.withLock { $0.append((keys, input)) } }
        var all: [(keys: [String], input: Matrix)] { inputs.withLock { $0 } }
        func clear() { inputs.withLock { $0 = [] } }
    }

    private func executor(_ fixture: GraphFixture, _ observer: Recorder) throws -> Executor {
        try Executor(
            configuration: fixture.configuration, weights: ModelWeights(checkpoint: fixture.file), observer: observer)
    }

    @Test("block by block gives what the whole pass gives, in the language model and in the tower")
    func blocks() throws {
        let fixture = try GraphFixture("ldpv2-8")
        let executor = try fixture.executor()
        let pixels = try fixture.file.floats("pixel_values")
        var rows = try executor.blockInput(pixels: pixels)
        for n in 0..<executor.blockCount(.visionTower) { rows = try executor.runBlock(n, of: .visionTower, on: rows) }
        let image = try executor.project(rows)
        #expect(try image == executor.encodeImage(pixels))

        let pieces: [InputPiece] = [.tokens([1, 2, 3]), .image(image), .tokens([4])]
        let taps = Taps()
        let logits = try executor.forward(pieces, cache: executor.makeCache(), taps: taps)
        rows = try executor.blockInput(pieces)
        for n in 0..<executor.blockCount(.language) {
            rows = try executor.runBlock(n, of: .language, on: rows)
            #expect(rows.elements == taps["llama.layer.\(n)"]?.values)
        }
        #expect(try executor.logits(of: rows) == logits)
    }

    @Test("a block in steps gives what the block gives, in both stacks; so does the head")
    func steps() throws {
        for (name, stack) in [("grouped-query", BlockStack.language), ("ldpv2-8", .visionTower)] {
            let fixture = try GraphFixture(name)
            let executor = try fixture.executor()
            let x =
                stack == .language
                ? try executor.blockInput([.tokens(fixture.ids)])
                : try executor.blockInput(pixels: fixture.file.floats("pixel_values"))
            let block = try executor.steps(0, of: stack, weights: ModelWeights(checkpoint: fixture.file))
            let h = block.addAttention(block.attend(block.attentionInput(x)), to: x)
            let y = block.addFeedForward(block.widen(block.feedForwardInput(h)), to: h)
            #expect(try y == executor.runBlock(0, of: stack, on: x))
            guard stack == .language else { continue }
            let head = try executor.headSteps(weights: ModelWeights(checkpoint: fixture.file))
            #expect(try head.logits(head.input(y)) == executor.logits(of: y))
        }
    }

    @Test("an observer sees the whole input of every linear layer, those that share one together")
    func observer() throws {
        let fixture = try GraphFixture("grouped-query")
        let recorder = Recorder()
        let executor = try executor(fixture, recorder)
        let rows = try executor.blockInput([.tokens(fixture.ids)])
        let after = try executor.runBlock(0, of: .language, on: rows)
        let block = "model.layers.0"
        #expect(
            recorder.all.map(\.keys) == [
                ["q", "k", "v"].map { "\(block).self_attn.\($0)_proj.weight" },
                ["\(block).self_attn.o_proj.weight"],
                ["gate", "up"].map { "\(block).mlp.\($0)_proj.weight" },
                ["\(block).mlp.down_proj.weight"],
            ])
        // The last input is what the last layer makes its output of: after = h + down x, and h is not lost by it.
        let c = fixture.configuration.language
        #expect(recorder.all.map(\.input.columns) == [c.hiddenSize, c.hiddenSize, c.hiddenSize, c.feedForwardSize])
        #expect(recorder.all.allSatisfy { $0.input.rows == fixture.ids.count })
        let down = try fixture.file.floats("\(block).mlp.down_proj.weight")
        let x = recorder.all[3].input
        let row = 7
        let product = (0..<c.hiddenSize).map { out in
            zip(x[row: row], down[out * c.feedForwardSize..<(out + 1) * c.feedForwardSize]).reduce(0) {
                $0 + $1.0 * $1.1
            }
        }
        // q, k, v read the normalised rows, whose products with o_proj are what attention added.
        let o = try fixture.file.floats("\(block).self_attn.o_proj.weight")
        let mixed = recorder.all[1].input
        let attended = (0..<c.hiddenSize).map { out in
            zip(mixed[row: row], o[out * c.hiddenSize..<(out + 1) * c.hiddenSize]).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let expected = zip(zip(rows[row: row], attended), product).map { $0.0 + $0.1 + $1 }
        #expect(relativeError(Array(after[row: row]), expected) < 2e-6)

        recorder.clear()
        _ = try executor.forward([.tokens(fixture.ids)], cache: executor.makeCache())
        #expect(recorder.all.count == 4 * c.layerCount + 1)
        #expect(recorder.all.last?.keys == ["lm_head.weight"])
    }

    @Test("rows that are no input of a block, and blocks that are not there, are refused")
    func refusals() throws {
        let executor = try GraphFixture("grouped-query").executor()
        let width = executor.configuration.language.hiddenSize
        func matrix(_ rows: Int, _ columns: Int) -> Matrix {
            Matrix(rows: rows, columns: columns, elements: [Float](repeating: 0, count: rows * columns))
        }
        #expect(throws: ExecutionError.blockOutOfRange(-1, blocks: executor.blockCount(.language))) {
            try executor.runBlock(-1, of: .language, on: matrix(1, width))
        }
        for bad in [matrix(0, width), matrix(257, width), matrix(1, width - 1)] {
            #expect(throws: ExecutionError.self) { try executor.runBlock(0, of: .language, on: bad) }
            #expect(throws: ExecutionError.self) { try executor.logits(of: bad) }
        }
        #expect(throws: ExecutionError.self) { try executor.project(matrix(1, 1)) }
        #expect(throws: ExecutionError.self) { try executor.runBlock(0, of: .visionTower, on: matrix(1, 1)) }
    }
}
