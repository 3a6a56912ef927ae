import ByteIO
import MobileVLM
import Models
import Tensors

/// Another order of the channels of the residual stream, in which a model computes what it did before: norms and sums treat
/// all channels alike, so the columns of what reads the stream and the rows of what writes it may change places together.
///
/// Block types share a scale, and most a minimum, among neighbouring columns. An embedding has columns that are large in
/// every row: each spoils the block that it lies in, and all of them fewer blocks when they lie together. Ordered by its
/// columns' means, SmolLM2-135M's in Q5_1 has half of the error of plain rounding (docs/quality.md).
public struct ChannelOrder: Sendable, Equatable {
    /// The channel of the source that stands at each place.
    public let channels: [Int]

    /// - Returns: Nil if these are not all numbers from 0 on, each once.
    public init?(_ channels: [Int]) {
        guard channels.sorted().elementsEqual(channels.indices) else { return nil }
        self.channels = channels
    }

    /// The order that helps a model's embedding; nil where it is not the head as well, or another part writes to the stream.
    ///
    /// An embedding of its own is only looked up, and keeps enough in any type.
    public init?(_ configuration: ModelConfiguration, _ weights: ModelWeights, threads: Int) throws {
        guard configuration.multimodal == nil, configuration.language.tiedEmbeddings,
            let embedding = configuration.languageTensors.first(where: { $0.kind == .tokenEmbedding }),
            try configuration.languageTensors.allSatisfy({
                try weights.rows($0, pairing: weights.rotaryPairing).isPlain
            })
        else { return nil }
        let floats = try MatrixReading(weights: weights, threads: threads).floats(embedding)
        let count = configuration.language.hiddenSize
        var sums = [Double](repeating: 0, count: count)
        for row in stride(from: 0, to: floats.count, by: count) {
            for column in 0..<count { sums[column] += Double(floats.start[row + column]) }
        }
        channels = sums.indices.sorted { sums[$0] == sums[$1] ? $0 < $1 : sums[$0] < sums[$1] }
    }

    /// This order of a model whose channels stand in another one already, as an order of what they stood in before.
    /// - Returns: Nil if the other is of another number of channels.
    public func following(_ earlier: ChannelOrder) -> ChannelOrder? {
        guard earlier.channels.count == channels.count else { return nil }
        return ChannelOrder(channels.map { earlier.channels[$0] })
    }

    /// Values of channels in this order, one each, in the order of the source.
    package func restored(_ values: [Float]) -> [Float] {
        var result = values
        for (place, channel) in channels.enumerated() { result[channel] = values[place] }
        return result
    }
}

extension SensitivityMeasurement.Result {
    /// What was measured in another order, its columns as the source has them.
    public func restored(_ order: ChannelOrder, _ configuration: ModelConfiguration) -> Self {
        var result = self
        for tensor in configuration.languageTensors where tensor.role != .attentionOutput && tensor.role != .down {
            result.importance[tensor.key] = importance[tensor.key].map(order.restored)
        }
        return result
    }
}

extension ModelWeights {
    /// The language model with the channels of its residual stream in another order.
    /// - Throws: `InputError` if a matrix is stored in blocks, whose columns cannot change places.
    public func reordered(_ order: ChannelOrder, _ configuration: ModelConfiguration) throws -> ModelWeights {
        var result = self
        for tensor in configuration.languageTensors {
            let rows = try rows(tensor, pairing: rotaryPairing)
            let writes = tensor.role == .attentionOutput || tensor.role == .down
            guard writes || rows.isPlain else {
                throw InputError(
                    Self.misshapen, file: origin, field: rows.info.name,
                    problem: "is stored as \(rows.info.type.name), whose columns cannot change places",
                    remedy: "Give the model that was calibrated, in F32, F16 or BF16.")
            }
            result.place(tensor.key, ReorderedChannels(rows, order.channels, areRows: writes))
        }
        return result
    }
}

/// A tensor whose rows, or the elements of each, stand in another order.
private struct ReorderedChannels: TensorRows {
    let info: TensorInfo
    private let base: any TensorRows
    private let channels: [Int]
    private let areRows: Bool

    init(_ base: any TensorRows, _ channels: [Int], areRows: Bool) {
        info = base.info
        self.base = base
        self.channels = channels
        self.areRows = areRows
    }

    var origin: String { base.origin }
    var rowsTogether: Int { areRows ? 1 : base.rowsTogether }
    func origin(ofRow row: Int) -> Int { base.origin(ofRow: areRows ? channels[row] : row) }

    func rows(_ range: Range<Int>) throws -> Bytes {
        guard areRows else {
            let source = try base.rows(range)
            defer { source.giveBackPages() }
            switch info.geometry.rowBytes / max(1, channels.count) {
            case 2: return elements(of: source, as: UInt16.self)
            case 4: return elements(of: source, as: UInt32.self)
            case 8: return elements(of: source, as: UInt64.self)
            default: return elements(of: source, as: UInt8.self)
            }
        }
        let size = info.geometry.rowBytes
        let parts = try range.map { try base.rows(channels[$0]..<channels[$0] + 1) }
        return Bytes(count: range.count * size) { target in
            for (place, part) in parts.enumerated() {
                part.withUnsafeBytes {
                    UnsafeMutableRawBufferPointer(rebasing: target[(place * size)...].prefix(size)).copyMemory(from: $0)
                }
            }
        }
    }

    /// - Parameter type: As large as an element.
    private func elements<Element: FixedWidthInteger>(of source: Bytes, as type: Element.Type) -> Bytes {
        let size = MemoryLayout<Element>.size
        return Bytes(count: source.count) { target in
            source.withUnsafeBytes { source in
                for row in stride(from: 0, to: source.count, by: size * channels.count) {
                    for (place, channel) in channels.enumerated() {
                        let element = source.loadUnaligned(fromByteOffset: row + size * channel, as: type)
                        target.storeBytes(of: element, toByteOffset: row + size * place, as: type)
                    }
                }
            }
        }
    }
}

extension TensorRows {
    /// True if each element is stored by itself.
    fileprivate var isPlain: Bool { info.type.blockLength == 1 }
}
