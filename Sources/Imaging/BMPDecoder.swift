/// Windows bitmaps, as Pillow reads them: headers of every length, 1 to 32 bits, bit fields of the usual layouts,
/// run-length coding. Alpha is dropped.
enum BMPDecoder {
    static let magic: [UInt8] = Array("BM".utf8)

    /// The compression numbers of the header.
    private enum Compression {
        static let none: UInt32 = 0
        static let rle8: UInt32 = 1
        static let rle4: UInt32 = 2
        static let bitFields: UInt32 = 3
    }

    private struct Header {
        var width = 0
        var height = 0
        var isTopDown = false
        var bits = 0
        var compression = Compression.none
        var colours = 0
        /// Bytes of a palette entry.
        var entryBytes = 4
        var masks: [UInt32] = []
        /// Where the header, bit masks included, ends.
        var end = 0
    }

    static func decode(_ bytes: UnsafeRawBufferPointer, file: String) throws -> RGBImage {
        var reader = LittleEndianReader(bytes, file: file, offset: 10)
        let pixelOffset = Int(try reader.u32())
        let header = try header(&reader)
        try RGBImage.check(width: header.width, height: header.height, file: file)
        let palette = header.bits <= 8 ? try palette(header, bytes, file: file) : nil
        // Some old writers leave 0 or the end of the header where the offset belongs.
        var start = pixelOffset
        if header.bits <= 8, start == 0 || start == header.end {
            start = header.end + header.entryBytes * header.colours
        } else if start == 0 {
            start = header.end
        }
        try reader.seek(start)
        let pixels: [UInt8] =
            if let palette, header.compression != Compression.none {
                palette.pixels(
                    flipped(try runs(&reader, header), rowBytes: header.width, isFlipped: !header.isTopDown))
            } else {
                try rows(&reader, header, palette)
            }
        return try RGBImage(width: header.width, height: header.height, pixels: pixels, file: file)
    }

    private static func header(_ reader: inout LittleEndianReader) throws -> Header {
        var header = Header()
        let size = Int(try reader.u32())
        if size == 12 {
            header.width = try reader.u16()
            header.height = try reader.u16()
            _ = try reader.u16()
            header.bits = try reader.u16()
            header.entryBytes = 3
        } else if [40, 52, 56, 64, 108, 124].contains(size) {
            header.width = Int(try reader.u32())
            // A negative height says that the first row is the top one.
            let height = Int(Int32(bitPattern: try reader.u32()))
            header.isTopDown = height < 0
            header.height = abs(height)
            _ = try reader.u16()
            header.bits = try reader.u16()
            header.compression = try reader.u32()
            _ = try reader.take(12)
            header.colours = Int(try reader.u32())
            _ = try reader.u32()
            if header.compression == Compression.bitFields {
                header.masks = [try reader.u32(), try reader.u32(), try reader.u32()]
                header.masks.append(size >= 56 ? try reader.u32() : 0)
            }
        } else {
            throw reader.damaged("has a BMP header of \(size) bytes, which no version has")
        }
        guard [1, 4, 8, 16, 24, 32].contains(header.bits) else {
            throw reader.damaged("has \(header.bits) bits per pixel, which no BMP has")
        }
        let isRunLength =
            header.compression == Compression.rle8 && header.bits == 8
            || header.compression == Compression.rle4 && header.bits == 4
        guard
            header.compression == Compression.none || isRunLength
                || header.compression == Compression.bitFields && header.bits > 8
        else {
            throw reader.damaged("has \(header.bits) bits per pixel in the compression \(header.compression)")
        }
        if header.bits <= 8 {
            if header.colours == 0 { header.colours = 1 << header.bits }
            guard header.colours <= 65_536 else { throw reader.damaged("has a palette of \(header.colours) colours") }
        }
        header.end = 14 + size + (size < 52 ? 4 * min(3, header.masks.count) : 0)
        return header
    }

    private static func palette(_ header: Header, _ bytes: UnsafeRawBufferPointer, file: String) throws -> Palette {
        var reader = LittleEndianReader(bytes, file: file, offset: header.end)
        var palette = Palette()
        for index in 0..<header.colours {
            let entry = try reader.take(header.entryBytes)
            if index < 256 { palette[index] = SIMD4(entry[2], entry[1], entry[0], 255) }
        }
        return palette
    }

    // MARK: Rows

    /// The places of red, green and blue among the bytes of a 32-bit pixel, by the masks.
    private static func order(_ masks: [UInt32]) -> (Int, Int, Int)? {
        switch masks {
        case [], [0xFF_0000, 0xFF00, 0xFF, 0], [0xFF_0000, 0xFF00, 0xFF, 0xFF00_0000], [0, 0, 0, 0]: (2, 1, 0)
        case [0xFF00_0000, 0xFF_0000, 0xFF00, 0], [0xFF00_0000, 0xFF_0000, 0xFF00, 0xFF]: (3, 2, 1)
        case [0xFF00_0000, 0xFF00, 0xFF, 0], [0xFF00_0000, 0xFF00, 0xFF, 0xFF_0000]: (3, 1, 0)
        case [0xFF, 0xFF00, 0xFF_0000, 0xFF00_0000]: (0, 1, 2)
        default: nil
        }
    }

    private static func rows(
        _ reader: inout LittleEndianReader, _ header: Header, _ palette: Palette?
    ) throws -> [UInt8] {
        // Rows are padded to a multiple of four bytes; the last one's padding may be missing.
        let rowBytes = (header.width * header.bits + 31) / 32 * 4
        let lastBytes = (header.width * header.bits + 7) / 8
        guard rowBytes * (header.height - 1) + lastBytes <= reader.remaining else { throw reader.truncated }
        let masks = header.bits > 16 ? header.masks : []
        var has6BitGreen = false
        if header.bits == 16, !header.masks.isEmpty {
            guard [[0xF800, 0x7E0, 0x1F], [0x7C00, 0x3E0, 0x1F]].contains(Array(header.masks.prefix(3))) else {
                throw reader.damaged("has bit fields that are not usual")
            }
            has6BitGreen = header.masks[0] == 0xF800
        }
        if header.bits == 24, !masks.isEmpty, Array(masks.prefix(3)) != [0xFF_0000, 0xFF00, 0xFF] {
            throw reader.damaged("has bit fields that are not usual")
        }
        guard let order = order(header.bits == 32 ? masks : []) else {
            throw reader.damaged("has bit fields that are not usual")
        }
        var pixels = [UInt8](repeating: 0, count: 3 * header.width * header.height)
        for line in 0..<header.height {
            let row = try reader.take(line == header.height - 1 ? lastBytes : rowBytes)
            var position = 3 * header.width * (header.isTopDown ? line : header.height - 1 - line)
            for column in 0..<header.width {
                let colour: SIMD4<UInt8>
                switch header.bits {
                case 1, 4, 8:
                    let bit = column * header.bits
                    let shift = 8 - header.bits - bit % 8
                    let index = Int(row[bit / 8]) >> shift & (1 << header.bits - 1)
                    colour = palette?[index] ?? SIMD4()
                case 16:
                    colour = unpack(Int(row[2 * column]) | Int(row[2 * column + 1]) << 8, has6BitGreen: has6BitGreen)
                default:
                    let start = column * header.bits / 8
                    colour = SIMD4(row[start + order.0], row[start + order.1], row[start + order.2], 255)
                }
                (pixels[position], pixels[position + 1], pixels[position + 2]) = (colour.x, colour.y, colour.z)
                position += 3
            }
        }
        return pixels
    }

    /// Five or six bits spread over 0...255, rounded down.
    private static func unpack(_ value: Int, has6BitGreen: Bool) -> SIMD4<UInt8> {
        let (red, green) = has6BitGreen ? (value >> 11, value >> 5 & 63) : (value >> 10 & 31, value >> 5 & 31)
        return SIMD4(
            UInt8(red * 255 / 31), UInt8(green * 255 / (has6BitGreen ? 63 : 31)), UInt8((value & 31) * 255 / 31), 255)
    }

    // MARK: Runs

    /// Run-length coded indices, the bottom row first. What the runs leave out is index 0.
    private static func runs(_ reader: inout LittleEndianReader, _ header: Header) throws -> [UInt8] {
        let width = header.width
        let total = width * header.height
        let isNibbles = header.compression == Compression.rle4
        var indices: [UInt8] = []
        indices.reserveCapacity(min(total, 256 * reader.remaining))
        var column = 0
        loop: while indices.count < total {
            let count = Int(try reader.byte())
            let value = try reader.byte()
            guard count == 0 else {
                // A run does not reach into the next row.
                let length = min(count, max(0, width - column))
                for index in 0..<length {
                    indices.append(isNibbles ? (index % 2 == 0 ? value >> 4 : value & 15) : value)
                }
                column += length
                continue
            }
            switch value {
            case 0:
                while indices.count % width != 0 { indices.append(0) }
                column = 0
            case 1: break loop
            case 2:
                let right = Int(try reader.byte())
                let up = Int(try reader.byte())
                indices.append(contentsOf: repeatElement(0, count: min(total - indices.count, right + up * width)))
                column = indices.count % width
            default:
                let length = min(total - indices.count, Int(value))
                let literal = try reader.take(isNibbles ? (length + 1) / 2 : length)
                for index in 0..<length {
                    indices.append(
                        isNibbles
                            ? (index % 2 == 0 ? literal[index / 2] >> 4 : literal[index / 2] & 15) : literal[index])
                }
                column += Int(value)
                if reader.offset % 2 != 0, reader.remaining > 0 { _ = try reader.byte() }
            }
        }
        // Pillow, too, takes no picture that its end mark leaves unfinished.
        guard indices.count >= total else { throw reader.truncated }
        return Array(indices.prefix(total))
    }

    private static func flipped(_ rows: [UInt8], rowBytes: Int, isFlipped: Bool) -> [UInt8] {
        guard isFlipped else { return rows }
        return stride(from: rows.count - rowBytes, through: 0, by: -rowBytes).flatMap { rows[$0..<$0 + rowBytes] }
    }
}
