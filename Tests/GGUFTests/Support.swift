import ByteIO
import Foundation
import GGUF
import TestSupport
import Tensors
import Testing

/// What fixtures/gguf/make.py says that one of its files holds.
struct Content: Decodable {
    struct Pair: Decodable, Equatable {
        var key: String
        var type: String
        var array: Bool
        var values: [String]
    }
    struct Tensor: Decodable {
        var name: String
        var type: String
        var shape: [Int]
        var offset: Int
        var nbytes: Int
        var seed: Int?
        var data: String?

        var bytes: [UInt8] { seed.map { seed in (0..<nbytes).map { UInt8((seed + 7 * $0 + $0 / 256) % 256) } } ?? [] }
    }
    var version: UInt32
    var alignment: Int
    var data_offset: Int
    var file_bytes: Int
    var kv: [Pair]
    var tensors: [Tensor]

    init(of name: String) throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: fixture("\(name).json")))
        self = try JSONDecoder().decode(Content.self, from: data)
    }
}

func fixture(_ name: String) -> String { Fixtures.path("gguf/\(name)") }

func contents(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }

func parse(_ bytes: [UInt8]) throws -> GGUFFile { try GGUFFile(bytes: Bytes(bytes), name: "test.gguf") }

extension Bytes {
    var array: [UInt8] { withUnsafeBytes { Array($0) } }
}

/// The pair in the words of make.py.
func described(_ key: String, _ value: MetadataValue) -> Content.Pair {
    func float(_ v: Float) -> String { hexadecimal(v.bitPattern, digits: 8) }
    func double(_ v: Double) -> String { hexadecimal(v.bitPattern, digits: 16) }
    func hexadecimal(_ bits: some BinaryInteger, digits: Int) -> String {
        let text = String(bits, radix: 16)
        return "0x" + String(repeating: "0", count: digits - text.count) + text
    }
    func pair(_ type: String, _ value: String) -> Content.Pair {
        Content.Pair(key: key, type: type, array: false, values: [value])
    }
    func array(_ type: String, _ values: [String]) -> Content.Pair {
        Content.Pair(key: key, type: type, array: true, values: values)
    }
    return switch value {
    case .uint8(let v): pair("UINT8", String(v))
    case .int8(let v): pair("INT8", String(v))
    case .uint16(let v): pair("UINT16", String(v))
    case .int16(let v): pair("INT16", String(v))
    case .uint32(let v): pair("UINT32", String(v))
    case .int32(let v): pair("INT32", String(v))
    case .uint64(let v): pair("UINT64", String(v))
    case .int64(let v): pair("INT64", String(v))
    case .float32(let v): pair("FLOAT32", float(v))
    case .float64(let v): pair("FLOAT64", double(v))
    case .bool(let v): pair("BOOL", String(v))
    case .string(let v): pair("STRING", v)
    case .uint8s(let v): array("UINT8", v.map { String($0) })
    case .int8s(let v): array("INT8", v.map { String($0) })
    case .uint16s(let v): array("UINT16", v.map { String($0) })
    case .int16s(let v): array("INT16", v.map { String($0) })
    case .uint32s(let v): array("UINT32", v.map { String($0) })
    case .int32s(let v): array("INT32", v.map { String($0) })
    case .uint64s(let v): array("UINT64", v.map { String($0) })
    case .int64s(let v): array("INT64", v.map { String($0) })
    case .float32s(let v): array("FLOAT32", v.map(float))
    case .float64s(let v): array("FLOAT64", v.map(double))
    case .bools(let v): array("BOOL", v.map { String($0) })
    case .strings(let v): array("STRING", v)
    }
}

/// Builds GGUF bytes field by field, so that a test can get exactly one field wrong.
struct Builder {
    var bytes: [UInt8] = []

    func u8(_ value: UInt8) -> Builder { adding([value]) }
    func u32(_ value: UInt32) -> Builder { adding((0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }) }
    func u64(_ value: UInt64) -> Builder { adding((0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }) }
    func string(_ text: String) -> Builder { string(Array(text.utf8)) }
    func string(_ text: [UInt8]) -> Builder { u64(UInt64(text.count)).adding(text) }
    func adding(_ more: [UInt8]) -> Builder { Builder(bytes: bytes + more) }
    func zeros(_ count: Int) -> Builder { adding([UInt8](repeating: 0, count: count)) }
    func padded(to alignment: Int = 32) -> Builder { zeros((alignment - bytes.count % alignment) % alignment) }

    /// Magic, version and counts.
    static func header(version: UInt32 = 3, tensors: UInt64 = 0, pairs: UInt64 = 0) -> Builder {
        Builder(bytes: Array("GGUF".utf8)).u32(version).u64(tensors).u64(pairs)
    }

    /// Key and value type; the value follows.
    func pair(_ key: String, type: UInt32) -> Builder { string(key).u32(type) }

    func tensor(_ name: String, ne: [UInt64], type: UInt32 = 0, offset: UInt64 = 0) -> Builder {
        var built = string(name).u32(UInt32(ne.count))
        for length in ne { built = built.u64(length) }
        return built.u32(type).u64(offset)
    }
}

/// The rule that `body` breaks; nil if it does not throw.
func brokenRule(_ body: () throws -> Void) throws -> Rule? {
    do {
        try body()
        return nil
    } catch let error as InputError {
        return error.rule
    }
}
