import ByteIO
import Foundation
import JSON
import Testing

@Suite struct JSONWriterTests {
    @Test("text comes out as written here, keys in their order")
    func text() {
        let value: JSONValue = ["b": [1, -0.5, true, "x"], "a": [:], "c": [], "n": .null, "o": ["p": 1]]
        #expect(value.serialized() == #"{"b":[1,-0.5,true,"x"],"a":{},"c":[],"n":null,"o":{"p":1}}"#)
        #expect(
            value.serialized(pretty: true) == """
                {
                  "b": [
                    1,
                    -0.5,
                    true,
                    "x"
                  ],
                  "a": {},
                  "c": [],
                  "n": null,
                  "o": {
                    "p": 1
                  }
                }
                """)
    }

    @Test("every character survives Foundation's reader")
    func escapes() throws {
        let text = String(String.UnicodeScalarView((1..<0x300).compactMap(Unicode.Scalar.init))) + "😀\u{2028}\u{FFFF}"
        let data = Data(JSONValue.array([.string(text)]).serialized().utf8)
        #expect(try JSONSerialization.jsonObject(with: data) as? [String] == [text])
        #expect(JSONValue.string("\u{0}\u{1F}\"\\/").serialized() == #""\u0000\u001f\"\\/""#)
    }

    @Test("doubles read back as the same bits")
    func doubles() throws {
        var bits: UInt64 = 0x9E37_79B9_7F4A_7C15
        for _ in 0..<2000 {
            bits = bits &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let number = Double(bitPattern: bits)
            guard number.isFinite else { continue }
            let text = JSONValue.array([.double(number)]).serialized()
            let ours = try JSONValue(parsing: Bytes(Array(text.utf8)), file: "t")
            #expect(ours.array?.first?.double?.bitPattern == bits)
            #expect(strtod(String(text.dropFirst()), nil).bitPattern == bits)  // Foundation's reader rounds wrongly
        }
        #expect(JSONValue.double(0.1).serialized() == "0.1")
        #expect(JSONValue.double(3).serialized() == "3.0")
        #expect(JSONValue.double(.nan).serialized() == "null")
        #expect(JSONValue.double(-.infinity).serialized() == "null")
    }

    @Test("an object of any size keeps order through setting, replacing and removing")
    func mutation() {
        for size in [3, 15, 16, 17, 18, 40] {
            var object = JSONObject()
            for index in 0..<size { object["k\(index)"] = .integer(Int64(index)) }
            object["k1"] = "replaced"
            object["k0"] = nil
            object["absent"] = nil
            #expect(object.count == size - 1)
            #expect(object.entries.map(\.key) == (1..<size).map { "k\($0)" })
            #expect(object["k1"] == "replaced")
            #expect(object["k0"] == nil)
            object["k0"] = 5
            #expect(object["k0"] == 5)
            #expect(object.entries.last?.key == "k0")
            #expect(object["k\(size - 1)"] == .integer(Int64(size - 1)) || size == 2)
        }
    }
}
