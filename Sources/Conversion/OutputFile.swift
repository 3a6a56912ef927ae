import ByteIO
import Dialects
import Quantization
import Tensors

/// One file to be written: its plan, where it goes, in which container, how it is cut.
public struct OutputFile: Sendable {
    public let path: String
    public let plan: ConversionPlan
    public let dialect: any Dialect
    /// Files that the tensors come from, whose digests are recorded.
    public let inputs: [String]
    /// Other files being read, such as the importance matrix. Neither these nor `inputs` are written onto.
    public let otherInputs: [String]
    /// Most bytes of tensors per file; nil for a single file.
    public let maximumBytes: Int?
    public let provenance: Provenance

    public init(
        path: String, plan: ConversionPlan, dialect: any Dialect, inputs: [String], otherInputs: [String] = [],
        maximumBytes: Int?, provenance: Provenance
    ) {
        self.path = path
        self.plan = plan
        self.dialect = dialect
        self.inputs = inputs
        self.otherInputs = otherInputs
        self.maximumBytes = maximumBytes
        self.provenance = provenance
    }

    /// The file as it is first written.
    private var contents: FileContents {
        var metadata = plan.metadata
        provenance.add(to: &metadata, tensorCount: plan.tensors.count)
        return FileContents(metadata: metadata, tensors: plan.contents)
    }

    /// Writes all of `files`. Each is whole, synced and checked before the first gets its name.
    /// - Parameters:
    ///   - cancellation: Looked at before each piece of a tensor; no file appears then.
    ///   - progress: Called now and then, from any thread, with bytes of input converted and digested, and in all.
    /// - Returns: What was written, file by file.
    public static func write(
        _ files: [OutputFile], threads: Int, cancellation: Cancellation? = nil,
        progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void
    ) throws -> [WrittenFile] {
        let inputs = try Set(files.flatMap(\.inputs)).sorted().map { try InputState(path: $0) }
        // All are opened and given their space before the first tensor is read.
        let sinks = try files.map {
            try $0.dialect.create(
                $0.contents, path: $0.path, inputs: $0.inputs + $0.otherInputs, maximumBytes: $0.maximumBytes)
        }
        let tensorDigests = files.map { DigestList(count: $0.plan.tensors.count) }
        let sources = files.first { $0.provenance.digests.includeSources }?.inputs ?? []
        let sourceDigests = try sources.map { try FileDigest($0) }
        let pipeline = Pipeline(
            zip(zip(files, sinks), tensorDigests).map { output, digests in
                let (file, sink) = output
                return Pipeline.Output(plan: file.plan, sink: sink) { number in
                    guard file.provenance.digests.includeTensors else { return }
                    digests[number] = try TensorDigest.of(
                        number, byteCount: file.plan.tensors[number].target.byteCount, in: sink)
                }
            },
            chores: zip(sources, sourceDigests).map { path, digest in
                Pipeline.Chore(byteCount: Folder.size(path) ?? 0) { try digest.step() }
            },
            threads: threads, cancellation: cancellation, progress: progress)
        let errors = try pipeline.run()
        for (index, file) in files.enumerated() {
            var metadata = file.plan.metadata
            file.provenance.add(
                to: &metadata, sourceDigests: sourceDigests.map(\.hexadecimal), tensorDigests: tensorDigests[index].all,
                errors: errors[index], tensorCount: file.plan.tensors.count)
            try sinks[index].replaceMetadata(metadata)
        }
        for sink in sinks { try sink.seal() }
        // A file that shrank, or was written anew, gave bytes of no one state.
        for input in inputs { try input.check() }
        try AtomicFile.publish(sinks.flatMap(\.files))
        return zip(files, sinks).map { WrittenFile($0, parts: $1.paths) }
    }

    /// Refuses what could not be written: a type that the container or no encoder has, a place that is no file's.
    public func check() throws {
        _ = try size()
        try AtomicFile.refuse(path, inputs: inputs + otherInputs)
    }

    /// Bytes of the file, header included, before anything is written. A split model's further headers are not counted.
    public func size() throws -> Int { try dialect.size(contents, path: path) }
}

/// What was written.
public struct WrittenFile: Sendable {
    public let path: String
    /// The files that it was cut into; the path itself where it is whole.
    public let parts: [String]
    public let bytes: Int
    public let tensors: Int
    public let parameters: Int
    public let bitsPerWeight: Double
    /// Number of tensors of each type, most bytes first.
    public let types: [(type: ElementType, count: Int)]

    init(_ file: OutputFile, parts: [String]) {
        path = file.path
        self.parts = parts
        bytes = parts.reduce(0) { $0 + (Folder.size($1) ?? 0) }
        tensors = file.plan.tensors.count
        parameters = file.plan.parameterCount
        bitsPerWeight = file.plan.bitsPerWeight
        types = ElementType.allCases.compactMap { type -> (type: ElementType, count: Int, bytes: Int)? in
            let matching = file.plan.tensors.filter { $0.target.type == type }
            return matching.isEmpty ? nil : (type, matching.count, matching.reduce(0) { $0 + $1.target.byteCount })
        }
        .sorted { $0.bytes > $1.bytes }
        .map { ($0.type, $0.count) }
    }
}
