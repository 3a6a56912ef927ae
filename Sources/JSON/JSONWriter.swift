extension JSONValue {
    /// The value as JSON text, without a newline at the end. The same value gives the same text on any machine.
    ///
    /// Doubles are written with the fewest digits that read back as the same value, which json-c's writer does not
    /// do; those that JSON cannot express (infinities, NaN) become `null`.
    /// - Parameter pretty: One member or element per line, indented by two spaces.
    public func serialized(pretty: Bool = false) -> String {
        var text = ""
        write(to: &text, indent: pretty ? 0 : nil)
        return text
    }

    private func write(to text: inout String, indent: Int?) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .double(let value): text += value.isFinite ? String(describing: value) : "null"
        case .string(let value): Self.quote(value, to: &text)
        case .array(let elements):
            Self.list(elements, "[", "]", to: &text, indent: indent) { element, text, indent in
                element.write(to: &text, indent: indent)
            }
        case .object(let object):
            Self.list(object.entries, "{", "}", to: &text, indent: indent) { entry, text, indent in
                Self.quote(entry.key, to: &text)
                text += indent == nil ? ":" : ": "
                entry.value.write(to: &text, indent: indent)
            }
        }
    }

    private static func list<Element>(
        _ elements: [Element], _ opening: String, _ closing: String, to text: inout String, indent: Int?,
        write: (Element, inout String, Int?) -> Void
    ) {
        text += opening
        let inner = indent.map { $0 + 2 }
        for (position, element) in elements.enumerated() {
            if position > 0 { text += "," }
            if let inner { text += "\n" + String(repeating: " ", count: inner) }
            write(element, &text, inner)
        }
        if let indent, !elements.isEmpty { text += "\n" + String(repeating: " ", count: indent) }
        text += closing
    }

    private static func quote(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{0}"..<" ":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
