import Quantization
import Tensors
import Testing

private let encodable: [ElementType] = [.f32] + recordedTypes

@Suite("Row encoders and decoders")
struct RowCodecTests {
    @Test("a row that is no whole number of blocks is refused", arguments: recordedTypes.filter(\.isQuantized))
    func refusesPartialBlocks(type: ElementType) {
        let columns = type.blockLength + 1
        #expect(throws: QuantizationError.columns(columns, type)) { try RowEncoder(type: type, columns: columns) }
        #expect(throws: QuantizationError.columns(columns, type)) { try RowDecoder(type: type, columns: columns) }
    }

    @Test("an importance of another length, or with a value that is no weight, is refused")
    func refusesImportance() {
        #expect(throws: QuantizationError.importanceCount(31, columns: 32)) {
            try RowEncoder(type: .q4_0, columns: 32, importance: [Float](repeating: 1, count: 31))
        }
        for bad in [-1, .infinity] as [Float] {
            var importance = [Float](repeating: 1, count: 32)
            importance[7] = bad
            #expect(throws: QuantizationError.importanceValue(bad, column: 7)) {
                try RowEncoder(type: .q4_0, columns: 32, importance: importance)
            }
        }
        // NaN is not equal to itself, so only the kind of error can be compared.
        #expect(throws: QuantizationError.self) {
            try RowEncoder(type: .f16, columns: 1, importance: [.nan])
        }
    }

    @Test("types that hold no real numbers are refused")
    func refusesIntegers() {
        for type in ElementType.allCases where !type.isReal {
            #expect(throws: QuantizationError.notEncodable(type)) { try RowEncoder(type: type, columns: 32) }
            #expect(throws: QuantizationError.notDecodable(type)) { try RowDecoder(type: type, columns: 32) }
        }
        #expect(throws: QuantizationError.notEncodable(.f64)) { try RowEncoder(type: .f64, columns: 32) }
    }

    @Test("every 8-bit number decodes to what its fields say, and only its own NaN and infinities are not finite")
    func eightBitNumbers() throws {
        let all = (0...255).map { UInt8($0) }
        func decoded(_ type: ElementType) throws -> [Float] { try RowDecoder(type: type, columns: 256).decoded(all) }
        for (type, exponentBits, bias) in [(ElementType.f8_E4M3, 4, 7), (.f8_E5M2, 5, 15)] {
            let values = try decoded(type)
            for (byte, value) in zip(all, values) {
                let mantissaBits = 7 - exponentBits
                let exponent = Int(byte & 0x7F) >> mantissaBits
                let fraction = Double(Int(byte) & (1 << mantissaBits - 1)) / Double(1 << mantissaBits)
                let isSpecial = type == .f8_E4M3 ? byte & 0x7F == 0x7F : exponent == 31
                let isFinite = [byte].withUnsafeBytes { RowEncoder.isFinite(encoded: $0, type: type) }
                #expect(isFinite == !isSpecial && value.isFinite == !isSpecial, "\(byte)")
                guard !isSpecial else { continue }
                let scale = Double(sign: .plus, exponent: max(exponent, 1) - bias, significand: 1)
                let magnitude = (exponent == 0 ? fraction : 1 + fraction) * scale
                #expect(Double(value) == (byte < 128 ? magnitude : -magnitude), "\(byte)")
                #expect(value.sign == (byte < 128 ? .plus : .minus))
            }
        }
    }

    @Test("rows of length 0 are allowed", arguments: encodable)
    func acceptsEmptyRows(type: ElementType) throws {
        #expect(try RowEncoder(type: type, columns: 0).encoded([]).bytes.isEmpty)
        #expect(try RowDecoder(type: type, columns: 0).decoded([]).isEmpty)
    }

    @Test("no bit pattern traps, and any bytes decode", arguments: encodable)
    func survivesAnyBits(type: ElementType) throws {
        var random = Generator(seed: 11)
        let columns = 512
        let specials: [Float] = [
            .nan, -.nan, .signalingNaN, .infinity, -.infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude,
            -.greatestFiniteMagnitude, 65520, 0, -0.0,
        ]
        let importances: [[Float]?] = [
            nil, [Float](repeating: 0, count: columns),
            (0..<columns).map { _ in Float(bitPattern: random.bits() & 0x7F7F_FFFF) },
        ]
        for importance in importances {
            let encoder = try RowEncoder(type: type, columns: columns, importance: importance)
            for special in specials {
                let rows: [[Float]] = [
                    [Float](repeating: special, count: columns),
                    (0..<columns).map { _ in random.bits() % 32 == 0 ? special : random.gaussian() },
                    (0..<columns).map { _ in Float(bitPattern: random.bits()) },
                ]
                for row in rows { #expect(encoder.encoded(row).bytes.count == encoder.rowBytes) }
            }
        }
        let decoder = try RowDecoder(type: type, columns: columns)
        for _ in 0..<50 {
            let bytes = (0..<decoder.rowBytes).map { _ in UInt8(truncatingIfNeeded: random.bits()) }
            #expect(decoder.decoded(bytes).count == columns)
        }
    }

    @Test("a value that is not finite is reported, also where the type would hide it", arguments: encodable)
    func reportsBadValues(type: ElementType) throws {
        var random = Generator(seed: 5)
        var row = (0..<512).map { _ in random.gaussian() }
        let encoder = try RowEncoder(type: type, columns: 512)
        #expect(encoder.encoded(row).finite)
        for bad in [Float.infinity, -.infinity, .nan] {
            row[300] = bad
            #expect(!encoder.encoded(row).finite)
        }
    }

    @Test("the finiteness of stored numbers is seen in every plain type")
    func checksPlainNumbers() throws {
        for bad in [Float.nan, .infinity, -.infinity] {
            for type in [ElementType.f32, .f16, .bf16] {
                #expect(try !RowEncoder(type: type, columns: 3).encoded([1, bad, -65504]).finite)
                #expect(try RowEncoder(type: type, columns: 3).encoded([1, 0, -65504]).finite)
            }
            [1, Double(bad)].withUnsafeBytes { #expect(!RowEncoder.isFinite(encoded: $0, type: .f64)) }
            [1, 1e300].withUnsafeBytes { #expect(RowEncoder.isFinite(encoded: $0, type: .f64)) }
        }
    }

    @Test("F32 passes through, F64 is rounded to nearest even")
    func plainWidths() throws {
        let row: [Float] = [1, -0.0, .pi, .infinity, 0x1p-149]
        #expect(
            try RowDecoder(type: .f32, columns: 5).decoded(RowEncoder(type: .f32, columns: 5).encoded(row).bytes) == row
        )
        let doubles = [1 + 0x1p-24, 1 + 0x3p-24, 1e300, -0.1]
        let bytes = doubles.withUnsafeBytes { Array($0) }
        #expect(try RowDecoder(type: .f64, columns: 4).decoded(bytes) == [1, 1 + 0x1p-22, .infinity, -0.1])
    }

    #if !(os(macOS) && arch(x86_64))
        @Test("half precision agrees with the language's own type wherever that says anything")
        func agreesWithFloat16() throws {
            let all = (0...UInt16.max).map { $0 }
            let floats = try RowDecoder(type: .f16, columns: all.count).decoded(all.withUnsafeBytes { Array($0) })
            for (bits, value) in zip(all, floats) {
                #expect(value.bitPattern == Float(Float16(bitPattern: bits)).bitPattern)
            }
            var random = Generator(seed: 3)
            // Every half, its neighbours on the way to the next half, and random bits.
            let row =
                floats.filter { !$0.isNaN }.flatMap { [$0, $0.nextUp, Float(bitPattern: $0.bitPattern ^ 0x1000)] }
                + (0..<100_000).map { _ in Float(bitPattern: random.bits()) }.filter { !$0.isNaN }
            let halves = try RowEncoder(type: .f16, columns: row.count).encoded(row).bytes
            let agree = row.indices.allSatisfy { i in
                UInt16(halves[2 * i]) | UInt16(halves[2 * i + 1]) << 8 == Float16(row[i]).bitPattern
            }
            #expect(agree)
        }
    #endif

    @Test("halfway between two levels of IQ4_NL the higher one is taken")
    func breaksTiesOfTheCurve() throws {
        let curve: [Float] = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113]
        for lower in 0..<15 {
            // Values on the curve itself make the scale 1; the value between two levels has no weight in it.
            var row = curve + curve
            row[0] = (curve[lower] + curve[lower + 1]) / 2
            var importance = [Float](repeating: 1, count: 32)
            importance[0] = 0
            let bytes = try RowEncoder(type: .iq4_NL, columns: 32, importance: importance).encoded(row).bytes
            #expect(bytes[0] == 0x00 && bytes[1] == 0x3C, "the scale is 1 as a half")
            #expect(Int(bytes[2] & 15) == lower + 1)
        }
    }

    @Test("an encoder gives one result however many threads share it")
    func sharedByThreads() async throws {
        var random = Generator(seed: 23)
        let row = (0..<2048).map { _ in random.gaussian() }
        let encoder = try RowEncoder(type: .q4_K, columns: 2048, importance: row.map { $0 * $0 })
        let expected = encoder.encoded(row).bytes
        await withTaskGroup(of: [UInt8].self) { group in
            for _ in 0..<16 { group.addTask { encoder.encoded(row).bytes } }
            for await bytes in group { #expect(bytes == expected) }
        }
    }
}

/// Random numbers that are the same everywhere (splitmix64).
struct Generator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func bits() -> UInt32 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return UInt32(truncatingIfNeeded: (z ^ (z >> 31)) >> 32)
    }

    /// In 0 ..< 1.
    mutating func uniform() -> Float { Float(bits() >> 8) * 0x1p-24 }

    /// About Gaussian, of standard deviation 1: a sum of twelve uniform numbers.
    mutating func gaussian() -> Float { (0..<12).reduce(-6) { sum, _ in sum + uniform() } }
}
