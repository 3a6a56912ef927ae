import Tensors

/// What a pickle can push. Tuples, lists, dicts, storages and tensors are named by their place in the heap: no value
/// holds another, so that no depth of nesting, self-reference or sharing in a file costs memory or stack.
enum PickleValue {
    case none
    case bool(Bool)
    case integer(Int)
    case real(Double)
    case text(String)
    case global(TorchGlobal)
    case tuple(Int)
    case list(Int)
    case dict(Int)
    case storage(Int)
    case tensor(Int)

    /// What it is, for messages.
    var kind: String {
        switch self {
        case .none: "None"
        case .bool: "a bool"
        case .integer: "an int"
        case .real: "a float"
        case .text: "a str"
        case .global(let global): "\(global)"
        case .tuple: "a tuple"
        case .list: "a list"
        case .dict: "a dict"
        case .storage: "a storage"
        case .tensor: "a tensor"
        }
    }
}

/// The classes and functions that a dict of tensors names. None is ever called: each has a meaning here.
enum TorchGlobal: Equatable {
    case orderedDict
    case rebuildTensor
    case rebuildParameter
    case size
    case storage(ElementType)
    /// A dtype standing by itself, such as `torch.float16`.
    case dtype

    init?(module: String, name: String) {
        switch (module, name) {
        case ("collections", "OrderedDict"): self = .orderedDict
        case ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensor
        case ("torch._utils", "_rebuild_parameter"): self = .rebuildParameter
        case ("torch", "Size"): self = .size
        case ("torch", "FloatStorage"): self = .storage(.f32)
        case ("torch", "HalfStorage"): self = .storage(.f16)
        case ("torch", "BFloat16Storage"): self = .storage(.bf16)
        case ("torch", "DoubleStorage"): self = .storage(.f64)
        case ("torch", "LongStorage"): self = .storage(.i64)
        case ("torch", "IntStorage"): self = .storage(.i32)
        case ("torch", "ShortStorage"): self = .storage(.i16)
        case ("torch", "CharStorage"): self = .storage(.i8)
        case ("torch", "ByteStorage"): self = .storage(.u8)
        case ("torch", "BoolStorage"): self = .storage(.bool)
        case ("torch", "float32"), ("torch", "float16"), ("torch", "bfloat16"), ("torch", "float64"): self = .dtype
        case ("torch", "int64"), ("torch", "int32"), ("torch", "int16"), ("torch", "int8"): self = .dtype
        case ("torch", "uint8"), ("torch", "bool"): self = .dtype
        default: return nil
        }
    }
}

/// A storage as its persistent id describes it: `count` elements of `type` under `key`.
struct TorchStorage: Equatable {
    let key: String
    let type: ElementType
    let count: Int
}

/// A tensor as `_rebuild_tensor_v2` is told of it, not yet held against its storage. Offset and strides are in elements.
struct TorchTensor {
    let storage: Int
    let offset: Int
    let shape: [Int]
    let strides: [Int]
}

/// All containers that a pickle made.
struct PickleHeap {
    private(set) var tuples: [[PickleValue]] = [[]]
    private(set) var lists: [[PickleValue]] = []
    /// Items in the order in which they were set; a key set twice stands twice.
    private(set) var dicts: [[(key: PickleValue, value: PickleValue)]] = []
    private(set) var storages: [TorchStorage] = []
    private(set) var tensors: [TorchTensor] = []
    private var storagePlaces: [String: Int] = [:]

    var objectCount: Int { tuples.count + lists.count + dicts.count + tensors.count }

    mutating func makeTuple(_ items: [PickleValue]) -> PickleValue {
        if items.isEmpty { return .tuple(0) }
        tuples.append(items)
        return .tuple(tuples.count - 1)
    }

    mutating func makeList() -> PickleValue {
        lists.append([])
        return .list(lists.count - 1)
    }

    mutating func makeDict() -> PickleValue {
        dicts.append([])
        return .dict(dicts.count - 1)
    }

    mutating func append(_ items: [PickleValue], toList list: Int) { lists[list] += items }

    mutating func set(_ items: [(key: PickleValue, value: PickleValue)], inDict dict: Int) { dicts[dict] += items }

    mutating func makeTensor(_ tensor: TorchTensor) -> PickleValue {
        tensors.append(tensor)
        return .tensor(tensors.count - 1)
    }

    /// The storage under its key; nil if the key was described differently before.
    mutating func makeStorage(_ storage: TorchStorage) -> PickleValue? {
        if let place = storagePlaces[storage.key] { return storages[place] == storage ? .storage(place) : nil }
        storagePlaces[storage.key] = storages.count
        storages.append(storage)
        return .storage(storages.count - 1)
    }

    /// The value under a text key; nil if there is none. The last one counts, as in Python.
    func value(_ key: String, inDict dict: Int) -> PickleValue? {
        dicts[dict].last { if case .text(let text) = $0.key { text == key } else { false } }?.value
    }

    /// The items if all are whole numbers.
    func integers(_ value: PickleValue) -> [Int]? {
        guard case .tuple(let place) = value else { return nil }
        var result: [Int] = []
        for item in tuples[place] {
            guard case .integer(let number) = item else { return nil }
            result.append(number)
        }
        return result
    }
}
