import JSON
import Models
import Tensors

/// Keys of a GGUF file that vlmconv does not write itself: authors, licences, what other programs leave there. They go along
/// from file to file, through .mvlm files as JSON.
enum GGUFForeignKeys {
    /// True of one file alone: how it is laid out, cut and made.
    private static let ofOneFile = ["general.alignment", "general.file_type", "general.quantization_version"]
    private static let familiesOfOneFile = ["split.", "vlmconv."]

    /// Those of `metadata` that are not `own`. Descriptions are the source's where both have one.
    static func of(_ metadata: Metadata, besides own: Metadata) -> Metadata {
        var foreign = Metadata()
        for (key, value) in metadata.entries {
            if ofOneFile.contains(key) || familiesOfOneFile.contains(where: key.hasPrefix) { continue }
            if let known = own[key], known == value || !key.hasPrefix("general.") { continue }
            foreign[key] = value
        }
        return foreign
    }

    /// As JSON: a list of keys with type and value. Numbers are texts, so that every width is exact. A text with U+0000, which the
    /// manifest's JSON does not hold, is left out.
    static func write(_ metadata: Metadata) -> JSONValue {
        .array(
            metadata.entries.compactMap { key, value in
                let (type, json) = value.described
                guard !key.utf8.contains(0), !json.holdsZero else { return nil }
                return ["key": .string(key), "type": .string(type), "value": json]
            })
    }

    /// What `write` wrote. What is no such entry is passed over.
    static func read(_ value: JSONValue) -> Metadata {
        var metadata = Metadata()
        for entry in value.array ?? [] {
            guard let key = entry["key"]?.string, let type = entry["type"]?.string, let json = entry["value"] else {
                continue
            }
            metadata[key] = MetadataValue(type: type, json)
        }
        return metadata
    }
}

extension JSONValue {
    fileprivate var holdsZero: Bool { string?.utf8.contains(0) ?? array?.contains(where: \.holdsZero) ?? false }
}

extension MetadataValue {
    /// The type's name, in brackets that of a list, and the value.
    fileprivate var described: (type: String, value: JSONValue) {
        func list<V>(_ values: [V], _ json: (V) -> JSONValue) -> JSONValue { .array(values.map(json)) }
        func number<V: LosslessStringConvertible>(_ value: V) -> JSONValue { .string(value.description) }
        return switch self {
        case .uint8(let v): ("uint8", number(v))
        case .int8(let v): ("int8", number(v))
        case .uint16(let v): ("uint16", number(v))
        case .int16(let v): ("int16", number(v))
        case .uint32(let v): ("uint32", number(v))
        case .int32(let v): ("int32", number(v))
        case .uint64(let v): ("uint64", number(v))
        case .int64(let v): ("int64", number(v))
        case .float32(let v): ("float32", number(v))
        case .float64(let v): ("float64", number(v))
        case .bool(let v): ("bool", .bool(v))
        case .string(let v): ("string", .string(v))
        case .uint8s(let v): ("[uint8]", list(v, number))
        case .int8s(let v): ("[int8]", list(v, number))
        case .uint16s(let v): ("[uint16]", list(v, number))
        case .int16s(let v): ("[int16]", list(v, number))
        case .uint32s(let v): ("[uint32]", list(v, number))
        case .int32s(let v): ("[int32]", list(v, number))
        case .uint64s(let v): ("[uint64]", list(v, number))
        case .int64s(let v): ("[int64]", list(v, number))
        case .float32s(let v): ("[float32]", list(v, number))
        case .float64s(let v): ("[float64]", list(v, number))
        case .bools(let v): ("[bool]", list(v) { .bool($0) })
        case .strings(let v): ("[string]", list(v) { .string($0) })
        }
    }

    /// The value that `described` gave; nil for what it never gives.
    fileprivate init?(type: String, _ json: JSONValue) {
        func number<V: LosslessStringConvertible>(_: V.Type) -> V? { json.string.flatMap { V($0) } }
        func numbers<V: LosslessStringConvertible>(_: V.Type) -> [V]? { list { $0.string.flatMap { V($0) } } }
        func list<V>(_ element: (JSONValue) -> V?) -> [V]? {
            guard let elements = json.array else { return nil }
            let values = elements.compactMap(element)
            return values.count == elements.count ? values : nil
        }
        let value: MetadataValue? =
            switch type {
            case "uint8": number(UInt8.self).map { .uint8($0) }
            case "int8": number(Int8.self).map { .int8($0) }
            case "uint16": number(UInt16.self).map { .uint16($0) }
            case "int16": number(Int16.self).map { .int16($0) }
            case "uint32": number(UInt32.self).map { .uint32($0) }
            case "int32": number(Int32.self).map { .int32($0) }
            case "uint64": number(UInt64.self).map { .uint64($0) }
            case "int64": number(Int64.self).map { .int64($0) }
            case "float32": number(Float.self).map { .float32($0) }
            case "float64": number(Double.self).map { .float64($0) }
            case "bool": json.bool.map { .bool($0) }
            case "string": json.string.map { .string($0) }
            case "[uint8]": numbers(UInt8.self).map { .uint8s($0) }
            case "[int8]": numbers(Int8.self).map { .int8s($0) }
            case "[uint16]": numbers(UInt16.self).map { .uint16s($0) }
            case "[int16]": numbers(Int16.self).map { .int16s($0) }
            case "[uint32]": numbers(UInt32.self).map { .uint32s($0) }
            case "[int32]": numbers(Int32.self).map { .int32s($0) }
            case "[uint64]": numbers(UInt64.self).map { .uint64s($0) }
            case "[int64]": numbers(Int64.self).map { .int64s($0) }
            case "[float32]": numbers(Float.self).map { .float32s($0) }
            case "[float64]": numbers(Double.self).map { .float64s($0) }
            case "[bool]": list(\.bool).map { .bools($0) }
            case "[string]": list(\.string).map { .strings($0) }
            default: nil
            }
        guard let value else { return nil }
        self = value
    }
}
