import Platform

// Functions of single elements.

extension Kernels {
    /// Adds rows of `source`, from row `first` on, to those of `target`.
    static func add(_ source: borrowing Rows, from first: Int, to target: borrowing Rows) {
        precondition(first >= 0 && first + target.rows <= source.rows && source.columns == target.columns)
        let (columns, fast) = (source.columns, target.context.fast)
        let (from, to) = (source.start + first * columns, target.start)
        share(target) { rows in
            let (start, count) = (rows.lowerBound * columns, rows.count * columns)
            if let fast {
                fast.floats.add(from + start, count, to + start)
            } else {
                combine(to + start, from + start, count: count) { $0 + $1 }
            }
        }
    }

    /// `silu(gate) * up` of rows that hold `gate | up` side by side.
    static func gate(_ x: borrowing Rows) -> Rows {
        precondition(x.columns % 2 == 0)
        let width = x.columns / 2
        let result = x.context.rows(x.rows, width)
        let (source, out, fast) = (x.start, result.start, x.context.fast)
        share(x) { rows in
            for row in rows {
                let (gate, target) = (source + row * 2 * width, out + row * width)
                if let fast {
                    fast.floats.swiglu(gate, gate + width, width, target)
                    continue
                }
                target.update(from: gate, count: width)
                apply(.silu, target, count: width)
                combine(target, gate + width, count: width) { $0 * $1 }
            }
        }
        return result
    }

    /// Every row of `x` times `factors`, channel by channel.
    static func scaleColumns(_ x: borrowing Rows, by factors: borrowing Rows) {
        precondition(factors.rows == 1 && factors.columns == x.columns)
        let (start, factors, columns) = (x.start, factors.start, x.columns)
        share(x) { rows in
            for row in rows { combine(start + row * columns, factors, count: columns) { $0 * $1 } }
        }
    }

    /// Applies `activation` to all elements.
    static func apply(_ activation: Activation, to x: borrowing Rows) {
        let (start, columns, fast) = (x.start, x.columns, x.context.fast)
        share(x) { rows in
            let (first, count) = (start + rows.lowerBound * columns, rows.count * columns)
            if let fast, let function = activation.kernelFunction {
                fast.floats.apply(function, first, count, first)
            } else {
                apply(activation, first, count: count)
            }
        }
    }

    /// The same for an array.
    package static func apply(_ activation: Activation, to x: inout [Float]) {
        x.withUnsafeMutableBufferPointer { if let p = $0.baseAddress { apply(activation, p, count: $0.count) } }
    }

    static func apply(_ activation: Activation, _ p: UnsafeMutablePointer<Float>, count: Int) {
        switch activation {
        case .identity: break
        case .relu: map(p, count: count) { $0.replacing(with: 0, where: $0 .< 0) }
        case .silu: map(p, count: count) { $0 / (1 + exponential(-$0)) }
        case .quickGELU: map(p, count: count) { $0 / (1 + exponential(-1.702 * $0)) }
        case .hardSigmoid: map(p, count: count) { clip($0 * (1 / 6) + 0.5, 1) }
        case .hardSwish: map(p, count: count) { $0 * clip($0 + 3, 6) * (1 / 6) }
        case .gelu: for i in 0..<count { p[i] = 0.5 * p[i] * (1 + erff(p[i] * Float(0.5).squareRoot())) }
        }
    }

    /// Between 0 and `top`; not-a-number stays what it is, for an error must not be hidden by an activation.
    @inline(__always)
    private static func clip(_ v: Vector, _ top: Float) -> Vector {
        v.replacing(with: 0, where: v .< 0).replacing(with: top, where: v .> top)
    }

    /// `e^x`, within 2 units in the last place of the rounded value for results that are normal numbers.
    ///
    /// `e^x = 2^n e^r` with `n` the integer nearest to `x / ln 2`; on `|r| <= ln 2 / 2` the Taylor series to the
    /// seventh power is off by less than 6e-9. What is no number stays so through every step.
    @inline(__always)
    package static func exponential(_ x: Vector) -> Vector {
        // Beyond these, 2^n leaves the exponent field. e^-87.3 is taken for everything below.
        let bounded = x.replacing(with: -87.3, where: x .< -87.3).replacing(with: 88.3, where: x .> 88.3)
        // Adding 1.5 * 2^23 leaves no bits for a fraction: the sum's low bits are the rounded integer.
        let shifter = Vector(repeating: 12_582_912)
        let shifted = bounded * 1.442_695_04 + shifter
        let n = shifted - shifter
        // ln 2 in two parts; the first has trailing zeros, so n times it is exact.
        let r = (bounded - n * 0.693_359_375) + n * 2.121_944_4e-4
        var sum = r * (1.0 / 5040) + (1.0 / 720)
        sum = sum * r + (1.0 / 120)
        sum = sum * r + (1.0 / 24)
        sum = sum * r + (1.0 / 6)
        sum = sum * r + 0.5
        sum = sum * r + 1
        sum = sum * r + 1
        let integer = unsafeBitCast(shifted, to: SIMD8<Int32>.self) &- unsafeBitCast(shifter, to: SIMD8<Int32>.self)
        let power = unsafeBitCast((integer &+ 127) &<< 23, to: Vector.self)
        return sum * power
    }
}
