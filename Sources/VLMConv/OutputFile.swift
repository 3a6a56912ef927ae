import Platform
import ByteIO
import Conversion
import GGUF
import MobileVLM
import Models
import Opening
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
    let provenance: Provenance

    /// The metadata as it is first written.
    private var metadata: Metadata {
        var metadata = plan.metadata
        provenance.add(to: &metadata, tensorCount: plan.tensors.count)
        return metadata
    }

    /// Opens the file and reserves its space.
    func open() throws -> GGUFSplitWriter {
        try GGUFSplitWriter(
            destination: path, inputs: inputs, metadata: metadata, tensors: plan.tensors.map(\.target),
            maximumBytes: maximumBytes)
    }

    /// Writes all of `files`. Each is whole, synced and checked before the first gets its name.
    /// - Returns: What was written, file by file.
    static func write(
        _ files: [OutputFile], threads: Int?, progress: @escaping @Sendable (ConversionProgress) -> Void
    ) throws -> [ConversionReport.File] {
        // All are opened and given their space before the first tensor is read.
        let writers = try files.map { try $0.open() }
        let tensorDigests = files.map { DigestList(count: $0.plan.tensors.count) }
        let sources = files.first { $0.provenance.digests.includeSources }?.inputs ?? []
        let sourceDigests = try sources.map { try FileDigest($0) }
        let pipeline = Pipeline(
            zip(zip(files, writers), tensorDigests).map { output, digests in
                let (file, writer) = output
                return Pipeline.Output(plan: file.plan, weights: file.weights, sink: writer) { number in
                    guard file.provenance.digests.includeTensors else { return }
                    digests[number] = try TensorDigest.of(
                        number, byteCount: file.plan.tensors[number].target.byteCount, in: writer)
                }
            },
            chores: zip(sources, sourceDigests).map { path, digest in
                Pipeline.Chore(byteCount: Folder.size(path) ?? 0) { try digest.step() }
            },
            threads: threads ?? Machine.processorCount,
            progress: { progress(ConversionProgress(done: $0, total: $1)) })
        let errors = try pipeline.run()
        for (index, file) in files.enumerated() {
            var metadata = file.plan.metadata
            file.provenance.add(
                to: &metadata, sourceDigests: sourceDigests.map(\.hexadecimal), tensorDigests: tensorDigests[index].all,
                errors: errors[index], tensorCount: file.plan.tensors.count)
            try writers[index].replaceMetadata(metadata)
        }
        for writer in writers { try writer.seal() }
        try AtomicFile.publish(writers.flatMap(\.files))
        return zip(files, writers).map { $0.report($1) }
    }

    /// Bytes of the file, header included, before anything is written. A split model's further headers are not counted.
    func size() throws -> Int {
        try GGUFLayout(metadata: metadata, tensors: plan.tensors.map(\.target), file: path).fileSize
    }

    /// What was written.
    private func report(_ writer: GGUFSplitWriter) -> ConversionReport.File {
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
