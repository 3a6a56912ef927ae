import ByteIO
import CKernels
import Platform

// What this machine can do at most, measured with the same threads: what a report holds its figures against.

extension Executor {
    /// Bytes a second that the threads read from memory, from the weights themselves; the best of some rounds.
    public func readBandwidth(of weights: [Bytes], rounds: Int = 3) -> Double {
        let piece = 1 << 20
        let parts = weights.flatMap { bytes in
            stride(from: 0, to: bytes.count, by: piece).compactMap { bytes.slice($0..<min(bytes.count, $0 + piece)) }
        }
        let total = parts.reduce(0) { $0 + $1.count }
        guard total > 0 else { return 0 }
        var best = Double.infinity
        for _ in 0..<max(2, rounds) {
            let seconds = ContinuousClock().measure {
                context.run(parts.count) { job in parts[job].withUnsafeBytes { Kernels.read($0) } }
            }.seconds
            best = min(best, seconds)
        }
        return Double(total) / best
    }

    /// Multiplications with additions a second of the product kernels when all their operands lie in the first cache.
    /// - Parameter blocks: Of rounded activations with weights in blocks; otherwise of floats with floats.
    public func peakProducts(blocks: Bool) -> Double {
        if blocks && (context.fast == nil) { return 0 }
        let (rows, columns, jobs) = (48, 256, 8 * threads)
        let work: (Int) -> Double
        if let fast = context.fast {
            var kernels = vlmc_linear()
            let format = blocks ? VLMC_Q8_0.rawValue : VLMC_F32.rawValue
            guard vlmc_linear_kernels(fast.isa, format, &kernels) else { return 0 }
            let found = kernels
            work = { [context] repetitions in
                Kernels.multiplyInCache(found, format, fast, rows: rows, columns: columns, repetitions, context)
            }
        } else {
            work = { [context] repetitions in
                Kernels.multiplyInCache(rows: rows, columns: columns, repetitions, context)
            }
        }
        var best = 0.0
        for repetitions in [20, 400, 400, 400] {
            let products = work(repetitions)
            let seconds = ContinuousClock().measure { context.run(jobs) { _ in _ = work(repetitions) } }.seconds
            best = max(best, products * Double(jobs) / seconds)
        }
        return best
    }
}

extension Kernels {
    /// Touches every byte.
    static func read(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        var sums = (SIMD8<UInt64>(), SIMD8<UInt64>(), SIMD8<UInt64>(), SIMD8<UInt64>())
        var offset = 0
        while offset + 256 <= bytes.count {
            sums.0 ^= start.loadUnaligned(fromByteOffset: offset, as: SIMD8<UInt64>.self)
            sums.1 ^= start.loadUnaligned(fromByteOffset: offset + 64, as: SIMD8<UInt64>.self)
            sums.2 ^= start.loadUnaligned(fromByteOffset: offset + 128, as: SIMD8<UInt64>.self)
            sums.3 ^= start.loadUnaligned(fromByteOffset: offset + 192, as: SIMD8<UInt64>.self)
            offset += 256
        }
        withUnsafeTemporaryAllocation(of: SIMD8<UInt64>.self, capacity: 1) { result in
            result.initialize(repeating: sums.0 ^ sums.1 ^ sums.2 ^ sums.3)
            withExtendedLifetime(result[0]) {}
        }
    }

    /// One panel by `rows` rows of activations, again and again. Returns the number of multiplications.
    static func multiplyInCache(
        _ kernels: vlmc_linear, _ format: UInt32, _ fast: FastKernels, rows: Int, columns: Int, _ repetitions: Int,
        _ context: ExecutionContext
    ) -> Double {
        let stride = kernels.floats ? 4 * columns : Int(vlmc_activation_bytes(columns))
        let width = Int(kernels.panel_rows)
        let panelBytes = Int(vlmc_panel_bytes(fast.isa, format, columns))
        context.withScratch(rows * stride / 4) { activations in
            context.withScratch(panelBytes / 4 + 16) { panel in
                context.withScratch(rows * width) { result in
                    activations.update(repeating: 0, count: rows * stride / 4)
                    panel.update(repeating: 0, count: panelBytes / 4)
                    for _ in 0..<repetitions {
                        kernels.multiply(format, panel, width, columns, activations, stride, rows, result, width)
                    }
                }
            }
        }
        return Double(rows * width * columns * repetitions)
    }

    /// The same with BLAS.
    static func multiplyInCache(rows: Int, columns: Int, _ repetitions: Int, _ context: ExecutionContext) -> Double {
        context.withScratch(3 * columns * columns) { memory in
            memory.update(repeating: 0, count: 3 * columns * columns)
            for _ in 0..<repetitions {
                product(
                    memory, (rows, columns), columns, memory + columns * columns, rows, columns, transposed: true,
                    into: memory + 2 * columns * columns, stride: columns)
            }
        }
        return Double(rows * rows * columns * repetitions)
    }
}
