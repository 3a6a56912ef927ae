import ByteIO

/// Reads little-endian numbers of a picture's bytes, each checked against the end.
struct LittleEndianReader {
    let bytes: UnsafeRawBufferPointer
    let file: String
    private(set) var offset: Int

    init(_ bytes: UnsafeRawBufferPointer, file: String, offset: Int = 0) {
        self.bytes = bytes
        self.file = file
        self.offset = offset
    }

    var remaining: Int { max(0, bytes.count - offset) }

    var truncated: InputError {
        InputError(
            ImageRule.truncated, picture: file, problem: "ends before the picture does",
            remedy: "Fetch the picture again, or open and save it in an image editor.")
    }

    func damaged(_ problem: String) -> InputError {
        InputError(
            ImageRule.damaged, picture: file, problem: problem,
            remedy: "Fetch the picture again, or open and save it in an image editor.")
    }

    mutating func byte() throws -> UInt8 {
        guard offset < bytes.count else { throw truncated }
        defer { offset += 1 }
        return bytes[offset]
    }

    mutating func u16() throws -> Int { Int(try byte()) | Int(try byte()) << 8 }

    mutating func u32() throws -> UInt32 { UInt32(try u16()) | UInt32(try u16()) << 16 }

    mutating func take(_ count: Int) throws -> UnsafeRawBufferPointer {
        guard count >= 0, count <= remaining else { throw truncated }
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
    }

    /// Goes on at `offset`, which may lie anywhere in the file.
    mutating func seek(_ offset: Int) throws {
        guard (0...bytes.count).contains(offset) else { throw truncated }
        self.offset = offset
    }
}

/// A palette of up to 256 colours.
struct Palette {
    private var colours: [SIMD4<UInt8>]

    /// Indices beyond the file's colours are black, as Pillow has them.
    init() { colours = Array(repeating: SIMD4(0, 0, 0, 255), count: 256) }

    static var gray: Palette {
        var palette = Palette()
        for index in 0..<256 { palette.colours[index] = SIMD4(UInt8(index), UInt8(index), UInt8(index), 255) }
        return palette
    }

    subscript(_ index: Int) -> SIMD4<UInt8> {
        get { colours[index & 0xFF] }
        set { colours[index & 0xFF] = newValue }
    }

    /// R, G, B of every index.
    func pixels(_ indices: [UInt8]) -> [UInt8] {
        var pixels = [UInt8](repeating: 0, count: 3 * indices.count)
        for (position, index) in indices.enumerated() {
            let colour = colours[Int(index)]
            (pixels[3 * position], pixels[3 * position + 1], pixels[3 * position + 2]) = (colour.x, colour.y, colour.z)
        }
        return pixels
    }
}
