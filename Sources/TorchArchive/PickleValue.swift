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
    /// Something that stands beside the tensors and that nobody asks about: a set, bytes, an object of `TorchGlobal.inert`.
    case inert

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
        case .inert: "an object that is no tensor"
        }
    }
}

/// The classes and functions that a dict of tensors names. None is ever called: each has a meaning here.
enum TorchGlobal: Equatable {
    case orderedDict
    case defaultDict
    /// `_rebuild_tensor`, `_rebuild_tensor_v2`: a typed storage, offset, shape and strides.
    case rebuildTensor
    /// `_rebuild_tensor_v3`: an untyped storage, and the dtype behind the rest.
    case rebuildTypedTensor
    case rebuildParameter
    /// A tensor with attributes of its own: the function that makes it, its class, and that function's arguments.
    case rebuildFromType
    case size
    /// The class of a storage; bytes where it is untyped.
    case storage(ElementType)
    /// A dtype standing by itself, such as `torch.float16`.
    case dtype(ElementType)
    /// A class whose objects training programs save beside the tensors. No object is made.
    case inert

    init?(module: String, name: String) {
        switch (module, name) {
        case ("collections", "OrderedDict"): self = .orderedDict
        case ("collections", "defaultdict"): self = .defaultDict
        case ("torch._utils", "_rebuild_tensor"), ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensor
        case ("torch._utils", "_rebuild_tensor_v3"): self = .rebuildTypedTensor
        case ("torch._utils", "_rebuild_parameter"), ("torch._utils", "_rebuild_parameter_with_state"):
            self = .rebuildParameter
        case ("torch._tensor", "_rebuild_from_type_v2"): self = .rebuildFromType
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
        case ("torch.storage", "UntypedStorage"), ("torch", "UntypedStorage"): self = .storage(.u8)
        default:
            if module == "torch", let type = Self.dtypes[name] {
                self = .dtype(type)
            } else if Self.inertNames.contains("\(module).\(name)") {
                self = .inert
            } else {
                return nil
            }
        }
    }

    private static let dtypes: [String: ElementType] = [
        "float32": .f32, "float16": .f16, "bfloat16": .bf16, "float64": .f64, "float8_e4m3fn": .f8_E4M3,
        "float8_e5m2": .f8_E5M2, "int64": .i64, "int32": .i32, "int16": .i16, "int8": .i8, "uint64": .u64,
        "uint32": .u32, "uint16": .u16, "uint8": .u8, "bool": .bool,
    ]

    /// What optimizers, schedulers, argument parsers and random generators leave in a training's checkpoint.
    private static let inertNames = Set([
        "argparse.Namespace", "_codecs.encode", "collections.Counter", "collections.deque", "datetime.datetime",
        "datetime.timedelta", "pathlib.PosixPath", "pathlib.PurePosixPath", "types.SimpleNamespace", "torch.Tensor",
        "torch.device", "torch.nn.parameter.Parameter", "torch.torch_version.TorchVersion", "numpy.dtype",
        "numpy.ndarray", "numpy.core.multiarray._reconstruct", "numpy.core.multiarray.scalar",
        "numpy._core.multiarray._reconstruct", "numpy._core.multiarray.scalar",
    ]).union(
        ["__builtin__", "builtins"].flatMap { module in
            ["bytearray", "complex", "dict", "float", "frozenset", "int", "list", "set", "slice", "tuple"].map {
                "\(module).\($0)"
            }
        })
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
    /// Nil for the storage's own type.
    var type: ElementType?
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
