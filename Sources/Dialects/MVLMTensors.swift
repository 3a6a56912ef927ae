import ByteIO
import MVLM
import Quantization
import Tensors

/// The tensors of an .mvlm file, whose rows can be had one by one whatever the layout: tiles are taken apart.
struct MVLMTensors: TensorSource {
    private let file: MVLMFile

    init(_ file: MVLMFile) { self.file = file }

    var tensors: [TensorInfo] { file.tensors }
    var files: [String] { file.files }
    func info(_ name: String) -> TensorInfo? { file.info(name) }
    /// As they lie.
    func bytes(of name: String) throws -> Bytes { try file.bytes(of: name) }

    func rows(_ range: Range<Int>, of name: String) throws -> Bytes {
        guard let info = file.info(name), let tiles = RowTiles(info.format, columns: info.columns) else {
            return try file.rows(range, of: name)
        }
        let whole = range.lowerBound / tiles.rows * tiles.rows
        let (start, end) = (whole * tiles.rowBytes, (range.upperBound + tiles.rows - 1) / tiles.rows * tiles.rows)
        guard range.lowerBound >= 0, range.upperBound <= info.rows,
            let stored = try file.bytes(of: name).slice(start..<end * tiles.rowBytes)
        else {
            throw InputError(
                StoredRows.outside, file: file.path, field: name, problem: "does not have the rows asked for")
        }
        defer { stored.giveBackPages() }
        return Bytes(count: range.count * tiles.rowBytes) { target in
            stored.withUnsafeBytes {
                tiles.unpack(range.lowerBound - whole..<range.upperBound - whole, of: $0, into: target)
            }
        }
    }
}
