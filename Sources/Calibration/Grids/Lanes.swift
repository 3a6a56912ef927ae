import Quantization

/// Eight rows side by side. The rounding works column by column on many rows at once, so everything it computes is the
/// same operation on neighbouring numbers.
typealias Lanes = SIMD8<Float>
typealias LaneMemory = UnsafeMutablePointer<Lanes>

extension SIMD8<Float> {
    /// The nearest whole number, halves to even, of values below 2^22.
    @inline(__always)
    var nearestWhole: Lanes { (self + 12_582_912) - 12_582_912 }

    @inline(__always)
    func limited(_ low: Float, _ high: Float) -> Lanes {
        var result = self
        let (low, high) = (Lanes(repeating: low), Lanes(repeating: high))
        result.replace(with: low, where: self .< low)
        result.replace(with: high, where: self .> high)
        return result
    }

    @inline(__always)
    var magnitude: Lanes { replacing(with: -self, where: self .< 0) }

    /// `1 / self`, and 0 where that is not finite: a scale of 0 has only the level 0.
    @inline(__always)
    var inverse: Lanes {
        let inverse = 1 / self
        return inverse.replacing(with: 0, where: .!(inverse.magnitude .<= .greatestFiniteMagnitude))
    }

    /// What is read back where the values were stored as halves.
    @inline(__always)
    var asHalves: Lanes {
        var result = Lanes.zero
        for lane in 0..<8 { result[lane] = HalfPrecision.float(f16: HalfPrecision.f16(self[lane])) }
        return result
    }

    @inline(__always)
    func larger(_ other: Lanes) -> Lanes { replacing(with: other, where: self .< other) }
    @inline(__always)
    func smaller(_ other: Lanes) -> Lanes { replacing(with: other, where: self .> other) }
}
