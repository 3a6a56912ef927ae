import ArgumentParser
import VLMConv

/// How tensors are stored; shared by `convert`, `quantize` and `plan`.
struct StorageFlags: ParsableArguments {
    @Option(
        name: .customLong("imatrix"), help: "Importance matrix, as imatrix or llama-imatrix write it (GGUF or .dat).")
    var importance: String?

    @Option(
        name: .customLong("tensor-type"),
        help:
            "REGEX=TYPE: a type for every tensor whose name in the file matches; may be repeated, the first match wins."
    )
    var tensorTypes: [String] = []

    @Option(name: .customLong("keep-f32"), help: "REGEX: keep matching tensors in F32; may be repeated.")
    var keptInF32: [String] = []

    @Option(name: .customLong("output-type"), help: "Type of output.weight.")
    var outputType: String?

    @Option(name: .customLong("embedding-type"), help: "Type of token_embd.weight.")
    var embeddingType: String?

    @Flag(help: "One type everywhere, but for rows that it does not divide.")
    var pure = false

    @Option(
        name: .customLong("split-max-size"),
        help: "Cut the language model into parts of at most this size, as 2G or 500M.")
    var splitSize: String?

    @Flag(name: .customLong("no-digests"), help: "Record no digests of inputs and tensors in the metadata.")
    var omitsDigests = false

    @Option(help: "Threads (default: one per processor).")
    var threads: Int?

    func validate() throws {
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError("--threads takes a number from 1 to 1024.")
        }
        _ = try overrides()
        _ = try maximumBytes()
        _ = try outputType.map { try Self.type($0, "--output-type") }
        _ = try embeddingType.map { try Self.type($0, "--embedding-type") }
    }

    func options(_ preset: Preset) throws -> StorageOptions {
        var options = StorageOptions(preset)
        options.isPure = pure
        options.overrides = try overrides()
        options.outputType = try outputType.map { try Self.type($0, "--output-type") }
        options.embeddingType = try embeddingType.map { try Self.type($0, "--embedding-type") }
        options.importance = importance
        options.maximumFileBytes = try maximumBytes()
        if omitsDigests { options.digests = .nothing }
        options.threads = threads
        return options
    }

    /// The same with the limit of size, if one is given.
    func options(_ preset: Preset, _ type: TypeFlags) throws -> StorageOptions {
        var options = try options(preset)
        options.budget = type.budget
        return options
    }

    /// What is kept in F32 comes first, then types in the order of the command line.
    private func overrides() throws -> [TypePolicy.Override] {
        let kept = try keptInF32.map { try Self.override(pattern: $0, type: .f32, option: "--keep-f32") }
        let typed = try tensorTypes.map { text in
            guard let equals = text.lastIndex(of: "="), equals != text.startIndex else {
                throw ValidationError("--tensor-type takes REGEX=TYPE, not \"\(text)\".")
            }
            return try Self.override(
                pattern: String(text[..<equals]),
                type: try Self.type(String(text[text.index(after: equals)...]), "--tensor-type"),
                option: "--tensor-type")
        }
        return kept + typed
    }

    private static func override(
        pattern: String, type: ElementType, option: String
    ) throws -> TypePolicy.Override {
        do {
            return try TypePolicy.Override(pattern: pattern, type: type)
        } catch {
            throw ValidationError("\(option): \"\(pattern)\" is no regular expression.")
        }
    }

    /// A type by ggml's name, in any case.
    private static func type(_ text: String, _ option: String) throws -> ElementType {
        let types = ElementType.allCases.filter { $0.isQuantized || [.f32, .f16, .bf16].contains($0) }
        guard let type = types.first(where: { $0.name.lowercased() == text.lowercased() }) else {
            throw ValidationError(
                "\(option): \"\(text)\" is no type. Types: \(types.map(\.name).joined(separator: ", ")).")
        }
        return type
    }

    /// Refuses to cut a file that is always whole.
    func checkSplit(_ output: String) throws {
        if splitSize != nil, output.hasSuffix(".mvlm") {
            throw ValidationError("An .mvlm file is never cut into parts: leave out --split-max-size.")
        }
    }

    /// In decimal units, as llama.cpp's gguf-split counts them.
    private func maximumBytes() throws -> Int? {
        guard let splitSize else { return nil }
        let units = ["M": 1_000_000, "G": 1_000_000_000]
        guard let unit = splitSize.last.flatMap({ units[$0.uppercased()] }), let count = Int(splitSize.dropLast()),
            (1..<1_000_000).contains(count)
        else { throw ValidationError("--split-max-size takes a number and M or G, such as 2G.") }
        return count * unit
    }
}

/// The type of the language model, as a flag (`--q4_0`) or as a value (`--type q4_0`); shared by the same commands.
struct TypeFlags: ParsableArguments {
    @Flag(help: "Type of the language model, as llama-quantize names it.")
    var flag: PresetFlag?

    @Option(name: .customLong("type"), help: "The same as a value: --type q4_0 is --q4_0.")
    var value: PresetFlag?

    @Option(
        name: .customLong("target-size"),
        help: "Instead of a type: the best mix of types for a file of at most this size, as 700M or 1.5G.")
    var targetSize: String?

    @Option(name: .customLong("target-bpw"), help: "The same by bits per weight over all tensors, as 4.25.")
    var targetBits: Double?

    func validate() throws {
        if flag != nil, value != nil { throw ValidationError("Give the type once: \(usual).") }
        if targetSize != nil, targetBits != nil {
            throw ValidationError("--target-size and --target-bpw are two ways to say one thing: give one.")
        }
        if (flag != nil || value != nil) && (targetSize != nil || targetBits != nil) {
            throw ValidationError("Give either a type or a size for which types are chosen, not both.")
        }
        if let targetBits, !(targetBits > 0 && targetBits <= 32) {
            throw ValidationError("--target-bpw takes bits per weight, such as 4.25.")
        }
        if let targetSize, SizeBudget(size: targetSize) == nil {
            throw ValidationError("--target-size takes a number and M or G, such as 700M.")
        }
    }

    var isMissing: Bool { flag == nil && value == nil && budget == nil }

    /// The limit under which types are to be chosen.
    var budget: SizeBudget? {
        targetSize.flatMap { SizeBudget(size: $0) } ?? targetBits.map { .bitsPerWeight($0) }
    }

    var preset: Preset {
        get throws {
            if budget != nil { return .mixed }
            guard let preset = flag ?? value else {
                throw ValidationError(
                    """
                    Give a type: \(usual).
                    All types are listed by: vlmconv help convert
                    """)
            }
            return preset.preset
        }
    }

    private var usual: String {
        let flags = Preset.usual.map { "--\($0)" }
        return "\(flags.dropLast().joined(separator: ", ")) or \(flags.last ?? "")"
    }
}

/// The presets of the table as flags (`--q4_0`) and as values (`--mmproj-type q8_0`).
struct PresetFlag: EnumerableFlag, ExpressibleByArgument {
    let preset: Preset

    static let allCases = Preset.choices.map(PresetFlag.init)

    static func name(for value: PresetFlag) -> NameSpecification { .customLong(value.preset.name) }

    static let f16 = allCases.first { $0.preset.name == "f16" } ?? allCases[0]

    static var names: String { Preset.choices.map(\.name).joined(separator: ", ") }

    init(_ preset: Preset) { self.preset = preset }

    init?(argument: String) {
        guard let preset = Preset(named: argument) else { return nil }
        self.preset = preset
    }

    var defaultValueDescription: String { preset.name }

    static var allValueStrings: [String] { Preset.choices.map(\.name) }
}

/// Instruction sets, by the names that `VLMCONV_ISA` takes.
struct LayoutOption: ExpressibleByArgument {
    let sets: [InstructionSet]

    static var names: String { InstructionSet.allCases.map(\.rawValue).joined(separator: ", ") }

    init?(argument: String) {
        let words = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        sets = words.compactMap { InstructionSet(rawValue: $0) }
        guard sets.count == words.count else { return nil }
    }
}
