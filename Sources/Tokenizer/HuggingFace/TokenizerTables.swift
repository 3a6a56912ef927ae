import ByteIO
import JSON

/// The two large tables of a `tokenizer.json`, `model.vocab` and `model.merges`, and the rest of the file without them.
///
/// They are most of a file of many megabytes, and made into JSON values they would take seconds; here each text goes to
/// its place at once. The rest is small and is read by the JSON module, with all its rules.
struct TokenizerTables {
    /// Pieces with their ids, in the order of the file.
    private(set) var pieces: [(text: String, id: Int)] = []
    private(set) var merges = MergeList()
    /// The file with `{}` for the vocabulary and `[]` for the merges.
    private(set) var rest = JSONValue.null

    init(_ bytes: Bytes, file: String) throws {
        let text = bytes.withUnsafeBytes { Array($0) }
        guard text.count <= JSONLimits().bytes else {
            throw InputError(
                .jsonSize, file: file, field: "size",
                problem: "has \(text.count) bytes; at most \(JSONLimits().bytes) are read")
        }
        var cursor = JSONCursor(text, file: file)
        var small: [UInt8] = []
        var copied = 0
        try cursor.object { key, cursor in
            guard key.elementsEqual("model".utf8), cursor.peek == UInt8(ascii: "{") else { return try cursor.skip() }
            try cursor.object { key, cursor in
                let start = cursor.offset
                if key.elementsEqual("vocab".utf8), cursor.peek == UInt8(ascii: "{") {
                    try readVocabulary(&cursor, file: file)
                    small += text[copied..<start] + "{}".utf8
                } else if key.elementsEqual("merges".utf8), cursor.peek == UInt8(ascii: "[") {
                    try readMerges(&cursor)
                    small += text[copied..<start] + "[]".utf8
                } else {
                    return try cursor.skip()
                }
                copied = cursor.offset
            }
        }
        small += text[copied...]
        rest = try JSONValue(parsing: Bytes(small), file: file)
    }

    private mutating func readVocabulary(_ cursor: inout JSONCursor, file: String) throws {
        try cursor.object { key, cursor in
            // Of bytes that are no UTF-8 a string has others. The initialiser that says so itself is far slower.
            let text = String(decoding: key, as: UTF8.self)
            guard text.utf8.elementsEqual(key) else { throw cursor.notUTF8 }
            pieces.append((text, try cursor.integer()))
        }
    }

    /// Each merge is one text with a space between its parts, or, since 2024, an array of two texts.
    private mutating func readMerges(_ cursor: inout JSONCursor) throws {
        try cursor.array { cursor in
            if cursor.peek == UInt8(ascii: "[") {
                var parts: [[UInt8]] = []
                try cursor.array { parts.append(Array(try $0.string())) }
                guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
                    throw cursor.failure(.vocabularyMerge, "a merge has \(parts.count) parts, not two texts")
                }
                merges.append(parts[0], parts[1])
            } else if try !merges.append(joined: cursor.string()) {
                throw cursor.failure(.vocabularyMerge, "a merge is not two texts with a space between")
            }
        }
    }
}

/// A place in a JSON text, moved forward value by value.
struct JSONCursor {
    private let bytes: [UInt8]
    private let file: String
    private(set) var offset = 0
    /// A string with escapes, without them.
    private var unescaped: [UInt8] = []

    init(_ bytes: [UInt8], file: String) {
        self.bytes = bytes
        self.file = file
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
    }

    func failure(_ rule: Rule, _ problem: String) -> InputError {
        InputError(
            rule, file: file, field: "byte \(min(offset, bytes.count))", problem: problem,
            remedy: "The tokenizer is damaged or of another kind: fetch it again.")
    }

    var notUTF8: InputError { failure(.jsonText, "holds text that is not valid UTF-8") }

    /// The next byte that is no white space, or 0 at the end.
    var peek: UInt8 {
        mutating get {
            while offset < bytes.count {
                switch bytes[offset] {
                case 0x20, 0x0A, 0x0D, 0x09: offset += 1
                default: return bytes[offset]
                }
            }
            return 0
        }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws {
        guard take(character) else { throw failure(.jsonSyntax, "has something else where \"\(character)\" belongs") }
    }

    /// Calls `body` in front of each member's value, which it has to consume.
    mutating func object(_ body: (_ key: ArraySlice<UInt8>, inout JSONCursor) throws -> Void) throws {
        try expect("{")
        guard !take("}") else { return }
        repeat {
            let key = try string()
            try expect(":")
            _ = peek
            try body(key, &self)
        } while take(",")
        try expect("}")
    }

    /// Calls `body` in front of each element, which it has to consume.
    mutating func array(_ body: (inout JSONCursor) throws -> Void) throws {
        try expect("[")
        guard !take("]") else { return }
        repeat {
            _ = peek
            try body(&self)
        } while take(",")
        try expect("]")
    }

    /// A whole number of at most nine digits.
    mutating func integer() throws -> Int {
        let isNegative = take("-")
        let start = offset
        var value = 0
        while offset < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[offset]) {
            guard offset - start < 9 else { throw failure(.vocabularyID, "is an id of more than nine digits") }
            value = value * 10 + Int(bytes[offset] - UInt8(ascii: "0"))
            offset += 1
        }
        guard offset > start else { throw failure(.vocabularyID, "has an id that is no whole number") }
        return isNegative ? -value : value
    }

    /// The bytes of a string, escapes resolved.
    mutating func string() throws -> ArraySlice<UInt8> {
        try expect("\"")
        let start = offset
        while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: "\""):
                offset += 1
                return bytes[start..<offset - 1]
            case UInt8(ascii: "\\"): return try escapedString(from: start)
            case 0..<0x20: throw failure(.jsonText, "has a bare control character in a string")
            default: offset += 1
            }
        }
        throw failure(.jsonSyntax, "ends inside a string")
    }

    private mutating func escapedString(from start: Int) throws -> ArraySlice<UInt8> {
        unescaped.removeAll(keepingCapacity: true)
        unescaped.append(contentsOf: bytes[start..<offset])
        while offset < bytes.count {
            let byte = bytes[offset]
            offset += 1
            switch byte {
            case UInt8(ascii: "\""): return unescaped[...]
            case UInt8(ascii: "\\"): try escape()
            case 0..<0x20: throw failure(.jsonText, "has a bare control character in a string")
            default: unescaped.append(byte)
            }
        }
        throw failure(.jsonSyntax, "ends inside a string")
    }

    private mutating func escape() throws {
        guard offset < bytes.count else { throw failure(.jsonSyntax, "ends inside a string") }
        let kind = bytes[offset]
        offset += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): unescaped.append(kind)
        case UInt8(ascii: "b"): unescaped.append(0x08)
        case UInt8(ascii: "f"): unescaped.append(0x0C)
        case UInt8(ascii: "n"): unescaped.append(0x0A)
        case UInt8(ascii: "r"): unescaped.append(0x0D)
        case UInt8(ascii: "t"): unescaped.append(0x09)
        case UInt8(ascii: "u"): try escapedScalar()
        default: throw failure(.jsonSyntax, "has an unknown escape in a string")
        }
    }

    private mutating func escapedScalar() throws {
        var code = try hexadecimal()
        if (0xD800..<0xDC00).contains(code) {
            guard offset + 1 < bytes.count, bytes[offset] == UInt8(ascii: "\\"), bytes[offset + 1] == UInt8(ascii: "u")
            else { throw notUTF8 }
            offset += 2
            let low = try hexadecimal()
            guard (0xDC00..<0xE000).contains(low) else { throw notUTF8 }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard code != 0 else { throw failure(.jsonText, "has a NUL character in a string") }
        guard let scalar = Unicode.Scalar(code) else { throw notUTF8 }
        unescaped.append(contentsOf: String(scalar).utf8)
    }

    private mutating func hexadecimal() throws -> UInt32 {
        guard offset + 4 <= bytes.count, bytes[offset..<offset + 4].allSatisfy({ $0 != UInt8(ascii: "+") }),
            let value = UInt32(String(decoding: bytes[offset..<offset + 4], as: UTF8.self), radix: 16)
        else { throw failure(.jsonSyntax, "has a \\u without four hexadecimal digits") }
        offset += 4
        return value
    }

    /// Moves behind the value that comes next. What is skipped is checked by the JSON module.
    mutating func skip() throws {
        var depth = 0
        repeat {
            switch peek {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                offset += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                guard depth >= 0 else { throw failure(.jsonSyntax, "lacks a value") }
                offset += 1
            case UInt8(ascii: "\""): _ = try string()
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                guard depth > 0 else { throw failure(.jsonSyntax, "lacks a value") }
                offset += 1
            case 0 where offset >= bytes.count: throw failure(.jsonSyntax, "ends inside a value")
            default: skipWord()
            }
        } while depth > 0
    }

    private mutating func skipWord() {
        let delimiters: [UInt8] = Array(",:{}[]\" \n\r\t".utf8)
        repeat { offset += 1 } while offset < bytes.count && !delimiters.contains(bytes[offset])
    }
}
