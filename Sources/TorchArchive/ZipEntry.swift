import ByteIO

/// One entry of a zip directory, checked, and held against the member's own header.
struct ZipEntry {
    let name: String
    let crc32: UInt32
    /// True if the bytes in the file are the member's own: neither compressed nor encrypted.
    let isStored: Bool
    private let flags: UInt16
    private let method: UInt16
    /// Bytes in the file, and after unpacking.
    private let packed: Int
    private let size: Int
    private let headerOffset: Int

    private static let localSignature: UInt32 = 0x0403_4B50
    private static let descriptorSignature: UInt32 = 0x0807_4B50
    /// Sizes and checksum follow the data (bit 3); the name is UTF-8 (bit 11). Bit 0, among others, is encryption.
    private static let knownFlags: UInt16 = 1 << 3 | 1 << 11
    private static let hasDescriptor: UInt16 = 1 << 3

    /// Reads an entry behind its signature.
    init(_ reader: inout ByteReader, _ fault: Fault) throws {
        let field = "directory entry"
        try reader.skip(4, field)  // versions
        flags = try reader.read(UInt16.self, field)
        method = try reader.read(UInt16.self, field)
        try reader.skip(4, field)  // time and date
        crc32 = try reader.read(UInt32.self, field)
        let packed = try reader.read(UInt32.self, field)
        let unpacked = try reader.read(UInt32.self, field)
        let lengths = try (
            name: reader.read(UInt16.self, field), extra: reader.read(UInt16.self, field),
            comment: reader.read(UInt16.self, field)
        )
        let disk = try reader.read(UInt16.self, field)
        try reader.skip(6, field)  // attributes
        let offset = try reader.read(UInt32.self, field)
        let nameBytes = try reader.take(Int(lengths.name), field)
        guard let name = nameBytes.withUnsafeBytes({ String(validating: $0, as: UTF8.self) }), Self.isPlain(name) else {
            throw fault(.torchZipName, field, "has a name that is no plain relative path")
        }
        self.name = name
        var wide = Zip64Extra(try reader.take(Int(lengths.extra), field), file: fault.file)
        try reader.skip(Int(lengths.comment), field)

        isStored = flags & ~Self.knownFlags == 0 && method == 0
        let sizes = try (wide.value(unpacked), wide.value(packed))
        let place = try wide.value(offset)
        guard let size = sizes.0, let packed = sizes.1, let place, disk == 0 || disk == .max,
            size == packed || !isStored
        else {
            throw fault(.torchZipDirectory, name, "has sizes or an offset that cannot be")
        }
        self.packed = packed
        self.size = size
        headerOffset = place
    }

    /// Where the member lies: `data` alone, and `header` from its header to the end of all that belongs to it.
    func locate(in bytes: Bytes, _ fault: Fault) throws -> (header: Range<Int>, data: Range<Int>) {
        func disagree(_ what: String) -> InputError {
            fault(.torchZipLocal, name, "\(what) in its own header is other than in the directory")
        }
        var reader = ByteReader(bytes, file: fault.file, offset: headerOffset)
        guard try reader.read(UInt32.self, name) == Self.localSignature else {
            throw fault(.torchZipLocal, name, "has no header at \(headerOffset), where the directory sees it")
        }
        try reader.skip(2, name)  // version
        guard try reader.read(UInt16.self, name) == flags else { throw disagree("the flags") }
        guard try reader.read(UInt16.self, name) == method else { throw disagree("the method") }
        try reader.skip(4, name)  // time and date
        let crc32 = try reader.read(UInt32.self, name)
        let sizes = try (reader.read(UInt32.self, name), reader.read(UInt32.self, name))
        let lengths = try (name: reader.read(UInt16.self, name), extra: reader.read(UInt16.self, name))
        let nameBytes = try reader.take(Int(lengths.name), name)
        guard nameBytes.withUnsafeBytes({ $0.elementsEqual(name.utf8) }) else { throw disagree("the name") }
        var wide = Zip64Extra(try reader.take(Int(lengths.extra), name), file: fault.file)
        let isDeferred = flags & Self.hasDescriptor != 0
        if !(isDeferred && crc32 == 0 && sizes == (0, 0)) {
            guard crc32 == self.crc32 else { throw disagree("the checksum") }
            // The header names the packed size first, its zip64 field the other one.
            guard try wide.value(sizes.1) == size, try wide.value(sizes.0) == packed else { throw disagree("the size") }
        }
        let data = reader.offset
        try reader.skip(packed, name)
        let end = reader.offset
        if isDeferred { try checkDescriptor(&reader, disagree) }
        return (headerOffset..<reader.offset, data..<end)
    }

    /// The record behind the data: signature, checksum, and packed and unpacked size in 4 or in 8 bytes each.
    private func checkDescriptor(_ reader: inout ByteReader, _ disagree: (String) -> InputError) throws {
        guard try reader.read(UInt32.self, name) == Self.descriptorSignature,
            try reader.read(UInt32.self, name) == crc32
        else { throw disagree("the checksum") }
        let first = try reader.read(UInt32.self, name)
        let second = try reader.read(UInt32.self, name)
        if Int(first) == packed, Int(second) == size { return }
        let wide = try (UInt64(first) | UInt64(second) << 32, reader.read(UInt64.self, name))
        guard wide == (UInt64(packed), UInt64(size)) else { throw disagree("the size") }
    }

    /// A path that stays below where it starts. Members are never written to disk; a name that tries is a lie.
    private static func isPlain(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return !name.isEmpty && name.utf8.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\\") }
            && parts.dropLast().allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
            && parts.last != "." && parts.last != ".."
    }
}

/// The zip64 extra field: 64-bit values for the 32-bit fields that hold 0xFFFFFFFF, in their order.
private struct Zip64Extra {
    private var values: ByteReader?

    init(_ extra: Bytes, file: String) {
        var reader = ByteReader(extra, file: file)
        while reader.remaining >= 4, let id = try? reader.read(UInt16.self, "extra"),
            let size = try? reader.read(UInt16.self, "extra"), let content = try? reader.take(Int(size), "extra")
        {
            if id == 1 {
                values = ByteReader(content, file: file)
                return
            }
        }
    }

    /// `field`, or the next 64-bit value if it holds the marker; nil where that is missing or too large.
    mutating func value(_ field: UInt32) throws -> Int? {
        guard field == .max else { return Int(field) }
        guard values != nil, let wide = try values?.read(UInt64.self, "zip64 extra field") else { return nil }
        return Int(exactly: wide)
    }
}
