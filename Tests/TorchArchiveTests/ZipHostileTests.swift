import ByteIO
import TestSupport
import Testing
import TorchArchive

/// The rule that the file breaks; nil if it is read.
func brokenRule(_ bytes: [UInt8]) -> String? {
    do {
        _ = try TorchArchive(Bytes(bytes), path: "t.bin")
        return nil
    } catch let error as InputError {
        return error.rule.id
    } catch {
        return "\(error)"
    }
}

struct HostileCase: Sendable, CustomTestStringConvertible {
    let what: String
    let bytes: [UInt8]
    let rule: String

    init(_ what: String, _ bytes: [UInt8], _ rule: String) {
        self.what = what
        self.bytes = bytes
        self.rule = rule
    }

    /// The archive as torch writes it, changed.
    static func zip(_ what: String, _ rule: String, _ change: (inout Zip) -> Void) -> HostileCase {
        var zip = Zip()
        change(&zip)
        return HostileCase(what, zip.bytes, rule)
    }

    var testDescription: String { what }
}

@Suite struct ZipHostileTests {
    static let kinds: [HostileCase] = [
        .init("empty file", [], "torch.kind"),
        .init("Git LFS pointer", Array("version https://git-lfs.github.com/spec/v1\n".utf8), "torch.kind"),
        .init("web page", Array("<html><body>404</body></html>".utf8), "torch.kind"),
        .init("7z archive", [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C, 0, 4], "torch.kind"),
        .init("gzip", [0x1F, 0x8B, 8, 0], "torch.kind"),
        .init("bare pickle", Pickle.one(), "torch.kind"),
        .init("pickle of protocol 0", Array("cos\nsystem\n(S'true'\ntR.".utf8), "torch.kind"),
        .zip("bytes before the archive", "torch.kind") { $0.before = [1, 2, 3, 4] },
        .init("any zip archive", Zip([.init(name: "a/b.txt", data: [1])]).bytes, "torch.kind"),
        .init("pickle without a folder", Zip([.init(name: "data.pkl", data: Pickle.one())]).bytes, "torch.kind"),
        .init("pickle too deep", Zip(folder: "a/b/").bytes, "torch.kind"),
        .zip("two folders with a pickle", "torch.kind") {
            $0.members.append(.init(name: "other/data.pkl", data: Pickle.one()))
        },
        .zip("TorchScript", "torch.kind") { $0.members.append(.init(name: "archive/code/x.py", data: [])) },
        .zip("big-endian", "torch.byteorder") { $0.members[1].data = Array("big".utf8) },
    ]

    static let ends: [HostileCase] = [
        .init("only a signature", [0x50, 0x4B, 3, 4], "torch.zip.end"),
        .zip("a comment", "torch.zip.end") { $0.comment = [65, 66] },
        .zip("a comment that hides a second end record", "torch.zip.end") {
            $0.comment = Array(Zip().bytes.suffix(22))
        },
        .zip("comment length without comment", "torch.zip.end") { $0.commentLength = 5 },
        .init("bytes appended", Zip().bytes + [0], "torch.zip.end"),
        .zip("second volume", "torch.zip.end") { $0.disk = 1 },
        .zip("directory too small", "torch.zip.end") { $0.directorySize = 46 },
        .zip("directory behind the end", "torch.zip.end") { $0.directoryOffset = 0xFFFF_FFF0 },
        .zip("directory offset 0", "torch.zip.end") { $0.directoryOffset = 0 },
        .zip("markers without zip64", "torch.zip.end") { $0.directoryOffset = .max },
        .zip("fewer entries than there are", "torch.zip.directory") { $0.count = 3 },
        .zip("more entries than there are", "torch.zip.directory") { $0.count = 5 },
        .zip("more entries than fit", "torch.zip.directory") { $0.count = 60_000 },
        .zip("gap before the end record", "torch.zip.end") { $0.zip64 = { _, _ in [0, 0, 0, 0] } },
        .zip("zip64 says otherwise", "torch.zip.end") {
            $0.zip64 = { Zip.zip64(offset: UInt64($0) + 1, size: UInt64($1), count: 4, recordAt: UInt64($0 + $1)) }
        },
        .zip("zip64 counts otherwise", "torch.zip.end") {
            $0.zip64 = { Zip.zip64(offset: UInt64($0), size: UInt64($1), count: 3, recordAt: UInt64($0 + $1)) }
        },
        .zip("zip64 record elsewhere", "torch.zip.end") {
            $0.zip64 = { Zip.zip64(offset: UInt64($0), size: UInt64($1), count: 4, recordAt: 0) }
        },
        .zip("zip64 record of odd size", "torch.zip.end") {
            $0.zip64 = {
                Zip.zip64(offset: UInt64($0), size: UInt64($1), count: 4, recordAt: UInt64($0 + $1), recordSize: .max)
            }
        },
        .zip("zip64 count wraps", "torch.zip.directory") {
            $0.count = .max
            $0.zip64 = { Zip.zip64(offset: UInt64($0), size: UInt64($1), count: .max, recordAt: UInt64($0 + $1)) }
        },
        .zip("zip64 size wraps", "torch.zip.end") {
            $0.directorySize = .max
            $0.zip64 = { Zip.zip64(offset: UInt64($0), size: .max - 1, count: 4, recordAt: UInt64($0 + $1)) }
        },
        .zip("zip64 of two volumes", "torch.zip.end") {
            $0.zip64 = {
                Zip.zip64(offset: UInt64($0), size: UInt64($1), count: 4, recordAt: UInt64($0 + $1), disks: 2)
            }
        },
    ]

    static let members: [HostileCase] = [
        .zip("deflated", "torch.zip.stored") { $0.members[2].method = 8 },
        .zip("encrypted", "torch.zip.stored") { $0.members[2].flags = 1 },
        .zip("unknown flags", "torch.zip.stored") { $0.members[2].flags = 1 << 13 },
        .zip("packed size differs", "torch.zip.directory") { $0.members[2].directoryPacked = 8 },
        .zip("size by a missing zip64 field", "torch.zip.directory") { $0.members[2].directorySize = .max },
        .zip("size 2^64-1 by zip64", "torch.zip.directory") {
            $0.members[2].directorySize = .max
            $0.members[2].directoryExtra = le(UInt16(1)) + le(UInt16(16)) + le(UInt64.max) + le(UInt64.max)
        },
        .zip("size 2^63-1 by zip64", "torch.zip.local") {
            $0.members[2].directorySize = .max
            $0.members[2].directoryExtra =
                le(UInt16(1)) + le(UInt16(16)) + le(UInt64(Int.max)) + le(UInt64(Int.max))
        },
        .zip("zip64 field cut short", "bytes.truncated") {
            $0.members[2].directorySize = .max
            $0.members[2].directoryExtra = le(UInt16(1)) + le(UInt16(4)) + le(UInt32(16))
        },
        .zip("offset behind the end", "bytes.truncated") { $0.members[2].directoryOffset = 0x7FFF_FFFF },
        .zip("offset of another member", "torch.zip.local") { $0.members[2].directoryOffset = 0 },
        .zip("size larger than the file", "torch.zip.local") { $0.members[2].directorySize = 1 << 30 },
        .zip("both sizes larger than the file", "bytes.truncated") {
            $0.members[2].directorySize = 1 << 30
            $0.members[2].localSize = 1 << 30
        },
        .zip("name twice", "torch.zip.name") { $0.members.append($0.members[2]) },
        .zip("a second data.pkl", "torch.zip.name") {
            $0.members.append(.init(name: "archive/data.pkl", data: Pickle.dict([])))
        },
        .zip("a member beside the folder", "torch.zip.name") { $0.members.append(.init(name: "x/y", data: [])) },
        .zip("path that climbs", "torch.zip.name") { $0.members.append(.init(name: "archive/../x", data: [])) },
        .zip("absolute path", "torch.zip.name") { $0.members.append(.init(name: "/etc/passwd", data: [])) },
        .zip("backslash", "torch.zip.name") { $0.members.append(.init(name: "archive\\x", data: [])) },
        .zip("NUL in a name", "torch.zip.name") { $0.members.append(.init(name: "archive/\0", data: [])) },
        .zip("empty name", "torch.zip.name") { $0.members.append(.init(name: "", data: [])) },
        .zip("other name inside", "torch.zip.local") { $0.members[2].localName = "archive/data/1" },
        .zip("other size inside", "torch.zip.local") { $0.members[2].localSize = 12 },
        .zip("zero size inside without the flag", "torch.zip.local") {
            $0.members[2].localSize = 0
            $0.members[2].localCRC = 0
        },
        .zip("other checksum inside", "torch.zip.local") { $0.members[2].localCRC = 1 },
        .zip("other method inside", "torch.zip.local") { $0.members[2].localMethod = 8 },
        .zip("other flags inside", "torch.zip.local") { $0.members[2].localFlags = 8 },
        .zip("record behind the data lies about the size", "torch.zip.local") {
            $0.members[2].flags = 8
            $0.members[2].descriptor =
                le(UInt32(0x0807_4B50)) + le(ExpectedTensor.crc32(Zip.floats)) + le(UInt32(16)) + le(UInt32(15))
        },
        .zip("record behind the data lies about the checksum", "torch.zip.local") {
            $0.members[2].flags = 8
            $0.members[2].descriptor = le(UInt32(0x0807_4B50)) + le(UInt32(1)) + le(UInt32(16)) + le(UInt32(16))
        },
        .zip("record behind the data missing", "torch.zip.local") { $0.members[2].flags = 8 },
        .zip("data.pkl does not have its checksum", "torch.zip.checksum") {
            $0.members[0].directoryCRC = 1
            $0.members[0].localCRC = 1
        },
        .zip("storage missing", "torch.storage") { $0.members.remove(at: 2) },
        .zip("storage too short", "torch.storage") { $0.members[2].data.removeLast(4) },
        .zip("storage too long", "torch.storage") { $0.members[2].data += [0, 0, 0, 0] },
        .zip("bytes behind STOP", "torch.pickle.end") { $0.members[0].data.append(0x2E) },
        .init("overlapping members", overlapping(), "torch.zip.overlap"),
    ]

    /// A member whose data are another member, header and all: a bomb when each of many holds all that follow.
    private static func overlapping() -> [UInt8] {
        let inner = Zip([.init(name: "archive/data/0", data: Zip.floats)]).bytes.prefix(30 + 14 + 16)
        var zip = Zip()
        zip.members[2] = .init(name: "archive/data/9", data: Array(inner))
        var outer = zip.members[2]
        outer.name = "archive/data/0"
        outer.data = Zip.floats
        let place = zip.members[..<2].reduce(0) { $0 + 30 + $1.name.utf8.count + $1.data.count }
        outer.directoryOffset = UInt32(place + 30 + 14)
        // The directory gets an entry more; the member itself lies inside the one before.
        var bytes = zip.bytes
        let directory = Zip([zip.members[0], zip.members[1], zip.members[2], zip.members[3], outer])
        let withOuter = directory.bytes
        let outerBytes = 30 + 14 + 16
        let directoryStart = withOuter.count - 22 - directory.members.reduce(0) { $0 + 46 + $1.name.utf8.count }
        bytes = Array(withOuter[..<(directoryStart - outerBytes)]) + Array(withOuter[directoryStart...])
        let end = bytes.count - 22
        bytes.replaceSubrange(end + 16..<end + 20, with: le(UInt32(directoryStart - outerBytes)))
        return bytes
    }

    @Test("a zip archive that lies breaks exactly the rule that names its lie", arguments: kinds + ends + members)
    func hostile(file: HostileCase) {
        HostileFiles.keep(file.bytes, family: "torch zip", what: file.what, rule: file.rule)
        #expect(brokenRule(file.bytes) == file.rule)
    }

    static let legal: [HostileCase] = [
        .init("plain", Zip().bytes, ""),
        .init("another folder name", Zip(folder: "größe 1/").bytes, ""),
        .zip("no byteorder member, as before torch 2.1", "") { $0.members.remove(at: 1) },
        .zip("folder entries, as other tools write", "") {
            $0.members.insert(.init(name: "archive/", data: []), at: 0)
        },
        .zip("padding in a header", "") { $0.members[2].localExtra = [0x46, 0x42, 3, 0, 90, 90, 90] },
        .zip("no checksums", "") {
            for index in $0.members.indices {
                $0.members[index].directoryCRC = 0
                $0.members[index].localCRC = 0
            }
        },
        .zip("sizes behind the data", "") {
            $0.members[2].flags = 8
            $0.members[2].localSize = 0
            $0.members[2].localCRC = 0
            $0.members[2].descriptor =
                le(UInt32(0x0807_4B50)) + le(ExpectedTensor.crc32(Zip.floats)) + le(UInt32(16)) + le(UInt32(16))
        },
        .zip("sizes behind the data in 64 bits", "") {
            $0.members[2].flags = 8
            $0.members[2].localSize = 0
            $0.members[2].localCRC = 0
            $0.members[2].descriptor =
                le(UInt32(0x0807_4B50)) + le(ExpectedTensor.crc32(Zip.floats)) + le(UInt64(16)) + le(UInt64(16))
        },
        .zip("zip64 end record", "") {
            $0.zip64 = { Zip.zip64(offset: UInt64($0), size: UInt64($1), count: 4, recordAt: UInt64($0 + $1)) }
        },
        .zip("zip64 with markers everywhere", "") {
            $0.count = .max
            $0.directorySize = .max
            $0.directoryOffset = .max
            $0.zip64 = { Zip.zip64(offset: UInt64($0), size: UInt64($1), count: 4, recordAt: UInt64($0 + $1)) }
            let place = $0.members[..<2].reduce(0) { $0 + 30 + $1.name.utf8.count + $1.data.count }
            $0.members[2].directorySize = .max
            $0.members[2].directoryOffset = .max
            $0.members[2].localSize = .max
            $0.members[2].localExtra = le(UInt16(1)) + le(UInt16(16)) + le(UInt64(16)) + le(UInt64(16))
            $0.members[2].directoryExtra =
                le(UInt16(1)) + le(UInt16(24)) + le(UInt64(16)) + le(UInt64(16)) + le(UInt64(place))
        },
    ]

    @Test("what zip allows and torch or other tools write is read", arguments: legal)
    func reads(file: HostileCase) throws {
        let archive = try TorchArchive(Bytes(file.bytes), path: "t.bin")
        #expect(archive.tensors.map(\.name) == ["w"])
        #expect(try archive.bytes(of: "w").withUnsafeBytes { Array($0) } == Zip.floats)
        #expect(try archive.checksums().allSatisfy { $0.found == $0.recorded })
    }

    @Test("every beginning of a file is refused, and none traps", arguments: TorchArchiveTests.readable)
    func truncated(name: String) throws {
        let whole = try MappedFile(path: Fixtures.path("containers/" + name)).bytes
        for count in 0..<whole.count {
            let part = try #require(whole.slice(0..<count))
            #expect(throws: InputError.self, "\(count)") { try TorchArchive(part, path: name) }
        }
    }

    @Test("a golden shard cut at any power of two is refused", .enabled(if: Fixtures.hasGolden))
    func truncatedGolden() throws {
        let path = try #require(Fixtures.golden("mini-v2/model/pytorch_model-00002-of-00002.bin"))
        let whole = try MappedFile(path: path).bytes
        for count in sequence(first: 1, next: { $0 * 2 < whole.count ? $0 * 2 : nil }) {
            let part = try #require(whole.slice(0..<count))
            #expect(throws: InputError.self, "\(count)") { try TorchArchive(part, path: "shard") }
        }
    }

    @Test(
        "no single changed byte traps, and what is still read stays within its size",
        arguments: ["views.bin", "module.bin", "protocol-4.bin", "legacy.bin", "no-checksums.bin"])
    func changed(name: String) throws {
        let whole = try MappedFile(path: Fixtures.path("containers/" + name)).bytes.withUnsafeBytes { Array($0) }
        for position in whole.indices {
            for value in [0, 0xFF, whole[position] &+ 1] where value != whole[position] {
                var bytes = whole
                bytes[position] = value
                guard let archive = try? TorchArchive(Bytes(bytes), path: "t") else { continue }
                for tensor in archive.tensors {
                    #expect(try archive.bytes(of: tensor.name).count == tensor.byteCount)
                }
            }
        }
    }
}
