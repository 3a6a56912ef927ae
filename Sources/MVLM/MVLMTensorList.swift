import ByteIO
import JSON
import Tensors

/// Reads the manifest's list of tensors.
struct MVLMTensorList {
    struct Tensor {
        let info: TensorInfo
        let bytes: Bytes
        let section: String
    }

    /// Of each the copy that is taken.
    private(set) var tensors: [Tensor] = []
    /// All copies in known layouts.
    private(set) var copies: [TensorInfo] = []

    /// - Parameters:
    ///   - mayLackPlain: Whether the header says that tensors may be there in other layouts alone.
    ///   - preferred: The layout of the copy that is taken; where there is none the plain one, else the first.
    /// - Throws: `InputError` with the rule that a tensor breaks.
    init(
        _ manifest: JSONValue, sections: [MVLMFile.Section], mayLackPlain: Bool, preferring preferred: RowLayout,
        path: String
    ) throws {
        func refuse(_ rule: Rule, _ name: String, _ problem: String) -> InputError {
            InputError(rule, file: path, field: "tensor \(name)", problem: problem, remedy: MVLMRule.damaged)
        }
        guard let list = manifest["tensors"]?.array else {
            throw InputError(
                MVLMRule.field, file: path, field: "tensors", problem: "is missing or no list",
                remedy: MVLMRule.damaged)
        }
        var ends: [String: Int] = [:]
        // Where tensors that can be read stand, and the layouts in which each is there.
        var (places, layouts) = ([String: Int](), [String: Set<RowLayout>]())
        for (number, entry) in list.enumerated() {
            let name = entry["name"]?.string ?? ""
            guard (1...255).contains(name.utf8.count) else {
                throw refuse(MVLMRule.tensorName, "number \(number)", "has no name, or one of more than 255 bytes")
            }
            guard let type = entry["format"]?.string.flatMap(MVLMFormat.type) else {
                throw refuse(MVLMRule.tensorFormat, name, "has a format that is not known")
            }
            guard let layoutName = entry["layout"]?.string, !layoutName.isEmpty else {
                throw refuse(MVLMRule.tensorLayout, name, "has no layout")
            }
            guard let plainInfo = Self.info(name, type, entry["shape"]?.array) else {
                throw refuse(MVLMRule.tensorShape, name, "has a shape that is none, or rows that cut a block")
            }
            let layout = RowLayout(name: layoutName)
            guard let info = TensorInfo(name: name, type: type, shape: plainInfo.shape, layout: layout ?? .plain),
                layout ?? .plain == .plain || info.shape.rank == 2
            else {
                throw refuse(
                    MVLMRule.tensorLayout, name, "is no matrix of a type and a number of rows that \(layoutName) takes")
            }
            guard let section = sections.first(where: { $0.name == entry["section"]?.string }) else {
                throw refuse(MVLMRule.tensorSection, name, "lies in a section that is not there")
            }
            guard let size = entry["bytes"]?.whole, (1...(1 << 50)).contains(size),
                layout == nil || size == info.byteCount
            else { throw refuse(MVLMRule.tensorBytes, name, "has not the length of its format and shape") }
            guard let offset = entry["offset"]?.whole, offset >= ends[section.name] ?? 0,
                offset % MVLMFormat.tensorAlignment == 0, offset <= section.bytes.count,
                size <= section.bytes.count - offset, let bytes = section.bytes.slice(offset..<offset + size)
            else {
                throw refuse(
                    MVLMRule.tensorOffset, name,
                    "does not start at a multiple of 64 after the tensor before it, or ends outside its section")
            }
            ends[section.name] = offset + size
            guard let layout else { continue }
            guard layouts[name, default: []].insert(layout).inserted else {
                throw refuse(MVLMRule.tensorName, name, "occurs twice in the layout \(layout)")
            }
            copies.append(info)
            let tensor = Tensor(info: info, bytes: bytes, section: section.name)
            guard let place = places[name] else {
                places[name] = tensors.count
                tensors.append(tensor)
                continue
            }
            let taken = tensors[place].info
            guard taken.type == info.type, taken.shape == info.shape else {
                throw refuse(MVLMRule.tensorShape, name, "has copies of several types or shapes")
            }
            if layout == preferred || layout == .plain && taken.layout != preferred { tensors[place] = tensor }
        }
        for entry in list {
            guard let name = entry["name"]?.string,
                mayLackPlain ? places[name] == nil : layouts[name]?.contains(.plain) != true
            else { continue }
            throw refuse(
                MVLMRule.tensorLayout, name,
                places[name] != nil
                    ? "is there in tiles only, which the header's features do not say"
                    : "is there in layouts only that this program does not know")
        }
    }

    private static func info(_ name: String, _ type: ElementType, _ shape: [JSONValue]?) -> TensorInfo? {
        guard let shape, (1...4).contains(shape.count) else { return nil }
        let dimensions = shape.compactMap(\.whole)
        guard dimensions.count == shape.count, dimensions.allSatisfy({ (1...Int(Int32.max)).contains($0) }),
            let info = TensorInfo(name: name, type: type, shape: Shape(dimensions)),
            info.elementCount <= MVLMFormat.mostElements
        else { return nil }
        return info
    }
}

extension JSONValue {
    /// A whole number, however it is written.
    var whole: Int? { int ?? double.flatMap { Int(exactly: $0) } }
}

/// The manifest's numbers are exact in every reader: at most 15 digits, and a power of ten up to 22.
enum MVLMNumbers {
    struct Refused: Error {}

    /// - Parameter json: Text that is known to be JSON.
    static func check(_ json: Bytes) throws {
        try json.withUnsafeBytes { text in
            var at = 0
            while at < text.count {
                switch text[at] {
                case UInt8(ascii: "\""): skipString(text, &at)
                case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number(text, &at)
                default: at += 1
                }
            }
        }
    }

    private static func skipString(_ text: UnsafeRawBufferPointer, _ at: inout Int) {
        at += 1
        while at < text.count, text[at] != UInt8(ascii: "\"") { at += text[at] == UInt8(ascii: "\\") ? 2 : 1 }
        at += 1
    }

    private static func number(_ text: UnsafeRawBufferPointer, _ at: inout Int) throws {
        var (digits, fraction, exponent, isNegative) = (0, 0, 0, false)
        var part = 0  // before the point, after it, after the e
        loop: while at < text.count {
            switch text[at] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let digit = Int(text[at] - UInt8(ascii: "0"))
                if part == 2 {
                    exponent = min(1000, exponent * 10 + digit)
                } else {
                    if digits > 0 || digit > 0 { digits += 1 }
                    if part == 1 { fraction += 1 }
                }
            case UInt8(ascii: "."): part = 1
            case UInt8(ascii: "e"), UInt8(ascii: "E"): part = 2
            case UInt8(ascii: "-"): if part == 2 { isNegative = true }
            case UInt8(ascii: "+"): break
            default: break loop
            }
            at += 1
        }
        let power = (isNegative ? -exponent : exponent) - fraction
        guard digits <= 15, (-22...22).contains(power) else { throw Refused() }
    }
}
