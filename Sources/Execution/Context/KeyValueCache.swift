import CKernels
import Quantization
import Tensors

/// The keys and values of all positions that a model has seen: one conversation's memory.
///
/// Each layer's memory is set aside once, for as many positions as the cache may come to hold; the system provides it
/// as it is first written to. A cache serves the executor that made it, and one call at a time.
public final class KeyValueCache {
    /// How keys and values are stored.
    public enum Format: String, Sendable, CaseIterable {
        case f32
        case f16
        case q8_0
    }

    public let format: Format
    /// Most positions it can hold.
    public let capacity: Int
    /// Positions held; the next row gets this number.
    public internal(set) var position = 0
    let layers: [Layer]
    let heads: Kernels.Heads

    init(layerCount: Int, heads: Kernels.Heads, capacity: Int, format: Format, storage: CacheStorage) {
        self.format = format
        self.capacity = capacity
        self.heads = heads
        layers = (0..<layerCount).map { _ in Layer(heads: heads, capacity: capacity, storage: storage) }
    }

    /// Bytes of one position in all layers.
    public var bytesPerPosition: Int { layers.reduce(0) { $0 + 2 * $1.rowBytes } }

    /// Forgets all positions from `position` on. Does nothing if there are none.
    public func rewind(to position: Int) {
        guard (0..<self.position).contains(position) else { return }
        self.position = position
    }

    /// What one layer remembers: for each position the keys of all groups after their rotation, and so the values.
    final class Layer {
        private let heads: Kernels.Heads
        private let capacity: Int
        private let storage: CacheStorage
        /// All keys, then all values.
        private let memory: UnsafeMutableRawPointer

        init(heads: Kernels.Heads, capacity: Int, storage: CacheStorage) {
            self.heads = heads
            self.capacity = capacity
            self.storage = storage
            memory = .allocate(byteCount: max(64, 2 * capacity * heads.groups * storage.bytesPerHead), alignment: 64)
        }

        deinit { memory.deallocate() }

        /// Bytes of the keys, or the values, of one position.
        var rowBytes: Int { heads.groups * storage.bytesPerHead }

        /// Takes in keys and values of rows that hold queries, keys and values side by side.
        /// - Parameter position: The first row's.
        func append(_ x: borrowing Rows, at position: Int) {
            precondition(x.columns == heads.rowWidth && position >= 0 && position + x.rows <= capacity)
            let (source, columns, heads) = (x.start + heads.queryWidth, x.columns, heads)
            let (storage, rowBytes, fast) = (storage, rowBytes, x.context.fast)
            let (keys, values) = (memory, memory + capacity * rowBytes)
            Kernels.share(x) { rows in
                for row in rows {
                    if let toHalf = storage.halves(fast) {
                        let from = source + row * columns
                        let offset = (position + row) * rowBytes
                        toHalf(from, heads.keyWidth, keys + offset)
                        toHalf(from + heads.keyWidth, heads.keyWidth, values + offset)
                        continue
                    }
                    for group in 0..<heads.groups {
                        let from = source + row * columns + group * heads.size
                        let offset = (position + row) * rowBytes + group * storage.bytesPerHead
                        storage.store(from, at: keys + offset)
                        storage.store(from + heads.keyWidth, at: values + offset)
                    }
                }
            }
        }

        /// What queries find in the memory: row `t`, at `position + t`, sees all before it and itself.
        /// - Parameter wanted: The rows whose queries are answered.
        func attend(_ x: borrowing Rows, rows wanted: Range<Int>, at position: Int) -> Rows {
            precondition(x.columns == heads.rowWidth && position >= 0 && position + x.rows <= capacity)
            let (heads, rowBytes, context) = (heads, rowBytes, x.context)
            let (keys, values, storage) = (memory, memory + capacity * rowBytes, storage)
            if let fast = context.fast, Kernels.canAttend(heads: heads, type: storage.type) {
                return Kernels.attendFast(
                    x, rows: wanted, heads: heads, keyCount: position + x.rows, past: position,
                    memory: Kernels.StoredMemory(
                        keys: keys, values: values, stride: rowBytes, bytesPerHead: storage.bytesPerHead,
                        type: storage.type), fast)
            }
            return Kernels.attend(
                x, rows: wanted, heads: heads, keyCount: position + x.rows, past: position
            ) { group, count, body in
                let offset = group * storage.bytesPerHead
                storage.withFloats(keys + offset, count: count, stride: rowBytes, context) { keys in
                    storage.withFloats(values + offset, count: count, stride: rowBytes, context) { values in
                        body(keys, values)
                    }
                }
            }
        }
    }
}

/// How one head's keys, or values, of one position lie in memory.
struct CacheStorage: Sendable {
    /// One of each format.
    struct Table: Sendable {
        private let f32, f16, q8_0: CacheStorage

        init(size: Int) throws {
            f32 = try CacheStorage(.f32, size: size)
            f16 = try CacheStorage(.f16, size: size)
            q8_0 = try CacheStorage(.q8_0, size: size)
        }

        subscript(_ format: KeyValueCache.Format) -> CacheStorage {
            switch format {
            case .f32: f32
            case .f16: f16
            case .q8_0: q8_0
            }
        }
    }

    let bytesPerHead: Int
    /// ggml's number of the type.
    let type: UInt32
    private let size: Int
    /// Nil for plain floats.
    private let codec: (encoder: RowEncoder, decoder: RowDecoder)?
    /// `size`, rounded up to whole blocks.
    private let paddedSize: Int

    init(_ format: KeyValueCache.Format, size: Int) throws {
        self.size = size
        let type: ElementType =
            switch format {
            case .f32: .f32
            case .f16: .f16
            case .q8_0: .q8_0
            }
        self.type = type.ggmlType ?? 0
        paddedSize = (size + type.blockLength - 1) / type.blockLength * type.blockLength
        guard let bytes = type.rowBytes(columns: paddedSize) else {
            throw QuantizationError.columns(paddedSize, type)
        }
        bytesPerHead = bytes
        codec =
            format == .f32
            ? nil
            : (try RowEncoder(type: type, columns: paddedSize), try RowDecoder(type: type, columns: paddedSize))
    }

    /// Converts floats to this storage where that is halves and there is a kernel for it.
    func halves(
        _ fast: FastKernels?
    ) -> ((_ values: UnsafePointer<Float>, _ count: Int, _ target: UnsafeMutableRawPointer) -> Void)? {
        guard let fast, type == VLMC_F16.rawValue else { return nil }
        return { fast.floats.to_half($0, $1, $2.assumingMemoryBound(to: UInt16.self)) }
    }

    func store(_ values: UnsafePointer<Float>, at target: UnsafeMutableRawPointer) {
        guard let codec else {
            target.copyMemory(from: values, byteCount: bytesPerHead)
            return
        }
        let bytes = UnsafeMutableRawBufferPointer(start: target, count: bytesPerHead)
        if paddedSize == size {
            _ = codec.encoder.encode(UnsafeBufferPointer(start: values, count: size), into: bytes)
            return
        }
        withUnsafeTemporaryAllocation(of: Float.self, capacity: paddedSize) { padded in
            padded.update(repeating: 0)
            _ = padded.update(fromContentsOf: UnsafeBufferPointer(start: values, count: size))
            _ = codec.encoder.encode(UnsafeBufferPointer(padded), into: bytes)
        }
    }

    /// Lends `count` positions, `stride` bytes apart, as floats.
    func withFloats(
        _ start: UnsafeRawPointer, count: Int, stride: Int, _ context: ExecutionContext,
        _ body: (Kernels.Memory) -> Void
    ) {
        guard let codec else {
            body(Kernels.Memory(start: start.assumingMemoryBound(to: Float.self), stride: stride / 4))
            return
        }
        context.withScratch(count * paddedSize) { values in
            for position in 0..<count {
                codec.decoder.decode(
                    UnsafeRawBufferPointer(start: start + position * stride, count: bytesPerHead),
                    into: UnsafeMutableBufferPointer(start: values + position * paddedSize, count: paddedSize))
            }
            body(Kernels.Memory(start: values, stride: paddedSize))
        }
    }
}
