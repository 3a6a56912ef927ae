import ByteIO
import Foundation
import JSON
import TestSupport
import Testing

private func parse(_ text: String, limits: JSONLimits = JSONLimits()) throws -> JSONValue {
    try JSONValue(parsing: Bytes(Array(text.utf8)), file: "t.json", limits: limits)
}

/// The rule that `body` breaks, or nil if it breaks none.
private func broken(_ body: () throws -> JSONValue) -> String? {
    do {
        _ = try body()
        return nil
    } catch let error as InputError {
        return error.rule.id
    } catch {
        return "\(error)"
    }
}

@Suite struct JSONReaderTests {
    @Test("each kind of value is read as itself")
    func kinds() throws {
        let value = try parse(#" {"n":null,"t":true,"i":-7,"d":1e3,"s":"a\u00e9\"\\\n😀","a":[1,2.5],"o":{"x":{}}} "#)
        #expect(value["n"] == .null)
        #expect(value["t"]?.bool == true)
        #expect(value["i"]?.int == -7)
        #expect(value["i"]?.double == -7)
        #expect(value["d"]?.int == nil)
        #expect(value["d"]?.double == 1000)
        #expect(value["s"]?.string == "aé\"\\\n😀")
        #expect(value["a"]?.array == [1, 2.5])
        #expect(value["o"]?["x"] == [:])
        #expect(value["missing"] == nil)
        #expect(try parse("5") == 5)
        #expect(try parse(" \"x\" ") == "x")
        #expect(try parse("null").isNull)
    }

    @Test("a byte order mark in front, as editors on Windows leave one, is skipped")
    func byteOrderMark() throws {
        #expect(try parse("\u{FEFF}{\"a\": 1}")["a"] == 1)
    }

    @Test("keys keep the order of the file")
    func order() throws {
        let keys = (0..<100).map { "key\($0 * 37 % 101)" }
        let value = try parse("{" + keys.map { "\"\($0)\":\"\($0)\"" }.joined(separator: ",") + "}")
        #expect(value.object?.entries.map(\.key) == keys)
        for key in keys { #expect(value[key]?.string == key) }
    }

    @Test("integers are exact to 64 bits and the nearest double beyond")
    func integers() throws {
        let value = try parse(
            "[9223372036854775807,-9223372036854775808,9223372036854775808,1000000000000000019884624838656,1,-9223372036854775809]"
        )
        #expect(
            value.array == [
                .integer(.max), .integer(.min), .double(9_223_372_036_854_775_808), .double(1e30), .integer(1),
                .double(-9_223_372_036_854_775_808),
            ])
    }

    static let refused: [(String, String)] = [
        ("", "json.syntax"), ("  \n", "json.syntax"), ("{", "json.syntax"), ("[1", "json.syntax"),
        ("[1,]", "json.syntax"), ("{\"a\":1,}", "json.syntax"), ("{a:1}", "json.syntax"), ("['a']", "json.syntax"),
        ("[1] x", "json.syntax"), ("[1] [2]", "json.syntax"), ("[]]", "json.syntax"), ("[1 2]", "json.syntax"),
        ("[1] // x", "json.syntax"), ("/* */ [1]", "json.syntax"), ("NaN", "json.syntax"),
        ("[Infinity]", "json.syntax"), ("[-Infinity]", "json.number"), ("[nan]", "json.syntax"),
        ("[True]", "json.syntax"), ("[nul]", "json.syntax"), ("{}\u{FEFF}", "json.syntax"),
        ("\u{FEFF}\u{FEFF}{}", "json.syntax"), ("{}\0", "json.syntax"),
        ("{}\0{}", "json.syntax"), ("\"abc", "json.syntax"), ("[\"\\x\"]", "json.syntax"),
        ("[\"\\u12\"]", "json.syntax"), ("\"\\", "json.syntax"), ("{\"a\" 1}", "json.syntax"),
        ("{1:2}", "json.syntax"), ("{\"a\":[1:2]}", "json.syntax"), (":", "json.syntax"), ("}", "json.syntax"),
        ("[01]", "json.number"), ("[-01]", "json.number"), ("[00]", "json.number"), ("[1.]", "json.number"),
        ("[.5]", "json.syntax"), ("[1e]", "json.number"), ("[1e+]", "json.number"), ("[-]", "json.number"),
        ("[+1]", "json.syntax"), ("[0x10]", "json.syntax"), ("[1e400]", "json.number"),
        ("[1.5.2]", "json.syntax"), ("[\(String(repeating: "9", count: 400))]", "json.number"),
        ("[\"a\tb\"]", "json.text"), ("[\"a\nb\"]", "json.text"), ("{\"a\\u0000b\":1}", "json.text"),
        ("{\"a\":1,\"a\":2}", "json.duplicate"), ("{\"a\":1,\"\\u0061\":2}", "json.duplicate"),
        ("{\"\\ud800\":1,\"\\udbff\":2}", "json.duplicate"), ("{\"o\":{\"b\":{},\"b\":{\"c\":1}}}", "json.duplicate"),
        ("{\"\u{E9}\":1,\"e\u{301}\":2}", "json.duplicate"),
    ]

    @Test("text that json-c would take or bend is refused by rule", arguments: refused)
    func refuses(text: String, rule: String) {
        #expect(broken { try parse(text) } == rule)
    }

    @Test("bytes that are not UTF-8 are refused, surrogates written as UTF-8 too")
    func notUTF8() {
        for bytes: [UInt8] in [[0x80], [0xC3], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xC0, 0x80]] {
            for text in [
                Array("[\"".utf8) + bytes + Array("\"]".utf8), Array("{\"".utf8) + bytes + Array("\":1}".utf8),
            ] {
                #expect(broken { try JSONValue(parsing: Bytes(text), file: "t") } == "json.text", "\(bytes)")
            }
        }
    }

    @Test("what is no JSON is called by its name")
    func otherKinds() {
        func problem(_ text: String) -> String {
            do {
                _ = try parse(text)
                return ""
            } catch {
                return "\(error)"
            }
        }
        let pointer = problem("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")
        #expect(pointer.contains("[json.kind]") && pointer.contains("Git LFS pointer"), "\(pointer)")
        let page = problem("<!doctype html><html></html>")
        #expect(page.contains("[json.kind]") && page.contains("web page"), "\(page)")
        #expect(problem("GGUF\u{3}\0\0\0").contains("a GGUF file"))
    }

    @Test("an escaped backslash before u0000 is no NUL")
    func escapedBackslash() throws {
        #expect(try parse(#"["\\u0000"]"#) == ["\\u0000"])
    }

    @Test("size, depth and numbers of values are limited before json-c sees the text")
    func limits() {
        var limits = JSONLimits()
        limits.bytes = 10
        #expect(broken { try parse("[1,2,3,4,5]", limits: limits) } == "json.size")
        limits = JSONLimits()
        limits.objects = 3
        #expect(broken { try parse("[{},{},{}]", limits: limits) } == nil)
        #expect(broken { try parse("[{},{},{},{}]", limits: limits) } == "json.size")
        limits.values = 3
        #expect(broken { try parse("[1,2,3]", limits: limits) } == nil)
        #expect(broken { try parse("[1,2,3,4]", limits: limits) } == "json.size")
        #expect(broken { try parse(String(repeating: "[", count: 64) + String(repeating: "]", count: 64)) } == nil)
        #expect(broken { try parse(String(repeating: "[", count: 65)) } == "json.depth")
        #expect(broken { try parse(String(repeating: "{\"a\":", count: 10_000)) } == "json.depth")
        #expect(broken { try parse(String(repeating: "{},", count: 300_000)) } == "json.size")
    }

    @Test("every beginning of a text is refused, and none traps")
    func truncated() {
        let text = Array(
            #"{"weight_map":{"a.b":"x\u00e9\\","n":[-1.5e-3,true,null,{}]},"é":12345678901234567890}"#.utf8)
        for count in 0..<text.count {
            #expect(broken { try JSONValue(parsing: Bytes(Array(text[..<count])), file: "t") } != nil, "\(count)")
        }
    }

    @Test("an error names the file and the place")
    func place() throws {
        let error = #expect(throws: InputError.self) { try parse("{\n \"a\": 1,\n \"b\": 01}") }
        #expect(error?.file == "t.json")
        #expect(error?.field == "byte 17, line 3")
        let duplicate = #expect(throws: InputError.self) { try parse(#"{"weight_map":{"a":1,"a":1}}"#) }
        #expect(duplicate?.field == "weight_map")
    }

    @Test(
        "a checkpoint's files read as Foundation reads them",
        arguments: ["pytorch_model.bin.index.json", "config.json", "tokenizer_config.json", "preprocessor_config.json"])
    func checkpoint(name: String) throws {
        let path = Fixtures.path("tiny-mobilevlm-v2/" + name)
        let value = try JSONValue(parsing: MappedFile(path: path).bytes, file: path)
        let reference = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path)))
        let again = try JSONSerialization.jsonObject(with: Data(value.serialized().utf8))
        #expect((again as? NSDictionary) == (reference as? NSDictionary))
    }
}
