import ByteIO
import Tensors

/// The named tensors of a pickle, each held against its storage.
struct StateDict {
    struct Entry {
        let info: TensorInfo
        let storage: Int
        let view: StridedView
    }

    /// In the order of the dict.
    let entries: [Entry]
    /// The keys that lead from the object saved to the state dict; empty where it is the dict itself.
    let path: [String]
    /// Keys that stand beside the state dict in a training checkpoint, such as `epoch`; what is under them is not read.
    let ignored: [String]

    /// Keys under which training programs put the state dict among other things. Optimizers keep dicts of tensors too,
    /// but under other keys.
    private static let wrappers = [
        "state_dict", "model_state_dict", "model_state", "model", "module", "net", "network", "params", "weights",
    ]
    private static let depth = 4

    /// - Throws: `InputError` `torch.root`, `torch.tensor` or `torch.tensor.repeat`.
    init(_ pickle: PickleMachine, fault: Fault) throws {
        guard case .dict(let root) = pickle.root else {
            throw fault(
                .torchRoot, "the object saved", "is \(pickle.root.kind), not a dict of tensors",
                "Save a state dict: torch.save(model.state_dict(), \"pytorch_model.bin\").")
        }
        let (dict, path) = try Self.find(root, pickle.heap, fault)
        var names: Set<String> = []
        var entries: [Entry] = []
        for (key, value) in pickle.heap.dicts[dict] {
            guard case .text(let name) = key else {
                throw fault(.torchRoot, "the dict of tensors", "has \(key.kind) as a key, not a name")
            }
            guard names.insert(name).inserted else { throw fault(.torchRoot, name, "is in the dict twice") }
            // Modules may keep more than tensors under this suffix (torch's `get_extra_state`), mostly nothing.
            if name.hasSuffix("_extra_state") { continue }
            guard case .tensor(let tensor) = value else {
                throw fault(
                    .torchRoot, name, "is \(value.kind), not a tensor",
                    "Save only the tensors: torch.save(model.state_dict(), \"pytorch_model.bin\").")
            }
            entries.append(try Self.entry(name, pickle.heap.tensors[tensor], pickle.heap, fault))
        }
        self.entries = entries
        self.path = path
        ignored =
            path.first.map { first in Self.keys(root, pickle.heap).filter { $0 != first } } ?? []
    }

    private static func keys(_ dict: Int, _ heap: PickleHeap) -> [String] {
        heap.dicts[dict].compactMap { if case .text(let key) = $0.key { key } else { nil } }
    }

    /// The object itself if it has tensors or nothing in it, else the one dict of tensors below the usual keys.
    private static func find(_ root: Int, _ heap: PickleHeap, _ fault: Fault) throws -> (dict: Int, path: [String]) {
        if heap.dicts[root].isEmpty { return (root, []) }
        let found = candidates(root, heap, [])
        guard let first = found.first else {
            let keys = keys(root, heap).prefix(6).joined(separator: ", ")
            throw fault(
                .torchRoot, "the object saved", "is a dict of \(keys), without tensors under any usual key",
                "This may be an optimizer's state. Name the file with the weights, or save model.state_dict().")
        }
        guard found.count == 1 else {
            throw fault(
                .torchRoot, "the object saved",
                "holds several dicts of tensors: "
                    + found.map { $0.path.joined(separator: ".") }.joined(separator: ", "),
                "Nobody can tell which is meant: save one of them alone.")
        }
        return first
    }

    private static func candidates(_ dict: Int, _ heap: PickleHeap, _ path: [String]) -> [(dict: Int, path: [String])] {
        if heap.dicts[dict].contains(where: { if case .tensor = $0.value { true } else { false } }) {
            return [(dict, path)]
        }
        // A dict may hold itself.
        guard path.count < depth else { return [] }
        return wrappers.flatMap { key in
            guard case .dict(let inner)? = heap.value(key, inDict: dict) else { return [(dict: Int, path: [String])]() }
            return candidates(inner, heap, path + [key])
        }
    }

    private static func entry(_ name: String, _ tensor: TorchTensor, _ heap: PickleHeap, _ fault: Fault) throws -> Entry
    {
        let storage = heap.storages[tensor.storage]
        let type = tensor.type ?? storage.type
        // An untyped storage counts bytes; that they are there was checked when it was found.
        let storageCount =
            tensor.type == nil ? storage.count : storage.count * storage.type.blockBytes / type.blockBytes
        let place = "offset \(tensor.offset), shape \(tensor.shape), strides \(tensor.strides)"
        do {
            let view = try StridedView(
                offset: tensor.offset, shape: tensor.shape, strides: tensor.strides, storageCount: storageCount)
            guard let info = TensorInfo(name: name, type: type, shape: Shape(tensor.shape)) else {
                throw StridedView.Fault.outside
            }
            return Entry(info: info, storage: tensor.storage, view: view)
        } catch StridedView.Fault.repeated {
            throw fault(
                .torchTensorRepeat, name, "repeats the \(storageCount) elements of its storage (\(place))",
                "Save it as a tensor of its own: tensor.clone().contiguous().")
        } catch StridedView.Fault.outside {
            throw fault(.torchTensor, name, "leads outside the \(storageCount) elements of its storage (\(place))")
        }
    }
}
