/// What can be told to a program: a value that describes itself as JSON.
public protocol JSONRepresentable {
    var jsonValue: JSONValue { get }
}

extension JSONValue: JSONRepresentable {
    public var jsonValue: JSONValue { self }

    /// An object of the entries given, in their order; those that are nil are left out.
    public static func describing(_ entries: KeyValuePairs<String, (any JSONRepresentable)?>) -> JSONValue {
        var object = JSONObject()
        for case (let key, let value?) in entries { object[key] = value.jsonValue }
        return .object(object)
    }
}

extension JSONRepresentable {
    /// The value as JSON text, indented.
    public var json: String { jsonValue.serialized(pretty: true) }
}

extension String: JSONRepresentable {
    public var jsonValue: JSONValue { .string(self) }
}

extension Bool: JSONRepresentable {
    public var jsonValue: JSONValue { .bool(self) }
}

extension Int: JSONRepresentable {
    public var jsonValue: JSONValue { .integer(Int64(self)) }
}

/// JSON has no infinity and no NaN: they become null.
extension Double: JSONRepresentable {
    public var jsonValue: JSONValue { isFinite ? .double(self) : .null }
}

extension Array: JSONRepresentable where Element: JSONRepresentable {
    public var jsonValue: JSONValue { .array(map(\.jsonValue)) }
}
