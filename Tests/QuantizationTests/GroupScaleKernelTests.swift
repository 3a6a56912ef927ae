import Quantization
import Tensors
import Testing

@Suite("Kernels for group scales agree with their plain twins")
struct GroupScaleKernelTests {
    @Test(
        "many rows at once give the bytes of each alone, for every kind of row and every length",
        arguments: GroupScaleFormat.allCases, InstructionSet.available)
    func encoders(format: GroupScaleFormat, isa: InstructionSet) throws {
        var random = Generator(seed: 83)
        for groups in [1, 2, 3, 7, 33] {
            let columns = groups * format.groupLength
            // More rows than any instruction set has lanes.
            let rows = everyKindOfRow(columns, &random) + everyKindOfRow(columns, &random)
            let importances: [[Float]?] = [
                nil, (0..<columns).map { _ in random.uniform() },
                (0..<columns).map { random.bits() % 4 == 0 || $0 / 32 % 3 == 1 ? 0 : random.uniform() * 1e3 },
                [Float](repeating: 0, count: columns),
                (0..<columns).map { _ in Float(bitPattern: random.bits() & 0x7F7F_FFFF) },
            ]
            for importance in importances {
                let plain = try GroupScaleEncoder(format, columns: columns, importance: importance, on: .plain)
                let kernel = try GroupScaleEncoder(format, columns: columns, importance: importance, on: isa)
                let alone = rows.map(plain.encoded)
                let all = kernel.encoded(rows.flatMap { $0 })
                // Compared apart: a failure would print all bytes.
                let what: Comment = "\(format) on \(isa), \(columns) columns, importance: \(importance != nil)"
                let equal = all.bytes == alone.flatMap(\.bytes)
                #expect(equal, what)
                #expect(all.finite == alone.allSatisfy(\.finite))
                // Without the refused ones, which are encoded row by row.
                let good = zip(rows, alone).filter { $1.finite }
                #expect(good.count > (importance?.contains { $0 > 1e30 } == true ? 1 : 32))
                let together = kernel.encoded(good.flatMap(\.0))
                let goodEqual = together.bytes == good.flatMap(\.1.bytes)
                #expect(together.finite && goodEqual, what)
            }
        }
    }

    @Test(
        "any bytes are decoded to the same bits", arguments: GroupScaleFormat.allCases,
        InstructionSet.available.filter { $0 != .plain })
    func decoders(format: GroupScaleFormat, isa: InstructionSet) throws {
        var random = Generator(seed: 84)
        for groups in [1, 2, 3, 33] {
            let columns = groups * format.groupLength
            let plain = try GroupScaleDecoder(format, columns: columns, on: .plain)
            let kernel = try GroupScaleDecoder(format, columns: columns, on: isa)
            for _ in 0..<20 {
                let bytes = (0..<plain.rowBytes).map { _ in UInt8(truncatingIfNeeded: random.bits()) }
                // The sign of a NaN that arithmetic makes is the processor's choice.
                let equal = zip(plain.decoded(bytes), kernel.decoded(bytes)).allSatisfy {
                    $0.bitPattern == $1.bitPattern || $0.isNaN && $1.isNaN
                }
                #expect(equal, "\(format) on \(isa), \(columns) columns")
            }
        }
    }
}
