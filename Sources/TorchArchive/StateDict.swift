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
    /// Keys that stand beside the state dict in a training checkpoint, such as `epoch`; what is under them is not read.
    let ignored: [String]

    /// Keys under which training programs put the state dict among other things.
    private static let wrappers = ["state_dict", "model_state_dict", "model", "module"]

    /// - Throws: `InputError` `torch.root`, `torch.tensor` or `torch.tensor.repeat`.
    init(_ pickle: PickleMachine, fault: Fault) throws {
        guard case .dict(let root) = pickle.root else {
            throw fault(
                .torchRoot, "the object saved", "is \(pickle.root.kind), not a dict of tensors",
                "Save a state dict: torch.save(model.state_dict(), \"pytorch_model.bin\").")
        }
        let (place, ignored) = try Self.unwrap(root, pickle.heap, fault)
        var names: Set<String> = []
        var entries: [Entry] = []
        for (key, value) in pickle.heap.dicts[place] {
            guard case .text(let name) = key else {
                throw fault(.torchRoot, "the dict of tensors", "has \(key.kind) as a key, not a name")
            }
            guard names.insert(name).inserted else { throw fault(.torchRoot, name, "is in the dict twice") }
            guard case .tensor(let tensor) = value else {
                throw fault(
                    .torchRoot, name, "is \(value.kind), not a tensor",
                    "Save only the tensors: torch.save(model.state_dict(), \"pytorch_model.bin\").")
            }
            entries.append(try Self.entry(name, pickle.heap.tensors[tensor], pickle.heap, fault))
        }
        self.entries = entries
        self.ignored = ignored
    }

    /// The dict itself, or the one dict of tensors under a usual key of a dict without tensors.
    private static func unwrap(_ root: Int, _ heap: PickleHeap, _ fault: Fault) throws -> (Int, [String]) {
        func holdsTensors(_ dict: Int) -> Bool {
            heap.dicts[dict].contains { if case .tensor = $0.value { true } else { false } }
        }
        if heap.dicts[root].isEmpty || holdsTensors(root) { return (root, []) }
        let inner = wrappers.compactMap { key -> (String, Int)? in
            guard case .dict(let dict)? = heap.value(key, inDict: root), holdsTensors(dict) else { return nil }
            return (key, dict)
        }
        guard inner.count == 1 else { return (root, []) }
        let others = heap.dicts[root].compactMap { if case .text(let key) = $0.key { key } else { nil } }
        return (inner[0].1, others.filter { $0 != inner[0].0 })
    }

    private static func entry(_ name: String, _ tensor: TorchTensor, _ heap: PickleHeap, _ fault: Fault) throws -> Entry
    {
        let storage = heap.storages[tensor.storage]
        let place = "offset \(tensor.offset), shape \(tensor.shape), strides \(tensor.strides)"
        do {
            let view = try StridedView(
                offset: tensor.offset, shape: tensor.shape, strides: tensor.strides, storageCount: storage.count)
            guard let info = TensorInfo(name: name, type: storage.type, shape: Shape(tensor.shape)) else {
                throw StridedView.Fault.outside
            }
            return Entry(info: info, storage: tensor.storage, view: view)
        } catch StridedView.Fault.repeated {
            throw fault(
                .torchTensorRepeat, name, "repeats the \(storage.count) elements of its storage (\(place))",
                "Save it as a tensor of its own: tensor.clone().contiguous().")
        } catch StridedView.Fault.outside {
            throw fault(.torchTensor, name, "leads outside the \(storage.count) elements of its storage (\(place))")
        }
    }
}
