import ByteIO
import MVLM

/// The frames of a packed file, as zstd's seekable format lists them in a skippable frame at the end.
struct SeekTable {
    struct Frame {
        /// Where the frame and its content lie.
        let packed: Range<Int>
        let content: Range<Int>
    }

    private static let skippable: UInt32 = 0x184D_2A5E
    private static let footer: UInt32 = 0x8F92_EAB1
    private static let footerBytes = 9
    private static let headBytes = 8
    private static let entryBytes = 8

    private(set) var frames: [Frame] = []

    init() {}

    mutating func append(packed: Int, content: Int) {
        let (start, place) = (frames.last?.packed.upperBound ?? 0, frames.last?.content.upperBound ?? 0)
        frames.append(Frame(packed: start..<start + packed, content: place..<place + content))
    }

    var contentSize: Int { frames.last?.content.upperBound ?? 0 }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        func put(_ number: UInt32) {
            for shift in [0, 8, 16, 24] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
        }
        put(Self.skippable)
        put(UInt32(frames.count * Self.entryBytes + Self.footerBytes))
        for frame in frames {
            put(UInt32(frame.packed.count))
            put(UInt32(frame.content.count))
        }
        put(UInt32(frames.count))
        bytes.append(0)  // no digests of frames: the sections have theirs
        put(Self.footer)
        return bytes
    }

    /// Reads the table at the end of a packed file.
    init(_ file: Bytes, path: String) throws {
        func refuse(_ problem: String) -> InputError {
            InputError(
                DeliveryRule.packed, file: path, field: "table of frames", problem: problem,
                remedy: "Fetch the file again; unpack takes what pack wrote.")
        }
        let kind = FamiliarKind(of: file)
        guard kind == .zstd else {
            let isModel = MVLMFile.recognises(file)
            let phrase = isModel ? "an .mvlm file" : kind?.phrase
            throw InputError(
                DeliveryRule.packed, file: path, field: "magic",
                problem: "the file is not packed" + (phrase.map { "; this is \($0)" } ?? ""),
                remedy: isModel
                    ? "Use it as it is." : "unpack takes what pack wrote: name that file, or fetch it again.")
        }
        let (count, start) = try file.withUnsafeBytes { bytes in
            func word(_ offset: Int) -> UInt32 {
                UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
            }
            let smallest = Self.headBytes + Self.footerBytes
            guard bytes.count >= smallest, word(bytes.count - 4) == Self.footer, bytes[bytes.count - 5] == 0 else {
                throw refuse("is not there, or the file is cut short")
            }
            let count = Int(word(bytes.count - Self.footerBytes))
            guard count <= (bytes.count - smallest) / Self.entryBytes else { throw refuse("is longer than the file") }
            let start = bytes.count - smallest - count * Self.entryBytes
            guard word(start) == Self.skippable, Int(word(start + 4)) == count * Self.entryBytes + Self.footerBytes
            else { throw refuse("does not begin where it says") }
            for index in 0..<count {
                let entry = start + Self.headBytes + index * Self.entryBytes
                append(packed: Int(word(entry)), content: Int(word(entry + 4)))
            }
            return (count, start)
        }
        guard frames.last?.packed.upperBound ?? 0 == start, count > 0,
            frames.allSatisfy({ $0.content.count <= Packing.frameBytes && !$0.packed.isEmpty })
        else { throw refuse("does not list the frames that are there") }
    }
}
