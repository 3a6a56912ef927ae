import ByteIO

/// The form that torch wrote before 1.6, and still writes with `_use_new_zipfile_serialization=False`:
/// pickles of a magic number, a version, the machine's sizes, the object, and the list of its storages; then each
/// storage as a count and its elements.
struct LegacyFile {
    let pickle: PickleMachine
    /// The bytes of the heap's storages, in its order.
    let storages: [Bytes]

    /// The first pickle behind its PROTO: the number 0x1950A86A20F9469CFC6C. Protocols 4 and 5 put a frame around it.
    private static let magic: [UInt8] = [
        0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
    ]
    private static let frame: [UInt8] = [0x95, UInt8(magic.count), 0, 0, 0, 0, 0, 0, 0]

    /// Where the first pickle ends; nil if the bytes do not begin as such a file.
    static func magicEnd(_ bytes: Bytes) -> Int? {
        bytes.withUnsafeBytes { start in
            guard start.count > 2, start[0] == 0x80, (2...5).contains(start[1]) else { return nil }
            let rest = start.dropFirst(2)
            if rest.starts(with: magic) { return 2 + magic.count }
            return rest.starts(with: frame + magic) ? 2 + frame.count + magic.count : nil
        }
    }

    /// - Throws: `InputError` `torch.legacy`, `torch.byteorder` or one of the `torch.pickle` rules.
    init(_ bytes: Bytes, file: String) throws {
        let fault = Fault(torch: file)
        let head = bytes.withUnsafeBytes { Array($0.prefix(TorchLimits.pickleBytes)) }
        func read(_ offset: Int, _ name: String) throws -> PickleMachine {
            try PickleMachine(head, offset: offset, file: file, name: name)
        }
        let version = try read(Self.magicEnd(bytes) ?? 0, "the version")
        guard case .integer(1001) = version.root else {
            throw fault(.torchLegacy, "the version", "is not 1001")
        }
        let system = try read(version.end, "the system's description")
        guard case .dict(let description) = system.root,
            case .bool(let isLittleEndian)? = system.heap.value("little_endian", inDict: description)
        else { throw fault(.torchLegacy, "the system's description", "does not tell the byte order") }
        guard isLittleEndian else { throw fault(.torchByteOrder, "little_endian", "is False", bigEndianRemedy) }
        pickle = try read(system.end, "the object")
        let keys = try read(pickle.end, "the storage list")
        guard case .list(let list) = keys.root else {
            throw fault(.torchLegacy, "the storage list", "is \(keys.root.kind)")
        }

        let described = pickle.heap.storages
        var places = Dictionary(described.enumerated().map { ($1.key, $0) }, uniquingKeysWith: { first, _ in first })
        var storages = [Bytes?](repeating: nil, count: described.count)
        var reader = ByteReader(bytes, file: file, offset: keys.end)
        for key in keys.heap.lists[list] {
            guard case .text(let name) = key, let place = places.removeValue(forKey: name) else {
                throw fault(.torchLegacy, "the storage list", "has an entry twice, or one that no tensor uses")
            }
            let storage = described[place]
            guard try reader.read(Int64.self, "storage \(name)") == storage.count else {
                throw fault(.torchStorage, name, "has another number of elements than \(storage.count)")
            }
            let (size, overflow) = storage.count.multipliedReportingOverflow(by: storage.type.blockBytes)
            storages[place] = try reader.take(overflow ? .max : size, "storage \(name)")
        }
        self.storages = storages.compactMap { $0 }
        guard places.isEmpty, self.storages.count == described.count, reader.remaining == 0 else {
            throw fault(.torchLegacy, "storages", "are missing, or followed by other bytes")
        }
    }
}

let bigEndianRemedy = "Load it with torch on the machine that made it and save it on a little-endian one."
