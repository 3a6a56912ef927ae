/// Conversions between f32 and the 16-bit formats, in software.
///
/// `Float16` is missing on Intel Macs, and processors differ in what they do with NaN; here every machine gives
/// the bits that ggml's own software conversion gives.
package enum HalfPrecision {
    /// IEEE binary16, halves to even. Beyond the largest half: infinity. NaN: 0x7E00 with the sign kept.
    @inline(__always)
    package static func f16(_ value: Float) -> UInt16 {
        let sign = UInt16(truncatingIfNeeded: value.bitPattern >> 16) & 0x8000
        let magnitude = value.bitPattern & 0x7FFF_FFFF
        if magnitude < 0x3880_0000 {
            // Below 2^-14 a half's step is 2^-24, which is also the step of f32 in [0.5, 1): the addition rounds.
            return sign | UInt16(truncatingIfNeeded: (Float(bitPattern: magnitude) + 0.5).bitPattern &- 0x3F00_0000)
        }
        if magnitude >= 0x4780_0000 { return sign | (magnitude > 0x7F80_0000 ? 0x7E00 : 0x7C00) }
        // The carry may run into the exponent, up to infinity, and is right there too.
        let rounded = magnitude &+ 0xFFF &+ ((magnitude >> 13) & 1)
        return sign | UInt16(truncatingIfNeeded: (rounded &- 0x3800_0000) >> 13)
    }

    /// Exact. A NaN keeps its sign and payload and becomes quiet.
    @inline(__always)
    package static func float(f16 bits: UInt16) -> Float {
        let sign = UInt32(bits & 0x8000) << 16
        let magnitude = UInt32(bits & 0x7FFF)
        if magnitude < 0x0400 {
            return Float(bitPattern: (Float(Int32(bitPattern: magnitude)) * 0x1p-24).bitPattern | sign)
        }
        if magnitude < 0x7C00 { return Float(bitPattern: ((magnitude << 13) &+ 0x3800_0000) | sign) }
        let quiet: UInt32 = magnitude > 0x7C00 ? 0x0040_0000 : 0
        return Float(bitPattern: sign | 0x7F80_0000 | quiet | ((magnitude & 0x03FF) << 13))
    }

    /// bfloat16, halves to even, subnormals kept. A NaN keeps the upper half of its bits and becomes quiet.
    @inline(__always)
    package static func bf16(_ value: Float) -> UInt16 {
        let bits = value.bitPattern
        if bits & 0x7FFF_FFFF > 0x7F80_0000 { return UInt16(truncatingIfNeeded: bits >> 16) | 0x0040 }
        return UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ ((bits >> 16) & 1)) >> 16)
    }

    /// Exact: the upper half of an f32.
    @inline(__always)
    package static func float(bf16 bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

    /// The value that is read back where `value` was stored as a half.
    @inline(__always)
    static func rounded(_ value: Float) -> Float { float(f16: f16(value)) }
}

/// Rows of plain numbers. Containers do not promise alignment, so all accesses are unaligned ones.
enum PlainNumbers {
    static func encodeF32(_ x: Floats, _: Floats?, _ columns: Int, _ output: UnsafeMutableRawPointer) {
        output.copyMemory(from: x, byteCount: columns * 4)
    }

    static func encodeF16(_ x: Floats, _: Floats?, _ columns: Int, _ output: UnsafeMutableRawPointer) {
        for i in 0..<columns { output.storeBytes(of: HalfPrecision.f16(x[i]), toByteOffset: 2 &* i, as: UInt16.self) }
    }

    static func encodeBF16(_ x: Floats, _: Floats?, _ columns: Int, _ output: UnsafeMutableRawPointer) {
        for i in 0..<columns { output.storeBytes(of: HalfPrecision.bf16(x[i]), toByteOffset: 2 &* i, as: UInt16.self) }
    }

    static func decodeF32(_ bytes: UnsafeRawPointer, _ columns: Int, _ y: MutableFloats) {
        UnsafeMutableRawPointer(y).copyMemory(from: bytes, byteCount: columns * 4)
    }

    static func decodeF16(_ bytes: UnsafeRawPointer, _ columns: Int, _ y: MutableFloats) {
        for i in 0..<columns { y[i] = HalfPrecision.float(f16: bytes.half(at: 2 &* i)) }
    }

    static func decodeBF16(_ bytes: UnsafeRawPointer, _ columns: Int, _ y: MutableFloats) {
        for i in 0..<columns { y[i] = HalfPrecision.float(bf16: bytes.half(at: 2 &* i)) }
    }

    /// Exact: sign, 4 bits of exponent (bias 7), 3 of mantissa; all seven ones are NaN, and there are no infinities.
    static func decodeE4M3(_ bytes: UnsafeRawPointer, _ columns: Int, _ y: MutableFloats) {
        for i in 0..<columns {
            let bits = UInt32(bytes.load(fromByteOffset: i, as: UInt8.self))
            let sign = (bits & 0x80) << 24
            let magnitude = bits & 0x7F
            // Subnormals are eighths of 2^-6; else the fields are an f32's, but for the exponent's bias.
            let value: Float =
                if magnitude < 0x08 {
                    Float(magnitude) * 0x1p-9
                } else if magnitude == 0x7F {
                    .nan
                } else {
                    Float(bitPattern: (magnitude << 20) &+ (120 << 23))
                }
            y[i] = Float(bitPattern: value.bitPattern | sign)
        }
    }

    /// Exact: the upper half of an f16.
    static func decodeE5M2(_ bytes: UnsafeRawPointer, _ columns: Int, _ y: MutableFloats) {
        for i in 0..<columns {
            y[i] = HalfPrecision.float(f16: UInt16(bytes.load(fromByteOffset: i, as: UInt8.self)) << 8)
        }
    }

    /// Rounds to the nearest f32, halves to even.
    static func decodeF64(_ bytes: UnsafeRawPointer, _ columns: Int, _ y: MutableFloats) {
        for i in 0..<columns { y[i] = Float(bytes.loadUnaligned(fromByteOffset: 8 &* i, as: Double.self)) }
    }
}

typealias Floats = UnsafePointer<Float>
typealias MutableFloats = UnsafeMutablePointer<Float>
typealias Levels = UnsafeMutablePointer<UInt8>

// Files are little-endian, and so is every platform Swift runs on.
extension UnsafeRawPointer {
    /// The 16-bit field at that byte offset.
    @inline(__always)
    func half(at offset: Int) -> UInt16 { loadUnaligned(fromByteOffset: offset, as: UInt16.self) }

    /// The value of the f16 field at that byte offset.
    @inline(__always)
    func f16(at offset: Int) -> Float { HalfPrecision.float(f16: half(at: offset)) }

    @inline(__always)
    func byte(at offset: Int) -> Int32 { Int32(load(fromByteOffset: offset, as: UInt8.self)) }
}

extension UnsafeMutableRawPointer {
    @inline(__always)
    func store(f16 value: Float, at offset: Int) {
        storeBytes(of: HalfPrecision.f16(value), toByteOffset: offset, as: UInt16.self)
    }

    /// The bytes from `offset` on.
    @inline(__always)
    func bytes(at offset: Int) -> Levels { (self + offset).assumingMemoryBound(to: UInt8.self) }
}
