import ByteIO
import Foundation
import JSON
import Safetensors
import TestSupport
import Testing

/// A file with this header text and so many bytes of data.
private func file(_ header: String, data: Int = 0, length: UInt64? = nil) -> [UInt8] {
    let length = length ?? UInt64(header.utf8.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + Array(header.utf8)
        + [UInt8](repeating: 7, count: data)
}

private func entry(_ name: String = "t", _ dtype: String = "F32", _ shape: String = "[2]", _ offsets: String = "[0,8]")
    -> String
{
    #""\#(name)":{"dtype":"\#(dtype)","shape":\#(shape),"data_offsets":\#(offsets)}"#
}

/// The rule that the file breaks; nil if it is read.
private func brokenRule(_ bytes: [UInt8]) -> String? {
    do {
        _ = try SafetensorsFile(Bytes(bytes), path: "t.safetensors")
        return nil
    } catch let error as InputError {
        return error.rule.id
    } catch {
        return "\(error)"
    }
}

@Suite struct SafetensorsHostileTests {
    static let kinds: [(String, [UInt8], String)] = [
        ("empty file", [], "safetensors.kind"),
        (
            "Git LFS pointer", Array("version https://git-lfs.github.com/spec/v1\noid sha256:0\n".utf8),
            "safetensors.kind"
        ),
        ("web page", Array("\n<!DOCTYPE HTML><html>no</html>".utf8), "safetensors.kind"),
        ("JSON text", Array("{\"error\": \"not found\"}".utf8), "safetensors.kind"),
        ("zip archive", Array("PK\u{3}\u{4}rest of an archive".utf8), "safetensors.kind"),
        ("GGUF", Array("GGUF\u{3}\0\0\0\0\0\0\0\0\0\0\0".utf8), "safetensors.kind"),
        ("7 bytes", [2, 0, 0, 0, 0, 0, 0], "safetensors.length"),
        ("only the length", [2, 0, 0, 0, 0, 0, 0, 0], "safetensors.length"),
        ("length 0", file("{}", length: 0), "safetensors.length"),
        ("length 1", file("{}", length: 1), "safetensors.length"),
        ("length one too large", file("{}", length: 3), "safetensors.length"),
        ("length 100,000,001", file("{}", length: 100_000_001), "safetensors.length"),
        ("length 2^63", file("{}", length: 1 << 63), "safetensors.length"),
        ("length 2^64-1", file("{}", length: .max), "safetensors.length"),
    ]

    static let headers: [(String, [UInt8], String)] = [
        ("leading space", file(" {}"), "safetensors.header"),
        ("byte order mark", file("\u{FEFF}{}"), "safetensors.header"),
        ("an array", file("[]"), "safetensors.header"),
        ("newline behind", file("{}\n"), "safetensors.header"),
        ("NUL behind", file("{}\0"), "safetensors.header"),
        ("second object", file("{}{}"), "json.syntax"),
        ("not closed", file("{\"a\":1 "), "safetensors.header"),
        ("not JSON", file("{a}"), "json.syntax"),
        ("invalid UTF-8", [6, 0, 0, 0, 0, 0, 0, 0] + Array("{\"".utf8) + [0x80] + Array("\":}".utf8), "json.text"),
        ("a name twice", file("{" + entry() + "," + entry() + "}", data: 8), "json.duplicate"),
        ("a name twice by escape", file("{" + entry() + "," + entry("\\u0074") + "}", data: 8), "json.duplicate"),
        ("NUL in a name", file("{" + entry("a\\u0000b") + "}", data: 8), "json.text"),
    ]

    static let entries: [(String, [UInt8], String)] = [
        ("a number", file("{\"t\":1}"), "safetensors.entry"),
        ("no dtype", file(#"{"t":{"shape":[2],"data_offsets":[0,8]}}"#, data: 8), "safetensors.entry"),
        (
            "a fourth field", file(#"{"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}}"#, data: 8),
            "safetensors.entry"
        ),
        ("dtype in small letters", file("{" + entry("t", "f32") + "}", data: 8), "safetensors.dtype"),
        ("dtype F8_E8M0", file("{" + entry("t", "F8_E8M0", "[8]") + "}", data: 8), "safetensors.dtype"),
        ("dtype Q4_0", file("{" + entry("t", "Q4_0", "[32]", "[0,18]") + "}", data: 18), "safetensors.dtype"),
        ("dtype a number", file(#"{"t":{"dtype":0,"shape":[2],"data_offsets":[0,8]}}"#, data: 8), "safetensors.dtype"),
        ("negative dimension", file("{" + entry("t", "F32", "[-2]") + "}", data: 8), "safetensors.shape"),
        ("two negative dimensions", file("{" + entry("t", "F32", "[-1,-2]") + "}", data: 8), "safetensors.shape"),
        ("fractional dimension", file("{" + entry("t", "F32", "[2.0]") + "}", data: 8), "safetensors.shape"),
        ("dimension 1e1", file("{" + entry("t", "F32", "[1e1]") + "}", data: 40), "safetensors.shape"),
        ("dimension as text", file("{" + entry("t", "F32", "[\"2\"]") + "}", data: 8), "safetensors.shape"),
        ("shape no list", file("{" + entry("t", "F32", "2") + "}", data: 8), "safetensors.shape"),
        ("shape null", file("{" + entry("t", "F32", "null", "[0,4]") + "}", data: 4), "safetensors.shape"),
        ("product wraps", file("{" + entry("t", "F32", "[4294967296,4294967296]") + "}", data: 8), "safetensors.shape"),
        ("bytes wrap", file("{" + entry("t", "F32", "[4611686018427387904]", "[0,0]") + "}"), "safetensors.shape"),
        ("dimension 2^64", file("{" + entry("t", "F32", "[18446744073709551616]") + "}", data: 8), "safetensors.shape"),
        ("offsets reversed", file("{" + entry("t", "F32", "[2]", "[8,0]") + "}", data: 8), "safetensors.offsets"),
        ("offsets negative", file("{" + entry("t", "F32", "[2]", "[-8,0]") + "}", data: 8), "safetensors.offsets"),
        ("three offsets", file("{" + entry("t", "F32", "[2]", "[0,8,8]") + "}", data: 8), "safetensors.offsets"),
        ("one offset", file("{" + entry("t", "F32", "[2]", "[0]") + "}", data: 8), "safetensors.offsets"),
        (
            "offsets as texts", file("{" + entry("t", "F32", "[2]", "[\"0\",\"8\"]") + "}", data: 8),
            "safetensors.offsets"
        ),
        (
            "an offset and a text", file("{" + entry("t", "F32", "[2]", "[0,8,\"8\"]") + "}", data: 8),
            "safetensors.offsets"
        ),
        ("fewer bytes than shape x dtype", file("{" + entry("t", "F32", "[3]") + "}", data: 8), "safetensors.offsets"),
        ("more bytes than shape x dtype", file("{" + entry("t", "F32", "[1]") + "}", data: 8), "safetensors.offsets"),
        (
            "offsets near 2^63",
            file(
                "{" + entry("t", "F32", "[2]", "[9223372036854775799,9223372036854775807]") + "}", data: 8),
            "safetensors.cover"
        ),
        ("behind the end", file("{" + entry() + "}", data: 7), "safetensors.cover"),
        ("one byte more than the tensors", file("{" + entry() + "}", data: 9), "safetensors.cover"),
        ("bytes without a tensor", file("{}", data: 1), "safetensors.cover"),
        ("hole before", file("{" + entry("t", "F32", "[2]", "[4,12]") + "}", data: 12), "safetensors.cover"),
        (
            "hole between", file("{" + entry() + "," + entry("u", "F32", "[1]", "[12,16]") + "}", data: 16),
            "safetensors.cover"
        ),
        (
            "overlap", file("{" + entry() + "," + entry("u", "F32", "[2]", "[4,12]") + "}", data: 12),
            "safetensors.cover"
        ),
        ("the same bytes", file("{" + entry() + "," + entry("u") + "}", data: 8), "safetensors.cover"),
        ("metadata no object", file(#"{"__metadata__":[]}"#), "safetensors.metadata"),
        ("metadata not strings", file(#"{"__metadata__":{"a":1}}"#), "safetensors.metadata"),
        ("metadata nested", file(#"{"__metadata__":{"a":{"b":"c"}}}"#), "safetensors.metadata"),
    ]

    @Test(
        "a damaged or hostile file breaks exactly the rule that names its fault", arguments: kinds + headers + entries)
    func hostile(what: String, bytes: [UInt8], rule: String) {
        HostileFiles.keep(bytes, family: "safetensors", what: what, rule: rule)
        #expect(brokenRule(bytes) == rule, "\(what)")
    }

    @Test("large headers are read or refused at once")
    func large() {
        func many(_ count: Int) -> [UInt8] {
            file("{" + (0..<count).map { entry("\($0)", "F32", "[0]", "[0,0]") }.joined(separator: ",") + "}")
        }
        let deep = file("{\"a\":" + String(repeating: "[", count: 1_000_000) + "}")
        for (bytes, rule) in [(many(40_000), nil), (many(100_000), "json.size"), (deep, "json.depth")] {
            let seconds = threadTime { #expect(brokenRule(bytes) == rule) }
            #expect(seconds < 5 * patience, "\(rule ?? "read")")
        }
    }

    static let legal: [(String, [UInt8])] = [
        ("no tensors", file("{}")),
        ("spaces behind", file("{}      ")),
        ("null-size tensors", file("{" + entry("t", "F32", "[0,4]", "[0,0]") + "," + entry("u") + "}", data: 8)),
        ("scalar", file("{" + entry("t", "F64", "[]") + "}", data: 8)),
        (
            "order of data unlike order of header",
            file(
                "{" + entry("u", "F32", "[1]", "[8,12]") + "," + entry() + "}", data: 12)
        ),
        ("empty tensor behind the last", file("{" + entry() + "," + entry("u", "U8", "[0]", "[8,8]") + "}", data: 8)),
        ("empty name, strange name", file("{" + entry("") + "," + entry("../x", "I8", "[1]", "[8,9]") + "}", data: 9)),
    ]

    @Test("what the format allows is read", arguments: legal)
    func readsLegal(what: String, bytes: [UInt8]) {
        #expect(brokenRule(bytes) == nil, "\(what)")
    }

    @Test("an error names the file, the tensor, the fault and a remedy")
    func message() {
        let error = #expect(throws: InputError.self) {
            try SafetensorsFile(
                Bytes(file("{" + entry("a.weight", "F32", "[3]") + "}", data: 8)), path: "m.safetensors")
        }
        #expect(
            error?.description == """
                m.safetensors: a.weight: takes 8 bytes, but F32 [3] has 12 [safetensors.offsets]
                  The file is damaged or was made by a faulty writer: fetch it again or save it anew.
                """)
    }

    @Test("every beginning of a file is refused, and none traps", arguments: SafetensorsFileTests.small)
    func truncated(name: String) throws {
        let whole = try MappedFile(path: Fixtures.path("containers/" + name)).bytes
        for count in 0..<whole.count {
            let part = try #require(whole.slice(0..<count))
            #expect(throws: InputError.self, "\(count)") { try SafetensorsFile(part, path: name) }
        }
    }

    @Test("a golden file cut at any power of two is refused", .enabled(if: Fixtures.hasGolden))
    func truncatedGolden() throws {
        let whole = try MappedFile(path: #require(Fixtures.golden("ggml-blocks/Q4_K.safetensors"))).bytes
        for count in sequence(first: 1, next: { $0 * 2 < whole.count ? $0 * 2 : nil }) {
            let part = try #require(whole.slice(0..<count))
            #expect(throws: InputError.self, "\(count)") { try SafetensorsFile(part, path: "q") }
        }
    }

    @Test("no single changed byte traps, and what is still read stays within the file")
    func changed() throws {
        let whole = try MappedFile(path: Fixtures.path("containers/types.safetensors")).bytes
            .withUnsafeBytes { Array($0) }
        for position in whole.indices {
            for value: UInt8 in [0, 1, 0x22, 0x2D, 0x31, 0x39, 0x7B, 0x80, 0xFF] where value != whole[position] {
                var bytes = whole
                bytes[position] = value
                guard let file = try? SafetensorsFile(Bytes(bytes), path: "t") else { continue }
                for tensor in file.tensors { #expect(try file.bytes(of: tensor.name).count == tensor.byteCount) }
            }
        }
    }
}
