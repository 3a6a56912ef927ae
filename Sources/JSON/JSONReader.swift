import ByteIO
import CJSON

extension Rule {
    /// The file holds text, not something else under its name.
    public static let jsonKind = Rule("json.kind")
    /// The text follows JSON's grammar: no comments, no trailing commas, nothing after the value.
    public static let jsonSyntax = Rule("json.syntax")
    /// The text is within `JSONLimits`.
    public static let jsonSize = Rule("json.size")
    /// Nesting is within `JSONLimits`.
    public static let jsonDepth = Rule("json.depth")
    /// Numbers are written as JSON has them and are finite.
    public static let jsonNumber = Rule("json.number")
    /// Strings are UTF-8 without bare control characters and without NUL.
    public static let jsonText = Rule("json.text")
    /// No object names a key twice.
    public static let jsonDuplicate = Rule("json.duplicate")
}

extension JSONValue {
    /// Every rule that a JSON text is held to.
    public static let rules: [Rule] = [
        .jsonKind, .jsonSyntax, .jsonSize, .jsonDepth, .jsonNumber, .jsonText, .jsonDuplicate,
    ]

    /// Reads one JSON text (RFC 8259), parsed by json-c, with the gaps of its strict mode closed.
    ///
    /// Integers beyond 64 bits become the nearest double: Hugging Face writes 10³⁰ for "no limit".
    /// - Parameter file: Named in errors.
    /// - Throws: `InputError` with one of `rules` and the place in the text.
    public init(parsing bytes: Bytes, file: String, limits: JSONLimits = JSONLimits()) throws {
        if let kind = FamiliarKind(of: bytes), kind != .json, kind != .empty {
            throw InputError(
                .jsonKind, file: file, field: "first bytes", problem: "this is \(kind.phrase), not a JSON text",
                remedy: kind.remedy == FamiliarKind.json.remedy ? "Fetch the file again." : kind.remedy)
        }
        // Editors on Windows put a byte order mark in front, which is no part of the text (RFC 8259, section 8.1).
        var terminated: [UInt8] = bytes.withUnsafeBytes {
            Array($0.starts(with: [0xEF, 0xBB, 0xBF]) ? $0.dropFirst(3) : $0[...])
        }
        let text = try JSONText(checking: terminated, file: file, limits: limits)
        terminated.append(0)  // lets json-c see the end of a bare number

        guard let tokener = json_tokener_new_ex(Int32(limits.depth + 2)) else {
            throw text.failure(.jsonSize, "does not fit in memory", at: 0)
        }
        defer { json_tokener_free(tokener) }
        json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8)
        let root = terminated.withUnsafeBytes {
            json_tokener_parse_ex(tokener, $0.baseAddress?.assumingMemoryBound(to: CChar.self), Int32($0.count))
        }
        defer { json_object_put(root) }
        let outcome = json_tokener_get_error(tokener)
        guard outcome == json_tokener_success else {
            let isText = outcome == json_tokener_error_parse_utf8_string
            throw text.failure(
                isText ? .jsonText : .jsonSyntax, String(cString: json_tokener_error_desc(outcome)),
                at: json_tokener_get_parse_end(tokener))
        }
        var conversion = Conversion(text: text, file: file)
        self = try conversion.value(root, key: nil)
    }
}

/// Turns json-c's tree into ours, in the order of the text, beside what `JSONText` noted in that order.
private struct Conversion {
    let text: JSONText
    let file: String
    private var objects = 0
    private var wideIntegers = 0

    init(text: JSONText, file: String) {
        self.text = text
        self.file = file
    }

    /// - Parameter key: The innermost key above the value, for errors; nil at the root.
    mutating func value(_ object: OpaquePointer?, key: String?) throws -> JSONValue {
        switch json_object_get_type(object) {
        case json_type_null: return .null
        case json_type_boolean: return .bool(json_object_get_boolean(object) != 0)
        case json_type_int: return try integer(object, key: key)
        case json_type_double: return try finite(json_object_get_double(object), key: key)
        case json_type_string:
            let count = Int(json_object_get_string_len(object))
            let start = UnsafeRawPointer(json_object_get_string(object))
            return .string(try string(UnsafeRawBufferPointer(start: start, count: count), key: key))
        case json_type_array:
            let count = json_object_array_length(object)
            var elements: [JSONValue] = []
            elements.reserveCapacity(count)
            for index in 0..<count {
                elements.append(try value(json_object_array_get_idx(object, index), key: key))
            }
            return .array(elements)
        default: return try members(object, key: key)
        }
    }

    private mutating func members(_ object: OpaquePointer?, key: String?) throws -> JSONValue {
        let named = objects < text.keyCounts.count ? text.keyCounts[objects] : 0
        objects += 1
        guard named == Int(json_object_object_length(object)) else {
            throw failure(.jsonDuplicate, key, "an object names the same key twice")
        }
        var result = JSONObject()
        var member = json_object_iter_begin(object)
        var end = json_object_iter_end(object)
        while json_object_iter_equal(&member, &end) == 0 {
            if let start = json_object_iter_peek_name(&member) {
                let name = try string(UnsafeRawBufferPointer(start: start, count: length(start)), key: key)
                // Swift takes two spellings of the same characters for equal, json-c does not.
                guard result[name] == nil else {
                    throw failure(.jsonDuplicate, key, "an object has two keys that spell \"\(name)\"")
                }
                result[name] = try value(json_object_iter_peek_value(&member), key: name)
            }
            json_object_iter_next(&member)
        }
        return .object(result)
    }

    private mutating func integer(_ object: OpaquePointer?, key: String?) throws -> JSONValue {
        let number = json_object_get_int64(object)
        guard number == .min || json_object_get_uint64(object) > UInt64(Int64.max) else { return .integer(number) }
        guard wideIntegers < text.wideIntegers.count else { throw failure(.jsonNumber, key, "is out of range") }
        let wide = text.wideIntegers[wideIntegers]
        wideIntegers += 1
        if case .double(let number) = wide { return try finite(number, key: key) }
        return wide
    }

    private func finite(_ number: Double, key: String?) throws -> JSONValue {
        guard number.isFinite else { throw failure(.jsonNumber, key, "is a number beyond the range of a double") }
        return .double(number)
    }

    private func string(_ buffer: UnsafeRawBufferPointer, key: String?) throws -> String {
        guard let string = String(validating: buffer, as: UTF8.self) else {
            throw failure(.jsonText, key, "holds text that is not valid UTF-8")
        }
        return string
    }

    private func length(_ start: UnsafePointer<CChar>) -> Int {
        var count = 0
        while start[count] != 0 { count += 1 }
        return count
    }

    private func failure(_ rule: Rule, _ key: String?, _ problem: String) -> InputError {
        InputError(rule, file: file, field: key ?? "the outermost value", problem: problem)
    }
}
