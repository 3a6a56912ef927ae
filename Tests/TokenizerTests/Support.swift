import ByteIO
import Foundation
import TestSupport
import Testing
import Tokenizer

/// Byte for byte: Swift's own comparison takes different spellings of a letter for equal.
func same(_ left: String, _ right: String) -> Bool { left.utf8.elementsEqual(right.utf8) }

func load(_ path: String) throws -> TextTokenizer {
    let bytes = Bytes(Array(try Data(contentsOf: URL(fileURLWithPath: path))))
    return TextTokenizer(vocabulary: try Vocabulary(sentencePieceModel: bytes, file: path))
}

func json<T: Decodable>(_ type: T.Type, _ path: String) throws -> T {
    try JSONDecoder().decode(type, from: Data(contentsOf: URL(fileURLWithPath: path)))
}

/// A protocol buffer made by hand, so that what is read was not written by the library that reads it.
struct ProtobufBytes {
    var bytes: [UInt8] = []

    func varint(_ field: Int, _ value: Int) -> ProtobufBytes { adding(Self.encode(field << 3) + Self.encode(value)) }

    func float(_ field: Int, _ value: Float) -> ProtobufBytes {
        adding(Self.encode(field << 3 | 5) + (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) })
    }

    func message(_ field: Int, _ value: [UInt8]) -> ProtobufBytes {
        adding(Self.encode(field << 3 | 2) + Self.encode(value.count) + value)
    }

    func message(_ field: Int, _ value: ProtobufBytes) -> ProtobufBytes { message(field, value.bytes) }

    func piece(_ text: String, _ score: Float = 0, kind: Int? = nil) -> ProtobufBytes {
        var piece = ProtobufBytes().message(1, Array(text.utf8)).float(2, score)
        if let kind { piece = piece.varint(3, kind) }
        return message(1, piece)
    }

    func adding(_ more: [UInt8]) -> ProtobufBytes { ProtobufBytes(bytes: bytes + more) }

    private static func encode(_ value: Int) -> [UInt8] {
        var rest = UInt64(bitPattern: Int64(value))
        var bytes: [UInt8] = []
        repeat {
            bytes.append(UInt8(rest & 0x7F) | (rest > 0x7F ? 0x80 : 0))
            rest >>= 7
        } while rest > 0
        return bytes
    }

    /// What makes a model like LLaMA's: BPE, ids 0, 1, 2, identity normalisation.
    static let training = ProtobufBytes().varint(3, 2)
    static let normalization = ProtobufBytes().message(1, Array("identity".utf8)).varint(4, 0)

    func settings(
        training: ProtobufBytes = Self.training, normalization: ProtobufBytes = Self.normalization
    ) -> ProtobufBytes { message(2, training).message(3, normalization) }

    static let marks = ProtobufBytes().piece("<unk>", kind: 2).piece("<s>", kind: 3).piece("</s>", kind: 3)

    func allBytes(except: Int? = nil) -> ProtobufBytes {
        (0..<256).reduce(self) { model, byte in
            byte == except ? model : model.piece(bytePiece(byte), kind: 6)
        }
    }

    func vocabulary() throws -> Vocabulary { try Vocabulary(sentencePieceModel: Bytes(bytes), file: "test.model") }
}

func bytePiece(_ byte: Int) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return "<0x\(byte < 16 ? "0" : "")\(digits)>"
}

/// Checks that `body` throws an `InputError` of that rule, with all its parts.
func expect(_ rule: Rule, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void) {
    let error = #expect(throws: InputError.self, sourceLocation: sourceLocation) { try body() }
    #expect(error?.rule == rule, "\(error.map(String.init(describing:)) ?? "")", sourceLocation: sourceLocation)
    #expect(error?.field.isEmpty == false && error?.problem.isEmpty == false, sourceLocation: sourceLocation)
}
