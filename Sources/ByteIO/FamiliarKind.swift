/// Kinds of files that are often found where a model file should be.
///
/// A reader that does not know its own magic asks here before it complains, so that "the header length is
/// 8457582341398683218" becomes "this is a Git LFS pointer".
public enum FamiliarKind: String, Sendable, CaseIterable {
    case empty, gitLFSPointer, html, json, gguf, safetensors, zip, sevenZip, gzip, xz, zstd, tar, hdf5, pickle

    /// What the first bytes say; nil for anything else.
    public init?(of bytes: Bytes) {
        guard bytes.count > 0 else {
            self = .empty
            return
        }
        let head = bytes.withUnsafeBytes { Array($0.prefix(512)) }
        // The longest magics first; one byte of `{` or 0x80 says the least.
        if head.starts(with: "version https://git-lfs".utf8) {
            self = .gitLFSPointer
        } else if Self.isHTML(head) {
            self = .html
        } else if let match = Self.magics.first(where: { head.starts(with: $0.bytes) }) {
            self = match.kind
        } else if head.count >= 262, head[257..<262].elementsEqual("ustar".utf8) {
            self = .tar
        } else if head.count > 8, head[5..<8].allSatisfy({ $0 == 0 }), head[8] == UInt8(ascii: "{") {
            self = .safetensors
        } else if head[0] == 0x80, head.count > 1, head[1] <= 5 {
            self = .pickle
        } else if head.first(where: { !Self.isSpace($0) }) == UInt8(ascii: "{") {
            self = .json
        } else {
            return nil
        }
    }

    /// As a phrase that completes "this is …".
    public var phrase: String {
        switch self {
        case .empty: "an empty file"
        case .gitLFSPointer: "a Git LFS pointer, which stands for a file that was not fetched"
        case .html: "a web page, as servers send in place of a file"
        case .json: "a JSON text"
        case .gguf: "a GGUF file"
        case .safetensors: "a safetensors file"
        case .zip: "a zip archive"
        case .sevenZip: "a 7z archive"
        case .gzip: "a gzip file"
        case .xz: "an xz file"
        case .zstd: "a zstd file"
        case .tar: "a tar archive (torch before 0.1.10 saved such)"
        case .hdf5: "an HDF5 file, as Keras writes"
        case .pickle: "a bare pickle"
        }
    }

    /// What the user can do to get the file that was meant.
    public var remedy: String {
        switch self {
        case .empty: "The download failed or the disk was full: fetch the file again."
        case .gitLFSPointer: "Run `git lfs pull` in the repository, or download the file itself."
        case .html:
            "Open the file in a text editor to see the server's message (often a missing login), then fetch again."
        case .sevenZip, .gzip, .xz, .zstd, .tar: "Unpack it first and name the file inside."
        default: "Name the file that holds the weights."
        }
    }

    private static let magics: [(bytes: [UInt8], kind: FamiliarKind)] = [
        (Array("GGUF".utf8), .gguf),
        (Array("PK\u{3}\u{4}".utf8), .zip),
        ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], .sevenZip),
        ([0x1F, 0x8B], .gzip),
        ([0xFD, 0x37, 0x7A, 0x58, 0x5A], .xz),
        ([0x28, 0xB5, 0x2F, 0xFD], .zstd),
        ([0x89, 0x48, 0x44, 0x46], .hdf5),
    ]

    private static func isHTML(_ head: [UInt8]) -> Bool {
        let text = head.drop(while: isSpace).prefix(14).map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        return text.starts(with: "<!doctype html".utf8) || text.starts(with: "<html".utf8)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
