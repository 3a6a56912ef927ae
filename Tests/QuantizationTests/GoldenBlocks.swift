import Foundation
import Tensors
import TestSupport

/// What ggml made of known rows: the committed selection, or the full recordings where they lie beside the project.
struct GoldenBlocks {
    let type: ElementType
    private let file: RecordedTensors
    private let prefix: String
    private let flags: [String: [String: [String]]]

    /// The committed rows.
    static func selection(_ type: ElementType) throws -> GoldenBlocks {
        let file = try RecordedTensors(path: Fixtures.path("ggml-blocks/selection.safetensors"))
        return try GoldenBlocks(type, file, prefix: "\(type.name).", flags: "\(type.name).row_flags")
    }

    /// All rows of the type; nil where they are absent.
    static func full(_ type: ElementType) throws -> GoldenBlocks? {
        guard let path = Fixtures.golden("ggml-blocks/\(type.name).safetensors") else { return nil }
        return try GoldenBlocks(type, RecordedTensors(path: path), prefix: "", flags: "row_flags")
    }

    private init(_ type: ElementType, _ file: RecordedTensors, prefix: String, flags: String) throws {
        self.type = type
        self.file = file
        self.prefix = prefix
        self.flags = try JSONDecoder().decode(
            [String: [String: [String]]].self, from: Data((file.metadata[flags] ?? "{}").utf8))
    }

    /// The groups of rows recorded for this type.
    var groups: [String] {
        ["gauss", "heavy", "edge", "row256", "row96", "bits"].filter { file.bytes("\(prefix)\($0).q") != nil }
    }

    func rowNames(_ group: String) throws -> [String] {
        try JSONDecoder().decode([String].self, from: Data((file.metadata["rows.\(group)"] ?? "[]").utf8))
    }

    func input(_ group: String) -> [Float] { file.floats("\(group).input") ?? [] }

    /// `what` is `importance` or `importance_zeros`; nil where the type has no use for it.
    func importance(_ group: String, _ what: String) -> [Float]? { file.floats("\(group).\(what)") }

    func encoded(_ group: String, _ what: String) -> [UInt8]? { file.bytes("\(prefix)\(group).\(what)") }
    func decoded(_ group: String, _ what: String) -> [Float]? { file.floats("\(prefix)\(group).\(what)") }

    func flags(_ group: String, _ what: String, row: String) -> Set<String> {
        Set(flags["\(group).\(what)"]?[row] ?? [])
    }
}

/// Just enough of the safetensors format for the recordings.
struct RecordedTensors {
    let metadata: [String: String]
    private let data: Data
    private let ranges: [String: Range<Int>]

    init(path: String) throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        let length = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        let header = try JSONSerialization.jsonObject(with: data[8..<8 + length]) as? [String: [String: Any]] ?? [:]
        metadata = header["__metadata__"] as? [String: String] ?? [:]
        self.data = data
        ranges = header.compactMapValues { entry in
            (entry["data_offsets"] as? [Int]).map { $0[0] + 8 + length..<$0[1] + 8 + length }
        }
    }

    func bytes(_ name: String) -> [UInt8]? { ranges[name].map { [UInt8](data[$0]) } }

    func floats(_ name: String) -> [Float]? {
        bytes(name).map { bytes in
            bytes.withUnsafeBytes { raw in
                (0..<raw.count / 4).map {
                    Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
                }
            }
        }
    }
}
