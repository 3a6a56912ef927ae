import ByteIO
import Execution
import Foundation
import MobileVLM
import Tensors
import Testing

/// Tensors in memory.
struct MemorySource: TensorSource {
    private(set) var tensors: [TensorInfo] = []
    private var contents: [String: Bytes] = [:]
    var files: [String] { [] }

    mutating func add(_ name: String, _ type: ElementType, _ shape: Shape, _ bytes: Bytes) throws {
        let info = try #require(TensorInfo(name: name, type: type, shape: shape))
        tensors.append(info)
        contents[name] = bytes
    }

    mutating func add(_ name: String, _ shape: Shape, _ values: [Float]) throws {
        try add(name, .f32, shape, values.withUnsafeBytes { Bytes(Array($0)) })
    }

    func info(_ name: String) -> TensorInfo? { tensors.first { $0.name == name } }
    func bytes(of name: String) throws -> Bytes { try #require(contents[name]) }

    init() {}

    /// Reads a safetensors file.
    init(path: String) throws {
        let file = try MappedFile(path: path)
        let length = file.bytes.withUnsafeBytes { Int($0.loadUnaligned(as: UInt64.self)) }
        let text = try #require(file.bytes.slice(8..<8 + length)).withUnsafeBytes { Data($0) }
        let header = try #require(JSONSerialization.jsonObject(with: text) as? [String: Any])
        for (name, value) in header.sorted(by: { $0.key < $1.key }) where name != "__metadata__" {
            let entry = try #require(value as? [String: Any])
            let offsets = try #require(entry["data_offsets"] as? [Int])
            let dtype = try #require(entry["dtype"] as? String)
            let type = try #require(ElementType(safetensorsName: dtype))
            let range = 8 + length + offsets[0]..<8 + length + offsets[1]
            let shape = try #require(entry["shape"] as? [Int])
            try add(name, type, Shape(shape), #require(file.bytes.slice(range)))
        }
    }
}

extension TensorSource {
    func floats(_ name: String) throws -> [Float] {
        try #require(info(name)?.type == .f32)
        return try bytes(of: name).withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    }

    func integers(_ name: String) throws -> [Int] {
        try #require(info(name)?.type == .i32)
        return try bytes(of: name).withUnsafeBytes { $0.bindMemory(to: Int32.self).map(Int.init) }
    }
}

extension ModelWeights {
    /// Weights of a Hugging Face checkpoint.
    init(checkpoint source: any TensorSource, pairing: RotaryPairing = .halves) {
        self.init(rotaryPairing: pairing, origin: "test")
        for info in source.tensors {
            let key =
                info.name.replacingOccurrences(of: "model.vision_tower.vision_tower.vision_model", with: "vision_model")
                .replacingOccurrences(of: "model.mm_projector", with: "mm_projector")
            place(key, in: source, name: info.name)
        }
    }
}

/// `‖a - b‖ / ‖b‖`
func relativeError(_ a: [Float], _ b: [Float]) -> Double {
    guard a.count == b.count, !b.isEmpty else { return .infinity }
    var (difference, norm) = (0.0, 0.0)
    for (a, b) in zip(a, b) {
        difference += (Double(a) - Double(b)) * (Double(a) - Double(b))
        norm += Double(b) * Double(b)
    }
    let error = (difference / norm).squareRoot()
    return error.isNaN ? .infinity : error
}

func greatestDifference(_ a: [Float], _ b: [Float]) -> Float {
    guard a.count == b.count else { return .infinity }
    return zip(a, b).reduce(0) { $1.0.isNaN ? .infinity : max($0, abs($1.0 - $1.1)) }
}
