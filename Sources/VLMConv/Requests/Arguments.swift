import ByteIO

/// What the calls of the library ask of their numbers, before anything is opened.
enum Arguments {
    /// A number outside the range that a call takes.
    static let outOfRange = Rule("request.argument")

    static let threads = 1...1024

    /// - Throws: `InputError` `request.argument` if there is a value and it lies outside.
    static func check(_ value: Int?, in range: ClosedRange<Int>, _ name: String) throws {
        guard let value, !range.contains(value) else { return }
        throw InputError(
            outOfRange, file: "request", field: name,
            problem: "is \(value), must be \(range.lowerBound) to \(range.upperBound)")
    }

    /// The same for a number at least as large as `least`.
    static func check(_ value: Int?, atLeast least: Int, _ name: String) throws {
        guard let value, value < least else { return }
        throw InputError(
            outOfRange, file: "request", field: name, problem: "is \(value), must be at least \(least)")
    }

    /// - Throws: `InputError` `request.argument` for a limit that is no number.
    static func check(_ value: Double?, _ name: String) throws {
        guard let value, value.isNaN else { return }
        throw InputError(outOfRange, file: "request", field: name, problem: "is not a number")
    }
}
