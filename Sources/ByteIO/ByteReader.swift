/// Reads little-endian fields one after another; every read is checked against the end.
public struct ByteReader {
    /// Named in errors.
    public let file: String
    private let bytes: Bytes
    /// Offset of the next read, from the start of the bytes.
    public private(set) var offset = 0

    public init(_ bytes: Bytes, file: String, offset: Int = 0) {
        self.bytes = bytes
        self.file = file
        self.offset = offset
    }

    /// Bytes from here to the end; 0 where the start lies outside, so that an offset from a file may be tried.
    public var remaining: Int { (0...bytes.count).contains(offset) ? bytes.count - offset : 0 }

    /// The next `count` bytes as a view, without copying.
    public mutating func take(_ count: Int, _ field: @autoclosure () -> String) throws -> Bytes {
        guard count >= 0, count <= remaining, let slice = bytes.slice(offset..<offset + count) else {
            throw InputError(
                .truncated, file: file, field: field(),
                problem: "needs \(count) bytes at offset \(offset), but \(remaining) are left",
                remedy: "The file is cut short or damaged: fetch or make it again.")
        }
        offset += count
        return slice
    }

    public mutating func skip(_ count: Int, _ field: @autoclosure () -> String) throws {
        _ = try take(count, field())
    }

    /// The next little-endian integer.
    public mutating func read<T: FixedWidthInteger>(
        _ type: T.Type = T.self, _ field: @autoclosure () -> String
    ) throws -> T {
        let slice = try take(MemoryLayout<T>.size, field())
        return slice.withUnsafeBytes { T(littleEndian: $0.loadUnaligned(as: T.self)) }
    }

    public mutating func read(_ type: Float.Type, _ field: @autoclosure () -> String) throws -> Float {
        Float(bitPattern: try read(UInt32.self, field()))
    }

    public mutating func read(_ type: Double.Type, _ field: @autoclosure () -> String) throws -> Double {
        Double(bitPattern: try read(UInt64.self, field()))
    }

    /// The next `count` bytes as UTF-8 text.
    public mutating func text(count: Int, _ field: @autoclosure () -> String) throws -> String {
        let slice = try take(count, field())
        guard let text = slice.withUnsafeBytes({ String(validating: $0, as: UTF8.self) }) else {
            throw InputError(.notUTF8, file: file, field: field(), problem: "is not valid UTF-8")
        }
        return text
    }
}
