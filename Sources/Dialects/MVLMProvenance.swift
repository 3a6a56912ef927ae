import JSON
import Models
import Tensors

/// The section `provenance`: metadata of a file, as JSON. Only kinds of values that vlmconv records are kept.
enum MVLMProvenance {
    /// llama.cpp's number for how a part is stored, for the way back to GGUF.
    static func fileType(_ part: ModelPart) -> String { "vlmconv.file_type.\(section(part))" }

    /// The keys of a GGUF pair's file that vlmconv does not know, for the way back.
    static func foreign(_ part: ModelPart) -> String { "gguf.\(section(part))" }

    static func section(_ part: ModelPart) -> String {
        switch part {
        case .language: "language"
        case .tower: "tower"
        case .projector: "projector"
        }
    }

    static func write(_ metadata: Metadata) -> JSONValue {
        var object = JSONObject()
        for (key, value) in metadata.entries {
            switch value {
            case .string(let text): object[key] = .string(text)
            case .strings(let texts): object[key] = .array(texts.map { .string($0) })
            case .bool(let flag): object[key] = .bool(flag)
            case .float32(let number): object[key] = real(number)
            case .float32s(let numbers): object[key] = .array(numbers.map(real))
            default: object[key] = value.integer.map { .integer(Int64($0)) }
            }
        }
        return .object(object)
    }

    /// Six digits tell an error figure well enough, and every reader takes them.
    private static func real(_ value: Float) -> JSONValue {
        guard value != 0, value.isFinite else { return 0 }
        var (scaled, power) = (Double(value), 0)
        while abs(scaled) < 1e5, power < 20 { (scaled, power) = (scaled * 10, power + 1) }
        return .double((Double("\(Int(scaled.rounded()))e-\(power)") ?? 0))
    }

    /// What the GGUF files said that the model was in.
    static func gguf(_ value: JSONValue) -> [ModelPart: Metadata] {
        Dictionary(
            uniqueKeysWithValues: ModelPart.allCases.compactMap { part in
                value[foreign(part)].map { (part, GGUFForeignKeys.read($0)) }
            })
    }

    static func read(_ value: JSONValue) -> Metadata {
        var metadata = Metadata()
        for (key, value) in value.object?.entries ?? []
        where !ModelPart.allCases.contains(where: { foreign($0) == key }) {
            if let text = value.string { metadata[key] = .string(text) }
            if let flag = value.bool { metadata[key] = .bool(flag) }
            if let number = value.int, let narrow = UInt32(exactly: number) { metadata[key] = .uint32(narrow) }
            if case .double(let number) = value { metadata[key] = .float32(Float(number)) }
            if let list = value.array {
                let texts = list.compactMap(\.string)
                metadata[key] =
                    texts.count == list.count
                    ? .strings(texts)
                    : .float32s(
                        list.compactMap { $0.double.map { Float($0) } })
            }
        }
        return metadata
    }
}
