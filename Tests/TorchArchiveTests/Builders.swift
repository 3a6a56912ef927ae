import TestSupport

/// The little-endian bytes of a number.
func le<T: FixedWidthInteger>(_ number: T) -> [UInt8] {
    (0..<MemoryLayout<T>.size).map { UInt8(truncatingIfNeeded: number >> T(8 * $0)) }
}

/// Parts of pickles, byte by byte.
enum Pickle {
    static let proto: [UInt8] = [0x80, 2]
    static let stop: [UInt8] = [0x2E]
    static let mark: [UInt8] = [0x28]
    static let none: [UInt8] = [0x4E]
    static let yes: [UInt8] = [0x88]
    static let emptyDict: [UInt8] = [0x7D]
    static let emptyTuple: [UInt8] = [0x29]
    static let setItems: [UInt8] = [0x75]
    static let setItem: [UInt8] = [0x73]
    static let reduce: [UInt8] = [0x52]
    static let build: [UInt8] = [0x62]
    static let persistentID: [UInt8] = [0x51]

    static func text(_ text: String) -> [UInt8] { [0x58] + le(UInt32(text.utf8.count)) + Array(text.utf8) }
    static func int(_ number: Int32) -> [UInt8] { [0x4A] + le(number) }
    static func long(_ number: Int64) -> [UInt8] { [0x8A, 8] + le(number) }
    static func global(_ module: String, _ name: String) -> [UInt8] { [0x63] + Array("\(module)\n\(name)\n".utf8) }
    static func tuple(_ items: [[UInt8]]) -> [UInt8] { mark + items.flatMap { $0 } + [0x74] }
    static func longs(_ numbers: [Int64]) -> [UInt8] { tuple(numbers.map(long)) }

    static let orderedDict = global("collections", "OrderedDict") + emptyTuple + reduce

    static func storage(
        _ kind: String = "FloatStorage", key: String = "0", count: Int64 = 4, tag: String = "storage",
        more: [[UInt8]] = []
    ) -> [UInt8] {
        tuple([text(tag), global("torch", kind), text(key), text("cpu"), long(count)] + more) + persistentID
    }

    static func tensor(
        _ storage: [UInt8] = storage(), offset: Int64 = 0, shape: [Int64] = [4], strides: [Int64] = [1]
    ) -> [UInt8] {
        global("torch._utils", "_rebuild_tensor_v2")
            + tuple([storage, long(offset), longs(shape), longs(strides), yes, orderedDict]) + reduce
    }

    /// A dict of these items, as a whole pickle.
    static func dict(_ items: [(key: [UInt8], value: [UInt8])]) -> [UInt8] {
        proto + emptyDict + mark + items.flatMap { $0.key + $0.value } + setItems + stop
    }

    /// A dict with one tensor `w`, as a value.
    static let inner = emptyDict + text("w") + tensor() + setItem

    /// A dict with one tensor `w`.
    static func one(_ tensor: [UInt8] = tensor()) -> [UInt8] { dict([(text("w"), tensor)]) }
}

/// A zip archive in which every field can be made to lie.
struct Zip {
    struct Member {
        var name: String
        var data: [UInt8]
        var flags: UInt16 = 0
        var method: UInt16 = 0
        /// What the directory says, where it is not the truth.
        var directorySize: UInt32?
        var directoryOffset: UInt32?
        var directoryCRC: UInt32?
        var directoryPacked: UInt32?
        var directoryExtra: [UInt8] = []
        /// What the member's own header says, where it is not the truth.
        var localName: String?
        var localSize: UInt32?
        var localCRC: UInt32?
        var localMethod: UInt16?
        var localFlags: UInt16?
        var localExtra: [UInt8] = []
        var descriptor: [UInt8] = []
    }

    var members: [Member]
    var before: [UInt8] = []
    var disk: UInt16 = 0
    var comment: [UInt8] = []
    var commentLength: UInt16?
    var count: UInt16?
    var directorySize: UInt32?
    var directoryOffset: UInt32?
    /// Bytes between the directory and the end record, given the directory's offset and size.
    var zip64: (_ offset: Int, _ size: Int) -> [UInt8] = { _, _ in [] }

    init(_ members: [Member]) { self.members = members }

    /// An archive as torch writes one, of this pickle and storage `0` with four floats.
    init(pickle: [UInt8] = Pickle.one(), folder: String = "archive/") {
        members = [
            Member(name: folder + "data.pkl", data: pickle),
            Member(name: folder + "byteorder", data: Array("little".utf8)),
            Member(name: folder + "data/0", data: Zip.floats),
            Member(name: folder + "version", data: Array("3\n".utf8)),
        ]
    }

    static let floats: [UInt8] = (1...4).flatMap { le(Float($0).bitPattern) }

    var bytes: [UInt8] {
        var file = before
        var directory: [UInt8] = []
        for member in members {
            let crc = ExpectedTensor.crc32(member.data)
            let size = UInt32(member.data.count)
            let offset = UInt32(file.count)
            let localName = member.localName ?? member.name
            file += le(UInt32(0x0403_4B50)) + le(UInt16(20)) + le(member.localFlags ?? member.flags)
            file += le(member.localMethod ?? member.method) + le(UInt32(0)) + le(member.localCRC ?? crc)
            file += le(member.localSize ?? size) + le(member.localSize ?? size)
            file += le(UInt16(localName.utf8.count)) + le(UInt16(member.localExtra.count)) + Array(localName.utf8)
            file += member.localExtra + member.data + member.descriptor

            directory += le(UInt32(0x0201_4B50)) + le(UInt16(20)) + le(UInt16(20)) + le(member.flags)
            directory += le(member.method) + le(UInt32(0)) + le(member.directoryCRC ?? crc)
            directory += le(member.directoryPacked ?? member.directorySize ?? size) + le(member.directorySize ?? size)
            directory += le(UInt16(member.name.utf8.count)) + le(UInt16(member.directoryExtra.count)) + le(UInt16(0))
            directory += le(UInt16(0)) + le(UInt16(0)) + le(UInt32(0)) + le(member.directoryOffset ?? offset)
            directory += Array(member.name.utf8) + member.directoryExtra
        }
        let start = file.count
        file += directory + zip64(start, directory.count)
        file += le(UInt32(0x0605_4B50)) + le(disk) + le(UInt16(0))
        file += le(count ?? UInt16(members.count)) + le(count ?? UInt16(members.count))
        file += le(directorySize ?? UInt32(directory.count)) + le(directoryOffset ?? UInt32(start))
        return file + le(commentLength ?? UInt16(comment.count)) + comment
    }

    /// The zip64 end record and its locator.
    static func zip64(
        offset: UInt64, size: UInt64, count: UInt64, recordAt: UInt64, recordSize: UInt64 = 44, disks: UInt32 = 1
    ) -> [UInt8] {
        le(UInt32(0x0606_4B50)) + le(recordSize) + le(UInt16(45)) + le(UInt16(45)) + le(UInt64(0)) + le(count)
            + le(count) + le(size) + le(offset) + le(UInt32(0x0706_4B50)) + le(UInt32(0)) + le(recordAt) + le(disks)
    }
}
