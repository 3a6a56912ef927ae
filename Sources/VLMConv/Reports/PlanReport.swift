import Platform
import Conversion
import MobileVLM
import Tensors

/// `vlmconv plan` as a call: what a conversion would write.
public struct PlanReport: Sendable {
    public struct Row: Sendable {
        public let name: String
        /// The part of the model that the tensor belongs to.
        public let part: String
        public let shape: Shape
        public let source: ElementType
        public let target: ElementType
        public let sourceBytes: Int
        public let targetBytes: Int
        public let hasImportance: Bool
        /// How the rows lie, and in which layouts the file holds them again.
        public let layouts: [RowLayout]
    }

    public struct File: Sendable {
        public let path: String
        /// Size of the whole file.
        public let bytes: Int
        public let bitsPerWeight: Double
        public let rows: [Row]
    }

    public let files: [File]
    /// Nil where the types were given.
    public let budget: BudgetReport?
    /// What has to be free on the disk.
    public var diskBytes: Int { files.reduce(0) { $0 + $1.bytes } }
    /// Resident memory that a conversion is expected to need at most, in bytes.
    public let expectedMemory: Int
    /// Keys and values of 1024 positions as llama.cpp keeps them, in F16, in bytes.
    public let cacheBytesPer1024: Int

    init(_ outputs: [OutputFile], configuration: ModelConfiguration, budget: BudgetReport? = nil) throws {
        self.budget = budget
        files = try outputs.map { output in
            File(
                path: output.path, bytes: try output.size(), bitsPerWeight: output.plan.bitsPerWeight,
                rows: output.plan.tensors.map { tensor in
                    Row(
                        name: tensor.target.name, part: tensor.part.rawValue,
                        shape: tensor.target.shape, source: tensor.source.type, target: tensor.target.type,
                        sourceBytes: tensor.source.byteCount, targetBytes: tensor.target.byteCount,
                        hasImportance: tensor.importance != nil, layouts: [tensor.target.layout] + tensor.copies)
                })
        }
        let l = configuration.language
        cacheBytesPer1024 = 2 * l.layerCount * l.keyValueHeadCount * l.headSize * 1024 * 2
        expectedMemory = Self.base + Machine.processorCount * Self.perThread
    }

    /// Measured: the program with a 32,000-token vocabulary in memory, and what one thread holds beside it.
    private static let base = 48 << 20
    private static let perThread = 16 << 20
}
