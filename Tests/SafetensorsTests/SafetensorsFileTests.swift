import ByteIO
import Foundation
import Safetensors
import Tensors
import TestSupport
import Testing

@Suite struct SafetensorsFileTests {
    static let small = ["types.safetensors", "untyped.safetensors", "metadata.safetensors", "empty.safetensors"]

    @Test("files of the reference library read as that library reads them", arguments: small)
    func readsSmall(name: String) throws {
        let expected = try #require(ExpectedTensor.listing("expected.json")[name])
        try check(SafetensorsFile(path: Fixtures.path("containers/" + name)), expected)
    }

    @Test("the golden block files read as the reference library reads them", .enabled(if: Fixtures.hasGolden))
    func golden() throws {
        let listing = try ExpectedTensor.listing("ggml-blocks.json")
        #expect(listing.count == 15)
        for (name, expected) in listing.sorted(by: { $0.key < $1.key }) {
            let path = try #require(Fixtures.golden("ggml-blocks/" + name))
            let file = try SafetensorsFile(path: path)
            try check(file, expected)
            #expect(file.metadata["type"]?.text == String(name.dropLast(".safetensors".count)))
        }
    }

    private func check(_ file: SafetensorsFile, _ expected: [ExpectedTensor]) throws {
        #expect(file.tensors.map(\.name) == expected.map(\.name))
        for tensor in expected {
            let info = try #require(file.info(tensor.name))
            #expect(info.type.safetensorsName == tensor.dtype)
            #expect(info.shape.dimensions == tensor.shape)
            let bytes = try file.bytes(of: tensor.name)
            #expect(bytes.withUnsafeBytes { tensor.matches($0) }, "\(tensor.name)")
        }
    }

    @Test("metadata are the strings of the header")
    func metadata() throws {
        let file = try SafetensorsFile(path: Fixtures.path("containers/metadata.safetensors"))
        #expect(file.metadata.entries.map(\.key) == ["note"])
        #expect(file.metadata["note"]?.text == "größe \"1\"\n")
        #expect(file.files == [Fixtures.path("containers/metadata.safetensors")])
    }

    @Test("a name that is not there is an error, not a trap")
    func missing() throws {
        let file = try SafetensorsFile(path: Fixtures.path("containers/types.safetensors"))
        #expect(file.info("nothing") == nil)
        #expect(throws: InputError.self) { try file.bytes(of: "nothing") }
    }

    @Test("the first nine bytes tell the format")
    func recognises() throws {
        for name in Self.small {
            #expect(try SafetensorsFile.recognises(MappedFile(path: Fixtures.path("containers/" + name)).bytes))
        }
        #expect(try !SafetensorsFile.recognises(MappedFile(path: Fixtures.path("containers/tied.bin")).bytes))
        #expect(!SafetensorsFile.recognises(Bytes([])))
        #expect(!SafetensorsFile.recognises(Bytes([2, 0, 0, 0, 0, 0, 0, 0])))
        #expect(!SafetensorsFile.recognises(Bytes([UInt8](repeating: UInt8(ascii: "{"), count: 20))))
    }
}
