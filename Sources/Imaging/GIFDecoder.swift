/// The first frame of a GIF on its screen, as Pillow reads it: transparency is dropped, and what the frame leaves free has
/// the transparent colour, or the first one.
enum GIFDecoder {
    static let magics: [[UInt8]] = [Array("GIF87a".utf8), Array("GIF89a".utf8)]

    static func decode(_ bytes: UnsafeRawBufferPointer, file: String) throws -> RGBImage {
        var reader = LittleEndianReader(bytes, file: file, offset: 6)
        var width = try reader.u16()
        var height = try reader.u16()
        let flags = try reader.byte()
        _ = try reader.take(2)
        var palette = flags & 0x80 != 0 ? try readPalette(&reader, flags) : Palette.gray
        var transparent: UInt8?
        while true {
            switch try reader.byte() {
            case UInt8(ascii: "!"):
                let kind = try reader.byte()
                let block = try subBlock(&reader)
                if kind == 0xF9, block.count >= 4, block[0] & 1 != 0 { transparent = block[3] }
                if block.count > 0 { while try subBlock(&reader).count > 0 {} }
            case UInt8(ascii: ","):
                let left = try reader.u16()
                let top = try reader.u16()
                let frame = (width: try reader.u16(), height: try reader.u16())
                let frameFlags = try reader.byte()
                // A frame that reaches beyond the screen widens it.
                width = max(width, left + frame.width)
                height = max(height, top + frame.height)
                try RGBImage.check(width: width, height: height, file: file)
                try RGBImage.check(width: frame.width, height: frame.height, file: file)
                if frameFlags & 0x80 != 0 { palette = try readPalette(&reader, frameFlags) }
                var stream = try LZWStream(&reader)
                let indices = try stream.decode(count: frame.width * frame.height, &reader)
                var screen = [UInt8](repeating: transparent ?? 0, count: width * height)
                for (line, row) in lines(frame.height, isInterlaced: frameFlags & 0x40 != 0).enumerated() {
                    let source = line * frame.width
                    let target = (top + row) * width + left
                    screen.replaceSubrange(
                        target..<target + frame.width, with: indices[source..<source + frame.width])
                }
                return try RGBImage(width: width, height: height, pixels: palette.pixels(screen), file: file)
            case UInt8(ascii: ";"): throw reader.damaged("is a GIF without a picture")
            // Pillow skips what stands between blocks.
            default: continue
            }
        }
    }

    private static func readPalette(_ reader: inout LittleEndianReader, _ flags: UInt8) throws -> Palette {
        let count = 2 << Int(flags & 7)
        let entries = try reader.take(3 * count)
        var palette = Palette()
        for index in 0..<count {
            palette[index] = SIMD4(entries[3 * index], entries[3 * index + 1], entries[3 * index + 2], 255)
        }
        return palette
    }

    /// A length and as many bytes; empty for the end mark.
    fileprivate static func subBlock(_ reader: inout LittleEndianReader) throws -> UnsafeRawBufferPointer {
        try reader.take(Int(try reader.byte()))
    }

    /// The rows of the frame in the order in which the file has them.
    private static func lines(_ height: Int, isInterlaced: Bool) -> [Int] {
        guard isInterlaced else { return Array(0..<height) }
        return [(0, 8), (4, 8), (2, 4), (1, 2)].flatMap { start, step in
            stride(from: start, to: height, by: step)
        }
    }
}

/// GIF's variant of Lempel-Ziv-Welch: codes of growing width, least bit first, in blocks of up to 255 bytes.
private struct LZWStream {
    private static let mostCodes = 4096

    private let minimumBits: Int
    private let clear: Int
    private var end: Int { clear + 1 }
    /// The string of a code is that of its prefix and one more index.
    private var prefixes = [Int16](repeating: 0, count: mostCodes)
    private var suffixes = [UInt8](repeating: 0, count: mostCodes)

    init(_ reader: inout LittleEndianReader) throws {
        minimumBits = Int(try reader.byte())
        guard (1...8).contains(minimumBits) else {
            throw reader.damaged("has codes of \(minimumBits) bits, which no GIF has")
        }
        clear = 1 << minimumBits
        for code in 0..<clear { suffixes[code] = UInt8(code) }
    }

    /// Exactly `count` indices; what follows them is not looked at.
    mutating func decode(count: Int, _ reader: inout LittleEndianReader) throws -> [UInt8] {
        var indices: [UInt8] = []
        // A code stands for at most 4096 indices, so that memory follows the file rather than its header.
        indices.reserveCapacity(min(count, 4096 * reader.remaining))
        var width = minimumBits + 1
        var next = end + 1
        var previous: Int?
        var first: UInt8 = 0
        var string: [UInt8] = []
        var buffer = 0
        var filled = 0
        var block = UnsafeRawBufferPointer(start: nil, count: 0)
        var position = 0
        while indices.count < count {
            while filled < width {
                if position == block.count {
                    block = try GIFDecoder.subBlock(&reader)
                    position = 0
                    guard block.count > 0 else { throw reader.truncated }
                }
                buffer |= Int(block[position]) << filled
                position += 1
                filled += 8
            }
            let code = buffer & (1 << width - 1)
            buffer >>= width
            filled -= width
            if code == clear {
                width = minimumBits + 1
                next = end + 1
                previous = nil
                continue
            }
            if code == end { throw reader.truncated }
            guard code < next || (code == next && previous != nil) else {
                throw reader.damaged("has a GIF code that stands for nothing yet")
            }
            string.removeAll(keepingCapacity: true)
            var current = code
            if code == next, let previous {
                string.append(first)
                current = previous
            }
            while current > end {
                string.append(suffixes[current])
                current = Int(prefixes[current])
            }
            first = suffixes[current]
            string.append(first)
            indices.append(contentsOf: string.reversed().prefix(count - indices.count))
            if let previous, next < Self.mostCodes {
                prefixes[next] = Int16(previous)
                suffixes[next] = first
                next += 1
                if next == 1 << width, width < 12 { width += 1 }
            }
            previous = code
        }
        return indices
    }
}
