import ByteIO
import Tensors

/// The rules that an importance matrix file must obey; `formats/gguf.md` explains each one.
public enum ImportanceRule {
    public static let keys = Rule("imatrix.keys")
    public static let pair = Rule("imatrix.pair")
    public static let shape = Rule("imatrix.shape")
    public static let value = Rule("imatrix.value")
    public static let count = Rule("imatrix.count")
    public static let name = Rule("imatrix.name")
    public static let duplicate = Rule("imatrix.duplicate")
    public static let trailing = Rule("imatrix.trailing")

    public static let all: [Rule] = [keys, pair, shape, value, count, name, duplicate, trailing]
}

/// What both forms of the file, and the writer, agree on.
enum ImportanceFormat {
    static let type = "imatrix"
    static let datasetsKey = "imatrix.datasets"
    static let chunkCountKey = "imatrix.chunk_count"
    static let chunkSizeKey = "imatrix.chunk_size"
    static let sumSuffix = ".in_sum2"
    static let countSuffix = ".counts"
    /// Name length, a name of one byte, number of calls, number of values, one value: the least an entry of the old
    /// form takes.
    static let minimumEntryBytes = 4 + 1 + 4 + 4 + 4
}

/// How much each input column of each weight matters: the mean square of the activations that it is multiplied with,
/// as `llama-imatrix` measures it.
///
/// Reads both forms of the file, GGUF and the older `.dat`, as `tools/quantize/quantize.cpp` of llama.cpp does.
public struct ImportanceMatrix: Sendable {
    /// The file as it was named.
    public let fileName: String
    /// The texts that were measured on; empty if the file does not say.
    public let datasets: [String]
    /// Number of pieces of text measured; nil if the file does not say.
    public let chunkCount: Int?
    /// Names of the weights (as in the GGUF of the model), in the order of their UTF-8 bytes.
    public let names: [String]
    /// Tensors of the GGUF form that are neither sums nor counts, and of no use here.
    public let ignored: [String]
    private let entries: [String: [Float]]

    /// Reads the file at `path`, whichever form it has.
    /// - Throws: `InputError` with one of `ImportanceRule` or, for the container, `GGUFRule`.
    public init(path: String) throws {
        try self.init(bytes: MappedFile(path: path).bytes, name: path)
    }

    /// Reads a file that is in memory already.
    /// - Parameter name: Becomes `fileName`.
    public init(bytes: Bytes, name: String) throws {
        fileName = name
        if GGUFFile.recognises(bytes) {
            let file = try GGUFFile(bytes: bytes, name: name)
            (datasets, chunkCount) = try Self.origin(of: file)
            (entries, ignored) = try Self.entries(of: file)
        } else {
            var reader = LegacyImportanceReader(bytes, file: name)
            entries = try reader.entries()
            (datasets, chunkCount) = try reader.origin()
            ignored = []
        }
        names = entries.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The importance of each column of the weight `name`, column by column, for weights that are stacks of matrices
    /// (mixtures of experts) one matrix after another; nil if it was not measured. Finite and not negative.
    public subscript(name: String) -> [Float]? { entries[name] }

    // MARK: - GGUF form

    private static func origin(of file: GGUFFile) throws -> (datasets: [String], chunkCount: Int?) {
        // llama-quantize refuses a file that lacks one of the three, though it uses two of them.
        guard case .strings(let datasets)? = file.metadata[ImportanceFormat.datasetsKey],
            case .uint32(let chunks)? = file.metadata[ImportanceFormat.chunkCountKey],
            case .uint32? = file.metadata[ImportanceFormat.chunkSizeKey]
        else {
            throw InputError(
                ImportanceRule.keys, file: file.name, field: "imatrix.*",
                problem: "\(ImportanceFormat.datasetsKey) (array of strings), \(ImportanceFormat.chunkCountKey) and "
                    + "\(ImportanceFormat.chunkSizeKey) (u32) must all be there",
                remedy: "Name a file that llama-imatrix or vlmconv made, not a model.")
        }
        return (datasets, Int(chunks))
    }

    private static func entries(of file: GGUFFile) throws -> (entries: [String: [Float]], ignored: [String]) {
        var entries: [String: [Float]] = [:]
        var ignored: [String] = []
        for info in file.tensors {
            if let name = info.name.without(suffix: ImportanceFormat.sumSuffix) {
                guard let counts = file.info(name + ImportanceFormat.countSuffix) else {
                    throw lone(info.name, lacks: ImportanceFormat.countSuffix, in: file)
                }
                entries[name] = try importance(sums: info, counts: counts, in: file)
            } else if let name = info.name.without(suffix: ImportanceFormat.countSuffix) {
                guard file.info(name + ImportanceFormat.sumSuffix) != nil else {
                    throw lone(info.name, lacks: ImportanceFormat.sumSuffix, in: file)
                }
            } else {
                ignored.append(info.name)
            }
        }
        return (entries, ignored)
    }

    private static func lone(_ name: String, lacks suffix: String, in file: GGUFFile) -> InputError {
        InputError(
            ImportanceRule.pair, file: file.name, field: "tensor \(name)",
            problem: "there is no tensor \(suffix) to go with it", remedy: "Make the file again.")
    }

    /// `sums / counts`, with 1 for a matrix that nothing was counted for.
    /// - Parameters:
    ///   - sums: `[matrices, columns]`
    ///   - counts: `[matrices, 1]`
    private static func importance(sums: TensorInfo, counts: TensorInfo, in file: GGUFFile) throws -> [Float] {
        guard sums.type == .f32, counts.type == .f32, sums.elementCount > 0, counts.elementCount == sums.rows,
            counts.columns == 1
        else {
            throw InputError(
                ImportanceRule.shape, file: file.name, field: "tensor \(sums.name)",
                problem: "\(sums.type.name) \(sums.shape) with counts \(counts.type.name) \(counts.shape): there must "
                    + "be an F32 row for each matrix and one F32 count")
        }
        var sumReader = ByteReader(try file.bytes(of: sums.name), file: file.name)
        var countReader = ByteReader(try file.bytes(of: counts.name), file: file.name)
        var values: [Float] = []
        values.reserveCapacity(sums.elementCount)
        for _ in 0..<sums.rows {
            // Counts are whole numbers; llama.cpp rounds what it finds, too.
            let count = try countReader.read(Float.self, counts.name).rounded()
            guard count.isFinite, count >= 0 else {
                throw InputError(
                    ImportanceRule.count, file: file.name, field: "tensor \(counts.name)",
                    problem: "\(count) is no number of rows")
            }
            for _ in 0..<sums.columns {
                let sum = try sumReader.read(Float.self, sums.name)
                try check(sum, file: file.name, field: "tensor \(sums.name)")
                values.append(count > 0 ? sum / count : 1)
            }
        }
        return values
    }

    /// A sum of squares that is not a number, infinite or negative would poison every block of its column.
    static func check(_ sum: Float, file: String, field: String) throws {
        guard sum.isFinite, sum >= 0 else {
            throw InputError(
                ImportanceRule.value, file: file, field: field, problem: "\(sum) is no sum of squares",
                remedy: "The activations overflowed while they were measured: make the file again in F32.")
        }
    }
}

/// Reads the older form of the file, `.dat`, whose values are means times the number of calls.
private struct LegacyImportanceReader {
    private let file: String
    private var reader: ByteReader

    init(_ bytes: Bytes, file: String) {
        self.file = file
        reader = ByteReader(bytes, file: file)
    }

    mutating func entries() throws -> [String: [Float]] {
        let count = try number("number of entries", atLeast: 1, bytesEach: ImportanceFormat.minimumEntryBytes)
        var entries: [String: [Float]] = [:]
        for position in 0..<count {
            let length = try number("entry \(position): length of the name", atLeast: 1, bytesEach: 1)
            let name = try reader.text(count: length, "entry \(position): name")
            guard GGUFFormat.isPlain(name) else {
                throw refusal(ImportanceRule.name, "entry \(position)", "the name contains control characters")
            }
            let calls = try number("\(name): number of calls", atLeast: 0, bytesEach: 0)
            let columns = try number("\(name): number of values", atLeast: 1, bytesEach: 4)
            var values: [Float] = []
            values.reserveCapacity(columns)
            for _ in 0..<columns {
                let value = try reader.read(Float.self, name)
                try ImportanceMatrix.check(value, file: file, field: name)
                values.append(calls > 0 ? value / Float(calls) : value)
            }
            guard entries.updateValue(values, forKey: name) == nil else {
                throw refusal(ImportanceRule.duplicate, name, "the weight occurs twice")
            }
        }
        return entries
    }

    /// The trailer, which the oldest files lack.
    mutating func origin() throws -> (datasets: [String], chunkCount: Int?) {
        guard reader.remaining > 0 else { return ([], nil) }
        let chunks = try number("number of chunks", atLeast: 0, bytesEach: 0)
        let length = try number("length of the data set's name", atLeast: 0, bytesEach: 1)
        let dataset = try reader.text(count: length, "name of the data set")
        guard reader.remaining == 0 else {
            throw refusal(
                ImportanceRule.trailing, "end of the file", "\(reader.remaining) bytes follow the data set's name")
        }
        return (dataset.isEmpty ? [] : [dataset], chunks)
    }

    /// A count, held against the bytes that are left if each thing counted takes `bytesEach` at least.
    private mutating func number(_ field: String, atLeast least: Int, bytesEach: Int) throws -> Int {
        let value = Int(try reader.read(Int32.self, field))
        guard value >= least, bytesEach == 0 || value <= reader.remaining / bytesEach else {
            throw refusal(
                ImportanceRule.count, field, "\(value) cannot be, with \(reader.remaining) bytes left",
                remedy: "Name an importance matrix, in GGUF or the older .dat form, that is whole.")
        }
        return value
    }

    private func refusal(_ rule: Rule, _ field: String, _ problem: String, remedy: String? = nil) -> InputError {
        InputError(rule, file: file, field: field, problem: problem, remedy: remedy)
    }
}

extension String {
    fileprivate func without(suffix: String) -> String? {
        hasSuffix(suffix) && count > suffix.count ? String(dropLast(suffix.count)) : nil
    }
}
