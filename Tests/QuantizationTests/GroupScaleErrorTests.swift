import Foundation
import Quantization
import Tensors
import TestSupport
import Testing

/// The ggml type of as many bits, with groups of 32.
private let counterparts: [(format: String, type: ElementType)] = [
    ("s4g32", .q4_0), ("a4g32", .q4_1), ("s5g32", .q5_0), ("a5g32", .q5_1), ("s8g32", .q8_0), ("a8g32", .q8_0),
]

@Suite("Errors of group scales")
struct GroupScaleErrorTests {
    @Test("with groups of 32 no row is further from its source than in ggml's type of as many bits")
    func chosenRows() throws {
        try expectNoWorse(["row256", "row96"], of: GoldenBlocks.selection, rows: 16)
    }

    @Test("the same on all recorded Gaussian and heavy-tailed rows", .enabled(if: Fixtures.hasGolden))
    func allRows() throws {
        try expectNoWorse(["gauss", "heavy"], of: { try #require(try GoldenBlocks.full($0)) }, rows: 32)
    }

    @Test("the figures in the specification are the measured ones", .enabled(if: Fixtures.hasGolden))
    func figures() throws {
        let path = Fixtures.packageRoot.appendingPathComponent("formats/quantized-blocks.md")
        let lines = Set(try String(contentsOf: path, encoding: .utf8).split(separator: "\n").map(String.init))
        let golden = try #require(try GoldenBlocks.full(.q4_0))
        func line(_ name: String, _ bits: Double, _ errors: (String) throws -> [Double]) throws -> String {
            let means = try ["gauss", "heavy"].map { group in
                let errors = try errors(group)
                return String(format: "%.3f", 100 * errors.reduce(0, +) / Double(errors.count))
            }
            return "| \(name) | \(String(format: "%g", bits)) | \(means[0]) | \(means[1]) |"
        }
        for type in [.q4_0, .q4_1, .q5_0, .q5_1, .q8_0] as [ElementType] {
            let bits = Double(8 * type.blockBytes) / Double(type.blockLength)
            let wanted = try line(type.name, bits) { try rowErrors(golden, $0, type: type) }
            #expect(lines.contains(wanted), "\(wanted)")
        }
        for format in GroupScaleFormat.allCases {
            let wanted = try line("\(format)", format.bitsPerWeight) { try rowErrors(golden, $0, format: format) }
            #expect(lines.contains(wanted), "\(wanted)")
        }
    }

    private func expectNoWorse(
        _ groups: [String], of recorded: (ElementType) throws -> GoldenBlocks, rows: Int
    ) throws {
        for (name, type) in counterparts {
            let format = try #require(GroupScaleFormat(name))
            let golden = try recorded(type)
            var compared = 0
            for group in groups {
                let ours = try rowErrors(golden, group, format: format)
                let theirs = try rowErrors(golden, group, type: type)
                for row in ours.indices {
                    #expect(ours[row] <= theirs[row], "\(name) against \(type.name), \(group) row \(row)")
                }
                compared += ours.count
            }
            #expect(compared == rows)
        }
    }
}

/// The relative RMSE of each row of a group.
private func rowErrors(_ golden: GoldenBlocks, _ group: String, format: GroupScaleFormat) throws -> [Double] {
    try rows(golden, group).map { row in
        let encoder = try GroupScaleEncoder(format, columns: row.count)
        let decoder = try GroupScaleDecoder(format, columns: row.count)
        return relativeRMSE(row, decoder.decoded(encoder.encoded(row).bytes))
    }
}

private func rowErrors(_ golden: GoldenBlocks, _ group: String, type: ElementType) throws -> [Double] {
    try rows(golden, group).map { row in
        let encoder = try RowEncoder(type: type, columns: row.count)
        let decoder = try RowDecoder(type: type, columns: row.count)
        return relativeRMSE(row, decoder.decoded(encoder.encoded(row).bytes))
    }
}

private func rows(_ golden: GoldenBlocks, _ group: String) throws -> [[Float]] {
    let input = golden.input(group)
    let columns = input.count / (try golden.rowNames(group).count)
    return stride(from: 0, to: input.count, by: columns).map { Array(input[$0..<$0 + columns]) }
}

private func relativeRMSE(_ row: [Float], _ values: [Float]) -> Double {
    var error = WeightError()
    row.withUnsafeBufferPointer { x in values.withUnsafeBufferPointer { error.add(reference: x, values: $0) } }
    return error.relativeRMSE
}
