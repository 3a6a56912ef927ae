import ByteIO
import Conversion
import GGUF
import MobileVLM
import Quantization
import Tensors

/// One file to be written: its plan, where it goes, how it is cut.
struct OutputFile {
    let path: String
    let plan: ConversionPlan
    let weights: ModelWeights
    /// Files being read, which must not be written onto.
    let inputs: [String]
    /// Most bytes of tensors per file; nil for a single file.
    let maximumBytes: Int?
    /// Nil to record no digests.
    let provenance: Provenance?

    /// The metadata as it is first written.
    private var metadata: Metadata {
        var metadata = plan.metadata
        provenance?.add(to: &metadata, tensorCount: plan.tensors.count)
        return metadata
    }

    /// Opens the file and reserves its space.
    func open() throws -> GGUFSplitWriter {
        try GGUFSplitWriter(
            destination: path, inputs: inputs, metadata: metadata, tensors: plan.tensors.map(\.target),
            maximumBytes: maximumBytes)
    }

    /// Writes all tensors and completes the metadata. The file has its name only after `writer.finish()`.
    func fill(
        _ writer: GGUFSplitWriter, threads: Int, digests: FileDigests?,
        progress: @escaping @Sendable (ConversionProgress) -> Void
    ) throws {
        let pipeline = Pipeline(plan: plan, weights: weights, threads: threads) { [path] in
            progress(ConversionProgress(file: path, done: $0, total: $1))
        }
        let errors = try pipeline.run(into: writer)
        guard let provenance, let digests else { return }
        let tensorDigests = Digests.tensors(try writer.readBack(), threads: threads)
        var metadata = plan.metadata
        provenance.add(
            to: &metadata, sourceDigests: try digests.finish(), tensorDigests: tensorDigests, errors: errors,
            tensorCount: plan.tensors.count)
        try writer.replaceMetadata(metadata)
    }

    /// Bytes of the file, header included, before anything is written. A split model's further headers are not counted.
    func size() throws -> Int {
        try GGUFLayout(metadata: metadata, tensors: plan.tensors.map(\.target), file: path).fileSize
    }

    /// What was written.
    func report(_ writer: GGUFSplitWriter) -> ConversionReport.File {
        ConversionReport.File(
            path: path, parts: writer.paths, bytes: writer.paths.reduce(0) { $0 + (Folder.size($1) ?? 0) },
            tensors: plan.tensors.count, parameters: plan.parameterCount, bitsPerWeight: plan.bitsPerWeight,
            types: typeCounts)
    }

    /// Number of tensors of each type, most bytes first.
    var typeCounts: [(type: ElementType, count: Int)] {
        ElementType.allCases.compactMap { type -> (type: ElementType, count: Int, bytes: Int)? in
            let matching = plan.tensors.filter { $0.target.type == type }
            return matching.isEmpty ? nil : (type, matching.count, matching.reduce(0) { $0 + $1.target.byteCount })
        }
        .sorted { $0.bytes > $1.bytes }
        .map { ($0.type, $0.count) }
    }
}
