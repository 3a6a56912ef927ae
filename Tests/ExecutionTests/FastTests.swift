import ByteIO
import Execution
import MobileVLM
import Models
import Platform
import Quantization
import Tensors
import Testing

/// `fast` arithmetic against `reference`, in all odd shapes, and against itself.
struct FastTests {
    /// A model of any shape with random weights; matrices are of `type` where their width allows, else F16.
    private struct Shape {
        var hidden = 96
        var feedForward = 288
        var heads = 3
        var groups = 1
        var headSize = 32
        var context = 96
        var vision: VisionConfiguration?
        var projector = ProjectorKind.ldpv2

        var configuration: ModelConfiguration {
            ModelConfiguration(
                name: "odd",
                language: LanguageConfiguration(
                    hiddenSize: hidden, feedForwardSize: feedForward, layerCount: 2, headCount: heads,
                    keyValueHeadCount: groups, headSize: headSize, vocabularySize: 130, contextLength: context,
                    rmsEpsilon: 1e-5, ropeBase: 10000, tiedEmbeddings: false),
                multimodal: vision.map { .init(vision: $0, projector: projector) })
        }

        func weights(_ type: ElementType) throws -> ModelWeights {
            var source = MemorySource()
            var numbers = TestNumbers(state: 5)
            for tensor in configuration.tensors {
                let count = try #require(tensor.shape.elementCount)
                let isNorm = tensor.shape.rank == 1 && tensor.key.hasSuffix("weight")
                let values = numbers.floats(count, in: isNorm ? 0.8...1.2 : -0.12...0.12)
                let columns = tensor.shape.columns
                let isMatrix = tensor.shape.rank == 2 && tensor.kind != .positionTable
                let stored: ElementType = !isMatrix ? .f32 : columns % type.blockLength == 0 ? type : .f16
                guard stored != .f32 else {
                    try source.add(tensor.key, tensor.shape, values)
                    continue
                }
                let encoder = try RowEncoder(type: stored, columns: columns)
                var bytes = [UInt8](repeating: 0, count: count / columns * encoder.rowBytes)
                for row in 0..<count / columns {
                    bytes.withUnsafeMutableBytes { bytes in
                        let line = UnsafeMutableRawBufferPointer(
                            rebasing: bytes[row * encoder.rowBytes..<(row + 1) * encoder.rowBytes])
                        Array(values[row * columns..<(row + 1) * columns]).withUnsafeBufferPointer {
                            _ = encoder.encode($0, into: line)
                        }
                    }
                }
                try source.add(tensor.key, stored, tensor.shape, Bytes(bytes))
            }
            return ModelWeights(checkpoint: source)
        }

        func executor(_ type: ElementType, _ arithmetic: Arithmetic, threads: Int = 2) throws -> Executor {
            try Executor(
                configuration: configuration, weights: weights(type), arithmetic: arithmetic, threads: threads)
        }
    }

    private static let types: [ElementType] = [
        .f32, .f16, .bf16, .q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .q2_K, .q3_K, .q4_K, .q5_K, .q6_K, .iq4_NL, .iq4_XS,
    ]

    @Test("weights of every type compute the same up to the rounding of activations", arguments: types)
    func storage(type: ElementType) throws {
        let shape = Shape(hidden: 256, feedForward: 768, heads: 4, groups: 2, headSize: 64)
        func run(_ arithmetic: Arithmetic) throws -> (many: [Float], few: [Float], one: [Float]) {
            let executor = try shape.executor(type, arithmetic)
            let cache = executor.makeCache()
            let ids = (0..<43).map { $0 * 3 % 130 }
            return (
                try executor.forward([.tokens(ids)], cache: cache).elements,
                try executor.forward([.tokens([7, 8, 9])], cache: cache).elements,
                try executor.forward([.tokens([95])], cache: cache).elements
            )
        }
        let (fast, reference) = (try run(.fast), try run(.reference))
        // Weights in blocks meet activations of 8 bits, others meet floats; the cache holds halves in both cases.
        let bound = type.blockLength > 1 ? 0.03 : 2e-3
        for (a, b) in [(fast.many, reference.many), (fast.few, reference.few), (fast.one, reference.one)] {
            let error = relativeError(a, b)
            #expect(error < bound && error > 0, "\(type.name)")
        }
    }

    @Test(
        "odd shapes: heads of 80, narrow and wide, grouped queries, widths that no 256 divides, one row and many",
        arguments: [ElementType.q8_0, .q4_0, .f16],
        [
            Shape(), Shape(hidden: 160, feedForward: 416, heads: 2, groups: 2, headSize: 80),
            Shape(hidden: 64, feedForward: 32, heads: 8, groups: 4, headSize: 8),
            Shape(hidden: 128, feedForward: 800, heads: 1, groups: 1, headSize: 128),
        ])
    private func shapes(type: ElementType, shape: Shape) throws {
        let (fast, reference) = (try shape.executor(type, .fast), try shape.executor(type, .reference))
        for format in KeyValueCache.Format.allCases {
            let (a, b) = (fast.makeCache(format: format), reference.makeCache(format: format))
            // One row, few, many, and on to the last place of the context.
            for count in [1, 3, 5, 17, 1, 68, 1] {
                let ids = (0..<count).map { ($0 * 7 + count) % 130 }
                let (x, y) = (
                    try fast.forward([.tokens(ids)], cache: a), try reference.forward([.tokens(ids)], cache: b)
                )
                #expect(relativeError(x.elements, y.elements) < (format == .q8_0 ? 0.06 : 0.04), "\(format) \(count)")
            }
            #expect(a.position == shape.context)
            #expect(throws: ExecutionError.self) { try fast.forward([.tokens([1])], cache: a) }
        }
    }

    @Test("a tower of 577 positions, and grids of every projector", arguments: [ElementType.q8_0, .f16])
    func tower(type: ElementType) throws {
        let vision = VisionConfiguration(
            hiddenSize: 64, feedForwardSize: 160, layerCount: 2, headCount: 2, imageSize: 336, patchSize: 14,
            layerNormEpsilon: 1e-5, activation: .quickGELU, featureLayer: 2, projectionSize: 64, padsToSquare: true)
        for projector in [ProjectorKind.ldpv2, .ldp, .mlp(depth: 2), .linear] {
            let shape = Shape(vision: vision, projector: projector)
            var numbers = TestNumbers(state: 9)
            let pixels = numbers.floats(3 * 336 * 336, in: -2...2)
            let fast = try shape.executor(type, .fast).encodeImage(pixels)
            let reference = try shape.executor(type, .reference).encodeImage(pixels)
            #expect(relativeError(fast.elements, reference.elements) < (type == .f16 ? 1e-4 : 0.03), "\(projector)")
        }
    }

    @Test(
        "the results are the same, bit for bit, for any number of threads", arguments: [ElementType.q4_0, .q6_K, .f16])
    func threads(type: ElementType) throws {
        let shape = Shape(hidden: 256, feedForward: 768, heads: 4, groups: 2, headSize: 64)
        func run(_ threads: Int) throws -> [UInt32] {
            let executor = try shape.executor(type, .fast, threads: threads)
            let cache = executor.makeCache()
            var bits: [UInt32] = []
            for count in [41, 1, 3, 1] {
                bits += try executor.forward([.tokens((0..<count).map { $0 })], cache: cache).elements.map(\.bitPattern)
            }
            return bits
        }
        let one = try run(1)
        for threads in [2, 3, 8, 64] { #expect(try run(threads) == one) }
    }

    @Test("a long prompt goes through in passes, and only its last row leaves the last block")
    func passes() throws {
        let shape = Shape(context: 1200)
        let executor = try shape.executor(.q8_0, .fast)
        let ids = (0..<1100).map { $0 % 130 }
        let all = try executor.forward([.tokens(ids)], cache: executor.makeCache())
        let cache = executor.makeCache()
        let last = try executor.forward([.tokens(ids)], cache: cache, logits: .last)
        #expect(cache.position == 1100)
        #expect(relativeError(last.elements, Array(all[row: all.rows - 1])) < 5e-3)
        // Cancelled, nothing of it stays.
        let cancellation = Cancellation()
        cancellation.cancel()
        #expect(throws: CancellationError.self) {
            try executor.forward([.tokens([1, 2, 3])], cache: cache, logits: .last, cancellation: cancellation)
        }
        #expect(cache.position == 1100)
    }

    @Test("after a first pass no operation fetches memory from the system")
    func memory() throws {
        let executor = try Shape().executor(.q4_0, .fast, threads: 1)
        func pass() throws {
            let cache = executor.makeCache()
            for count in [30, 1, 1, 1] {
                _ = try executor.forward([.tokens([Int](repeating: 2, count: count))], cache: cache, logits: .last)
            }
        }
        try pass()
        let fetched = executor.allocations
        try pass()
        #expect(executor.allocations == fetched)
    }

    @Test(
        "work splits evenly over 8 to 64 threads: jobs enough, and none of them long", arguments: [1, 2, 8, 16, 32, 64])
    func split(threads: Int) {
        // The matrices of the 1.7B in Q4_0: rows and bytes of each.
        for (rows, rowBytes) in [(2048, 1152), (6144, 1152), (11008, 1152), (2048, 3168), (32000, 1680)] {
            let jobs = WorkSplit.bytesPerRun(rows: rows, rowBytes: rowBytes, threads: threads)
            #expect(jobs.reduce(0, +) == rows * rowBytes)
            // Each thread takes the next job as soon as it is free.
            var loads = [Int](repeating: 0, count: threads)
            for job in jobs {
                let least = loads.indices.min { loads[$0] < loads[$1] } ?? 0
                loads[least] += job
            }
            let ideal = Double(rows * rowBytes) / Double(threads)
            #expect(Double(loads.max() ?? 0) <= 1.13 * ideal, "\(rows) rows on \(threads) threads")
            #expect((jobs.max() ?? 0) <= 1 << 18)
        }
        for (rows, panelRows) in [(1024, 16), (2048, 16), (5504, 16), (3072, 48), (32000, 16)] {
            let jobs = WorkSplit.rowsPerGroup(rows: rows, panelRows: panelRows)
            #expect(jobs.reduce(0, +) == rows)
            #expect(jobs.dropLast().allSatisfy { $0 % panelRows == 0 })
            #expect(jobs.count >= 32 && (jobs.max() ?? 0) <= 64)
        }
    }
}
