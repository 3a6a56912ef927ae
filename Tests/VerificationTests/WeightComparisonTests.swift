import MobileVLM
import Models
import Quantization
import Tensors
import Testing
import Verification

struct WeightComparisonTests {
    private let model = Small.language
    private let up = "model.layers.1.mlp.up_proj.weight"

    @Test("the same weights have no error", arguments: [1, 4])
    func same(threads: Int) throws {
        let source = try MemorySource(model)
        let found = try compare(model, source, source, threads: threads)
        #expect(found.map(\.key) == model.tensors.map(\.key))
        for tensor in found {
            #expect(tensor.error.relativeRMSE == 0)
            #expect(tensor.worstBlock == 0)
            #expect(tensor.isReproduced)
        }
        #expect(weightFaults(found).isEmpty)
    }

    @Test(
        "a rightly quantized file reproduces everywhere, within the bounds of its type",
        arguments: [ElementType.f16, .bf16, .q8_0, .q5_0, .q5_1, .q4_0, .q4_1, .iq4_NL])
    func quantized(type: ElementType) throws {
        let source = try MemorySource(model)
        let found = try compare(model, source, source.quantized(type, model))
        #expect(found.allSatisfy { $0.isReproduced })
        for tensor in found where tensor.type == type {
            #expect(tensor.error.relativeRMSE > 0)
            #expect(tensor.blocks.typical > 0 && tensor.blocks.typical < Thresholds.typicalError(type))
            #expect(tensor.worstBlock < Thresholds.blockError(type))
            #expect(tensor.referenceType == .f32)
        }
        #expect(found.filter { $0.type == type }.count == 16)
        #expect(weightFaults(found).isEmpty)
    }

    /// A file of Q4_0 with some bytes changed: what is said about it, and about which tensor.
    private func faults(
        _ type: ElementType = .q4_0, _ key: String? = nil, _ change: (inout [UInt8]) -> Void
    ) throws -> [VerificationReport.Fault] {
        let source = try MemorySource(model)
        var candidate = try source.quantized(type, model)
        try candidate.editBytes(key ?? up, change)
        return weightFaults(try compare(model, source, candidate))
    }

    @Test("a single bad scale is found: the block is off by more than rounding explains")
    func scale() throws {
        // Block 37's scale, high byte: the exponent's lowest bit.
        let found = try faults { $0[37 * 18 + 1] ^= 0x04 }
        #expect(found.map(\.subject) == [up])
        #expect(found.first?.problem.contains("a block is off") == true)
    }

    @Test("a block of zeros is found")
    func zeros() throws {
        let found = try faults { for index in 0..<18 { $0[5 * 18 + index] = 0 } }
        #expect(found.map(\.subject) == [up])
    }

    @Test("one wrong nibble, too small for any bound, is the odd one out")
    func nibble() throws {
        let found = try faults { $0[4] ^= 0x01 }
        #expect(found.map(\.subject) == [up])
        #expect(found.first?.problem.contains("not what quantizing") == true)
    }

    @Test("a scale that is no number is found, in the first element of a row or the last block")
    func notFinite() throws {
        for block in [0, 191] {
            let found = try faults {
                $0[block * 18] = 0
                $0[block * 18 + 1] = 0x7E
            }
            #expect(found.map(\.subject) == [up])
        }
    }

    @Test("another matrix of the same shape is found by its size")
    func otherMatrix() throws {
        let source = try MemorySource(model)
        var candidate = try source.quantized(.q4_0, model)
        let (a, b) = ("model.layers.0.self_attn.v_proj.weight", "model.layers.1.self_attn.v_proj.weight")
        let other = try candidate.bytes(of: b).withUnsafeBytes { Array($0) }
        try candidate.editBytes(a) { $0 = other }
        let found = weightFaults(try compare(model, source, candidate))
        #expect(found.map(\.subject) == [a])
        #expect(found.first?.problem.contains("differs from the checkpoint") == true)
    }

    @Test("two rows that changed places are found")
    func swappedRows() throws {
        let found = try faults {
            let rowBytes = 36
            for index in 0..<rowBytes { $0.swapAt(index, 3 * rowBytes + index) }
        }
        #expect(found.map(\.subject) == [up])
    }

    @Test("a norm that is off by a thousandth is found")
    func norm() throws {
        let source = try MemorySource(model)
        var candidate = try source.quantized(.q4_0, model)
        try candidate.edit("model.norm.weight") { for index in $0.indices { $0[index] *= 1.001 } }
        #expect(weightFaults(try compare(model, source, candidate)).map(\.subject) == ["model.norm.weight"])
    }

    @Test("two damaged tensors are both named")
    func two() throws {
        let source = try MemorySource(model)
        var candidate = try source.quantized(.q8_0, model)
        try candidate.editBytes(up) { $0[1] ^= 0x10 }
        try candidate.editBytes("lm_head.weight") { $0[35] ^= 0x10 }
        #expect(weightFaults(try compare(model, source, candidate)).map(\.subject) == ["lm_head.weight", up])
    }

    @Test("a file made with importance reproduces nowhere, and is not called damaged for it")
    func importance() throws {
        let source = try MemorySource(model)
        let candidate = try source.quantized(.q4_0, model) { columns in
            (0..<columns).map { Float(1 + $0 % 7) }
        }
        let found = try compare(model, source, candidate)
        #expect(found.filter { $0.type == .q4_0 }.allSatisfy { !$0.isReproduced })
        #expect(weightFaults(found).isEmpty)
        // A bad scale is still found, by the bound on blocks.
        var damaged = candidate
        try damaged.editBytes(up) { $0[37 * 18 + 1] ^= 0x10 }
        #expect(weightFaults(try compare(model, source, damaged)).map(\.subject) == [up])
    }

    @Test("weights too small for their type's scale are rounded to zero by any converter, and that is no fault")
    func tiny() throws {
        var source = try MemorySource(model)
        try source.edit(up) { for index in 64..<96 { $0[index] = index % 2 == 0 ? 6e-8 : -6e-8 } }
        for type in [ElementType.q4_0, .q8_0] {
            let found = try compare(model, source, source.quantized(type, model))
            let block = try #require(found.first { $0.key == up })
            #expect(block.worstBlock < Thresholds.blockError(type))
            #expect(weightFaults(found).isEmpty)
        }
    }

    /// Q8_0 as an encoder writes it whose scale is too large by a fifth: every value decodes too large.
    private static func brokenQ8_0(_ row: UnsafeBufferPointer<Float>, _ bytes: UnsafeMutableRawBufferPointer) {
        for block in 0..<row.count / 32 {
            let values = row[block * 32..<block * 32 + 32]
            let scale = (values.map(abs).max() ?? 0) / 127
            bytes.storeBytes(of: Float16(scale * 1.2).bitPattern, toByteOffset: block * 34, as: UInt16.self)
            for (index, value) in values.enumerated() {
                let quant = scale > 0 ? Int8(clamping: Int((value / scale).rounded())) : 0
                bytes.storeBytes(of: quant, toByteOffset: block * 34 + 2 + index, as: Int8.self)
            }
        }
    }

    @Test("an encoder that is wrong fails its files, though they hold exactly what quantizing with it gives")
    func brokenEncoder() throws {
        let source = try MemorySource(model)
        let candidate = try source.quantized(.q8_0, model) { _ in Self.brokenQ8_0 }
        let found = try WeightComparison(
            model, reference: source.weights(model), candidate: candidate.weights(model), threads: 2
        ) { type, columns, importance in
            guard type != .q8_0 else { return Self.brokenQ8_0 }
            let encoder = try RowEncoder(type: type, columns: columns, importance: importance)
            return { encoder.encode($0, into: $1) }
        }.tensors
        #expect(found.filter { !$0.isReproduced }.isEmpty)
        let wrong = found.filter { $0.type == .q8_0 }.map(\.name)
        #expect(wrong.count == 16)
        #expect(weightFaults(found).map(\.subject) == wrong)
    }

    @Test("rows that GGUF reorders are compared with the rows that they come from")
    func rotary() throws {
        let source = try MemorySource(model)
        var reordered = source
        for tensor in model.tensors {
            guard case .rotaryMatrix(let heads) = tensor.kind else { continue }
            let columns = tensor.shape.columns
            try reordered.edit(tensor.key) { values in
                let old = values
                let size = tensor.shape.dimensions[0] / heads
                for head in 0..<heads {
                    for i in 0..<size / 2 {
                        for s in 0...1 {
                            // new row (h*D + 2i + s) = old row (h*D + s*D/2 + i)
                            let (new, from) = (head * size + 2 * i + s, head * size + s * size / 2 + i)
                            for column in 0..<columns { values[new * columns + column] = old[from * columns + column] }
                        }
                    }
                }
            }
        }
        func found(_ pairing: RotaryPairing) throws -> [TensorComparison] {
            try WeightComparison(
                model, reference: source.weights(model), candidate: reordered.weights(model, pairing: pairing),
                threads: 2
            ).tensors
        }
        #expect(try found(.neighbours).allSatisfy(\.isReproduced))
        // Read in the wrong order, exactly the queries and keys are wrong.
        let wrong = weightFaults(try found(.halves)).map(\.subject)
        #expect(Set(wrong) == Set(model.tensors.map(\.key).filter { $0.contains("q_proj") || $0.contains("k_proj") }))
    }

    @Test("a tensor that the candidate lacks is an error, not a fault")
    func missing() throws {
        let source = try MemorySource(model)
        let empty = ModelWeights(rotaryPairing: .halves, origin: "empty")
        #expect(throws: (any Error).self) {
            try WeightComparison(model, reference: source.weights(model), candidate: empty, threads: 2)
        }
    }

    @Test("limits loosen with the type's coarseness")
    func limits() {
        let order: [ElementType] = [.f32, .f16, .bf16, .q8_0, .q6_K, .q5_K, .q4_K, .q3_K, .q2_K]
        for (finer, coarser) in zip(order, order.dropFirst()) {
            #expect(Thresholds.typicalError(finer) < Thresholds.typicalError(coarser))
            #expect(Thresholds.blockError(finer) < Thresholds.blockError(coarser))
            let (a, b) = (Thresholds(coarsest: finer), Thresholds(coarsest: coarser))
            #expect(a.meanDivergence <= b.meanDivergence)
            #expect(a.topAgreement >= b.topAgreement)
            #expect(a.featureCosine >= b.featureCosine)
            #expect(Thresholds.coarser(finer, coarser) == (finer == .f16 && coarser == .bf16 ? .f16 : coarser))
        }
    }
}
