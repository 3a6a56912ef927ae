import ByteIO
import Tensors

/// Reads a pickle as data. It knows the opcodes and the handful of classes that a dict of tensors needs, refuses
/// everything else on sight, and calls nothing: there is no code here that a pickle could reach.
struct PickleMachine {
    let heap: PickleHeap
    /// What the pickle holds.
    let root: PickleValue
    /// Where the pickle ends.
    let end: Int

    /// Runs the pickle that starts at `offset` to its STOP.
    /// - Parameter name: Named in errors before the offset, such as `data.pkl`.
    /// - Throws: `InputError` of a `torch.pickle` rule, `torch.storage`, or `bytes.truncated`.
    init(_ bytes: [UInt8], offset: Int = 0, file: String, name: String) throws {
        var run = PickleRun(bytes: bytes, offset: offset, file: file, name: name)
        root = try run.toStop()
        heap = run.heap
        end = run.offset
    }
}

/// The state of a pickle being read.
struct PickleRun {
    private(set) var heap = PickleHeap()
    private(set) var offset: Int
    private let bytes: [UInt8]
    private let file: String
    private let name: String
    /// Where the opcode at hand stands.
    private var opcodeOffset = 0
    private var stack: [PickleValue] = []
    /// Heights of the stack at the open marks.
    private var marks: [Int] = []
    private var memo: [Int: PickleValue] = [:]
    /// The most containers and tensors.
    private let objects: Int

    init(bytes: [UInt8], offset: Int, file: String, name: String) {
        self.bytes = bytes
        self.offset = offset
        self.file = file
        self.name = name
        objects = TorchLimits.objects(in: bytes.count)
    }

    mutating func toStop() throws -> PickleValue {
        opcodeOffset = offset
        guard try byte() == PickleOpcode.proto.rawValue, try (2...5).contains(byte()) else {
            throw fault(
                .torchPickleProtocol, "does not start as a pickle of protocol 2 to 5",
                "Save it again with torch.save, which writes protocol 2.")
        }
        while true {
            opcodeOffset = offset
            let code = try byte()
            guard let opcode = PickleOpcode(rawValue: code), opcode != .proto else {
                throw fault(
                    .torchPickleOpcode,
                    "opcode 0x\(String(code, radix: 16)) (\(PickleOpcode.refusedName(code))) is not read",
                    "A dict of tensors does not need it, and nothing was run. \(saveStateDict)")
            }
            if opcode == .stop {
                guard marks.isEmpty, stack.count == 1 else {
                    throw fault(.torchPickleStack, "STOP finds \(stack.count) values and \(marks.count) marks")
                }
                return stack[0]
            }
            try execute(opcode)
            guard stack.count + marks.count <= TorchLimits.stack, heap.objectCount <= objects else {
                throw fault(.torchPickleSize, "asks for more values than any checkpoint holds")
            }
        }
    }

    // MARK: - Opcodes

    private mutating func execute(_ opcode: PickleOpcode) throws {
        switch opcode {
        case .proto, .stop: break
        case .frame:
            guard try number(bytes: 8) <= UInt64(bytes.count - offset) else {
                throw fault(.torchPickleSize, "a frame is longer than the pickle")
            }
        case .none: stack.append(.none)
        case .newTrue: stack.append(.bool(true))
        case .newFalse: stack.append(.bool(false))
        case .binInt: stack.append(.integer(Int(Int32(truncatingIfNeeded: try number(bytes: 4)))))
        case .binInt1: stack.append(.integer(Int(try byte())))
        case .binInt2: stack.append(.integer(Int(try number(bytes: 2))))
        case .long1: stack.append(.integer(try long()))
        case .binFloat: stack.append(.real(Double(bitPattern: try number(bytes: 8).byteSwapped)))
        case .shortBinUnicode: stack.append(.text(try text(count: UInt64(try byte()))))
        case .binUnicode: stack.append(.text(try text(count: try number(bytes: 4))))
        case .binUnicode8: stack.append(.text(try text(count: try number(bytes: 8))))
        case .shortBinBytes: try skip(UInt64(try byte()))
        case .binBytes: try skip(try number(bytes: 4))
        case .binBytes8: try skip(try number(bytes: 8))
        case .binPut: try put(Int(try byte()))
        case .longBinPut: try put(Int(try number(bytes: 4)))
        case .memoize: try put(memo.count)
        case .binGet: try get(Int(try byte()))
        case .longBinGet: try get(Int(try number(bytes: 4)))
        default: try executeOnContainers(opcode)
        }
    }

    private mutating func executeOnContainers(_ opcode: PickleOpcode) throws {
        switch opcode {
        case .mark: marks.append(stack.count)
        case .emptyTuple: stack.append(heap.makeTuple([]))
        case .tuple: stack.append(heap.makeTuple(try popToMark()))
        case .tuple1: stack.append(heap.makeTuple(try pop(1)))
        case .tuple2: stack.append(heap.makeTuple(try pop(2)))
        case .tuple3: stack.append(heap.makeTuple(try pop(3)))
        case .emptyList: stack.append(heap.makeList())
        case .append: try append(try pop(1))
        case .appends: try append(try popToMark())
        case .emptyDict: stack.append(heap.makeDict())
        case .setItem: try set(try pop(2))
        case .setItems: try set(try popToMark())
        case .emptySet: stack.append(.inert)
        case .addItems:
            _ = try popToMark()
            guard case .inert = try top() else { throw fault(.torchPickleStack, "items go to what is no set") }
        case .frozenSet:
            _ = try popToMark()
            stack.append(.inert)
        case .global: stack.append(.global(try global(module: try line(), name: try line())))
        case .stackGlobal:
            let names = try pop(2)
            guard case .text(let module) = names[0], case .text(let name) = names[1] else {
                throw fault(.torchPickleGlobal, "STACK_GLOBAL takes two texts")
            }
            stack.append(.global(try global(module: module, name: name)))
        case .reduce:
            let call = try pop(2)
            stack.append(try reduce(call[0], call[1]))
        case .newObject:
            let call = try pop(2)
            guard case .global(.inert) = call[0], case .tuple = call[1] else {
                throw fault(.torchPickleCall, "NEWOBJ makes an object of \(call[0].kind)", saveStateDict)
            }
            stack.append(.inert)
        case .build:
            // A state dict carries the versions of its modules in an attribute, which changes no tensor.
            _ = try pop(1)
            switch try top() {
            case .dict, .inert: break
            case let target: throw fault(.torchPickleCall, "BUILD sets the state of \(target.kind)", saveStateDict)
            }
        case .binPersID: stack.append(try storage(try pop(1)[0]))
        default: break
        }
    }

    // MARK: - Operands

    private mutating func byte() throws -> UInt8 {
        guard offset < bytes.count else { throw truncated() }
        offset += 1
        return bytes[offset - 1]
    }

    private mutating func number(bytes count: Int) throws -> UInt64 {
        guard count <= bytes.count - offset else { throw truncated() }
        let value = bytes[offset..<offset + count].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        offset += count
        return value
    }

    /// A little-endian number in two's complement with its length before it.
    private mutating func long() throws -> Int {
        let count = Int(try byte())
        guard count <= 8 else { throw fault(.torchPickleValue, "has a number of \(count) bytes") }
        guard count > 0 else { return 0 }
        let unused = UInt64(64 - 8 * count)
        return Int(Int64(bitPattern: try number(bytes: count) << unused) >> Int64(unused))
    }

    private mutating func text(count: UInt64) throws -> String {
        guard count <= UInt64(bytes.count - offset) else { throw truncated() }
        let slice = bytes[offset..<offset + Int(count)]
        guard let text = String(validating: slice, as: UTF8.self) else {
            throw fault(.torchPickleValue, "has a text that is not UTF-8")
        }
        offset += Int(count)
        return text
    }

    /// Bytes that belong to no tensor.
    private mutating func skip(_ count: UInt64) throws {
        guard count <= UInt64(bytes.count - offset) else { throw truncated() }
        offset += Int(count)
        stack.append(.inert)
    }

    private mutating func line() throws -> String {
        guard let end = bytes[offset...].firstIndex(of: UInt8(ascii: "\n")) else { throw truncated() }
        let text = try text(count: UInt64(end - offset))
        offset = end + 1
        return text
    }

    // MARK: - Stack and memo

    /// The top `count` values, which must lie above the last mark.
    private mutating func pop(_ count: Int) throws -> [PickleValue] {
        guard stack.count - (marks.last ?? 0) >= count else {
            throw fault(.torchPickleStack, "an opcode takes \(count) values, but finds fewer")
        }
        let values = Array(stack.suffix(count))
        stack.removeLast(count)
        return values
    }

    private mutating func popToMark() throws -> [PickleValue] {
        guard let height = marks.popLast() else { throw fault(.torchPickleStack, "an opcode finds no mark") }
        let values = Array(stack[height...])
        stack.removeLast(values.count)
        return values
    }

    /// The value that a following opcode would take.
    private func top() throws -> PickleValue {
        guard stack.count > marks.last ?? 0, let value = stack.last else {
            throw fault(.torchPickleStack, "an opcode finds no value")
        }
        return value
    }

    private mutating func put(_ key: Int) throws { memo[key] = try top() }

    private mutating func get(_ key: Int) throws {
        guard let value = memo[key] else { throw fault(.torchPickleMemo, "entry \(key) was never put there") }
        stack.append(value)
    }

    private mutating func append(_ items: [PickleValue]) throws {
        guard case .list(let list) = try top() else { throw fault(.torchPickleStack, "items go to what is no list") }
        heap.append(items, toList: list)
    }

    private mutating func set(_ items: [PickleValue]) throws {
        guard case .dict(let dict) = try top() else { throw fault(.torchPickleStack, "items go to what is no dict") }
        guard items.count % 2 == 0 else { throw fault(.torchPickleStack, "a dict's key lacks its value") }
        let pairs = stride(from: 0, to: items.count, by: 2).map { (key: items[$0], value: items[$0 + 1]) }
        heap.set(pairs, inDict: dict)
    }

    // MARK: - What torch puts into a pickle

    private func global(module: String, name: String) throws -> TorchGlobal {
        if let global = TorchGlobal(module: module, name: name) { return global }
        let isTorch = module == "torch" || module.hasPrefix("torch.") || module == "collections"
        throw fault(
            .torchPickleGlobal,
            "names \(module).\(name), which "
                + (isTorch
                    ? "is not among what plain tensors need"
                    : "is an object of a program: the file holds a whole model, or a training's state of its own kind"),
            "Nothing of it was run. \(saveStateDict)")
    }

    private mutating func reduce(_ function: PickleValue, _ arguments: PickleValue) throws -> PickleValue {
        guard case .global(let global) = function, case .tuple(let place) = arguments else {
            throw fault(.torchPickleCall, "\(function.kind) is called with \(arguments.kind)")
        }
        let items = heap.tuples[place]
        switch global {
        case .inert: return .inert
        case .orderedDict where items.isEmpty: return heap.makeDict()
        case .defaultDict where items.count <= 1: return heap.makeDict()
        case .size where items.count == 1:
            if case .tuple = items[0] { return items[0] }
        case .rebuildParameter where items.count == 3 || items.count == 4:
            if case .tensor = items[0] { return items[0] }
        case .rebuildTensor where items.count == 4 || items.count == 6 || items.count == 7:
            if let tensor = described(items, type: nil) { return heap.makeTensor(tensor) }
        case .rebuildTypedTensor where items.count == 7 || items.count == 8:
            if case .global(.dtype(let type)) = items[6], let tensor = described(items, type: type) {
                return heap.makeTensor(tensor)
            }
        case .rebuildFromType where items.count == 4:
            // The class may be a tensor or a parameter; others compute with their elements in their own way.
            if case .global(let function) = items[0], function == .rebuildTensor || function == .rebuildTypedTensor,
                case .global(.inert) = items[1]
            {
                return try reduce(items[0], items[2])
            }
        default: break
        }
        throw fault(.torchPickleCall, "\(global) is called with other arguments than torch gives it")
    }

    /// The tensor that the first four arguments describe; nil if they do not.
    private func described(_ items: [PickleValue], type: ElementType?) -> TorchTensor? {
        guard case .storage(let storage) = items[0], case .integer(let offset) = items[1],
            let shape = heap.integers(items[2]), let strides = heap.integers(items[3])
        else { return nil }
        return TorchTensor(storage: storage, type: type, offset: offset, shape: shape, strides: strides)
    }

    /// `("storage", class, key, location, count)`; the form before torch 1.6 has None behind.
    private mutating func storage(_ id: PickleValue) throws -> PickleValue {
        guard case .tuple(let place) = id, (5...6).contains(heap.tuples[place].count) else {
            throw fault(.torchStorage, "a persistent id is no tuple of five")
        }
        let items = heap.tuples[place]
        guard case .text("storage") = items[0], case .global(.storage(let type)) = items[1],
            case .text(let key) = items[2], case .text = items[3], case .integer(let count) = items[4], count >= 0
        else {
            throw fault(.torchStorage, "a persistent id does not describe a storage")
        }
        if items.count == 6 {
            guard case .none = items[5] else {
                throw fault(.torchStorage, "storage \(key) is a view of another storage", saveStateDict)
            }
        }
        guard let value = heap.makeStorage(TorchStorage(key: key, type: type, count: count)) else {
            throw fault(.torchStorage, "storage \(key) is described twice and differently")
        }
        return value
    }

    // MARK: - Errors

    private var saveStateDict: String {
        "In the program that made it, save only the tensors: torch.save(model.state_dict(), \"pytorch_model.bin\")."
    }

    private func fault(_ rule: Rule, _ problem: String, _ remedy: String? = nil) -> InputError {
        Fault(torch: file)(rule, "\(name), byte \(opcodeOffset)", problem, remedy)
    }

    private func truncated() -> InputError {
        fault(.truncated, "the pickle ends inside an opcode")
    }
}
