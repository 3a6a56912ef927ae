import CKernels
import Quantization
import Tensors
import Testing

/// Every type on every instruction set that has kernels.
private let cases = recordedTypes.flatMap { type in
    InstructionSet.available.filter { $0 != .plain }.map { (type, $0) }
}

@Suite("Kernels agree with their plain twins")
struct KernelTests {
    @Test("encoders give the same bytes for every kind of row and every length", arguments: cases)
    func encoders(type: ElementType, isa: InstructionSet) throws {
        var random = Generator(seed: 77)
        // Lengths around the number of sub-blocks that run together.
        for blocks in [1, 2, 3, 5, 8, 15, 16, 17, 33] {
            let columns = type.isQuantized ? blocks * type.blockLength : 29 * blocks
            let importances: [[Float]?] = [
                nil, (0..<columns).map { _ in random.uniform() },
                (0..<columns).map { random.bits() % 4 == 0 || $0 / 32 % 3 == 1 ? 0 : random.uniform() * 1e3 },
                [Float](repeating: 0, count: columns),
            ]
            for importance in importances {
                let plain = try RowEncoder(type: type, columns: columns, importance: importance, on: .plain)
                let kernel = try RowEncoder(type: type, columns: columns, importance: importance, on: isa)
                for (kind, row) in everyKindOfRow(columns, &random).enumerated() {
                    let (expected, actual) = (plain.encoded(row), kernel.encoded(row))
                    #expect(actual.finite == expected.finite)
                    #expect(
                        !expected.finite || actual.bytes == expected.bytes,
                        "\(type.name) on \(isa), kind \(kind), \(columns) columns, importance: \(importance != nil)")
                }
            }
        }
    }

    @Test("decoders give the same bits for any bytes", arguments: cases)
    func decoders(type: ElementType, isa: InstructionSet) throws {
        var random = Generator(seed: 78)
        for blocks in [1, 2, 7, 31] {
            let columns = type.isQuantized ? blocks * type.blockLength : 1031 * blocks
            let plain = try RowDecoder(type: type, columns: columns, on: .plain)
            let kernel = try RowDecoder(type: type, columns: columns, on: isa)
            for _ in 0..<40 {
                let bytes = (0..<plain.rowBytes).map { _ in UInt8(truncatingIfNeeded: random.bits()) }
                // The sign of a NaN that arithmetic makes is the processor's choice; widening keeps it.
                let equal = zip(plain.decoded(bytes), kernel.decoded(bytes)).allSatisfy {
                    $0.bitPattern == $1.bitPattern || type.isQuantized && $0.isNaN && $1.isNaN
                }
                #expect(equal, "\(type.name) on \(isa), \(columns) columns")
            }
        }
    }

    @Test("halves and bfloats of NaN, infinity and ties are the same bits", arguments: InstructionSet.available)
    func plainNumbers(isa: InstructionSet) throws {
        var random = Generator(seed: 79)
        let row = (0..<200_003).map { _ in Float(bitPattern: random.bits() & 0xFFFF_F000 | random.bits() % 3 << 11) }
        for type in [ElementType.f16, .bf16] {
            let plain = try RowEncoder(type: type, columns: row.count, on: .plain)
            #expect(
                try RowEncoder(type: type, columns: row.count, on: isa).encoded(row).bytes == plain.encoded(row).bytes)
        }
    }

    @Test("a dot product is the sum of the decoded row's products", arguments: [.f32] + recordedTypes)
    func dotProducts(type: ElementType) throws {
        var random = Generator(seed: 80)
        for isa in InstructionSet.available {
            for blocks in [1, 2, 3, 9, 64] {
                let columns = type.isQuantized ? blocks * type.blockLength : 37 * blocks
                let encoder = try RowEncoder(type: type, columns: columns)
                let bytes = (0..<3).flatMap { _ in encoder.encoded((0..<columns).map { _ in random.gaussian() }).bytes }
                let vector = (0..<columns).map { _ in random.gaussian() }
                let dot = try RowDotProduct(type: type, columns: columns, on: isa)
                var products = [Float](repeating: .nan, count: 3)
                bytes.withUnsafeBytes { rows in
                    vector.withUnsafeBufferPointer { x in
                        products.withUnsafeMutableBufferPointer { dot.multiply(rows: rows, by: x, into: $0) }
                    }
                }
                for (row, product) in products.enumerated() {
                    let encoded = Array(bytes[row * dot.rowBytes..<(row + 1) * dot.rowBytes])
                    let terms = try zip(RowDecoder(type: type, columns: columns, on: .plain).decoded(encoded), vector)
                        .map { Double($0) * Double($1) }
                    let bound = 0x1p-21 * terms.reduce(0) { $0 + abs($1) }
                    #expect(abs(Double(product) - terms.reduce(0, +)) <= bound, "\(type.name) on \(isa)")
                    let alone = encoded.withUnsafeBytes { r in vector.withUnsafeBufferPointer { dot(r, $0) } }
                    #expect(alone == product)
                }
            }
        }
    }

    @Test("a name forces an instruction set; without one, or with one that cannot run, the fastest is taken")
    func instructionSets() {
        for isa in InstructionSet.available { #expect(InstructionSet.chosen(isa.rawValue) == isa) }
        let missing = InstructionSet.allCases.filter { !InstructionSet.available.contains($0) }
        for name in [nil, "", "sse9"] + missing.map(\.rawValue) {
            #expect(InstructionSet.chosen(name) == InstructionSet.available.last)
        }
        #expect(InstructionSet.available.first == .plain)
        #expect(InstructionSet.available.contains(.current))
    }

    @Test("every type has an encoder, a decoder and a dot product of its own", arguments: cases)
    func complete(type: ElementType, isa: InstructionSet) throws {
        let number = try #require(type.ggmlType)
        let kernels = isa.isa
        #expect(vlmc_isa_name(kernels).map { String(cString: $0) } == isa.rawValue)
        #expect(vlmc_encoder(kernels, number) != nil)
        #expect(vlmc_decoder(kernels, number) != nil)
        #expect(vlmc_dot(kernels, number) != nil)
        // Numbers of no type, and past the table.
        for other in [UInt32(4), 31, .max] {
            #expect(vlmc_encoder(kernels, other) == nil)
            #expect(vlmc_decoder(kernels, other) == nil)
            #expect(vlmc_dot(kernels, other) == nil)
        }
    }
}

/// Rows of every kind that has tripped an encoder.
func everyKindOfRow(_ columns: Int, _ random: inout Generator) -> [[Float]] {
    func row(_ value: (Int) -> Float) -> [Float] { (0..<columns).map(value) }
    let signs: [Float] = [1, -1, 0, -0.0]
    var rows = [
        row { _ in random.gaussian() * 0.03 },
        row { _ in random.gaussian() / max(0.001, random.uniform()) },
        row { _ in signs[Int(random.bits() % 4)] },
        row { _ in signs[Int(random.bits() % 4)] * 0.1 },
        row { _ in signs[2 + Int(random.bits() % 2)] },
        row { $0 / 32 % 2 == 0 ? 0 : random.gaussian() },
        row { $0 / 16 % 3 == 0 ? -0.0 : random.uniform() },
        row { _ in 1 + random.uniform() * 1e-3 },
        row { _ in -random.uniform() },
        row { Float($0 % 17 - 8) },
        row { Float($0 % 33) * 0.5 },
        row { $0 % 29 == 0 ? 40 : random.gaussian() * 0.01 },
    ]
    // Scales that are subnormal as halves, vanish, overflow in their reciprocal; values near the largest half.
    for scale: Float in [1e-7, 1e-14, 3e-16, 1e-25, 0x1p-140, 0x1p-149, 1e3, 3e4, 1e12, 1e30, 1e38] {
        rows.append(row { _ in max(-3, min(3, random.gaussian())) * scale })
    }
    return rows
}
