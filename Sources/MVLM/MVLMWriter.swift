import ByteIO
import JSON
import Platform
import Synchronization
import Tensors

/// Writes an .mvlm file: everything is laid out first, then tensors come in any order, from any thread, and at the end
/// where they came from.
///
/// A writer that is dropped before `publish`, or whose `seal` throws, leaves no file behind. The bytes depend on the
/// arguments alone.
public final class MVLMWriter: TensorSink {
    public let layout: MVLMLayout
    /// The file under construction, to be published together with others.
    public let file: AtomicFile
    private let threads: Int
    /// Bytes that each tensor still lacks.
    private let missing: Mutex<[Int]>
    private let provenance = Mutex(JSONValue.object(JSONObject()))

    /// Reserves the file's space and writes the manifest and the tokenizer.
    /// - Parameters:
    ///   - inputs: Files being read; a destination that is one of them is refused.
    ///   - threads: For the digests at the end.
    public init(destination: String, inputs: [String] = [], layout: MVLMLayout, threads: Int = Machine.processorCount)
        throws
    {
        self.layout = layout
        self.threads = max(1, threads)
        missing = Mutex(layout.sizes)
        file = try AtomicFile(destination: destination, inputs: inputs, size: layout.end)
        for section in layout.sections {
            try section.content?.withUnsafeBytes { try file.write($0, at: section.range.lowerBound) }
        }
        file.extend(to: layout.end)
    }

    public func write(_ bytes: UnsafeRawBufferPointer, tensor: Int, offset: Int) throws {
        let position = try position(of: bytes.count, tensor: tensor, offset: offset)
        let isNeeded = missing.withLock { missing in
            missing[tensor] -= bytes.count
            return missing[tensor] >= 0
        }
        guard isNeeded else { throw excess(tensor) }
        try file.write(bytes, at: position)
    }

    /// Reads bytes of a tensor back from the file: for digests of what is really there.
    public func read(into buffer: UnsafeMutableRawBufferPointer, tensor: Int, offset: Int) throws {
        try file.read(into: buffer, at: try position(of: buffer.count, tensor: tensor, offset: offset))
    }

    private func position(of count: Int, tensor: Int, offset: Int) throws -> Int {
        guard layout.sizes.indices.contains(tensor), offset >= 0, offset <= layout.sizes[tensor],
            count <= layout.sizes[tensor] - offset
        else { throw excess(tensor) }
        return layout.offsets[tensor] + offset
    }

    private func excess(_ tensor: Int) -> InputError {
        InputError(
            MVLMRule.write, file: file.destination, field: "tensor number \(tensor)",
            problem: "more bytes came than were laid out")
    }

    /// What the section `provenance` will say.
    public func set(provenance value: JSONValue) { provenance.withLock { $0 = value } }

    public func finish() throws {
        try seal()
        try publish()
    }

    /// Digests what was written, writes header and provenance, syncs and reads the file back; only its name is missing
    /// then. For files that belong together: all are sealed before the first is published.
    public func seal() throws {
        do {
            let lacking = missing.withLock { $0.firstIndex { $0 != 0 } }
            if let lacking {
                throw InputError(
                    MVLMRule.write, file: file.destination, field: "tensor number \(lacking)",
                    problem: "not all of its bytes came")
            }
            let text = Array(provenance.withLock { $0 }.serialized().utf8)
            let digests = try layout.sections.map { try digest($0.range) }
            let head = layout.head(
                digests: digests, provenance: (text.count, text.withUnsafeBytes { MVLMDigest.of($0) }))
            try text.withUnsafeBytes { try file.write($0, at: layout.end) }
            try head.withUnsafeBytes { try file.write($0, at: 0) }
            try file.seal { try check($0, size: layout.end + text.count) }
        } catch {
            file.discard()
            throw error
        }
    }

    /// Gives a sealed file its name.
    public func publish() throws { try file.publish() }

    /// Digests a section piece by piece, on all threads.
    private func digest(_ section: Range<Int>) throws -> UInt64 {
        let count = (section.count + MVLMDigest.pieceBytes - 1) / MVLMDigest.pieceBytes
        let pieces = try Parallel.map(count, threads: threads) { piece in
            try withUnsafeTemporaryAllocation(byteCount: MVLMDigest.pieceBytes, alignment: 64) { buffer in
                let start = section.lowerBound + piece * MVLMDigest.pieceBytes
                let part = UnsafeMutableRawBufferPointer(
                    rebasing: buffer[..<min(MVLMDigest.pieceBytes, section.upperBound - start)])
                try file.read(into: part, at: start)
                return MVLMDigest.xxh64(UnsafeRawBufferPointer(part))
            }
        }
        return MVLMDigest.of(pieces: pieces)
    }

    private func check(_ path: String, size: Int) throws {
        func refuse(_ problem: String) -> InputError {
            InputError(
                MVLMRule.write, file: file.destination, field: "written file", problem: problem,
                remedy: "The disk or its driver did not keep what was written; nothing was left behind.")
        }
        guard file.count == size else { throw refuse("has \(file.count) bytes where \(size) were laid out") }
        let written: MVLMFile
        do { written = try MVLMFile(path: path) } catch { throw refuse("does not read back: \(error)") }
        guard written.copies.map(\.byteCount) == layout.sizes else { throw refuse("holds other tensors") }
    }
}
