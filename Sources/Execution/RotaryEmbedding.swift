import MobileVLM
import Models

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Rotary position embedding (Su et al., arXiv 2104.09864, section 3.2.2): pairs of channels of a head turn by an
/// angle proportional to the position, pair `i` of `D/2` by `position / base^(2i/D)`.
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
        frequencies = (0..<c.headSize / 2).map { 1 / powf(c.ropeBase, Float(2 * $0) / Float(c.headSize)) }
    }

    /// Cosines and sines of the angles at some positions; the same for all layers, so made once per pass.
    struct Angles {
        fileprivate let cosines: Matrix
        fileprivate let sines: Matrix
    }

    /// Positions count every row of the input from 0, image rows included; there is nothing two-dimensional.
    func angles(at positions: Range<Int>) -> Angles {
        let angles = positions.flatMap { position in frequencies.map { Float(position) * $0 } }
        return Angles(
            cosines: Matrix(rows: positions.count, columns: frequencies.count, elements: angles.map { cosf($0) }),
            sines: Matrix(rows: positions.count, columns: frequencies.count, elements: angles.map { sinf($0) }))
    }

    /// Turns every head of every row; for queries and keys, not for values.
    func callAsFunction(_ x: consuming Matrix, by angles: Angles) -> Matrix {
        Kernels.rotate(
            &x, heads: heads, cosines: angles.cosines, sines: angles.sines, neighbours: pairing == .neighbours)
        return x
    }
}

extension LanguageConfiguration {
    var heads: Kernels.Heads { Kernels.Heads(count: headCount, groups: keyValueHeadCount, size: headSize) }
}
