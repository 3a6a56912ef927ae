import Conversion
import Dialects
import MobileVLM
import Models
import Tensors
import Testing

/// Types as `llama-quantize` chooses them: recorded decisions for a small model, and its rules at released sizes.
struct TypePolicyTests {
    /// The policy that corresponds to a recorded run's preset and options.
    private func policy(run: String) throws -> TypePolicy {
        let parts = run.split(separator: "-", maxSplits: 1).map(String.init)
        var policy = TypePolicy(try preset(parts[0]))
        switch parts.dropFirst().first {
        case "pure": policy.isPure = true
        case "imatrix", "imatrix-dat": policy.hasImportance = true
        case "leave-output": policy.outputType = .f16  // the source's type
        case "types": (policy.outputType, policy.embeddingType) = (.q8_0, .q4_K)
        case let option: #expect(option == nil)
        }
        return policy
    }

    @Test("every tensor of every recorded run has the recorded type")
    func recorded() throws {
        let recorded = try RecordedTypes.load()
        #expect(recorded.language.runs.count == 32)
        #expect(recorded.projector.runs.count == 4)
        for (part, architecture, isProjector) in [
            (recorded.language, TypePolicy.Architecture.language(blocks: 4, queriesPerKeyValueHead: 1), false),
            (recorded.projector, .projector, true),
        ] {
            let candidates = part.candidates(isProjector: isProjector)
            for (run, expected) in part.runs {
                var policy = try policy(run: run)
                policy.architecture = architecture
                let types = try policy.types(for: candidates)
                for (index, (type, expected)) in zip(types, expected).enumerated() {
                    let candidate = (name: part.names[index], shape: part.shapes[index])
                    if let type {
                        #expect(type.name == expected, "\(run): \(candidate.name)")
                    } else {
                        // Left to its kind: what llama-quantize leaves as it was in the F16 source.
                        let isTable = candidate.name.contains("_embd.weight")
                        #expect(candidate.shape.count == 1 || isTable, "\(run): \(candidate.name)")
                        #expect(expected == (isTable ? "F16" : "F32"), "\(run): \(candidate.name)")
                    }
                }
            }
        }
    }

    @Test("every preset but q2_k_s, which llama-quantize refuses without importance, was recorded without options")
    func coverage() throws {
        let runs = try RecordedTypes.load().language.runs
        #expect(Preset.all.map(\.name).filter { runs[$0] == nil } == ["q2_k_s"])
        #expect(runs["q2_k_s-imatrix"] != nil)
    }

    // MARK: Released sizes

    /// The types of a language model's tensors by name.
    private func types(
        _ policy: TypePolicy, blocks: Int, queriesPerKeyValueHead: Int = 1, without: String? = nil
    ) throws -> [String: ElementType] {
        let model = ModelConfiguration(name: "", language: language(blocks: blocks), multimodal: nil)
        let dialect = GGUFDialect()
        let candidates = try model.languageTensors
            .map { tensor in
                TypePolicy.Candidate(
                    name: try #require(dialect.name(of: tensor, in: model)), tensor,
                    columns: dialect.shape(of: tensor).columns)
            }
            .filter { $0.name != without }
        var policy = policy
        policy.architecture = .language(blocks: blocks, queriesPerKeyValueHead: queriesPerKeyValueHead)
        let types = try policy.types(for: candidates)
        return Dictionary(
            uniqueKeysWithValues: zip(candidates, types).compactMap { candidate, type in
                type.map { (candidate.name, $0) }
            })
    }

    /// The blocks whose tensor `name` has `type`.
    private func blocks(_ type: ElementType, of name: String, in types: [String: ElementType], count: Int) -> [Int] {
        (0..<count).filter { types["blk.\($0).\(name).weight"] == type }
    }

    @Test(
        "the _M presets give more bits to the first and last eighth and every third block between",
        arguments: [
            (24, [0, 1, 2, 5, 8, 11, 14, 17, 20, 21, 22, 23]),
            (32, [0, 1, 2, 3, 6, 9, 12, 15, 18, 21, 24, 27, 28, 29, 30, 31]),
        ])
    func moreBits(count: Int, expected: [Int]) throws {
        for (name, base) in [("q4_k_m", ElementType.q4_K), ("q5_k_m", .q5_K)] {
            let types = try types(TypePolicy(preset(name)), blocks: count)
            for tensor in ["attn_v", "ffn_down"] {
                #expect(blocks(.q6_K, of: tensor, in: types, count: count) == expected)
                #expect(blocks(base, of: tensor, in: types, count: count).count == count - expected.count)
            }
            for tensor in ["attn_q", "attn_k", "attn_output", "ffn_gate", "ffn_up"] {
                #expect(blocks(base, of: tensor, in: types, count: count).count == count)
            }
        }
    }

    /// A row of llama-quantize's table: for each kind of tensor a type and the blocks before which it has another.
    private struct Row {
        let preset: String
        var importance = false
        var queriesPerKeyValueHead = 1
        var value: (ElementType, first: Int, ElementType)
        var output: ElementType
        var down: (ElementType, first: Int, ElementType)

        init(
            _ preset: String, importance: Bool = false, gqa: Int = 1, value: (ElementType, first: Int, ElementType),
            output: ElementType, down: (ElementType, first: Int, ElementType)
        ) {
            self.preset = preset
            self.importance = importance
            queriesPerKeyValueHead = gqa
            self.value = value
            self.output = output
            self.down = down
        }
    }

    @Test("the other presets follow the table of llama-quantize", arguments: [24, 32])
    func table(count: Int) throws {
        let (eighth, sixteenth) = (count / 8, count / 16)
        /// The same type in every block.
        func all(_ type: ElementType) -> (ElementType, first: Int, ElementType) { (type, 0, type) }
        var rows = [
            Row("q2_k", value: all(.q3_K), output: .q3_K, down: all(.q3_K)),
            Row("q2_k", gqa: 4, value: all(.q4_K), output: .q3_K, down: all(.q3_K)),
            Row("q2_k_s", value: all(.q2_K), output: .q2_K, down: (.q4_K, eighth, .q2_K)),
            Row("q3_k_m", value: (.q5_K, 2, .q4_K), output: .q4_K, down: (.q5_K, sixteenth, .q4_K)),
            Row("q3_k_l", value: all(.q5_K), output: .q5_K, down: all(.q5_K)),
            Row("q4_k_s", value: (.q5_K, 4, .q4_K), output: .q4_K, down: (.q5_K, eighth, .q4_K)),
            Row("q4_0", importance: true, value: all(.q4_0), output: .q4_0, down: (.q4_1, eighth, .q4_0)),
            Row("q5_0", importance: true, value: all(.q5_0), output: .q5_0, down: (.q5_1, eighth, .q5_0)),
        ]
        for (name, type) in [("iq4_nl", ElementType.iq4_NL), ("iq4_xs", .iq4_XS)] {
            rows += [
                Row(name, value: all(type), output: type, down: (.q5_K, eighth, type)),
                Row(name, importance: true, value: all(type), output: type, down: all(type)),
                Row(name, gqa: 4, value: all(.q5_K), output: type, down: (.q5_K, eighth, type)),
            ]
        }
        for name in ["q4_0", "q4_1", "q5_0", "q5_1", "q8_0", "q3_k_s", "q5_k_s", "q6_k"] {
            let type = try preset(name).defaultType
            rows.append(Row(name, value: all(type), output: type, down: all(type)))
        }
        for row in rows {
            var policy = TypePolicy(try preset(row.preset))
            policy.hasImportance = row.importance
            let types = try types(policy, blocks: count, queriesPerKeyValueHead: row.queriesPerKeyValueHead)
            for block in 0..<count {
                func expect(_ tensor: String, _ type: ElementType) {
                    #expect(types["blk.\(block).\(tensor).weight"] == type, "\(row.preset): \(tensor) of \(block)")
                }
                expect("attn_v", block < row.value.first ? row.value.0 : row.value.2)
                expect("ffn_down", block < row.down.first ? row.down.0 : row.down.2)
                expect("attn_output", row.output)
                for tensor in ["attn_q", "attn_k", "ffn_gate", "ffn_up"] { expect(tensor, policy.preset.defaultType) }
            }
            #expect(types["token_embd.weight"] == policy.preset.defaultType)
            #expect(types["output.weight"] == (policy.preset.defaultType == .q8_0 ? .q8_0 : .q6_K))
        }
    }

    /// MiB of tensor data that llama-quantize states for MobileLLaMA 1.4B.
    @Test(
        "files of the 1.4B model are as large as llama-quantize says",
        arguments: [
            ("f16", 2602.38), ("q2_k", 504.35), ("q3_k_s", 583.82), ("q3_k_m", 646.76), ("q3_k_l", 701.38),
            ("iq4_xs", 714.76), ("q4_0", 748.31), ("iq4_nl", 752.43), ("q4_k_s", 754.43), ("q4_k_m", 794.71),
            ("q4_1", 825.71), ("q5_0", 903.12), ("q5_k_s", 903.12), ("q5_k_m", 927.03), ("q5_1", 980.53),
            ("q6_k", 1067.61), ("q8_0", 1382.70),
        ])
    func sizes(name: String, mebibytes: Double) throws {
        let types = try types(TypePolicy(preset(name)), blocks: 24)
        let model = ModelConfiguration(name: "", language: language(blocks: 24), multimodal: nil)
        let bytes = try model.languageTensors.map { tensor in
            let name = try #require(GGUFDialect().name(of: tensor, in: model))
            let info = TensorInfo(name: name, type: types[name] ?? .f32, shape: GGUFDialect().shape(of: tensor))
            return try #require(info).byteCount
        }
        #expect(abs(Double(bytes.reduce(0, +)) / 1_048_576 - mebibytes) <= 0.005)
    }

    // MARK: Single rules

    @Test("without an output head the embedding takes its rule")
    func tied() throws {
        for (name, expected) in [("q4_k_m", ElementType.q6_K), ("q4_0", .q6_K), ("q8_0", .q8_0), ("f16", .f16)] {
            let types = try types(TypePolicy(preset(name)), blocks: 24, without: "output.weight")
            #expect(types["token_embd.weight"] == expected)
        }
        var policy = TypePolicy(try preset("q4_0"))
        policy.embeddingType = .q5_1
        #expect(try types(policy, blocks: 24, without: "output.weight")["token_embd.weight"] == .q5_1)
    }

    @Test("group scales of 4 and 5 bits get a finer head and a finer token table, unless they are to be pure")
    func groupScales() throws {
        for (name, base, head, table) in [
            ("s4g64", ElementType.s4g64, ElementType.q6_K, ElementType.q6_K), ("a5g128", .a5g128, .q6_K, .q6_K),
            ("s8g64", .s8g64, .s8g32, .s8g64),
        ] {
            var policy = TypePolicy(try preset(name))
            let chosen = try types(policy, blocks: 24)
            #expect(chosen["output.weight"] == head && chosen["token_embd.weight"] == table)
            #expect(chosen["blk.7.attn_v.weight"] == base && chosen["blk.7.ffn_down.weight"] == base)
            policy.embeddingType = .q5_1
            #expect(try types(policy, blocks: 24)["token_embd.weight"] == .q5_1)
            policy.embeddingType = nil
            policy.isPure = true
            #expect(try Set(types(policy, blocks: 24).values) == [base])
        }
    }

    @Test("pure means the default type everywhere")
    func pure() throws {
        var policy = TypePolicy(try preset("q4_k_m"))
        policy.isPure = true
        #expect(try Set(types(policy, blocks: 24).values) == [.q4_K])
    }

    @Test("the first pattern that is found anywhere in a name wins over the table")
    func overrides() throws {
        var policy = TypePolicy(try preset("q4_k_m"))
        let overrides: [(String, ElementType)] = [
            ("attn_[qk]", .q8_0), ("attn_k", .q2_K), ("^blk\\.3\\.", .f16), ("output\\.weight", .f32),
        ]
        policy.overrides = try overrides.map { try TypePolicy.Override(pattern: $0, type: $1) }
        let types = try types(policy, blocks: 24)
        #expect(types["blk.7.attn_k.weight"] == .q8_0)
        #expect(types["blk.3.attn_q.weight"] == .q8_0)
        #expect(types["blk.3.ffn_down.weight"] == .f16)
        #expect(types["blk.7.ffn_up.weight"] == .q4_K)
        #expect(types["output.weight"] == .f32)
        #expect(types["blk.3.attn_norm.weight"] == nil)
    }

    @Test("a pattern works with plain presets too, and what it names falls back like any other")
    func overridePlain() throws {
        var policy = TypePolicy(try preset("f16"))
        policy.overrides = try [TypePolicy.Override(pattern: "ffn_up", type: .q4_K)]
        let types = try policy.types(
            for: [
                TypePolicy.Candidate("blk.0.ffn_up.weight", [8, 256]),
                TypePolicy.Candidate("blk.1.ffn_up.weight", [8, 96]),
                TypePolicy.Candidate("blk.1.ffn_gate.weight", [8, 96]),
            ])
        #expect(types == [.q4_K, .q5_0, .f16])
    }

    @Test("a pattern that is no regular expression is an error")
    func badPattern() {
        #expect(throws: (any Error).self) { try TypePolicy.Override(pattern: "attn_(", type: .f16) }
    }

    @Test("rows that the blocks do not divide get the nearest type with blocks of 32, or F16")
    func fallback() throws {
        let cases: [(String, ElementType, ElementType)] = [
            // Preset, type for rows of 96, type for rows of 48.
            ("q2_k", .q4_0, .f16), ("q3_k_s", .q4_0, .f16), ("q4_k_s", .q5_0, .f16), ("q5_k_s", .q5_1, .f16),
            ("q6_k", .q8_0, .f16), ("iq4_xs", .iq4_NL, .f16), ("q4_0", .q4_0, .f16), ("q8_0", .q8_0, .f16),
            ("iq4_nl", .iq4_NL, .f16), ("f32", .f32, .f32), ("bf16", .bf16, .bf16),
        ]
        for (name, at96, at48) in cases {
            let candidates = [96, 48].map { TypePolicy.Candidate("blk.0.ffn_up.weight", [8, $0]) }
            let types = try TypePolicy(preset(name)).types(for: candidates)
            #expect(types == [at96, at48], "\(name)")
        }
    }

    @Test("an output head whose rows the default blocks do not divide becomes Q8_0")
    func outputFallback() throws {
        let candidates = [TypePolicy.Candidate("output.weight", [100, 96])]
        for (name, expected) in [("q4_k_m", ElementType.q8_0), ("q4_0", .q8_0), ("q6_k", .q8_0)] {
            let types = try TypePolicy(preset(name)).types(for: candidates)
            // Q4_0 divides 96, so the rule says Q6_K, whose blocks do not: Q8_0 after all.
            #expect(types == [expected], "\(name)")
        }
    }

    @Test("in a projector file blocks count in the order of their names as text")
    func projectorOrder() throws {
        let v = VisionConfiguration(
            hiddenSize: 1024, feedForwardSize: 4096, layerCount: 24, headCount: 16, imageSize: 336, patchSize: 14,
            layerNormEpsilon: 1e-5, activation: .quickGELU, featureLayer: 23, projectionSize: 768, padsToSquare: true)
        let model = ModelConfiguration(
            name: "", language: language(blocks: 24), multimodal: .init(vision: v, projector: .ldpv2))
        let candidates = try (model.towerTensors + model.projectorTensors).map {
            TypePolicy.Candidate(
                try #require(GGUFDialect().name(of: $0, in: model)), GGUFDialect().shape(of: $0), isProjector: true)
        }
        let types = try TypePolicy(preset("q4_k_m"), .projector).types(for: candidates)
        let byName = Dictionary(uniqueKeysWithValues: zip(candidates.map(\.name), types))
        func blocks(_ name: String) -> [Int] { (0..<23).filter { byName["v.blk.\($0).\(name).weight"] == .q6_K } }
        #expect(blocks("ffn_down") == Array(0..<23))
        #expect(blocks("attn_v") == [0, 1, 3, 6, 7, 8, 9, 12, 15, 18, 20])
        #expect(byName["mm.model.peg.0.weight"] == .f16)
        #expect(byName["v.patch_embd.weight"] == .some(nil))
        #expect(byName["v.position_embd.weight"] == .some(nil))
    }

    @Test(
        "what a tensor is to the model and what llama-quantize reads from its name give the same types",
        arguments: Preset.all)
    func rolesAgree(_ preset: Preset) throws {
        let model = ModelConfiguration(
            name: "", language: language(blocks: 24),
            multimodal: .init(vision: tower(hidden: 1024, feedForward: 4096, blocks: 24, grid: 24), projector: .ldp))
        let dialect = GGUFDialect()
        for (tensors, architecture) in [
            (model.languageTensors, TypePolicy.Architecture.language(blocks: 24, queriesPerKeyValueHead: 1)),
            (model.towerTensors + model.projectorTensors, .projector),
        ] {
            let names = try tensors.map { try #require(dialect.name(of: $0, in: model)) }
            let policy = TypePolicy(preset, architecture)
            let byRole = try policy.types(
                for: zip(names, tensors).map {
                    TypePolicy.Candidate(name: $0, $1, columns: dialect.shape(of: $1).columns)
                })
            let byName = try policy.types(
                for: zip(names, tensors).map {
                    TypePolicy.Candidate($0, dialect.shape(of: $1), isProjector: $1.part != .language)
                })
            for (tensor, types) in zip(tensors, zip(byRole, byName)) where tensor.kind != .depthwiseKernel {
                #expect(types.0 == types.1, "\(preset.name): \(tensor.key)")
            }
        }
    }

    @Test("presets have llama.cpp's numbers, and short names mean the _M variant")
    func presets() throws {
        let numbers: [(String, UInt32)] = [
            ("f32", 0), ("f16", 1), ("q4_0", 2), ("q4_1", 3), ("q8_0", 7), ("q5_0", 8), ("q5_1", 9), ("q2_k", 10),
            ("q3_k_s", 11), ("q3_k_m", 12), ("q3_k_l", 13), ("q4_k_s", 14), ("q4_k_m", 15), ("q5_k_s", 16),
            ("q5_k_m", 17), ("q6_k", 18), ("q2_k_s", 21), ("iq4_nl", 25), ("iq4_xs", 30), ("bf16", 32),
        ]
        #expect(Set(Preset.all.map(\.name)) == Set(numbers.map(\.0)))
        for (name, number) in numbers { #expect(try preset(name).fileType == number, "\(name)") }
        for (short, full) in [("q3_k", "q3_k_m"), ("q4_k", "q4_k_m"), ("q5_k", "q5_k_m"), ("Q4_K_M", "q4_k_m")] {
            #expect(try preset(short) == preset(full))
        }
        for name in ["", "q4", "q4_2", "copy", "q6_k_m"] { #expect(Preset(named: name) == nil) }
        #expect(Preset.all.filter { !$0.isQuantized }.map(\.name) == ["f32", "f16", "bf16"])
    }
}
