import ByteIO
import Models
import Quantization
import Tensors

/// Rows that are held in memory.
struct RowsInMemory: TensorRows {
    let info: TensorInfo
    let origin: String
    private let stored: Bytes

    init(_ info: TensorInfo, _ bytes: Bytes, origin: String) {
        self.info = info
        self.origin = origin
        stored = bytes
    }

    /// - Returns: Nil for bytes that are not those of such a tensor.
    init?(_ key: String, _ type: ElementType, _ shape: Shape, _ bytes: [UInt8], origin: String) {
        guard let info = TensorInfo(name: key, type: type, shape: shape.asMatrix), info.byteCount == bytes.count else {
            return nil
        }
        self.init(info, Bytes(bytes), origin: origin)
    }

    init?(_ key: String, _ shape: Shape, _ floats: [Float], origin: String) {
        self.init(key, .f32, shape, floats.withUnsafeBytes { Array($0) }, origin: origin)
    }

    func rows(_ range: Range<Int>) throws -> Bytes {
        let size = info.geometry.rowBytes
        guard let part = stored.slice(range.lowerBound * size..<range.upperBound * size) else {
            throw InputError(StoredRows.outside, file: origin, field: info.name, problem: "does not have these rows")
        }
        return part
    }
}

/// A matrix as 32-bit floats, each row divided and each column multiplied by a factor of its own.
struct FoldedRows: TensorRows {
    let info: TensorInfo
    private let base: any TensorRows
    private let decoder: RowDecoder
    private let divisors: [Float]?
    private let factors: [Float]?

    init?(_ key: String, _ shape: Shape, _ base: any TensorRows, divisors: [Float]?, factors: [Float]?) throws {
        guard let info = TensorInfo(name: key, type: .f32, shape: shape.asMatrix) else { return nil }
        self.info = info
        self.base = base
        self.divisors = divisors
        self.factors = factors
        decoder = try RowDecoder(type: base.info.type, columns: base.info.geometry.columns)
    }

    var origin: String { base.origin }
    var rowsTogether: Int { base.rowsTogether }
    func origin(ofRow row: Int) -> Int { base.origin(ofRow: row) }

    func rows(_ range: Range<Int>) throws -> Bytes {
        let source = try base.rows(range)
        let columns = info.geometry.columns
        let result = Bytes(count: range.count * columns * 4) { target in
            let floats = target.bindMemory(to: Float.self)
            source.withUnsafeBytes { source in
                for (position, row) in range.enumerated() {
                    let values = UnsafeMutableBufferPointer(
                        rebasing: floats[position * columns..<(position + 1) * columns])
                    decoder.decode(row: position, of: source, into: values)
                    if let factors { for i in 0..<columns { values[i] *= factors[i] } }
                    if let divisor = divisors?[row] { for i in 0..<columns { values[i] /= divisor } }
                }
            }
        }
        source.giveBackPages()
        return result
    }
}

extension Shape {
    /// The shape without the window of a 1 x 1 convolution, whose own rows are single elements.
    var asMatrix: Shape { rank > 2 && columns == 1 ? squeezed : self }
}

extension ModelWeights {
    /// Puts rows in the place of the tensor under `key`.
    mutating func place(_ key: String, _ rows: any TensorRows) {
        place(key, in: ComposedTensors([rows], files: [rows.origin]), name: rows.info.name)
    }
}
