/// A value in a container's metadata. The cases are GGUF's value types, the richest of the formats.
public enum MetadataValue: Sendable, Equatable {
    case uint8(UInt8), int8(Int8), uint16(UInt16), int16(Int16), uint32(UInt32), int32(Int32)
    case uint64(UInt64), int64(Int64), float32(Float), float64(Double), bool(Bool), string(String)
    case uint8s([UInt8]), int8s([Int8]), uint16s([UInt16]), int16s([Int16]), uint32s([UInt32]), int32s([Int32])
    case uint64s([UInt64]), int64s([Int64]), float32s([Float]), float64s([Double]), bools([Bool]), strings([String])

    /// The value if it is a whole number of any width that fits.
    public var integer: Int? {
        switch self {
        case .uint8(let v): Int(v)
        case .int8(let v): Int(v)
        case .uint16(let v): Int(v)
        case .int16(let v): Int(v)
        case .uint32(let v): Int(v)
        case .int32(let v): Int(v)
        case .uint64(let v): Int(exactly: v)
        case .int64(let v): Int(v)
        default: nil
        }
    }

    /// The value if it is a floating-point number.
    public var real: Double? {
        switch self {
        case .float32(let v): Double(v)
        case .float64(let v): v
        default: nil
        }
    }

    public var text: String? { if case .string(let v) = self { v } else { nil } }
    public var flag: Bool? { if case .bool(let v) = self { v } else { nil } }
    public var texts: [String]? { if case .strings(let v) = self { v } else { nil } }
    public var floats: [Float]? { if case .float32s(let v) = self { v } else { nil } }

    /// The elements if it is an array of whole numbers that all fit.
    public var integers: [Int]? {
        switch self {
        case .uint8s(let v): v.map { Int($0) }
        case .int8s(let v): v.map { Int($0) }
        case .uint16s(let v): v.map { Int($0) }
        case .int16s(let v): v.map { Int($0) }
        case .uint32s(let v): v.map { Int($0) }
        case .int32s(let v): v.map { Int($0) }
        case .uint64s(let v): v.allSatisfy { $0 <= Int.max } ? v.map { Int($0) } : nil
        case .int64s(let v): v.map { Int($0) }
        default: nil
        }
    }
}

/// Keys and values in the order of the file. Keys are unique.
public struct Metadata: Sendable, Equatable {
    public private(set) var entries: [(key: String, value: MetadataValue)] = []
    private var index: [String: Int] = [:]

    public init() {}

    /// The value under `key`. Setting replaces in place or appends; setting nil removes.
    public subscript(key: String) -> MetadataValue? {
        get { index[key].map { entries[$0].value } }
        set {
            switch (index[key], newValue) {
            case (let position?, let value?): entries[position].value = value
            case (nil, let value?):
                index[key] = entries.count
                entries.append((key, value))
            case (_?, nil):
                entries.removeAll { $0.key == key }
                index = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($1.key, $0) })
            case (nil, nil): break
            }
        }
    }

    public static func == (left: Metadata, right: Metadata) -> Bool {
        left.entries.elementsEqual(right.entries) { $0.key == $1.key && $0.value == $1.value }
    }
}
