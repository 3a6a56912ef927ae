import ByteIO
import Foundation
import GGUF
import TestSupport
import Tensors
import Testing

/// A file with one thing wrong, and the rule that must say so.
struct Hostile: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let rule: Rule
    let bytes: [UInt8]

    /// Zeros follow, so that the field itself is what is refused and not the end of the file.
    init(_ what: String, _ rule: Rule, _ built: Builder, followedBy zeros: Int = 256) {
        testDescription = what
        self.rule = rule
        bytes = built.zeros(zeros).bytes
    }
}

private let huge = UInt64.max
private let string: UInt32 = 8
private let array: UInt32 = 9

@Suite("Refusing damaged and hostile GGUF files")
struct HostileTests {
    @Test("each broken field is refused by its own rule", arguments: header + pairs + infos + data)
    func refuses(hostile: Hostile) throws {
        HostileFiles.keep(hostile.bytes, family: "GGUF", what: hostile.testDescription, rule: hostile.rule.id)
        #expect(try brokenRule { _ = try parse(hostile.bytes) } == hostile.rule)
    }

    static let header: [Hostile] = [
        Hostile("empty file", .truncated, Builder(), followedBy: 0),
        Hostile("wrong magic", GGUFRule.magic, Builder(bytes: Array("GGML".utf8)).u32(3)),
        Hostile("magic swapped", GGUFRule.magic, Builder(bytes: Array("FUGG".utf8)).u32(3)),
        Hostile("big-endian", GGUFRule.byteOrder, .header(version: 0x0300_0000)),
        Hostile("version 0", GGUFRule.version, .header(version: 0)),
        Hostile("version 1", GGUFRule.version, .header(version: 1)),
        Hostile("version 4", GGUFRule.version, .header(version: 4)),
        Hostile("version 65536 + 3", GGUFRule.version, .header(version: 0x1_0003)),
        Hostile("2^64-1 tensors", GGUFRule.count, .header(tensors: huge)),
        Hostile("2^63 tensors", GGUFRule.count, .header(tensors: 1 << 63)),
        Hostile("2^32 tensors", GGUFRule.count, .header(tensors: 1 << 32)),
        // 8 bytes for the number of pairs and 242 more are 10 infos of the least size.
        Hostile("one tensor more than fits", GGUFRule.count, .header(tensors: 11), followedBy: 242),
        Hostile("2^64-1 pairs", GGUFRule.count, .header(pairs: huge)),
        Hostile("2^63 pairs", GGUFRule.count, .header(pairs: 1 << 63)),
        Hostile("2^32 pairs", GGUFRule.count, .header(pairs: 1 << 32)),
        Hostile("one pair more than fits", GGUFRule.count, .header(pairs: 11), followedBy: 140 + 13),
    ]

    static let pairs: [Hostile] = [
        Hostile("key of 2^64-1 bytes", GGUFRule.keyLength, .header(pairs: 1).u64(huge)),
        Hostile("empty key", GGUFRule.keyLength, .header(pairs: 1).string("").u32(0)),
        Hostile(
            "key of 65536 bytes", GGUFRule.keyLength, .header(pairs: 1).string([UInt8](repeating: 97, count: 65536))),
        Hostile("key cut short", .truncated, .header(pairs: 1).u64(300)),
        Hostile("NUL in a key", GGUFRule.keyText, .header(pairs: 1).pair("a\0b", type: 0)),
        Hostile("escape in a key", GGUFRule.keyText, .header(pairs: 1).pair("a\u{1B}[2J", type: 0)),
        Hostile("key not UTF-8", .notUTF8, .header(pairs: 1).string([0x61, 0xFF]).u32(0)),
        Hostile(
            "key twice", GGUFRule.keyDuplicate,
            .header(pairs: 2).pair("a", type: 0).u8(1).pair("a", type: 0).u8(1)),
        Hostile("value type 13", GGUFRule.valueType, .header(pairs: 1).pair("a", type: 13)),
        Hostile("value type -1", GGUFRule.valueType, .header(pairs: 1).pair("a", type: .max)),
        Hostile("element type 13", GGUFRule.valueType, .header(pairs: 1).pair("a", type: array).u32(13).u64(0)),
        Hostile("bool 2", GGUFRule.valueBool, .header(pairs: 1).pair("a", type: 7).u8(2)),
        Hostile(
            "bool 2 in an array", GGUFRule.valueBool, .header(pairs: 1).pair("a", type: array).u32(7).u64(2).u8(1).u8(2)
        ),
        Hostile("string of 2^64-1 bytes", GGUFRule.stringLength, .header(pairs: 1).pair("a", type: string).u64(huge)),
        Hostile("string of 2^63 bytes", GGUFRule.stringLength, .header(pairs: 1).pair("a", type: string).u64(1 << 63)),
        Hostile(
            "string of 1 GiB + 1", GGUFRule.stringLength, .header(pairs: 1).pair("a", type: string).u64(1 << 30 + 1)),
        Hostile("string of 1 GiB", .truncated, .header(pairs: 1).pair("a", type: string).u64(1 << 30)),
        Hostile("string one byte too long", .truncated, .header(pairs: 1).pair("a", type: string).u64(257)),
        Hostile("string not UTF-8", .notUTF8, .header(pairs: 1).pair("a", type: string).string([0xC0, 0x80])),
        Hostile("array of 2^64-1", GGUFRule.arrayLength, .header(pairs: 1).pair("a", type: array).u32(4).u64(huge)),
        Hostile(
            "array size that wraps to 0", GGUFRule.arrayLength,
            .header(pairs: 1).pair("a", type: array).u32(4).u64(1 << 62)),
        Hostile(
            "array of 2^30 + 1", GGUFRule.arrayLength,
            .header(pairs: 1).pair("a", type: array).u32(0).u64(1 << 30 + 1)),
        Hostile("array of 2^30", .truncated, .header(pairs: 1).pair("a", type: array).u32(10).u64(1 << 30)),
        Hostile("array one element too long", .truncated, .header(pairs: 1).pair("a", type: array).u32(5).u64(65)),
        Hostile("more strings than can be", .truncated, .header(pairs: 1).pair("a", type: array).u32(string).u64(33)),
        Hostile(
            "last string of an array cut", .truncated,
            .header(pairs: 1).pair("a", type: array).u32(string).u64(2).string("one").u64(4).adding([1, 2, 3]),
            followedBy: 0),
        Hostile("array of arrays", GGUFRule.arrayNested, nested(1)),
        Hostile("array of arrays, 64 deep", GGUFRule.arrayNested, nested(64)),
        Hostile("array of arrays, 100000 deep", GGUFRule.arrayNested, nested(100_000)),
        Hostile("alignment 0", GGUFRule.alignment, aligned(0)),
        Hostile("alignment 1", GGUFRule.alignment, aligned(1)),
        Hostile("alignment 13", GGUFRule.alignment, aligned(13)),
        Hostile("alignment 48", GGUFRule.alignment, aligned(48)),
        Hostile("alignment 2^30", GGUFRule.alignment, aligned(1 << 30)),
        Hostile("alignment 2^31", GGUFRule.alignment, aligned(1 << 31)),
        Hostile("alignment 2^32-1", GGUFRule.alignment, aligned(.max)),
        Hostile(
            "alignment of type i32", GGUFRule.alignment,
            .header(pairs: 1).pair("general.alignment", type: 5).u32(32)),
        Hostile(
            "alignment of type u64", GGUFRule.alignment,
            .header(pairs: 1).pair("general.alignment", type: 10).u64(32)),
    ]

    static let infos: [Hostile] = [
        Hostile("name of 64 bytes", GGUFRule.nameLength, one(String(repeating: "n", count: 64))),
        Hostile("name of 2^64-1 bytes", GGUFRule.nameLength, .header(tensors: 1).u64(huge)),
        Hostile("empty name", GGUFRule.nameLength, one("")),
        Hostile("NUL in a name", GGUFRule.nameText, one("a\0")),
        Hostile(
            "name not UTF-8", .notUTF8, .header(tensors: 1).string([0xED, 0xA0, 0x80]).u32(1).u64(1).u32(0).u64(0)),
        Hostile(
            "name twice", GGUFRule.nameDuplicate,
            .header(tensors: 2).tensor("a", ne: [8]).tensor("a", ne: [8], offset: 32)),
        Hostile("5 dimensions", GGUFRule.tensorRank, one(ne: [1, 1, 1, 1, 1])),
        Hostile("9 dimensions", GGUFRule.tensorRank, one(ne: [1, 1, 1, 1, 1, 1, 1, 1, 1])),
        Hostile("2^32-1 dimensions", GGUFRule.tensorRank, .header(tensors: 1).string("t").u32(.max)),
        Hostile("negative dimension", GGUFRule.tensorShape, one(ne: [huge, 2, 1, 1])),
        Hostile("2^63 elements in a row", GGUFRule.tensorShape, one(ne: [1 << 63])),
        Hostile("elements overflow", GGUFRule.tensorShape, one(ne: [1 << 32, 1 << 31])),
        Hostile("elements wrap to 0", GGUFRule.tensorShape, one(ne: [1 << 32, 1 << 32])),
        Hostile("dimensions 2^63-1, 2, 1, 1", GGUFRule.tensorShape, one(ne: [1 << 63 - 1, 2, 1, 1])),
        Hostile("elements overflow beside a 0", GGUFRule.tensorShape, one(ne: [0, 1 << 62, 4])),
        Hostile("bytes overflow", GGUFRule.tensorSize, one(ne: [1 << 61])),
        Hostile("bytes of all rows overflow", GGUFRule.tensorSize, one(ne: [1 << 42, 1 << 20], type: 28)),
        Hostile("row of 2^42 + 1", GGUFRule.dataIncomplete, one(ne: [1 << 42 + 1, 1])),
        Hostile("removed type 4", GGUFRule.tensorType, one(type: 4)),
        Hostile("removed type 5", GGUFRule.tensorType, one(type: 5)),
        Hostile("removed type 31", GGUFRule.tensorType, one(type: 31)),
        Hostile("removed type 36", GGUFRule.tensorType, one(type: 36)),
        Hostile("type 1000", GGUFRule.tensorType, one(type: 1000)),
        Hostile("type -1", GGUFRule.tensorType, one(type: .max)),
        Hostile("a type of ggml that is not supported", GGUFRule.tensorUnsupported, one(ne: [256], type: 16)),
        Hostile("row no multiple of 32", GGUFRule.tensorRow, one(ne: [33, 32], type: 2)),
        Hostile("row no multiple of 256", GGUFRule.tensorRow, one(ne: [128, 256], type: 12)),
        Hostile("quantized scalar", GGUFRule.tensorRow, one(ne: [], type: 2)),
    ]

    static let data: [Hostile] = [
        Hostile("first offset not 0", GGUFRule.tensorOffset, one(offset: 32)),
        Hostile("offset 2^64-1", GGUFRule.tensorOffset, one(offset: huge)),
        Hostile("offset not aligned", GGUFRule.tensorOffset, two(8, at: 33, 8)),
        Hostile("offset leaves a gap", GGUFRule.tensorOffset, two(8, at: 64, 8)),
        Hostile("offset inside the tensor before", GGUFRule.tensorOffset, two(16, at: 32, 8)),
        Hostile("two tensors on the same bytes", GGUFRule.tensorOffset, two(8, at: 0, 8)),
        Hostile("offsets that make the sum wrap", GGUFRule.tensorOffset, two(8, at: huge - 31, 8)),
        Hostile(
            "offsets for another alignment", GGUFRule.tensorOffset,
            .header(tensors: 2, pairs: 1).pair("general.alignment", type: 4).u32(64)
                .tensor("a", ne: [8]).tensor("b", ne: [8], offset: 32)),
        Hostile(
            "sizes that sum to 2^64", GGUFRule.tensorSize,
            .header(tensors: 2).tensor("a", ne: [0x7FFF_FFFF_FFFF_FFC0], type: 24)
                .tensor("b", ne: [0x7FFF_FFFF_FFFF_FFC0], type: 24, offset: 0x7FFF_FFFF_FFFF_FFC0)),
        Hostile("a size whose padding overflows", GGUFRule.tensorSize, one(ne: [1 << 63 - 1], type: 24)),
        Hostile("a size that ends beyond 2^63", GGUFRule.dataIncomplete, one(ne: [1 << 63 - 64], type: 24)),
        Hostile("data one byte short", GGUFRule.dataIncomplete, one(ne: [8]).padded(), followedBy: 31),
        Hostile("no data", GGUFRule.dataIncomplete, one(ne: [8]), followedBy: 0),
        Hostile("one byte after the last padding", GGUFRule.dataTrailing, one(ne: [5]).padded(), followedBy: 33),
        Hostile(
            "a second file appended", GGUFRule.dataTrailing,
            one(ne: [8]).padded().zeros(32).adding(Builder.header().bytes)),
        Hostile("bytes after a header without tensors", GGUFRule.dataTrailing, .header(), followedBy: 9),
    ]

    private static func one(
        _ name: String = "t", ne: [UInt64] = [8], type: UInt32 = 0, offset: UInt64 = 0
    ) -> Builder {
        .header(tensors: 1).tensor(name, ne: ne, type: type, offset: offset)
    }

    private static func two(_ first: UInt64, at offset: UInt64, _ second: UInt64) -> Builder {
        .header(tensors: 2).tensor("a", ne: [first]).tensor("b", ne: [second], offset: offset)
    }

    private static func aligned(_ alignment: UInt32) -> Builder {
        .header(pairs: 1).pair("general.alignment", type: 4).u32(alignment)
    }

    private static func nested(_ depth: Int) -> Builder {
        var bytes = Builder.header(pairs: 1).pair("a", type: array).bytes
        let level = Builder().u32(array).u64(1).bytes
        for _ in 0..<depth { bytes += level }
        return Builder(bytes: bytes).u32(0).u64(1)
    }

    @Test("a big-endian file by gguf-py is recognised as one")
    func bigEndianFile() throws {
        #expect(try brokenRule { _ = try GGUFFile(path: fixture("big-endian.gguf")) } == GGUFRule.byteOrder)
    }

    @Test("a folder, a missing file and a device are errors, not hangs")
    func notAFile() throws {
        #expect(throws: InputError.self) { try GGUFFile(path: Fixtures.path("gguf")) }
        #expect(throws: SystemError.self) { try GGUFFile(path: fixture("missing.gguf")) }
        #expect(throws: InputError.self) { try GGUFFile(path: "/dev/zero") }
    }

    @Test(
        "a file cut at any byte before the end of its last tensor is refused",
        arguments: ["align64", "version2", "ones"])
    func cutAnywhere(name: String) throws {
        let whole = try contents(fixture("\(name).gguf"))
        let file = try parse(whole)
        let last = try #require(file.tensors.last)
        let end = file.dataOffset + (file.offset(of: last.name) ?? 0) + last.byteCount
        for length in 0..<whole.count {
            let rule = try brokenRule { _ = try parse(Array(whole[..<length])) }
            #expect((rule == nil) == (length >= end), "cut at \(length)")
        }
    }

    @Test(
        "files with changed bytes are read or refused, and what is read can be fetched",
        arguments: ["types", "version2", "align64"])
    func changedBytes(name: String) throws {
        let whole = try contents(fixture("\(name).gguf"))
        let header = try parse(whole).dataOffset
        var random = SplitMix(state: 0x6767_7566)
        var refused = 0
        for round in 0..<3000 {
            var changed = whole
            // One byte, then two, then three: lengths and counts that agree with each other by chance.
            for _ in 0...(round % 3) {
                changed[Int(random.next() % UInt64(header))] = UInt8(truncatingIfNeeded: random.next())
            }
            let file: GGUFFile
            do {
                file = try parse(changed)
            } catch is InputError {
                refused += 1
                continue
            }
            for info in file.tensors { #expect(try file.bytes(of: info.name).count == info.byteCount) }
        }
        // Both ends must occur, else the test has not looked at one of them.
        #expect(refused > 500 && refused < 3000)
    }
}

/// A repeatable generator (splitmix64, Steele et al. 2014).
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
