import ByteIO

/// The members of a zip archive (APPNOTE.TXT 6.3.10), with zip64. Only stored members can be read.
///
/// Zip readers disagree about files that say a thing twice and differently, and archives are smuggled past
/// scanners that way. So there is one reading here: the end record is the last thing in the file, and whatever the
/// members' own headers say must be what the directory says.
struct ZipDirectory {
    struct Member {
        let name: String
        let crc32: UInt32
        let isStored: Bool
        /// Where its bytes lie in the file.
        let place: Range<Int>
    }

    /// In the order of the directory.
    let members: [Member]
    private let positions: [String: Int]

    private static let endBytes = 22
    private static let locatorBytes = 20
    private static let zip64EndBytes = 56
    private static let endSignature: UInt32 = 0x0605_4B50
    private static let locatorSignature: UInt32 = 0x0706_4B50
    private static let zip64EndSignature: UInt32 = 0x0606_4B50
    private static let entrySignature: UInt32 = 0x0201_4B50

    /// - Throws: `InputError` of a `torch.zip` rule.
    init(_ bytes: Bytes, file: String) throws {
        let fault = Fault(torch: file)
        let directory = try Self.locate(bytes, fault)
        var reader = ByteReader(bytes, file: file, offset: directory.place.lowerBound)
        var entries: [ZipEntry] = []
        var positions: [String: Int] = [:]
        for index in 0..<directory.count {
            let field = "directory entry \(index)"
            guard reader.offset + 46 <= directory.place.upperBound,
                try reader.read(UInt32.self, field) == Self.entrySignature
            else {
                throw fault(.torchZipDirectory, field, "is not there, though \(directory.count) were announced")
            }
            let entry = try ZipEntry(&reader, fault)
            guard positions.updateValue(index, forKey: entry.name) == nil else {
                throw fault(.torchZipName, entry.name, "is the name of two members")
            }
            entries.append(entry)
        }
        guard reader.offset == directory.place.upperBound else {
            throw fault(.torchZipDirectory, "directory", "has \(directory.place.count) bytes, but its entries do not")
        }
        var places: [(header: Range<Int>, data: Range<Int>)] = []
        for entry in entries {
            places.append(try entry.locate(in: bytes, fault))
            // Each look at a member's own header may bring 2 MiB around it into memory.
            if places.count.isMultiple(of: 16) { bytes.giveBackPages() }
        }
        bytes.giveBackPages()
        try Self.checkOrder(entries, places, before: directory.place.lowerBound, fault)
        members = zip(entries, places).map {
            Member(name: $0.name, crc32: $0.crc32, isStored: $0.isStored, place: $1.data)
        }
        self.positions = positions
    }

    func member(_ name: String) -> Member? { positions[name].map { members[$0] } }

    /// Finds the directory by the end record, and by the zip64 end record where there is one.
    private static func locate(_ bytes: Bytes, _ fault: Fault) throws -> (place: Range<Int>, count: Int) {
        let cutShort = "The file is cut short or something was appended: fetch it again."
        var reader = ByteReader(bytes, file: fault.file, offset: max(0, bytes.count - endBytes))
        guard bytes.count >= endBytes, try reader.read(UInt32.self, "end record") == endSignature else {
            throw fault(.torchZipEnd, "end record", "is not at the end of the file", cutShort)
        }
        let disks = try (reader.read(UInt16.self, "end record"), reader.read(UInt16.self, "end record"))
        let counts = try (reader.read(UInt16.self, "end record"), reader.read(UInt16.self, "end record"))
        let size = try reader.read(UInt32.self, "directory size")
        let offset = try reader.read(UInt32.self, "directory offset")
        guard disks == (0, 0), counts.0 == counts.1, try reader.read(UInt16.self, "comment length") == 0 else {
            throw fault(.torchZipEnd, "end record", "tells of several volumes or of a comment")
        }
        let locator = bytes.count - endBytes - locatorBytes
        if let large = try zip64End(bytes, locator: locator, fault) {
            guard UInt64(counts.1) == large.count || counts.1 == .max,
                UInt64(size) == large.size || size == .max, UInt64(offset) == large.offset || offset == .max
            else {
                throw fault(.torchZipEnd, "end record", "says other than the zip64 end record")
            }
            return try directory(large, end: locator - zip64EndBytes, fault)
        }
        return try directory(
            (count: UInt64(counts.1), size: UInt64(size), offset: UInt64(offset)), end: bytes.count - endBytes, fault)
    }

    private typealias End = (count: UInt64, size: UInt64, offset: UInt64)

    /// The zip64 end record, or nil if no locator stands before the end record.
    private static func zip64End(_ bytes: Bytes, locator: Int, _ fault: Fault) throws -> End? {
        guard locator >= 0 else { return nil }
        var reader = ByteReader(bytes, file: fault.file, offset: locator)
        let field = "zip64 end record"
        guard try reader.read(UInt32.self, field) == locatorSignature else { return nil }
        let disk = try reader.read(UInt32.self, field)
        let offset = try reader.read(UInt64.self, field)
        let disks = try reader.read(UInt32.self, field)
        guard disk == 0, disks <= 1, locator >= zip64EndBytes, offset == UInt64(locator - zip64EndBytes) else {
            throw fault(.torchZipEnd, field, "is not just before its locator")
        }
        reader = ByteReader(bytes, file: fault.file, offset: locator - zip64EndBytes)
        let signature = try reader.read(UInt32.self, field)
        let size = try reader.read(UInt64.self, field)
        try reader.skip(4, field)  // versions
        let volumes = try reader.read(UInt64.self, field)
        let counts = try (reader.read(UInt64.self, field), reader.read(UInt64.self, field))
        guard signature == zip64EndSignature, size == 44, volumes == 0, counts.0 == counts.1 else {
            throw fault(.torchZipEnd, field, "has another size or signature, or tells of several volumes")
        }
        return (counts.1, try reader.read(UInt64.self, field), try reader.read(UInt64.self, field))
    }

    private static func directory(_ record: End, end: Int, _ fault: Fault) throws -> (place: Range<Int>, count: Int) {
        guard let size = Int(exactly: record.size), let offset = Int(exactly: record.offset), offset <= end,
            size == end - offset
        else {
            throw fault(
                .torchZipEnd, "directory",
                "should be \(record.size) bytes at \(record.offset), but its end record is at \(end)")
        }
        // Each entry takes 46 bytes and a name: the count cannot ask for more than the file has.
        guard record.count <= TorchLimits.members, Int(record.count) <= size / 46 else {
            throw fault(.torchZipDirectory, "directory", "announces \(record.count) entries in \(size) bytes")
        }
        return (offset..<end, Int(record.count))
    }

    private static func checkOrder(
        _ entries: [ZipEntry], _ places: [(header: Range<Int>, data: Range<Int>)], before end: Int, _ fault: Fault
    ) throws {
        var last = 0
        for position in places.indices.sorted(by: { places[$0].header.lowerBound < places[$1].header.lowerBound }) {
            guard places[position].header.lowerBound >= last, places[position].header.upperBound <= end else {
                throw fault(
                    .torchZipOverlap, entries[position].name, "shares bytes with another member or the directory")
            }
            last = places[position].header.upperBound
        }
    }
}
