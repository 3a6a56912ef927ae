import ByteIO
import JSON
import Tensors

/// A safetensors file: a JSON header with names, types and places of tensors, then their bytes.
///
/// The file is mapped, and tensors are views into the mapping. The format promises no alignment of a tensor's
/// bytes. Specification: formats/safetensors.md.
public struct SafetensorsFile: TensorSource {
    /// Every rule that a file is held to, besides those of JSON.
    public static let rules: [Rule] = [
        .safetensorsKind, .safetensorsLength, .safetensorsHeader, .safetensorsEntry, .safetensorsDtype,
        .safetensorsShape, .safetensorsOffsets, .safetensorsCover, .safetensorsMetadata,
    ]
    /// The reference implementation reads no longer header either.
    public static let maximumHeaderBytes = 100_000_000

    public let path: String
    /// In the order of the header.
    public let tensors: [TensorInfo]
    /// The strings under `__metadata__`, in the order of the header.
    public let metadata: Metadata
    public var files: [String] { [path] }

    private let data: Bytes
    private let places: [Range<Int>]
    private let positions: [String: Int]

    /// True if the bytes begin as a safetensors file does: a plausible header length, then `{`.
    public static func recognises(_ bytes: Bytes) -> Bool {
        bytes.withUnsafeBytes { start in
            guard start.count > 8, start[8] == UInt8(ascii: "{") else { return false }
            return UInt64(littleEndian: start.loadUnaligned(as: UInt64.self)) <= maximumHeaderBytes
        }
    }

    /// Maps the file and checks its whole header.
    /// - Throws: `InputError` with one of `rules` or `JSONValue.rules`; `SystemError` if the file cannot be mapped.
    public init(path: String) throws {
        try self.init(MappedFile(path: path).bytes, path: path)
    }

    /// Checks the whole header of a file that is mapped already.
    /// - Parameter path: Named in errors and in `files`.
    public init(_ bytes: Bytes, path: String) throws {
        let fault = Fault(safetensors: path)
        let header = try Self.header(bytes, fault)
        guard let entries = try JSONValue(parsing: header, file: path, limits: Self.limits).object else {
            throw fault(.safetensorsHeader, "header", "is no JSON object")
        }
        guard let data = bytes.slice(8 + header.count..<bytes.count) else {
            throw fault(.safetensorsLength, "header length", "reaches behind the end of the file")
        }

        var metadata = Metadata()
        var tensors: [TensorInfo] = []
        var places: [Range<Int>] = []
        for (name, value) in entries.entries {
            if name == "__metadata__" {
                metadata = try Self.metadata(value, fault)
            } else {
                let entry = try Self.entry(name, value, fault)
                tensors.append(entry.info)
                places.append(entry.place)
            }
        }
        try Self.checkCover(tensors, places, dataBytes: data.count, fault)
        self.path = path
        self.tensors = tensors
        self.metadata = metadata
        self.data = data
        self.places = places
        // The names are an object's keys, of which JSON's reader let no two be equal.
        positions = Dictionary(tensors.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    public func info(_ name: String) -> TensorInfo? { positions[name].map { tensors[$0] } }

    public func bytes(of name: String) throws -> Bytes {
        guard let position = positions[name], let bytes = data.slice(places[position]) else {
            throw Fault(safetensors: path)(.safetensorsEntry, name, "is not in this file")
        }
        return bytes
    }

    // MARK: - The header

    private static var limits: JSONLimits {
        var limits = JSONLimits()
        limits.bytes = maximumHeaderBytes
        limits.depth = 4
        return limits
    }

    /// The header's JSON, without its length and without the spaces behind it counted off.
    private static func header(_ bytes: Bytes, _ fault: Fault) throws -> Bytes {
        if !recognises(bytes), let kind = FamiliarKind(of: bytes), kind != .safetensors {
            throw InputError(
                .safetensorsKind, file: fault.file, field: "first bytes", problem: "this is \(kind.phrase)",
                remedy: kind.remedy)
        }
        guard bytes.count >= 8 else {
            throw fault(.safetensorsLength, "header length", "the file has \(bytes.count) bytes, fewer than the field")
        }
        var reader = ByteReader(bytes, file: fault.file)
        let length = try reader.read(UInt64.self, "header length")
        guard length >= 2, length <= maximumHeaderBytes else {
            throw fault(.safetensorsLength, "header length", "is \(length), not within 2…\(maximumHeaderBytes)")
        }
        guard length <= reader.remaining else {
            throw fault(
                .safetensorsLength, "header length", "is \(length), but \(reader.remaining) bytes follow",
                "The file is cut short: fetch it again.")
        }
        let header = try reader.take(Int(length), "header")
        try header.withUnsafeBytes { text in
            guard text.first == UInt8(ascii: "{") else {
                throw fault(.safetensorsHeader, "header", "starts with byte \(text.first ?? 0), not with {")
            }
            guard text.last(where: { $0 != UInt8(ascii: " ") }) == UInt8(ascii: "}") else {
                throw fault(.safetensorsHeader, "header", "is not closed by } and spaces")
            }
        }
        return header
    }

    private static func metadata(_ value: JSONValue, _ fault: Fault) throws -> Metadata {
        guard let object = value.object else {
            throw fault(.safetensorsMetadata, "__metadata__", "is \(value.kind), not an object of strings")
        }
        var metadata = Metadata()
        for (key, value) in object.entries {
            guard let text = value.string else {
                throw fault(.safetensorsMetadata, "__metadata__.\(key)", "is \(value.kind), not a string")
            }
            metadata[key] = .string(text)
        }
        return metadata
    }

    private static func entry(
        _ name: String, _ value: JSONValue, _ fault: Fault
    ) throws -> (info: TensorInfo, place: Range<Int>) {
        guard let fields = value.object, fields.count == 3, let dtype = fields["dtype"], let shape = fields["shape"],
            let offsets = fields["data_offsets"]
        else {
            throw fault(.safetensorsEntry, name, "is no object of dtype, shape and data_offsets")
        }
        guard let type = dtype.string.flatMap(ElementType.init(safetensorsName:)) else {
            let known = ElementType.allCases.compactMap(\.safetensorsName).joined(separator: ", ")
            let isPacked = ["F8_E8M0", "F6_E2M3", "F6_E3M2", "F4"].contains(dtype.string)
            throw fault(
                .safetensorsDtype, name, "has dtype \(dtype.serialized()); known are \(known)",
                isPacked
                    ? "The weights are quantized already (MXFP4 or the like): start from the F16 or BF16 release."
                    : "Save the tensors as F32, F16 or BF16.")
        }
        let dimensions = shape.array?.compactMap(\.int) ?? []
        guard let info = TensorInfo(name: name, type: type, shape: Shape(dimensions)),
            dimensions.count == shape.array?.count
        else {
            throw fault(.safetensorsShape, name, "has the shape \(shape.serialized()), whose size cannot be computed")
        }
        let bounds = offsets.array?.compactMap(\.int) ?? []
        guard bounds.count == 2, offsets.array?.count == 2, bounds[0] >= 0, bounds[0] <= bounds[1] else {
            throw fault(.safetensorsOffsets, name, "has data_offsets \(offsets.serialized()), not [begin, end]")
        }
        guard bounds[1] - bounds[0] == info.byteCount else {
            throw fault(
                .safetensorsOffsets, name,
                "takes \(bounds[1] - bounds[0]) bytes, but \(type.name) \(info.shape) has \(info.byteCount)")
        }
        return (info, bounds[0]..<bounds[1])
    }

    /// Bytes that belong to no tensor could hide another file; bytes of two tensors could multiply a small one.
    private static func checkCover(
        _ tensors: [TensorInfo], _ places: [Range<Int>], dataBytes: Int, _ fault: Fault
    ) throws {
        let order = places.indices.sorted {
            (places[$0].lowerBound, places[$0].upperBound) < (places[$1].lowerBound, places[$1].upperBound)
        }
        var covered = 0
        for position in order {
            let place = places[position]
            guard place.lowerBound == covered else {
                let what = place.lowerBound < covered ? "overlaps the tensor before it" : "leaves a hole before it"
                throw fault(.safetensorsCover, tensors[position].name, "starts at \(place.lowerBound) and \(what)")
            }
            covered = place.upperBound
        }
        guard covered == dataBytes else {
            let what =
                covered > dataBytes
                ? "The file is cut short, \(covered - dataBytes) bytes are missing: fetch it again." : nil
            throw fault(
                .safetensorsCover, "data", "has \(dataBytes) bytes, but the tensors end at \(covered)", what)
        }
    }
}

extension Fault {
    fileprivate init(safetensors file: String) {
        self.init(
            file: file,
            remedy: "The file is damaged or was made by a faulty writer: fetch it again or save it anew.")
    }
}
