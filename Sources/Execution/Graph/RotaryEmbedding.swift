import MobileVLM
import Models
import Platform

/// Rotary position embedding (Su et al., arXiv 2104.09864, section 3.2.2): pairs of channels of a head turn by an
/// angle proportional to the position, pair `i` of `D/2` by `position / base^(2i/D)`. Linear scaling divides that by its
/// factor, so that longer texts have angles that were seen in training.
///
/// Which channels form a pair is a property of the file. The paper and GGUF's LLaMA files pair neighbours, Hugging
/// Face checkpoints pair channel `i` with `i + D/2`. Query and key rows are stored in the matching order, so the
/// scores, and everything after them, are the same; with the wrong pairing the text is fluent nonsense.
struct RotaryEmbedding: Sendable {
    private let heads: Kernels.Heads
    private let frequencies: [Float]
    private let pairing: RotaryPairing

    init(_ c: LanguageConfiguration, pairing: RotaryPairing) {
        heads = c.heads
        self.pairing = pairing
        // In 32-bit floats, in this order, as PyTorch computes them: at position 2000 another rounding of a
        // frequency shows.
        frequencies = (0..<c.headSize / 2).map {
            1 / powf(c.ropeBase, Float(2 * $0) / Float(c.headSize)) / c.ropeScaling
        }
    }

    /// Cosines and sines of the angles at some positions, `[position, D/2]`; the same for all layers, so made once a pass.
    struct Angles: ~Copyable {
        fileprivate let cosines: Rows
        fileprivate let sines: Rows
    }

    /// Positions count every row of the input from 0, image rows included; there is nothing two-dimensional.
    func angles(at positions: Range<Int>, _ context: ExecutionContext) -> Angles {
        func rows(_ f: (Float) -> Float) -> Rows {
            let result = context.rows(positions.count, frequencies.count)
            for (row, position) in positions.enumerated() {
                for (column, frequency) in frequencies.enumerated() {
                    result.start[row * frequencies.count + column] = f(Float(position) * frequency)
                }
            }
            return result
        }
        return Angles(cosines: rows { cosf($0) }, sines: rows { sinf($0) })
    }

    /// Turns every head of queries and keys in rows that hold queries, keys and values side by side; values stay.
    func callAsFunction(_ qkv: consuming Rows, by angles: borrowing Angles) -> Rows {
        Kernels.rotate(
            qkv, heads: heads.count + heads.groups, size: heads.size, cosines: angles.cosines, sines: angles.sines,
            neighbours: pairing == .neighbours)
        return qkv
    }
}

extension LanguageConfiguration {
    var heads: Kernels.Heads { Kernels.Heads(count: headCount, groups: keyValueHeadCount, size: headSize) }
}
