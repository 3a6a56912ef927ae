import ByteIO
import Tensors

/// How large the tensors of a language model may become.
public enum SizeBudget: Sendable, Equatable {
    /// Bytes of the whole file.
    case bytes(Int)
    /// Bits per weight, over all tensors of the file.
    case bitsPerWeight(Double)

    /// Not even the smallest types fit.
    public static let tooSmall = Rule("plan.budget")

    /// Most bytes that tensors may have.
    /// - Parameters:
    ///   - overhead: Bytes of the file beside its tensors.
    ///   - elements: Weights in all tensors.
    public func bytesOfTensors(overhead: Int, elements: Int) -> Int {
        switch self {
        case .bytes(let count): count - overhead
        case .bitsPerWeight(let bits): Int(min(bits * Double(elements) / 8, 0x1p62))
        }
    }

    /// As one gives it: `700M` is 700,000,000 bytes, `1.5G` 1,500,000,000; nil where it is no size.
    public init?(size text: String) {
        let units: [Character: Double] = ["k": 1e3, "K": 1e3, "m": 1e6, "M": 1e6, "g": 1e9, "G": 1e9]
        let unit = text.last.flatMap { units[$0] }
        guard let number = Double(unit == nil ? text[...] : text.dropLast()), number > 0, number.isFinite,
            number * (unit ?? 1) < 0x1p50
        else { return nil }
        self = .bytes(Int(number * (unit ?? 1)))
    }

    /// As it stands in metadata and messages.
    public var description: String {
        switch self {
        case .bytes(let count): "size=\(count)"
        case .bitsPerWeight(let bits): "bpw=\(bits)"
        }
    }
}
