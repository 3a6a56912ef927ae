/// Numbers and tables as people read them.
enum Text {
    /// With `digits` decimals.
    static func fixed(_ value: Double, _ digits: Int) -> String {
        guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = (abs(value) * scale).rounded()
        guard scaled < 1e15 else { return "\(value)" }
        let whole = Int(scaled)
        let sign = value < 0 && whole != 0 ? "-" : ""
        guard digits > 0 else { return "\(sign)\(whole)" }
        let fraction = String(whole % Int(scale))
        return "\(sign)\(whole / Int(scale))." + String(repeating: "0", count: digits - fraction.count) + fraction
    }

    /// Small numbers keep their leading digits: `0.0123`, `1.2e-07`.
    static func significant(_ value: Double) -> String {
        guard value.isFinite, value != 0 else { return fixed(value, value == 0 ? 1 : 0) }
        let size = abs(value)
        if size >= 1 { return fixed(value, 3) }
        if size >= 1e-3 { return fixed(value, 5) }
        var exponent = 0
        var mantissa = value
        while abs(mantissa) < 1 {
            mantissa *= 10
            exponent -= 1
        }
        return "\(fixed(mantissa, 2))e\(exponent)"
    }

    /// A size in binary units: `748.3 MiB`.
    static func bytes(_ count: Int) -> String {
        for (unit, scale) in [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)] where count >= scale {
            return "\(fixed(Double(count) / Double(scale), 1)) \(unit)"
        }
        return "\(count) bytes"
    }

    static func percent(_ share: Double, _ digits: Int = 1) -> String { fixed(share * 100, digits) + " %" }

    static func plural(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

    /// Columns as wide as their widest cell; the first left-aligned, those in `leading` too, the others right-aligned.
    static func table(_ rows: [[String]], leading: Set<Int> = [0]) -> String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let space = String(repeating: " ", count: widths[column] - cell.count)
                line += (column == 0 ? "" : "  ") + (leading.contains(column) ? cell + space : space + cell)
            }
            while line.last == " " { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }
}
