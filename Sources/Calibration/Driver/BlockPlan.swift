import Execution
import MobileVLM
import Models
import Tensors

/// The tensors of one block as calibration sees them: four groups of linear layers, each of which reads one input, and the
/// scales that may move into each.
struct BlockPlan {
    /// Linear layers that share their input.
    struct Group {
        let tensors: [TensorSpecification]
        /// What may be folded into them; nil where the graph forbids it.
        let coupling: Coupling?
    }

    let stack: BlockStack
    /// Its number in its stack.
    let number: Int
    let attentionInput, attentionOutput, feedForwardInput, feedForwardOutput: Group
    /// Norms and biases.
    let vectors: [TensorSpecification]
    /// The type that each tensor gets.
    let types: [String: ElementType]

    var groups: [Group] { [attentionInput, attentionOutput, feedForwardInput, feedForwardOutput] }
    var couplings: [Coupling] { groups.compactMap(\.coupling) }
    var tensors: [TensorSpecification] { groups.flatMap(\.tensors) + vectors }

    init(_ configuration: ModelConfiguration, _ stack: BlockStack, _ number: Int, types: [String: ElementType]) {
        self.stack = stack
        self.number = number
        self.types = types
        let (prefix, attention, output, wide, narrow): (String, [String], String, [String], String) =
            switch stack {
            case .language:
                (
                    "model.layers.\(number).", ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"],
                    "self_attn.o_proj", ["mlp.gate_proj", "mlp.up_proj"], "mlp.down_proj"
                )
            case .visionTower:
                (
                    "vision_model.encoder.layers.\(number).",
                    ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"], "self_attn.out_proj", ["mlp.fc1"],
                    "mlp.fc2"
                )
            }
        let all = configuration.tensors.filter { $0.key.hasPrefix(prefix) }
        let couplings = configuration.couplings.filter { $0.producers[0].hasPrefix(prefix) }
        func group(_ names: [String]) -> Group {
            let keys = names.map { "\(prefix)\($0).weight" }
            return Group(
                tensors: keys.compactMap { key in all.first { $0.key == key } },
                coupling: couplings.first { $0.consumers == keys })
        }
        attentionInput = group(attention)
        attentionOutput = group([output])
        feedForwardInput = group(wide)
        feedForwardOutput = group([narrow])
        vectors = all.filter { $0.kind == .vector }
    }

    /// The language model's head, whose only group is the first; nil where it is the embedding as well.
    static func head(_ configuration: ModelConfiguration) -> Group? {
        configuration.tensors.first { $0.kind == .outputHead }.map { head in
            Group(tensors: [head], coupling: configuration.couplings.first { $0.consumers == [head.key] })
        }
    }
}

/// What calibration decided for some tensors.
struct RoundedTensors: Sendable {
    /// By key: bytes of the type that the tensor is to have.
    var bytes: [String: [UInt8]] = [:]
    /// By the key of a coupling's first producer: one scale per channel.
    var scales: [String: [Float]] = [:]
}

extension RoundedTensors {
    /// The scale of each column of a matrix, and the divisor of each row; nil where there is none.
    func factors(_ key: String, _ couplings: [Coupling]) -> (columns: [Float]?, rows: [Float]?) {
        let consumed = couplings.first { $0.consumers.contains(key) }
        let produced = couplings.first { $0.producers.contains(key) }
        return (
            consumed.flatMap { coupling in
                scales[coupling.producers[0]].map { FoldChoice.columns($0, coupling) }
            },
            produced.flatMap { scales[$0.producers[0]] }
        )
    }

    /// Puts the tensors, as they are now, into two models: one that computes what the source does, its scales moved, and one
    /// that is rounded.
    func place(
        _ tensors: [TensorSpecification], _ couplings: [Coupling], types: [String: ElementType], source: ModelWeights,
        folded: inout ModelWeights, rounded: inout ModelWeights
    ) throws {
        for tensor in tensors {
            let (columns, rows) = factors(tensor.key, couplings)
            if tensor.kind == .vector, let rows {
                let floats = try MatrixReading(weights: source, threads: 1).floats(tensor)
                let scaled = zip(floats.values, rows).map { $0 / $1 }
                guard let held = RowsInMemory(tensor.key, tensor.shape, scaled, origin: source.origin) else { continue }
                folded.place(tensor.key, held)
                rounded.place(tensor.key, held)
                continue
            }
            if columns != nil || rows != nil {
                let base = try source.rows(tensor, pairing: source.rotaryPairing)
                guard
                    let scaled = try FoldedRows(tensor.key, tensor.shape, base, divisors: rows, factors: columns)
                else { continue }
                folded.place(tensor.key, scaled)
                rounded.place(tensor.key, scaled)
            }
            guard let bytes = bytes[tensor.key], let type = types[tensor.key],
                let held = RowsInMemory(tensor.key, type, tensor.shape, bytes, origin: source.origin)
            else { continue }
            rounded.place(tensor.key, held)
        }
    }
}
