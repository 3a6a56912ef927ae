/// A JSON value. Objects keep the order of their keys.
public enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    /// A number without fraction and exponent that fits.
    case integer(Int64)
    /// Any other number; finite when it came from a file.
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// The value under `key`; nil if this is no object or lacks the key.
    public subscript(key: String) -> JSONValue? { object?[key] }

    /// The number, if it is written as a whole one; `1e3` and `1.0` are not.
    public var int: Int? { if case .integer(let value) = self { Int(exactly: value) } else { nil } }

    /// The number, whole or not.
    public var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }

    public var string: String? { if case .string(let value) = self { value } else { nil } }
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    public var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
    public var object: JSONObject? { if case .object(let value) = self { value } else { nil } }
    public var isNull: Bool { self == .null }

    /// What kind of value it is, in JSON's words, for messages: "a string", "an object", …
    public var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .integer, .double: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

/// The members of a JSON object in the order of the file. Keys are unique.
public struct JSONObject: Sendable, Equatable {
    public private(set) var entries: [(key: String, value: JSONValue)] = []
    /// Positions by key. Small objects are searched instead: a header has one of three keys per tensor.
    private var positions: [String: Int] = [:]
    private static let searchedUpTo = 16

    public init() {}

    public var count: Int { entries.count }

    /// The value under `key`. Setting replaces in place or appends; setting nil removes.
    public subscript(key: String) -> JSONValue? {
        get { position(of: key).map { entries[$0].value } }
        set {
            switch (position(of: key), newValue) {
            case (let position?, let value?): entries[position].value = value
            case (nil, let value?): append(key, value)
            case (let position?, nil):
                entries.remove(at: position)
                positions = [:]
                if entries.count > Self.searchedUpTo { indexAll() }
            case (nil, nil): break
            }
        }
    }

    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.entries.elementsEqual(right.entries) { $0.key == $1.key && $0.value == $1.value }
    }

    private func position(of key: String) -> Int? {
        entries.count > Self.searchedUpTo ? positions[key] : entries.firstIndex { $0.key == key }
    }

    private mutating func append(_ key: String, _ value: JSONValue) {
        entries.append((key, value))
        if entries.count == Self.searchedUpTo + 1 {
            indexAll()
        } else if entries.count > Self.searchedUpTo {
            positions[key] = entries.count - 1
        }
    }

    private mutating func indexAll() {
        for (position, entry) in entries.enumerated() { positions[entry.key] = position }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// Keeps the order of the literal; of a key written twice, the last value.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        var object = JSONObject()
        for (key, value) in elements { object[key] = value }
        self = .object(object)
    }
}
