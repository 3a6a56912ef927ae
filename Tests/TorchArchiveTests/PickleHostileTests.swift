import ByteIO
import TestSupport
import Testing
import TorchArchive

extension HostileCase {
    /// An archive whose pickle has these parts.
    static func pickle(_ what: String, _ parts: [[UInt8]], _ rule: String) -> HostileCase {
        HostileCase(what, Zip(pickle: Array(parts.joined())).bytes, rule)
    }

    /// An archive of a dict of this tensor.
    static func tensor(_ what: String, _ tensor: [UInt8], _ rule: String) -> HostileCase {
        HostileCase(what, Zip(pickle: Pickle.one(tensor)).bytes, rule)
    }
}

@Suite struct PickleHostileTests {
    private static let payload =
        Pickle.global("os", "system") + Pickle.tuple([Pickle.text("touch /tmp/owned")]) + Pickle.reduce

    static let code: [HostileCase] = [
        .pickle("os.system", [Pickle.proto, payload, Pickle.stop], "torch.pickle.global"),
        .pickle("payload before a broken opcode", [Pickle.proto, payload, [0xFF]], "torch.pickle.global"),
        .pickle("payload behind STOP", [Pickle.one(), Pickle.proto, payload, Pickle.stop], "torch.pickle.end"),
        .pickle("builtins.eval", [Pickle.proto, Pickle.global("builtins", "eval")], "torch.pickle.global"),
        .pickle(
            "a module below an allowed one", [Pickle.proto, Pickle.global("torch._utils.x", "_rebuild_tensor_v2")],
            "torch.pickle.global"),
        .pickle(
            "an attribute of an allowed one", [Pickle.proto, Pickle.global("collections", "OrderedDict.x")],
            "torch.pickle.global"),
        .pickle(
            "a name by STACK_GLOBAL", [[0x80, 4], Pickle.text("posix"), Pickle.text("system"), [0x93]],
            "torch.pickle.global"),
        .pickle(
            "STACK_GLOBAL of numbers", [[0x80, 4], Pickle.int(1), Pickle.int(2), [0x93]],
            "torch.pickle.global"),
        .pickle("a name that is not UTF-8", [Pickle.proto, [0x63, 0xFF, 0x0A, 0x0A]], "torch.pickle.value"),
        .pickle("a name without end", [Pickle.proto, Array("ctorch".utf8)], "bytes.truncated"),
        .pickle("INST", [Pickle.proto, Pickle.mark, Array("ios\nsystem\n".utf8)], "torch.pickle.opcode"),
        .pickle("OBJ", [Pickle.proto, Pickle.mark, [0x6F]], "torch.pickle.opcode"),
        .pickle("NEWOBJ of nothing", [Pickle.proto, [0x81]], "torch.pickle.stack"),
        .pickle(
            "NEWOBJ of a dict", [Pickle.proto, Pickle.emptyDict, Pickle.emptyTuple, [0x81]], "torch.pickle.call"),
        .pickle(
            "NEWOBJ of a storage class",
            [Pickle.proto, Pickle.global("torch", "FloatStorage"), Pickle.emptyTuple, [0x81]], "torch.pickle.call"),
        .pickle(
            "NEWOBJ of a program's class", [Pickle.proto, Pickle.global("subprocess", "Popen")], "torch.pickle.global"),
        .pickle(
            "a set's items on a dict", [Pickle.proto, Pickle.emptyDict, Pickle.mark, [0x90]], "torch.pickle.stack"),
        .pickle("bytes behind the end", [Pickle.proto, [0x42, 0xFF, 0xFF, 0xFF, 0x7F]], "bytes.truncated"),
        .pickle("bytes of 2^63", [[0x80, 4, 0x8E], le(UInt64(1) << 63)], "bytes.truncated"),
        .pickle("a callable of builtins", [Pickle.proto, Pickle.global("builtins", "getattr")], "torch.pickle.global"),
        .pickle(
            "an inert object as a tensor",
            [Pickle.dict([(Pickle.text("w"), Pickle.tensor()), (Pickle.text("s"), [0x8F])])], "torch.root"),
        .pickle(
            "a typed tensor of a storage with a type",
            [
                Pickle.dict([
                    (
                        Pickle.text("w"),
                        Pickle.global("torch._utils", "_rebuild_tensor_v3")
                            + Pickle.tuple([
                                Pickle.storage(), Pickle.int(0), Pickle.longs([5]), Pickle.longs([1]), Pickle.yes,
                                Pickle.orderedDict, Pickle.global("torch", "float32"),
                            ]) + Pickle.reduce
                    )
                ])
            ], "torch.tensor"),
        .pickle(
            "a tensor of another function's making",
            [
                Pickle.proto, Pickle.global("torch._tensor", "_rebuild_from_type_v2"),
                Pickle.tuple([
                    Pickle.global("torch", "Size"), Pickle.global("torch", "Tensor"), Pickle.emptyTuple, Pickle.none,
                ]), Pickle.reduce,
            ], "torch.pickle.call"),
        .pickle("NEWOBJ_EX", [[0x80, 4, 0x92]], "torch.pickle.opcode"),
        .pickle("EXT1", [Pickle.proto, [0x82, 1]], "torch.pickle.opcode"),
        .pickle("EXT4", [Pickle.proto, [0x84, 1, 0, 0, 0]], "torch.pickle.opcode"),
        .pickle("LONG4 of 2^31 bytes", [Pickle.proto, [0x8B, 0, 0, 0, 0x80]], "torch.pickle.opcode"),
        .pickle("a second PROTO", [Pickle.proto, Pickle.proto], "torch.pickle.opcode"),
        .pickle("unknown opcode", [Pickle.proto, [0xFF]], "torch.pickle.opcode"),
        .tensor("BUILD of a tensor", Pickle.tensor() + Pickle.emptyDict + Pickle.build, "torch.pickle.call"),
        .pickle(
            "REDUCE of a dict", [Pickle.proto, Pickle.emptyDict, Pickle.emptyTuple, Pickle.reduce],
            "torch.pickle.call"),
        .pickle(
            "REDUCE of a storage class",
            [Pickle.proto, Pickle.global("torch", "FloatStorage"), Pickle.emptyTuple, Pickle.reduce],
            "torch.pickle.call"),
        .pickle(
            "REDUCE with a list", [Pickle.proto, Pickle.global("collections", "OrderedDict"), [0x5D], Pickle.reduce],
            "torch.pickle.call"),
        .pickle(
            "OrderedDict with arguments",
            [Pickle.proto, Pickle.global("collections", "OrderedDict"), Pickle.tuple([Pickle.none]), Pickle.reduce],
            "torch.pickle.call"),
        .pickle(
            "parameter of no tensor",
            [
                Pickle.proto, Pickle.global("torch._utils", "_rebuild_parameter"),
                Pickle.tuple([Pickle.none, Pickle.yes, Pickle.orderedDict]), Pickle.reduce,
            ], "torch.pickle.call"),
        .pickle(
            "Size of no tuple",
            [Pickle.proto, Pickle.global("torch", "Size"), Pickle.tuple([Pickle.none]), Pickle.reduce],
            "torch.pickle.call"),
        .pickle(
            "tensor of five arguments",
            [
                Pickle.proto, Pickle.global("torch._utils", "_rebuild_tensor_v2"),
                Pickle.tuple([Pickle.storage(), Pickle.int(0), Pickle.longs([4]), Pickle.longs([1]), Pickle.yes]),
                Pickle.reduce,
            ], "torch.pickle.call"),
        .pickle(
            "shape of texts",
            [
                Pickle.proto, Pickle.global("torch._utils", "_rebuild_tensor_v2"),
                Pickle.tuple([
                    Pickle.storage(), Pickle.int(0), Pickle.tuple([Pickle.text("4")]), Pickle.longs([1]), Pickle.yes,
                    Pickle.orderedDict,
                ]), Pickle.reduce,
            ], "torch.pickle.call"),
    ]

    static let machine: [HostileCase] = [
        .pickle("empty pickle", [[]], "bytes.truncated"),
        .pickle("only PROTO", [Pickle.proto], "bytes.truncated"),
        .pickle("protocol 0", [Array("(dp0\n.".utf8)], "torch.pickle.protocol"),
        .pickle("protocol 1", [[0x80, 1, 0x7D, 0x2E]], "torch.pickle.protocol"),
        .pickle("protocol 6", [[0x80, 6, 0x7D, 0x2E]], "torch.pickle.protocol"),
        .pickle("STOP on an empty stack", [Pickle.proto, Pickle.stop], "torch.pickle.stack"),
        .pickle(
            "STOP with two values", [Pickle.proto, Pickle.none, Pickle.none, Pickle.stop], "torch.pickle.stack"
        ),
        .pickle("STOP with a mark", [Pickle.proto, Pickle.none, Pickle.mark, Pickle.stop], "torch.pickle.stack"),
        .pickle("TUPLE2 of one", [Pickle.proto, Pickle.none, [0x86]], "torch.pickle.stack"),
        .pickle("TUPLE1 across a mark", [Pickle.proto, Pickle.none, Pickle.mark, [0x85]], "torch.pickle.stack"),
        .pickle("TUPLE without a mark", [Pickle.proto, Pickle.none, [0x74]], "torch.pickle.stack"),
        .pickle("REDUCE of nothing", [Pickle.proto, Pickle.reduce], "torch.pickle.stack"),
        .pickle(
            "BUILD across a mark", [Pickle.proto, Pickle.emptyDict, Pickle.mark, Pickle.none, Pickle.build],
            "torch.pickle.stack"),
        .pickle("SETITEMS on nothing", [Pickle.proto, Pickle.mark, Pickle.setItems], "torch.pickle.stack"),
        .pickle(
            "SETITEMS on a tuple", [Pickle.proto, Pickle.emptyTuple, Pickle.mark, Pickle.setItems],
            "torch.pickle.stack"),
        .pickle(
            "SETITEMS of three",
            [Pickle.proto, Pickle.emptyDict, Pickle.mark, Pickle.none, Pickle.none, Pickle.none, Pickle.setItems],
            "torch.pickle.stack"),
        .pickle("APPEND to a dict", [Pickle.proto, Pickle.emptyDict, Pickle.none, [0x61]], "torch.pickle.stack"),
        .pickle("PUT of nothing", [Pickle.proto, [0x71, 0]], "torch.pickle.stack"),
        .pickle("PUT across a mark", [Pickle.proto, Pickle.none, Pickle.mark, [0x71, 0]], "torch.pickle.stack"),
        .pickle("GET of what is not there", [Pickle.proto, [0x68, 7]], "torch.pickle.memo"),
        .pickle("LONG_BINGET of a huge index", [Pickle.proto, [0x6A, 0xFF, 0xFF, 0xFF, 0xFF]], "torch.pickle.memo"),
        .pickle(
            "number of 9 bytes", [Pickle.proto, [0x8A, 9], [UInt8](repeating: 1, count: 9)],
            "torch.pickle.value"),
        .pickle("text behind the end", [Pickle.proto, [0x58, 0xFF, 0xFF, 0xFF, 0x7F]], "bytes.truncated"),
        .pickle("text of 2^63 bytes", [[0x80, 4, 0x8D], le(UInt64(1) << 63)], "bytes.truncated"),
        .pickle("text that is not UTF-8", [Pickle.proto, [0x58, 1, 0, 0, 0, 0xFF]], "torch.pickle.value"),
        .pickle("frame longer than the file", [[0x80, 4, 0x95], le(UInt64.max)], "torch.pickle.size"),
        .pickle(
            "deep nesting of tuples",
            [
                Pickle.proto, [0x42], le(UInt32(600_000)), [UInt8](repeating: 0, count: 600_000),
                [UInt8](repeating: 0x85, count: 150_000), Pickle.stop,
            ], "torch.root"),
        .pickle(
            "more tuples than any checkpoint",
            [Pickle.proto, Pickle.none, [UInt8](repeating: 0x85, count: 600_000), Pickle.stop],
            "torch.pickle.size"),
        .pickle(
            "more tuples than its bytes can write", [Pickle.proto, Pickle.none, [UInt8](repeating: 0x85, count: 120)],
            "torch.pickle.size"),
        .pickle(
            "more values than any checkpoint", [Pickle.proto, [UInt8](repeating: 0x4E, count: 1_000_000)],
            "torch.pickle.size"),
        .pickle(
            "more marks than any checkpoint", [Pickle.proto, [UInt8](repeating: 0x28, count: 1_000_000)],
            "torch.pickle.size"),
        .pickle(
            "a dict in itself",
            [
                Pickle.proto, Pickle.emptyDict, [0x71, 0], Pickle.text("state_dict"), [0x68, 0], Pickle.setItem,
                Pickle.stop,
            ], "torch.root"),
        .pickle("a list in itself", [Pickle.proto, [0x5D, 0x71, 0, 0x68, 0, 0x61], Pickle.stop], "torch.root"),
    ]

    static let tensors: [HostileCase] = [
        .tensor("id with the wrong tag", Pickle.tensor(Pickle.storage(tag: "module")), "torch.storage"),
        .tensor("id of six with a view", Pickle.tensor(Pickle.storage(more: [Pickle.int(1)])), "torch.storage"),
        .tensor("id of seven", Pickle.tensor(Pickle.storage(more: [Pickle.none, Pickle.none])), "torch.storage"),
        .tensor("id of no tuple", Pickle.tensor(Pickle.text("0") + Pickle.persistentID), "torch.storage"),
        .tensor(
            "id without a class",
            Pickle.tensor(
                Pickle.tuple([
                    Pickle.text("storage"), Pickle.orderedDict, Pickle.text("0"), Pickle.text("cpu"), Pickle.int(4),
                ]) + Pickle.persistentID), "torch.storage"),
        .tensor("negative count", Pickle.tensor(Pickle.storage(count: -4)), "torch.storage"),
        .tensor("count 2^62", Pickle.tensor(Pickle.storage(count: 1 << 62)), "torch.storage"),
        .tensor("count of another size", Pickle.tensor(Pickle.storage(count: 5)), "torch.storage"),
        .tensor("key that climbs", Pickle.tensor(Pickle.storage(key: "../data.pkl")), "torch.storage"),
        .tensor("key of nothing", Pickle.tensor(Pickle.storage(key: "1")), "torch.storage"),
        .tensor(
            "unknown class of storage", Pickle.tensor(Pickle.storage("ComplexFloatStorage")),
            "torch.pickle.global"),
        .pickle(
            "one storage of two types",
            [
                Pickle.dict([
                    (Pickle.text("a"), Pickle.tensor()),
                    (Pickle.text("b"), Pickle.tensor(Pickle.storage("HalfStorage", count: 8))),
                ])
            ], "torch.storage"),
        .tensor("offset behind", Pickle.tensor(offset: 1), "torch.tensor"),
        .tensor("negative offset", Pickle.tensor(offset: -1), "torch.tensor"),
        .tensor("offset 2^63-1", Pickle.tensor(offset: .max), "torch.tensor"),
        .tensor("empty at offset 2^63-1", Pickle.tensor(offset: .max, shape: [0]), "torch.tensor"),
        .tensor("shape larger than the storage", Pickle.tensor(shape: [5]), "torch.tensor"),
        .tensor("negative dimension", Pickle.tensor(shape: [-4]), "torch.tensor"),
        .tensor("two negative dimensions", Pickle.tensor(shape: [-2, -2], strides: [2, 1]), "torch.tensor"),
        .tensor(
            "shape product wraps", Pickle.tensor(shape: [1 << 32, 1 << 32], strides: [0, 0]),
            "torch.tensor.repeat"),
        .tensor(
            "empty with a product that wraps",
            Pickle.tensor(shape: [1 << 32, 1 << 32, 0], strides: [0, 0, 1]), "torch.tensor"),
        .tensor("reach wraps", Pickle.tensor(shape: [3], strides: [1 << 62]), "torch.tensor"),
        .tensor("sum of reaches wraps", Pickle.tensor(shape: [2, 2], strides: [.max, .max]), "torch.tensor"),
        .tensor("stride leads outside", Pickle.tensor(shape: [2], strides: [4]), "torch.tensor"),
        .tensor("negative stride", Pickle.tensor(offset: 3, strides: [-1]), "torch.tensor"),
        .tensor("fewer strides than dimensions", Pickle.tensor(shape: [2, 2]), "torch.tensor"),
        .tensor("more strides than dimensions", Pickle.tensor(strides: [1, 1]), "torch.tensor"),
        .tensor("broadcast to a terabyte", Pickle.tensor(shape: [1 << 40], strides: [0]), "torch.tensor.repeat"),
        .tensor("windows that overlap", Pickle.tensor(shape: [3, 2], strides: [1, 1]), "torch.tensor.repeat"),
        .tensor("scalar behind the end", Pickle.tensor(offset: 4, shape: [], strides: []), "torch.tensor"),
        .pickle("root is None", [Pickle.proto, Pickle.none, Pickle.stop], "torch.root"),
        .pickle("root is a tensor", [Pickle.proto, Pickle.tensor(), Pickle.stop], "torch.root"),
        .pickle("key is a number", [Pickle.dict([(Pickle.int(1), Pickle.tensor())])], "torch.root"),
        .pickle(
            "name twice", [Pickle.dict([(Pickle.text("w"), Pickle.tensor()), (Pickle.text("w"), Pickle.tensor())])],
            "torch.root"),
        .pickle(
            "name twice by another spelling",
            [Pickle.dict([(Pickle.text("\u{E9}"), Pickle.tensor()), (Pickle.text("e\u{301}"), Pickle.tensor())])],
            "torch.root"),
        .pickle(
            "two state dicts",
            [Pickle.dict([(Pickle.text("model"), Pickle.inner), (Pickle.text("module"), Pickle.inner)])], "torch.root"),
    ]

    @Test("a hostile pickle breaks exactly the rule that names its fault", arguments: code + machine + tensors)
    func hostile(file: HostileCase) {
        HostileFiles.keep(file.bytes, family: "pickle", what: file.what, rule: file.rule)
        #expect(brokenRule(file.bytes) == file.rule)
    }

    /// Tensors of a storage of the floats 1, 2, 3, 4, and their elements.
    static let strided: [(shape: [Int64], strides: [Int64], offset: Int64, elements: [Float])] = [
        // The stride of a dimension of one element leads nowhere, so it may be anything.
        ([2, 1, 2], [1, .max, 2], 0, [1, 3, 2, 4]), ([2, 2, 1], [1, 2, .max], 0, [1, 3, 2, 4]),
        ([1, 2], [.max, 2], 1, [2, 4]),
        ([4], [1], 0, [1, 2, 3, 4]),
        ([2, 2], [2, 1], 0, [1, 2, 3, 4]),
        ([2, 2], [1, 2], 0, [1, 3, 2, 4]),
        ([2], [2], 1, [2, 4]),
        ([], [], 3, [4]),
        ([1, 2, 1], [99, 1, 1 << 60], 2, [3, 4]),
        ([2, 2], [1, 1], 1, [2, 3, 3, 4]),
        ([3], [0], 2, [3, 3, 3]),
        ([2, 1, 2], [1, 7, 2], 0, [1, 3, 2, 4]),
        ([0], [1], 4, []),
        ([0, 5], [1 << 62, 1 << 62], 0, []),
        ([0, 1 << 40, 3], [1, 1, 1], 0, []),
    ]

    @Test("offsets and strides are honoured", arguments: strided)
    func strides(shape: [Int64], strides: [Int64], offset: Int64, elements: [Float]) throws {
        let tensor = Pickle.tensor(offset: offset, shape: shape, strides: strides)
        let archive = try TorchArchive(Bytes(Zip(pickle: Pickle.one(tensor)).bytes), path: "t")
        let bytes = try archive.bytes(of: "w").withUnsafeBytes { Array($0) }
        #expect(bytes == elements.flatMap { le($0.bitPattern) })
        #expect(archive.info("w")?.shape.dimensions == shape.map(Int.init))
    }

    @Test("numbers of every opcode are read with their sign")
    func numbers() throws {
        func offset(_ opcode: [UInt8]) throws -> String {
            let tensor =
                Pickle.global("torch._utils", "_rebuild_tensor_v2")
                + Pickle.tuple([
                    Pickle.storage(), opcode, Pickle.longs([1]), Pickle.longs([1]), Pickle.yes, Pickle.orderedDict,
                ]) + Pickle.reduce
            let error = #expect(throws: InputError.self) {
                try TorchArchive(Bytes(Zip(pickle: Pickle.one(tensor)).bytes), path: "t")
            }
            return String(error?.problem.split(separator: "offset ").last?.prefix { $0 != "," } ?? "")
        }
        #expect(try offset([0x4A, 0xFE, 0xFF, 0xFF, 0xFF]) == "-2")
        #expect(try offset([0x4B, 0xFE]) == "254")
        #expect(try offset([0x4D, 0xFE, 0xFF]) == "65534")
        #expect(try offset([0x8A, 1, 0xFE]) == "-2")
        #expect(try offset([0x8A, 2, 0xFE, 0]) == "254")
        #expect(try offset([0x8A, 3, 0, 0, 0x80]) == "-8388608")
        #expect(try offset([0x8A, 8] + le(Int64.min)) == "\(Int64.min)")
        #expect(try offset([0x8A, 8] + le(Int64.max)) == "\(Int64.max)")
    }

    @Test("the old form with lies in its parts is refused by rule")
    func legacy() throws {
        let magic: [UInt8] = [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E]
        let version = Pickle.proto + [0x4D, 0xE9, 0x03] + Pickle.stop
        func system(_ little: [UInt8]) -> [UInt8] { Pickle.dict([(Pickle.text("little_endian"), little)]) }
        let object = Pickle.one(Pickle.tensor(Pickle.storage(more: [Pickle.none])))
        func keys(_ names: [String]) -> [UInt8] {
            Pickle.proto + [0x5D] + Pickle.mark + names.flatMap(Pickle.text) + [0x65] + Pickle.stop
        }
        let data = le(Int64(4)) + Zip.floats
        let head = magic + version + system(Pickle.yes) + object
        #expect(brokenRule(head + keys(["0"]) + data) == nil)
        #expect(brokenRule(head + keys(["0"]) + data + [0]) == "torch.legacy")
        #expect(brokenRule(head + keys(["0"]) + data.dropLast()) == "bytes.truncated")
        #expect(brokenRule(head + keys([]) + data) == "torch.legacy")
        #expect(brokenRule(head + keys(["1"]) + data) == "torch.legacy")
        #expect(brokenRule(head + keys(["0", "0"]) + data + data) == "torch.legacy")
        #expect(brokenRule(head + keys(["0"]) + le(Int64(5)) + Zip.floats) == "torch.storage")
        #expect(brokenRule(head + keys(["0"]) + le(Int64(-1)) + Zip.floats) == "torch.storage")
        #expect(brokenRule(head + Pickle.dict([]) + data) == "torch.legacy")
        #expect(brokenRule(magic + Pickle.proto + Pickle.int(1000) + Pickle.stop) == "torch.legacy")
        #expect(brokenRule(magic + version + Pickle.dict([])) == "torch.legacy")
        #expect(brokenRule(magic + version + system([0x89])) == "torch.byteorder")
        #expect(brokenRule(magic + version + Pickle.proto + Pickle.global("os", "system")) == "torch.pickle.global")
        let huge = Pickle.one(Pickle.tensor(Pickle.storage(count: 1 << 62, more: [Pickle.none])))
        #expect(
            brokenRule(magic + version + system(Pickle.yes) + huge + keys(["0"]) + le(Int64(1) << 62))
                == "bytes.truncated")
    }
}
