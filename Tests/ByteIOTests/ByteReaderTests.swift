import ByteIO
import Testing

@Suite struct ByteReaderTests {
    @Test("numbers are little-endian, of any width, at any offset")
    func numbers() throws {
        var reader = ByteReader(
            Bytes([0xAA] + Array(1...8) + [0xFE, 0xFF] + [0, 0, 0x80, 0x3F] + [0, 0, 0, 0, 0, 0, 0xF0, 0xBF]), file: "f"
        )
        #expect(try reader.read(UInt8.self, "a") == 0xAA)
        #expect(try reader.read(UInt64.self, "b") == 0x0807_0605_0403_0201)
        #expect(try reader.read(Int16.self, "c") == -2)
        #expect(try reader.read(Float.self, "d") == 1)
        #expect(try reader.read(Double.self, "e") == -1)
        #expect(reader.offset == 23)
        #expect(reader.remaining == 0)
    }

    @Test("a read behind the end throws, names the field, and moves nothing")
    func bounds() throws {
        var reader = ByteReader(Bytes([1, 2, 3]), file: "f")
        #expect(throws: InputError.self) { try reader.read(UInt32.self, "length") }
        #expect(throws: InputError.self) { try reader.take(4, "data") }
        #expect(throws: InputError.self) { try reader.take(-1, "data") }
        #expect(throws: InputError.self) { try reader.take(.max, "data") }
        #expect(throws: InputError.self) { try reader.take(.min, "data") }
        #expect(throws: InputError.self) { try reader.skip(4, "data") }
        #expect(throws: InputError.self) { try reader.text(count: 4, "name") }
        #expect(reader.offset == 0)
        let error = #expect(throws: InputError.self) { try reader.read(UInt64.self, "length") }
        #expect(error?.rule == .truncated)
        #expect(error?.field == "length")
        #expect(error?.problem == "needs 8 bytes at offset 0, but 3 are left")
        #expect(try reader.take(3, "data").count == 3)
        #expect(try reader.take(0, "data").count == 0)
    }

    @Test("a reader started outside its bytes throws at every read", arguments: [4, Int.max, -1, Int.min])
    func start(offset: Int) {
        var reader = ByteReader(Bytes([1, 2, 3]), file: "f", offset: offset)
        #expect(throws: InputError.self) { try reader.read(UInt8.self, "x") }
        #expect(throws: InputError.self) { try reader.take(0, "x") }
    }

    @Test("text must be UTF-8")
    func text() throws {
        var reader = ByteReader(Bytes(Array("größe".utf8) + [0xFF]), file: "f")
        #expect(try reader.text(count: 7, "name") == "größe")
        let error = #expect(throws: InputError.self) { try reader.text(count: 1, "name") }
        #expect(error?.rule == .notUTF8)
    }

    @Test("an error reads as file, field, problem, rule, remedy")
    func message() {
        let error = InputError(Rule("x.y"), file: "f", field: "n", problem: "is 3", remedy: "Do.")
        #expect("\(error)" == "f: n: is 3 [x.y]\n  Do.")
        #expect("\(InputError(Rule("x.y"), file: "f", field: "n", problem: "is 3"))" == "f: n: is 3 [x.y]")
        #expect("\(SystemError("open", path: "f", code: 2))" == "f: could not open: No such file or directory")
    }

    @Test("what is often found in place of a model is recognised by its first bytes")
    func familiar() {
        let cases: [(FamiliarKind?, [UInt8])] = [
            (.empty, []), (nil, [1]), (nil, Array("some text".utf8)), (nil, [0x80]), (nil, [0x80, 9]),
            (.gitLFSPointer, Array("version https://git-lfs.github.com/spec/v1\noid".utf8)),
            (.html, Array("<!doctype html>".utf8)), (.html, Array("\r\n  <HTML lang=en>".utf8)),
            (nil, Array("<xml>".utf8)), (.json, Array(" {\"error\":1}".utf8)), (.gguf, Array("GGUF".utf8)),
            (.zip, [0x50, 0x4B, 3, 4]), (.sevenZip, [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]), (.gzip, [0x1F, 0x8B]),
            (.xz, [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0]), (.zstd, [0x28, 0xB5, 0x2F, 0xFD]),
            (.hdf5, [0x89, 0x48, 0x44, 0x46]), (.pickle, [0x80, 2, 0x7D]),
            (.safetensors, [2, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D]),
        ]
        for (kind, bytes) in cases { #expect(FamiliarKind(of: Bytes(bytes)) == kind, "\(bytes)") }
    }
}
