import ByteIO
import Conversion
import Dialects
import MobileVLM
import Quantization
import Synchronization
import Tensors
import Testing

struct PipelineTests {
    /// Two blocks, two key/value heads for four query heads, an embedding of more than one thread's share.
    private static let model = ModelConfiguration(
        name: "",
        language: language(blocks: 2, heads: 4, keyValueHeads: 2, hidden: 256, feedForward: 512, vocabulary: 2600),
        multimodal: .init(vision: tower(hidden: 64, feedForward: 128, blocks: 2, grid: 3), projector: .ldp))

    private func plan(_ source: MemorySource, _ name: String) throws -> ConversionPlan {
        ConversionPlan(
            metadata: Metadata(),
            tensors: try ConversionTests.plan(
                Self.model.tensors, of: Self.model, source.weights(Self.model),
                TypePolicy(preset(name), .language(blocks: 2, queriesPerKeyValueHead: 2))))
    }

    private func output(
        _ plan: ConversionPlan, _ sink: MemorySink,
        tensorWritten: @escaping @Sendable (Int) throws -> Void = { _ in }
    ) -> Pipeline.Output {
        Pipeline.Output(plan: plan, sink: sink, tensorWritten: tensorWritten)
    }

    private func convert(_ source: MemorySource, _ name: String, threads: Int = 2) throws -> [String: [UInt8]] {
        let plan = try plan(source, name)
        let sink = MemorySink(plan.tensors)
        try Pipeline([output(plan, sink)], threads: threads).run()
        #expect(sink.isComplete)
        return Dictionary(uniqueKeysWithValues: zip(plan.tensors.map(\.target.name), sink.tensors))
    }

    @Test("one, two and five threads write the same bytes, each once", arguments: ["q4_k_m", "q4_0", "f16"])
    func threads(preset: String) throws {
        let source = try MemorySource(Self.model)
        let one = try convert(source, preset, threads: 1)
        #expect(try convert(source, preset, threads: 2) == one)
        #expect(try convert(source, preset, threads: 5) == one)
    }

    @Test("each tensor holds its own source, rows of queries and keys reordered by heads")
    func values() throws {
        let source = try MemorySource(Self.model)
        let copied = try convert(source, "f32")
        let quantized = try convert(source, "q8_0")
        for tensor in Self.model.tensors where tensor.kind != .depthwiseKernel {
            let name = try #require(GGUFDialect().name(of: tensor, in: Self.model))
            let shape = GGUFDialect().shape(of: tensor)
            let values = try source.floats(tensor.key)
            let columns = shape.columns
            let rows = values.count / columns
            var expected: [Float] = []
            for row in 0..<rows {
                var from = row
                if case .rotaryMatrix(let heads) = tensor.kind {
                    // new row (h*D + 2i + s) = old row (h*D + s*D/2 + i)
                    let size = rows / heads
                    let (head, inner) = (row / size, row % size)
                    from = head * size + inner % 2 * (size / 2) + inner / 2
                }
                expected += values[from * columns..<(from + 1) * columns]
            }
            #expect(copied[name] == expected.withUnsafeBytes { Array($0) }, "\(name)")
            guard shape.rank == 2, columns % 32 == 0, tensor.kind != .positionTable else { continue }
            let type: ElementType = .q8_0
            #expect(try quantized[name] == encode(expected, type, columns: columns), "\(name)")
        }
    }

    private func encode(_ values: [Float], _ type: ElementType, columns: Int) throws -> [UInt8] {
        let encoder = try RowEncoder(type: type, columns: columns)
        var result: [UInt8] = []
        for start in stride(from: 0, to: values.count, by: columns) {
            var row = [UInt8](repeating: 0, count: encoder.rowBytes)
            Array(values[start..<start + columns]).withUnsafeBufferPointer { values in
                row.withUnsafeMutableBytes { _ = encoder.encode(values, into: $0) }
            }
            result += row
        }
        return result
    }

    @Test("progress reaches the size of all sources and chores")
    func progress() throws {
        let last = Mutex((done: 0, total: 0, calls: 0))
        let source = try MemorySource(Self.model)
        let plan = try plan(source, "q4_0")
        let steps = Atomic(0)
        let chore = Pipeline.Chore(byteCount: 1000) {
            steps.wrappingAdd(1, ordering: .relaxed).oldValue < 10 ? 100 : 0
        }
        let outputs = [
            output(plan, MemorySink(plan.tensors)), output(plan, MemorySink(plan.tensors)),
        ]
        try Pipeline(outputs, chores: [chore], threads: 2) { done, total in
            last.withLock { $0 = (max($0.done, done), total, $0.calls + 1) }
        }.run()
        let seen = last.withLock { $0 }
        #expect(seen.done == 2 * plan.sourceBytes + 1000)
        #expect(seen.total == 2 * plan.sourceBytes + 1000)
        #expect(seen.calls > 2 * plan.tensors.count + 10)  // the embedding and the head come in parts
    }

    @Test("each tensor is announced once, when all of its bytes are there", arguments: [1, 4])
    func tensorWritten(threads: Int) throws {
        let source = try MemorySource(Self.model)
        let plan = try plan(source, "q8_0")
        let sink = MemorySink(plan.tensors)
        let announced = Mutex([Int]())
        let whole = try convert(source, "q8_0")
        let output = output(plan, sink) { number in
            #expect(sink.tensors[number] == whole[plan.tensors[number].target.name])
            announced.withLock { $0.append(number) }
        }
        try Pipeline([output], threads: threads).run()
        #expect(announced.withLock { $0.sorted() } == Array(plan.tensors.indices))
    }

    @Test("each file gets its own tensors, and errors are told file by file")
    func severalFiles() throws {
        let source = try MemorySource(Self.model)
        let plans = [try plan(source, "q4_0"), try plan(source, "q8_0")]
        let sinks = plans.map { MemorySink($0.tensors) }
        let errors = try Pipeline(zip(plans, sinks).map { output($0, $1) }, threads: 2).run()
        for (index, plan) in plans.enumerated() {
            let alone = MemorySink(plan.tensors)
            #expect(try Pipeline([output(plan, alone)], threads: 1).run() == [errors[index]])
            #expect(sinks[index].tensors == alone.tensors)
        }
        let coarse = errors[0].map(\.relativeRMSE).max() ?? 0
        let fine = errors[1].map(\.relativeRMSE).max() ?? 0
        #expect(coarse > 10 * fine && fine > 0)
    }

    @Test(
        "a chore's steps never overlap and all are done: a long chore begins at once, a short one comes last",
        arguments: [2, 5], [true, false])
    func choreSteps(threads: Int, isLong: Bool) throws {
        let source = try MemorySource(Self.model)
        let plan = try plan(source, "q4_0")
        let isRunning = Atomic(false)
        let steps = Atomic(0)
        let written = Atomic(0)
        let writtenBefore = Mutex<Int?>(nil)
        let size = isLong ? 10 * plan.sourceBytes : 100
        let chore = Pipeline.Chore(byteCount: size) {
            let overlaps = isRunning.exchange(true, ordering: .relaxed)
            #expect(!overlaps)
            defer { isRunning.store(false, ordering: .relaxed) }
            writtenBefore.withLock { $0 = $0 ?? written.load(ordering: .relaxed) }
            return steps.wrappingAdd(1, ordering: .relaxed).oldValue < 100 ? size / 100 : 0
        }
        let output = output(plan, MemorySink(plan.tensors)) { _ in
            written.wrappingAdd(1, ordering: .relaxed)
        }
        try Pipeline([output], chores: [chore], threads: threads).run()
        let count = steps.load(ordering: .relaxed)
        #expect(count == 101)
        let before = try #require(writtenBefore.withLock { $0 })
        // Every other thread may be at a job, or through with a first one, by then.
        #expect(isLong ? before < plan.tensors.count / 2 : before >= plan.tensors.count - threads)
    }

    @Test("a chore that fails ends the conversion with its error", arguments: [1, 2])
    func choreFails(threads: Int) throws {
        struct Broken: Error {}
        let source = try MemorySource(Self.model)
        let plan = try plan(source, "f16")
        let pipeline = Pipeline(
            [output(plan, MemorySink(plan.tensors))],
            chores: [Pipeline.Chore(byteCount: 1) { throw Broken() }], threads: threads)
        #expect(throws: Broken.self) { try pipeline.run() }
    }

    @Test(
        "NaN or an infinity is named with its tensor and row, whatever the target",
        arguments: [Float.nan, .infinity, -.infinity], ["q4_0", "q4_k_m", "q8_0", "f16", "bf16", "f32"])
    func notFinite(value: Float, preset: String) throws {
        let key = "model.layers.1.mlp.up_proj.weight"
        let source = try MemorySource(Self.model) { name, values in
            if name == key { values[7 * 256 + 100] = value }
        }
        let error = #expect(throws: InputError.self) { try convert(source, preset) }
        #expect(error?.rule == Pipeline.notFinite)
        #expect(error?.field == key)
        #expect(error?.file == "checkpoint")
        #expect(error?.problem.contains("row 7 ") == true)
    }

    @Test("the row that is named is the checkpoint's, also where rows are reordered")
    func notFiniteRow() throws {
        let key = "model.layers.0.self_attn.q_proj.weight"
        let source = try MemorySource(Self.model) { name, values in
            // Head 0 has 64 rows: row 33 becomes row 3.
            if name == key { values[33 * 256] = .nan }
        }
        let error = #expect(throws: InputError.self) { try convert(source, "q4_0", threads: 1) }
        #expect(error?.field == key)
        #expect(error?.problem.contains("row 33 ") == true)
    }

    @Test("a value that the target cannot hold is refused, and one that can hold it is named")
    func tooLarge() throws {
        let source = try MemorySource(Self.model) { name, values in
            if name == "model.layers.0.mlp.gate_proj.weight" { values[0] = 1e6 }
        }
        let error = #expect(throws: InputError.self) { try convert(source, "f16", threads: 1) }
        #expect(error?.rule == Pipeline.notFinite)
        #expect(error?.remedy?.contains("bf16") == true)
        _ = try convert(source, "bf16")
    }

    @Test("what the sink throws ends the conversion")
    func sinkFails() throws {
        let source = try MemorySource(Self.model)
        let plan = try plan(source, "f16")
        let pipeline = Pipeline([output(plan, MemorySink(plan.tensors, refuses: true))], threads: 3)
        #expect(throws: MemorySink.Refused.self) { try pipeline.run() }
    }

    @Test("bytes that somebody else has chosen are written as they are, and their error is told")
    func chosenBytes() throws {
        let source = try MemorySource(Self.model)
        let plain = try plan(source, "q8_0")
        let number = try #require(plain.tensors.firstIndex { $0.target.name == "blk.0.ffn_up.weight" })
        let target = plain.tensors[number].target
        var other = try MemorySource(
            ModelConfiguration(
                name: "",
                language: language(blocks: 0, heads: 2, keyValueHeads: 2, hidden: 64, feedForward: 64, vocabulary: 8),
                multimodal: nil))
        let bytes = (0..<target.byteCount).map { UInt8(truncatingIfNeeded: $0 % 34 < 2 ? 60 - 60 * ($0 % 34) : $0) }
        try other.add("chosen", .q8_0, target.shape, bytes)
        let chosen = try #require(other.rows(of: "chosen"))
        var tensors = plain.tensors
        tensors[number] = try tensors[number].choosing(chosen)
        let sinks = [MemorySink(tensors), MemorySink(tensors)]
        let plans = [plain, ConversionPlan(metadata: Metadata(), tensors: tensors)]
        let errors = try Pipeline(zip(plans, sinks).map { output($0, $1) }, threads: 2).run()
        #expect(sinks[1].tensors[number] == bytes)
        #expect(errors[1][number].relativeRMSE > 10 * errors[0][number].relativeRMSE)
        for index in tensors.indices where index != number {
            #expect(sinks[0].tensors[index] == sinks[1].tensors[index])
            #expect(errors[0][index] == errors[1][index])
        }
        let error = #expect(throws: InputError.self) { try plain.tensors[number - 1].choosing(chosen) }
        #expect(error?.rule == PlannedTensor.mismatch)
    }
}
