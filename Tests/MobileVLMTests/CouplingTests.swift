import MobileVLM
import ModelSupport
import Models
import Tensors
import Testing

/// Which scales may move. That moving them leaves every result as it was is shown by ExecutionTests.
struct CouplingTests {
    private static let model: ModelConfiguration = {
        var language = Family.small
        language.keyValueHeadCount = 4
        return Family.model(language, .ldpv2)
    }()

    @Test("every coupling names tensors of the model, with as many rows and columns as it says")
    func shapes() throws {
        let model = Self.model
        let shapes = Dictionary(uniqueKeysWithValues: model.tensors.map { ($0.key, $0.shape) })
        for coupling in model.couplings {
            for key in coupling.producers {
                #expect(shapes[key]?.dimensions.first == coupling.channelCount, "\(key)")
            }
            for key in coupling.consumers {
                let shape = try #require(shapes[key], "\(key)")
                #expect(shape.rank == 2 && shape.columns == coupling.columnCount, "\(key)")
            }
            #expect(Set((0..<coupling.columnCount).map(coupling.channel(ofColumn:))) == Set(0..<coupling.channelCount))
        }
        // Four in each of 24 blocks and the head; three in each of 23 blocks of the tower.
        #expect(model.couplings.count == 24 * 4 + 1 + 23 * 3)
    }

    @Test("query heads that share values read the same channels")
    func groupedHeads() throws {
        let values = "model.layers.5.self_attn.v_proj.weight"
        let coupling = try #require(Self.model.couplings.first { $0.producers == [values] })
        #expect(coupling.kind == .attention)
        #expect(coupling.consumers == ["model.layers.5.self_attn.o_proj.weight"])
        // 16 heads of 128 over 4 of values: heads 4 to 7 read values' head 1.
        for head in 0..<16 {
            for channel in [0, 1, 127] {
                #expect(coupling.channel(ofColumn: head * 128 + channel) == head / 4 * 128 + channel)
            }
        }
    }

    @Test("a tied head takes no gain, for it is the embedding as well")
    func tied() {
        var model = Self.model
        model.language.tiedEmbeddings = true
        #expect(!model.couplings.contains { $0.consumers.contains("lm_head.weight") })
        #expect(Self.model.couplings.contains { $0.producers == ["model.norm.weight"] })
    }

    @Test("gates, queries and keys produce nothing that may be scaled, and no tensor is scaled twice in one way")
    func onlyLinear() {
        let producers = Self.model.couplings.flatMap(\.producers)
        #expect(Set(producers).count == producers.count)
        for name in ["gate_proj", "q_proj", "k_proj", "fc1", "fc2", "o_proj", "down_proj", "mm_projector"] {
            #expect(!producers.contains { $0.contains(name) }, "\(name)")
        }
        let consumers = Self.model.couplings.flatMap(\.consumers)
        #expect(Set(consumers).count == consumers.count)
    }
}
