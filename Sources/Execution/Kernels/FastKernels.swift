import CKernels
import Quantization

/// The C kernels of `fast` arithmetic for this processor: products with rounded activations, and what a graph needs
/// around them.
struct FastKernels: Sendable {
    let isa: vlmc_isa
    let floats: vlmc_float_kernels

    /// The instruction set in use; nil where it has none of these kernels.
    static let current: FastKernels? = {
        let isa = InstructionSet.current.isa
        guard let floats = vlmc_floats(isa) else { return nil }
        return FastKernels(isa: isa, floats: floats.pointee)
    }()
}

extension Activation {
    /// Nil for the identity.
    var kernelFunction: vlmc_function? {
        switch self {
        case .identity: nil
        case .relu: VLMC_RELU
        case .silu: VLMC_SILU
        case .gelu: VLMC_GELU
        case .quickGELU: VLMC_QUICK_GELU
        case .hardSigmoid: VLMC_HARD_SIGMOID
        case .hardSwish: VLMC_HARD_SWISH
        }
    }
}

// Attention in one pass over keys and values, for memory of any format that the kernels read.

extension Kernels {
    /// Where keys and values lie for the kernels: bytes of a position's first group, and what they are.
    struct StoredMemory {
        let keys: UnsafeRawPointer
        let values: UnsafeRawPointer
        /// Bytes from a position to the next, and from a group to the next.
        let stride: Int
        let bytesPerHead: Int
        /// ggml's number.
        let type: UInt32
    }

    /// True if the kernels can read heads of this size.
    static func canAttend(heads: Heads, type: UInt32) -> Bool {
        heads.size <= Int(VLMC_LARGEST_HEAD) && (type != VLMC_Q8_0.rawValue || heads.size % 32 == 0)
    }

    /// As `attend` in `reference` arithmetic, `wanted` being the rows whose queries are answered.
    static func attendFast(
        _ x: borrowing Rows, rows wanted: Range<Int>, heads: Heads, keyCount: Int, past: Int?, memory: StoredMemory,
        _ fast: FastKernels
    ) -> Rows {
        let (size, columns, context) = (heads.size, x.columns, x.context)
        precondition(wanted.lowerBound >= 0 && wanted.upperBound <= x.rows && columns >= heads.queryWidth)
        precondition(past.map { [rows = x.rows] in $0 + rows == keyCount } ?? true)
        let blocks = (wanted.count + queriesPerFastJob - 1) / queriesPerFastJob
        let result = context.rows(wanted.count, heads.queryWidth)
        let (source, out, width) = (x.start, result.start, heads.queryWidth)
        context.run(blocks * heads.count) { job in
            // The last rows see most, so they come first.
            let block = blocks - 1 - job / heads.count
            let head = job % heads.count
            let first = wanted.lowerBound + block * queriesPerFastJob
            let count = min(queriesPerFastJob, wanted.upperBound - first)
            let offset = head / (heads.count / heads.groups) * memory.bytesPerHead
            var attention = vlmc_attention(
                q: source + first * columns + head * size,
                out: out + (first - wanted.lowerBound) * width + head * size, q_stride: columns, out_stride: width,
                queries: count, head: size, k: memory.keys + offset, v: memory.values + offset,
                k_stride: memory.stride, v_stride: memory.stride, type: memory.type,
                visible: past.map { $0 + first + 1 } ?? keyCount, step: past == nil ? 0 : 1,
                scale: 1 / Float(size).squareRoot())
            fast.floats.attend(&attention)
        }
        return result
    }

    /// Queries that a job of fast attention takes.
    private static let queriesPerFastJob = 64
}
