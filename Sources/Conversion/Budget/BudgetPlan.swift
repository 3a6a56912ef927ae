import Platform
import Synchronization
import Tensors

/// Chooses the types of a planned file's matrices so that it has at most a given size and is expected to lose least.
///
/// What a type costs a tensor is the share of its outputs that rounding loses (`RoundingError`, or what is given) times the
/// divergence that such a share causes: measured on this model, or by role from `RoleSensitivity`.
public struct BudgetPlan: Sendable {
    /// The chosen types by the container's names.
    public let types: [String: ElementType]
    /// Mean KLD of the whole file, in nats, as far as single losses add up: by plain rounding, or by what the given sensitivities
    /// stand for.
    public let divergence: Double

    /// Types that llama.cpp loads, in which matrices are stored; those that do not divide a row are left out.
    public static let candidates: [ElementType] = [
        .q2_K, .q3_K, .iq4_XS, .iq4_NL, .q4_0, .q4_K, .q4_1, .q5_0, .q5_K, .q5_1, .q6_K, .q8_0, .f16,
    ]

    /// A tensor whose type is open.
    public struct Tensor: Sendable {
        public let rows: any TensorRows
        /// Name and shape in the output.
        public let target: TensorInfo
        public let importance: [Float]?
        public let sensitivity: Sensitivity
        /// The share of the outputs that is lost by rounding otherwise than plainly; plain rounding's for types that are missing.
        public let losses: [ElementType: Double]
        /// The file holds the tensor in each of these that its type and shape allow, or else once.
        public let layouts: [RowLayout]

        public init(
            rows: any TensorRows, target: TensorInfo, importance: [Float]?, sensitivity: Sensitivity,
            losses: [ElementType: Double] = [:], layouts: [RowLayout] = []
        ) {
            self.layouts = layouts
            self.rows = rows
            self.target = target
            self.importance = importance
            self.sensitivity = sensitivity
            self.losses = losses
        }

        /// Bytes of all copies; nil if the type does not divide a row.
        fileprivate func bytes(as type: ElementType) -> Int? {
            guard target.columns % type.blockLength == 0,
                let info = TensorInfo(name: target.name, type: type, shape: target.shape)
            else { return nil }
            return info.byteCount * max(1, layouts.count { info.laid(out: $0) != nil })
        }
    }

    /// What a lost share of a tensor's outputs costs.
    public enum Sensitivity: Sendable {
        /// Mean KLD per share.
        case perShare(Double)
        /// The Mean KLD that was measured with the tensor stored as `type`.
        case measured(Double, as: ElementType)
    }

    /// - Parameters:
    ///   - bytes: Most bytes of these tensors together.
    /// - Returns: Nil if even the smallest types need more.
    public init?(_ tensors: [Tensor], bytes: Int, threads: Int) throws {
        let found = Mutex([[TypeMix.Option]](repeating: [], count: tensors.count))
        try Parallel.forEach(tensors.count, threads: threads) { number in
            let tensor = tensors[number]
            let error = try RoundingError(tensor.rows, importance: tensor.importance)
            let perShare: Double
            switch tensor.sensitivity {
            case .perShare(let cost): perShare = cost
            case .measured(let divergence, let type):
                let share = try tensor.losses[type] ?? error(type)
                perShare = share > 0 ? divergence / share : 0
            }
            let options = try Self.candidates.compactMap { type -> TypeMix.Option? in
                guard let bytes = tensor.bytes(as: type) else { return nil }
                return TypeMix.Option(
                    type: type, bytes: bytes, loss: perShare * (try tensor.losses[type] ?? error(type)))
            }
            found.withLock { $0[number] = options }
        }
        let options = found.withLock { $0 }
        guard let choice = TypeMix.choose(options, budget: bytes) else { return nil }
        var types: [String: ElementType] = [:]
        for (number, option) in choice.enumerated() {
            types[tensors[number].target.name] = options[number][option].type
        }
        self.types = types
        divergence = TypeMix.total(options, choice).loss
    }

    /// Bytes of all tensors in the smallest types that they can have.
    public static func leastBytes(_ tensors: [Tensor]) -> Int {
        tensors.reduce(0) { sum, tensor in
            sum + (candidates.compactMap(tensor.bytes(as:)).min() ?? 0)
        }
    }
}
