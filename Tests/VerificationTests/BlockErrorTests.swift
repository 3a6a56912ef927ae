import Models
import Quantization
import Tensors
import Testing
import TestSupport
import Verification

/// Bounds on rounding that hold whatever the weights are: what an encoder that is right does at worst.
struct BlockErrorTests {
    private static let types: [ElementType] =
        [
            .f16, .bf16, .q8_0, .q6_K, .q5_0, .q5_1, .q5_K, .q4_0, .q4_1, .q4_K, .iq4_NL, .iq4_XS, .q3_K, .q2_K,
        ] + ElementType.allCases.filter { $0.groupScales != nil }
    private static let columns = 512

    /// Rows of very different weights, of which real tensors are made: bells, flat ones, long tails, single outliers,
    /// few that are not zero, all alike, all of a sign, sizes from block to block, too small for f16.
    private static func rows() -> [(name: String, values: [Float])] {
        var numbers = SeededGenerator(state: 11)
        func uniform() -> Float { Float.random(in: -1...1, using: &numbers) }
        func bell() -> Float { (0..<12).reduce(Float(0)) { sum, _ in sum + uniform() } / 2 }
        func row(_ value: (Int) -> Float) -> [Float] { (0..<columns).map(value) }
        var rows: [(String, [Float])] = []
        for scale: Float in [1, 0.02, 1e-4, 1e-6, 1e-8, 100] {
            for _ in 0..<4 {
                rows.append(("bell \(scale)", row { _ in scale * bell() }))
                rows.append(("flat \(scale)", row { _ in scale * uniform() }))
                rows.append(
                    (
                        "tail \(scale)",
                        row { _ in
                            let value = bell()
                            return scale * value * value * value
                        }
                    ))
                rows.append(("outliers \(scale)", row { $0 % 61 == 7 ? scale * 20 : scale * bell() }))
                rows.append(("one per block \(scale)", row { $0 % 32 == 3 ? scale * 16 : scale * uniform() }))
                rows.append(("sparse \(scale)", row { _ in uniform() > 0.9 ? scale * bell() : 0 }))
                rows.append(("one sign \(scale)", row { _ in scale * abs(bell()) }))
                rows.append(("offset \(scale)", row { _ in scale * (3 + 0.1 * bell()) }))
                rows.append(("uneven \(scale)", row { scale * bell() * [1, 0.01, 30, 0.3][$0 / 32 % 4] }))
            }
            rows.append(("alike \(scale)", row { _ in scale }))
            rows.append(("two values \(scale)", row { $0 % 2 == 0 ? scale : -scale }))
            rows.append(("alternating \(scale)", row { $0 % 2 == 0 ? scale : scale / 2 }))
        }
        rows.append(("zero", row { _ in 0 }))
        return rows
    }

    /// No importance, and importance as activations have it: even, spread over decades, with columns far above all others.
    private static func importances() -> [(name: String, values: [Float]?)] {
        var numbers = SeededGenerator(state: 12)
        func uniform() -> Float { Float.random(in: 0...1, using: &numbers) }
        func power(_ decades: Int) -> Float {
            var value: Float = 1
            for _ in 0..<decades { value *= 0.1 + 0.9 * uniform() }
            return value
        }
        return [
            ("none", nil), ("even", (0..<columns).map { _ in 0.5 + uniform() }),
            ("spread", (0..<columns).map { _ in power(4) }),
            ("peaks", (0..<columns).map { $0 % 97 == 5 ? 1000 : 0.1 + uniform() }),
        ]
    }

    @Test("a right encoder stays within its type's bounds, whatever the weights and their importance", arguments: types)
    func bounds(type: ElementType) throws {
        for (importanceName, importance) in Self.importances() {
            var worst = (typical: 0.0, block: 0.0)
            var names = ("", "")
            let encoder = try RowEncoder(type: type, columns: Self.columns, importance: importance)
            let decoder = try RowDecoder(type: type, columns: Self.columns)
            for (name, values) in Self.rows() {
                var bytes = [UInt8](repeating: 0, count: encoder.rowBytes)
                var actual = [Float](repeating: 0, count: Self.columns)
                values.withUnsafeBufferPointer { row in
                    bytes.withUnsafeMutableBytes { _ = encoder.encode(row, into: $0) }
                }
                bytes.withUnsafeBytes { row in actual.withUnsafeMutableBufferPointer { decoder.decode(row, into: $0) } }
                var error = BlockError(type: type)
                error.add(expected: values, actual: actual)
                if error.typical > worst.typical {
                    (worst.typical, names.0) = (error.typical, "\(name), \(importanceName)")
                }
                if error.worst > worst.block { (worst.block, names.1) = (error.worst, "\(name), \(importanceName)") }
            }
            let limit = Thresholds.blockError(type, mayHaveImportance: importance != nil)
            #expect(worst.typical <= Thresholds.typicalError(type), "\(names.0)")
            #expect(worst.block <= limit, "\(names.1)")
            #expect(worst.typical > 0 && worst.block > 0)
        }
    }
}
