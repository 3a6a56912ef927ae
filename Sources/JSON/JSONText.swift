import ByteIO

/// How large a JSON text may be, so that a small file cannot ask for much memory or stack.
public struct JSONLimits: Sendable {
    /// Bytes of text.
    public var bytes = 64 << 20
    /// Levels of arrays and objects; configurations and indices have at most five.
    public var depth = 64
    /// Objects in all: json-c takes about 800 bytes for an empty one, which is written in three.
    public var objects = 50_000
    /// Separated values in all; a tokenizer's largest tables have some hundred thousand.
    public var values = 4_000_000

    public init() {}
}

/// The lexical rules that json-c does not hold a text to, even when strict.
///
/// json-c 0.16 takes `NaN`, `01` and `1.`, turns integers beyond 64 bits into the nearest 64-bit one, lets raw control
/// characters stand in strings, ends keys at an escaped NUL, stops reading at a NUL, and of a repeated key keeps the
/// last. Each would let one file mean different things to different readers. This pass refuses them, or notes what
/// json-c will lose: how many keys each object names, and the integers that do not fit.
struct JSONText {
    /// Keys named by each object, in the order in which the objects open.
    private(set) var keyCounts: [Int] = []
    /// What the integers mean that are Int64.min or do not fit, in the order of the text: json-c shows all of the
    /// latter as the outermost value that fits.
    private(set) var wideIntegers: [JSONValue] = []

    private let bytes: [UInt8]
    private let file: String
    private let limits: JSONLimits
    private var offset = 0
    private var values = 0
    /// The open arrays (nil) and objects (their place in `keyCounts`).
    private var open: [Int?] = []

    init(checking bytes: [UInt8], file: String, limits: JSONLimits) throws {
        self.bytes = bytes
        self.file = file
        self.limits = limits
        guard bytes.count <= min(limits.bytes, Int(Int32.max) - 1) else {
            throw failure(.jsonSize, "has \(bytes.count) bytes; at most \(limits.bytes) are read")
        }
        while offset < bytes.count { try token() }
    }

    func failure(
        _ rule: Rule, _ problem: String, at place: Int? = nil,
        remedy: String = "Fetch the file again, or mend it by hand: it must be plain JSON."
    ) -> InputError {
        let place = min(place ?? offset, bytes.count)
        let line = bytes[..<place].reduce(1) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
        return InputError(
            rule, file: file, field: "byte \(place), line \(line)", problem: problem, remedy: remedy)
    }

    private mutating func token() throws {
        switch bytes[offset] {
        case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): offset += 1
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): try word()
        default: try punctuation()
        }
    }

    private mutating func punctuation() throws {
        switch bytes[offset] {
        case UInt8(ascii: "{"):
            open.append(keyCounts.count)
            keyCounts.append(0)
            guard keyCounts.count <= limits.objects else {
                throw failure(.jsonSize, "has more than \(limits.objects) objects")
            }
        case UInt8(ascii: "["): open.append(nil)
        case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = open.popLast()
        case UInt8(ascii: ":"): if let object = open.last, let object { keyCounts[object] += 1 }
        case UInt8(ascii: ","):
            values += 1
            guard values < limits.values else {
                throw failure(.jsonSize, "has more than \(limits.values) values")
            }
        default: throw failure(.jsonSyntax, "unexpected byte \(bytes[offset])")
        }
        guard open.count <= limits.depth else {
            throw failure(.jsonDepth, "is nested more than \(limits.depth) levels deep")
        }
        offset += 1
    }

    private mutating func word() throws {
        let end = bytes[offset...].firstIndex { $0 | 0x20 < UInt8(ascii: "a") || $0 | 0x20 > UInt8(ascii: "z") }
        let word = String(decoding: bytes[offset..<(end ?? bytes.count)], as: UTF8.self)
        guard ["true", "false", "null"].contains(word) else {
            throw failure(.jsonSyntax, "\"\(word.prefix(20))\" is no JSON value")
        }
        offset = end ?? bytes.count
    }

    private mutating func string() throws {
        let start = offset
        offset += 1
        while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: "\""):
                offset += 1
                return
            case UInt8(ascii: "\\"):
                if bytes[offset...].starts(with: Array(#"\u0000"#.utf8)) {
                    throw failure(.jsonText, "has a NUL character in a string")
                }
                offset += 2
            case 0..<0x20: throw failure(.jsonText, "has a bare control character in a string")
            default: offset += 1
            }
        }
        throw failure(.jsonSyntax, "a string is not closed", at: start)
    }

    /// `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`
    private mutating func number() throws {
        let start = offset
        _ = take("-")
        let first = offset
        guard takeDigits() > 0, bytes[first] != UInt8(ascii: "0") || offset - first == 1 else {
            throw failure(.jsonNumber, "is no number, or starts with a needless zero", at: start)
        }
        let digits = offset - first
        var isWhole = true
        if take(".") {
            isWhole = false
            guard takeDigits() > 0 else { throw failure(.jsonNumber, "lacks digits after the point", at: start) }
        }
        if take("e") || take("E") {
            isWhole = false
            if !take("+") { _ = take("-") }
            guard takeDigits() > 0 else { throw failure(.jsonNumber, "lacks the digits of its exponent", at: start) }
        }
        if isWhole, digits >= 19 {
            let text = String(decoding: bytes[start..<offset], as: UTF8.self)
            if let value = Int64(text) {
                if value == .min { wideIntegers.append(.integer(value)) }
            } else if let value = Double(text) {
                wideIntegers.append(.double(value))
            }
        }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    private mutating func takeDigits() -> Int {
        let start = offset
        while offset < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[offset]) { offset += 1 }
        return offset - start
    }
}
