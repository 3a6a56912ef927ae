import Foundation
import Quantization
import Tensors
import TestSupport
import Testing

@Suite("Group scales")
struct GroupScaleTests {
    @Test("there are eighteen formats, and each is read from the name it prints and from no other")
    func names() {
        let names = GroupScaleFormat.allCases.map(\.description)
        #expect(Set(names).count == 18)
        #expect(names.first == "s4g32" && names.last == "a8g128")
        for format in GroupScaleFormat.allCases { #expect(GroupScaleFormat(format.description) == format) }
        for name in ["", "s4", "s4g16", "s6g32", "S4g32", "s4g032", "s4g32 ", "4g32", "a5g256", "Q4_0"] {
            #expect(GroupScaleFormat(name) == nil, "\(name)")
        }
        #expect(GroupScaleFormat(bits: 6, symmetry: .affine, groupLength: 32) == nil)
        #expect(GroupScaleFormat(bits: 4, symmetry: .affine, groupLength: 256) == nil)
    }

    @Test(
        "a group takes the bits of its levels and one half, or two",
        arguments: [
            ("s4g32", 18, 4.5), ("s5g64", 42, 5.25), ("s8g128", 130, 8.125), ("a4g128", 68, 4.25), ("a5g32", 24, 6),
            ("a8g64", 68, 8.5),
        ])
    func sizes(name: String, groupBytes: Int, bitsPerWeight: Double) throws {
        let format = try #require(GroupScaleFormat(name))
        #expect(format.groupBytes == groupBytes)
        #expect(format.bitsPerWeight == bitsPerWeight)
        #expect(format.rowBytes(columns: 6 * format.groupLength) == 6 * groupBytes)
        #expect(format.rowBytes(columns: 0) == 0)
        for columns in [-format.groupLength, 1, format.groupLength + 16] {
            #expect(format.rowBytes(columns: columns) == nil)
            #expect(format.sections(columns: columns) == nil)
        }
        // A length that would take more bytes than there are; it only fits where a level and its share of the scale
        // are at most a byte.
        let columns = Int.max / 128 * 128
        #expect((format.rowBytes(columns: columns) == nil) == (bitsPerWeight > 8))
    }

    @Test("the encoder and the decoder of every type take group scales like any other", arguments: allFormats)
    func oneEntry(format: GroupScaleFormat) throws {
        let type = try #require(ElementType(rawValue: format.description))
        let columns = 3 * format.groupLength
        var random = SeededGenerator(state: 5)
        let row = (0..<columns).map { _ in Float.random(in: -2...2, using: &random) }
        let importance = (0..<columns).map { _ in Float.random(in: 0...3, using: &random) }
        let encoder = try RowEncoder(type: type, columns: columns, importance: importance)
        let groups = try GroupScaleEncoder(format, columns: columns, importance: importance)
        var (mine, theirs) = ([UInt8](), [UInt8]())
        for isOne in [true, false] {
            var bytes = [UInt8](repeating: 1, count: groups.rowBytes)
            let isFinite = row.withUnsafeBufferPointer { row in
                bytes.withUnsafeMutableBytes {
                    isOne ? encoder.encode(row, into: $0) : groups.encode(row, into: $0)
                }
            }
            #expect(isFinite)
            if isOne { mine = bytes } else { theirs = bytes }
        }
        #expect(mine == theirs)
        var values = [Float](repeating: 0, count: columns)
        var expected = values
        try mine.withUnsafeBytes { bytes in
            try values.withUnsafeMutableBufferPointer {
                try RowDecoder(type: type, columns: columns).decode(row: 0, of: bytes, into: $0)
            }
            try expected.withUnsafeMutableBufferPointer {
                try GroupScaleDecoder(format, columns: columns).decode(bytes, into: $0)
            }
            let product = try RowDotProduct(type: type, columns: columns)
            let exact = zip(expected, row).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            let found = row.withUnsafeBufferPointer { product(bytes, $0) }
            #expect(abs(Double(found) - exact) < 1e-4)
            #expect(RowEncoder.isFinite(encoded: bytes, type: type))
        }
        #expect(values == expected)

        // What is not finite is told, and never reaches a kernel.
        for (value, scaleIsFinite) in [(Float.nan, true), (.infinity, true), (1e9, false)] {
            var bad = row
            bad[1] = value
            var bytes = mine
            let isFinite = bad.withUnsafeBufferPointer { row in
                bytes.withUnsafeMutableBytes { encoder.encode(row, into: $0) }
            }
            #expect(!isFinite)
            #expect(bytes.withUnsafeBytes { RowEncoder.isFinite(encoded: $0, type: type) } == scaleIsFinite)
        }
        #expect(throws: QuantizationError.groupColumns(columns + 1, format)) {
            try RowEncoder(type: type, columns: columns + 1)
        }
    }

    @Test("the sections of a row follow each other, each aligned for its own loads", arguments: allFormats)
    func sections(format: GroupScaleFormat) throws {
        for groups in [1, 3, 32, 96] {
            let columns = groups * format.groupLength
            let sections = try #require(format.sections(columns: columns))
            #expect(sections.codes.lowerBound == 0)
            #expect(sections.codes.upperBound == sections.highBits.lowerBound)
            #expect(sections.highBits.upperBound == sections.scales.lowerBound)
            #expect(sections.scales.upperBound == sections.minima.lowerBound)
            #expect(sections.minima.upperBound == format.rowBytes(columns: columns))
            #expect(sections.codes.count + sections.highBits.count == columns * format.bits / 8)
            #expect(sections.scales.count == 2 * groups)
            #expect(sections.minima.count == (format.symmetry == .affine ? 2 * groups : 0))
            #expect(sections.highBits.lowerBound % 16 == 0)
            #expect(sections.scales.lowerBound % 4 == 0)
            if groups % 32 == 0 {
                let bounds = [sections.highBits, sections.scales, sections.minima].map(\.lowerBound)
                #expect((bounds + [sections.minima.upperBound]).allSatisfy { $0 % 64 == 0 })
            }
        }
    }

    @Test(
        "rows are encoded to the bytes that numpy makes from the specification", arguments: allFormats,
        InstructionSet.available)
    func encodes(format: GroupScaleFormat, isa: InstructionSet) throws {
        let recorded = try RecordedGroups()
        let rows = try recorded.rows()
        let refused = try #require(try recorded.list("refused", as: [String: [String]].self)[format.description])
        let rowBytes = try #require(format.rowBytes(columns: recorded.columns))
        let weighted = try recorded.list("rows_importance", as: [String].self)
        for (what, names) in [("q", rows.map(\.name)), ("q_importance", weighted)] {
            let expected = try #require(recorded.file.bytes("\(format).\(what)"))
            let importance = what == "q" ? nil : recorded.file.floats("importance")
            let encoder = try GroupScaleEncoder(format, columns: recorded.columns, importance: importance, on: isa)
            #expect(encoder.rowBytes == rowBytes && expected.count == names.count * rowBytes)
            for (index, name) in names.enumerated() {
                let row = try #require(rows.first { $0.name == name })
                let (bytes, finite) = encoder.encoded(row.values)
                let wanted = Array(expected[index * rowBytes..<(index + 1) * rowBytes])
                let difference = zip(bytes, wanted).enumerated().first { $1.0 != $1.1 }?.offset
                #expect(difference == nil, "\(format).\(what) \(name)")
                #expect(finite == !refused.contains(name), "\(format).\(what) \(name)")
            }
        }
    }

    @Test(
        "rows are decoded to the floats that numpy makes from the specification", arguments: allFormats,
        InstructionSet.available)
    func decodes(format: GroupScaleFormat, isa: InstructionSet) throws {
        let recorded = try RecordedGroups()
        let decoder = try GroupScaleDecoder(format, columns: recorded.columns, on: isa)
        let heavy = try #require(try recorded.rows().firstIndex { $0.name == "heavy" })
        let encoded = try #require(recorded.file.bytes("\(format).q"))
        let any = try #require(recorded.file.bytes("\(format).bytes"))
        for (bytes, what) in [
            (Array(encoded[heavy * decoder.rowBytes..<(heavy + 1) * decoder.rowBytes]), "heavy"), (any, "bytes"),
        ] {
            let wanted = try #require(recorded.file.floats("\(format).\(what)_decoded"))
            #expect(wanted.count == decoder.columns)
            #expect(decoder.decoded(bytes).map(\.bitPattern) == wanted.map(\.bitPattern), "\(format) \(what)")
        }
    }

    @Test("what the values of a row decode to is the nearest level of the stored scale", arguments: allFormats)
    func roundsToNearest(format: GroupScaleFormat) throws {
        var random = Generator(seed: 31)
        let columns = 4 * format.groupLength
        let row = (0..<columns).map { _ in random.gaussian() }
        let encoder = try GroupScaleEncoder(format, columns: columns)
        let decoder = try GroupScaleDecoder(format, columns: columns)
        let bytes = encoder.encoded(row).bytes
        let values = decoder.decoded(bytes)
        let sections = try #require(format.sections(columns: columns))
        for group in 0..<4 {
            let scale = half(bytes, at: sections.scales.lowerBound + 2 * group)
            let range = group * format.groupLength..<(group + 1) * format.groupLength
            let (low, high) = (values[range].min() ?? 0, values[range].max() ?? 0)
            for i in range where row[i] > low && row[i] < high {
                #expect(abs(row[i] - values[i]) <= abs(scale) * 0.5001, "\(format) element \(i)")
            }
        }
    }

    @Test("a row with a value that is not finite, or too large for a half, gives zero bytes", arguments: allFormats)
    func refusesRows(format: GroupScaleFormat) throws {
        var random = Generator(seed: 5)
        let row = (0..<256).map { _ in random.gaussian() }
        let encoder = try GroupScaleEncoder(format, columns: 256)
        #expect(encoder.encoded(row).finite)
        for bad in [.nan, .infinity, -.infinity, 1e25, -.greatestFiniteMagnitude] as [Float] {
            for column in [0, 128, 255] {
                var changed = row
                changed[column] = bad
                let (bytes, finite) = encoder.encoded(changed)
                #expect(!finite && bytes.allSatisfy { $0 == 0 }, "\(bad)")
                // The rows beside it do not suffer.
                let (three, allFinite) = encoder.encoded(row + changed + row)
                let good = encoder.encoded(row).bytes
                #expect(!allFinite && three == good + bytes + good, "\(bad)")
            }
        }
    }

    @Test("a decoder tells rows whose scales are not finite", arguments: allFormats)
    func findsInfiniteScales(format: GroupScaleFormat) throws {
        let decoder = try GroupScaleDecoder(format, columns: 384)
        let sections = try #require(format.sections(columns: 384))
        // Codes of all ones are no scales.
        var bytes = [UInt8](repeating: 0xFF, count: sections.highBits.upperBound)
        bytes += [UInt8](repeating: 0x7B, count: decoder.rowBytes - bytes.count)
        #expect(bytes.withUnsafeBytes(decoder.isFinite))
        for offset in stride(from: sections.scales.lowerBound, to: decoder.rowBytes, by: 2) {
            var changed = bytes
            changed[offset + 1] = 0x7C
            #expect(!changed.withUnsafeBytes(decoder.isFinite))
        }
    }

    @Test("no bit pattern traps, and any bytes decode", arguments: allFormats)
    func survivesAnyBits(format: GroupScaleFormat) throws {
        var random = Generator(seed: 11)
        let columns = 256
        let decoder = try GroupScaleDecoder(format, columns: columns)
        for round in 0..<20 {
            // Random bits have large exponents, which would hide everything else: half of the rounds keep to 2^±16.
            let mask: UInt32 = round % 2 == 0 ? .max : 0x87FF_FFFF
            let row = (0..<columns).map { _ in Float(bitPattern: random.bits() & mask | ~mask & 0x3800_0000) }
            let importance = (0..<columns).map { _ in Float(bitPattern: random.bits() & 0x7F7F_FFFF) }
            let (bytes, finite) = try GroupScaleEncoder(
                format, columns: columns, importance: round % 4 < 2 ? nil : importance
            ).encoded(row)
            #expect(finite == bytes.contains { $0 != 0 })
            #expect(!finite || decoder.decoded(bytes).allSatisfy(\.isFinite))
            _ = decoder.decoded((0..<decoder.rowBytes).map { _ in UInt8(truncatingIfNeeded: random.bits()) })
        }
    }

    @Test("an importance of zero never makes a group zero", arguments: allFormats)
    func keepsUnimportantGroups(format: GroupScaleFormat) throws {
        var random = Generator(seed: 8)
        // The first half has no importance at all; in the second a value without any drowns the others.
        var row = (0..<256).map { _ in random.gaussian() }
        let importance = (0..<256).map { $0 < 128 || $0 == 150 ? 0 : Float(1) }
        row[150] = 1000
        let bytes = try GroupScaleEncoder(format, columns: 256, importance: importance).encoded(row).bytes
        let values = try GroupScaleDecoder(format, columns: 256).decoded(bytes)
        for start in stride(from: 0, to: 128, by: format.groupLength) {
            #expect(values[start..<start + format.groupLength].contains { $0 > 0.5 })
        }
        // An affine search always finds levels for the others, and gives up the value without a weight.
        if format.symmetry == .symmetric { #expect(abs(values[150] - 1000) < 50) }
    }

    @Test("columns that are no whole number of groups, and an importance that does not fit, are refused")
    func refusesRequests() throws {
        for format in allFormats {
            let columns = format.groupLength + 16
            let error = QuantizationError.groupColumns(columns, format)
            #expect(throws: error) { try GroupScaleEncoder(format, columns: columns) }
            #expect(throws: error) { try GroupScaleDecoder(format, columns: columns) }
            #expect(try GroupScaleEncoder(format, columns: 0).encoded([]) == ([], true))
        }
        let format = try #require(GroupScaleFormat("s4g32"))
        #expect(throws: QuantizationError.importanceCount(31, columns: 32)) {
            try GroupScaleEncoder(format, columns: 32, importance: [Float](repeating: 1, count: 31))
        }
        #expect(throws: QuantizationError.importanceValue(-1, column: 0)) {
            try GroupScaleEncoder(format, columns: 32, importance: [Float](repeating: -1, count: 32))
        }
    }
}

/// All formats, for `arguments:`.
private let allFormats = GroupScaleFormat.allCases

/// Rows and bytes made by fixtures/group-scales/make.py.
private struct RecordedGroups {
    let file: RecordedTensors

    init() throws { file = try RecordedTensors(path: Fixtures.path("group-scales/rows.safetensors")) }

    var columns: Int { 384 }

    func list<Value: Decodable>(_ key: String, as type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: Data((file.metadata[key] ?? "").utf8))
    }

    func rows() throws -> [(name: String, values: [Float])] {
        let input = try #require(file.floats("input"))
        return try list("rows", as: [String].self).enumerated().map { index, name in
            (name, Array(input[index * columns..<(index + 1) * columns]))
        }
    }
}

private func half(_ bytes: [UInt8], at offset: Int) -> Float {
    HalfPrecision.float(f16: UInt16(bytes[offset]) | UInt16(bytes[offset + 1]) << 8)
}

extension GroupScaleEncoder {
    /// One or more rows, at an odd address, which must not matter.
    func encoded(_ rows: [Float]) -> (bytes: [UInt8], finite: Bool) {
        let count = columns == 0 ? 0 : rows.count / columns
        var bytes = [UInt8](repeating: 0xA5, count: count * rowBytes + 1)
        let finite = rows.withUnsafeBufferPointer { x in
            bytes.withUnsafeMutableBytes { encode(x, into: UnsafeMutableRawBufferPointer(rebasing: $0[1...])) }
        }
        return (Array(bytes[1...]), finite)
    }
}

extension GroupScaleDecoder {
    /// From an odd address, which must not matter.
    func decoded(_ bytes: [UInt8]) -> [Float] {
        var row = [Float](repeating: .nan, count: columns)
        ([0xA5] + bytes).withUnsafeBytes { source in
            row.withUnsafeMutableBufferPointer { decode(UnsafeRawBufferPointer(rebasing: source[1...]), into: $0) }
        }
        return row
    }
}
