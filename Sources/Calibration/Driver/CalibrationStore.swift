import ByteIO

/// The steps of a calibration that are done, in a file beside the output until that is whole.
///
/// A file that belongs to other work (another model, other options, other input) is begun anew, and what an interruption
/// left of a step is dropped.
public final class CalibrationStore {
    /// The number names the method: steps of another one would not fit in.
    private static let magic = "vlmconv calibration 6\n"

    private static func place(_ output: String) -> String { output + ".calibration" }

    /// Where the steps of an output are kept until it is whole.
    public static func unfinished(_ output: String) -> String { ResumableFile.unfinished(place(output)) }

    private let file: ResumableFile
    private let header: [UInt8]
    private var known: [String: RoundedTensors] = [:]
    /// Where the next step goes.
    private var end: Int

    /// - Parameters:
    ///   - output: The file that is being made.
    ///   - work: Names everything that decides the result, in one line.
    ///   - inputs: Files being read.
    public init(output: String, work: String, inputs: [String]) throws {
        file = try ResumableFile(destination: Self.place(output), inputs: inputs)
        header = Array((Self.magic + work + "\n").utf8)
        end = header.count
        if try file.count() > 0, let stored = try? MappedFile(path: file.unfinished).bytes,
            stored.slice(0..<header.count)?.withUnsafeBytes({ $0.elementsEqual(header) }) == true
        {
            var reader = ByteReader(stored, file: file.unfinished, offset: header.count)
            while let (name, step) = try? Self.read(&reader, header) {
                known[name] = step
                end = reader.offset
            }
            // Copies: the file is written on.
            try file.truncate(to: end)
        } else {
            try file.truncate(to: 0)
            try header.withUnsafeBytes { try file.write($0, at: 0) }
        }
    }

    /// A step that was done before; nil if there is none of that name.
    func take(_ name: String) -> RoundedTensors? { known.removeValue(forKey: name) }

    /// Keeps a step.
    func keep(_ name: String, _ step: RoundedTensors) throws {
        let bytes = Self.bytes(name, step, header)
        try bytes.withUnsafeBytes { try file.write($0, at: end) }
        end += bytes.count
    }

    /// Removes the file, whose steps are in the output now.
    public func remove() { file.discard() }

    // MARK: A step in bytes: its size, its checksum, its content

    private static func bytes(_ name: String, _ step: RoundedTensors, _ header: [UInt8]) -> [UInt8] {
        var body: [UInt8] = []
        func append(_ number: Int) { withUnsafeBytes(of: UInt64(number).littleEndian) { body += $0 } }
        func append(_ text: String) {
            append(text.utf8.count)
            body += text.utf8
        }
        append(name)
        append(step.bytes.count)
        for (key, bytes) in step.bytes.sorted(by: { $0.key < $1.key }) {
            append(key)
            append(bytes.count)
            body += bytes
        }
        append(step.scales.count)
        for (key, scales) in step.scales.sorted(by: { $0.key < $1.key }) {
            append(key)
            append(scales.count)
            for scale in scales { withUnsafeBytes(of: scale.bitPattern.littleEndian) { body += $0 } }
        }
        var result: [UInt8] = []
        withUnsafeBytes(of: UInt64(body.count).littleEndian) { result += $0 }
        withUnsafeBytes(of: checksum(body, header).littleEndian) { result += $0 }
        return result + body
    }

    private static func read(
        _ reader: inout ByteReader, _ header: [UInt8]
    ) throws -> (name: String, step: RoundedTensors) {
        let size = Int(clamping: try reader.read(UInt64.self, "size"))
        let sum = try reader.read(UInt64.self, "checksum")
        let body = try reader.take(size, "step")
        guard body.withUnsafeBytes({ checksum($0, header) }) == sum else {
            throw InputError(.truncated, file: reader.file, field: "checksum", problem: "does not fit")
        }
        var fields = ByteReader(body, file: reader.file)
        func number() throws -> Int { Int(clamping: try fields.read(UInt64.self, "number")) }
        func text() throws -> String { try fields.text(count: try number(), "name") }
        let name = try text()
        var step = RoundedTensors()
        for _ in 0..<(try number()) {
            let key = try text()
            step.bytes[key] = try fields.take(try number(), key).withUnsafeBytes { Array($0) }
        }
        for _ in 0..<(try number()) {
            let key = try text()
            var scales: [Float] = []
            for _ in 0..<(try number()) { scales.append(try fields.read(Float.self, key)) }
            step.scales[key] = scales
        }
        return (name, step)
    }

    /// A step of other work, should a disk bring it back, does not have it.
    private static func checksum(_ bytes: some Collection<UInt8>, _ header: [UInt8]) -> UInt64 {
        var digest = WorkDigest()
        header.withUnsafeBytes { digest.add($0) }
        bytes.withContiguousStorageIfAvailable { digest.add(UnsafeRawBufferPointer($0)) }
        return digest.value
    }
}
