import ByteIO
import Dialects
import Foundation
import GGUF
import Imaging
import JSON
import MobileVLM
import Safetensors
import Tensors
import Testing
import TestSupport
import Tokenizer
import TorchArchive

/// Every reader on thousands of damaged files: each must give a typed error or a value that can be used.
///
/// A trap or an endless loop ends the whole run (`scripts/test`), and an allocation by an unchecked number fails.
@Suite struct ReaderTests {
    @Test("safetensors: a damaged header or length is refused or harmless")
    func safetensors() throws {
        let files = ["types", "metadata", "empty"].map { "containers/\($0).safetensors" }
        func read(_ bytes: [UInt8]) throws { try fetchAll(SafetensorsFile(Bytes(bytes), path: "damaged")) }
        try damage(files, rounds: 1500, read)
        // The header's text, behind a length that fits it.
        try damage(files, rounds: 1500, isText: true, prepare: { Array($0.dropFirst(8)) }) { text in
            var end = (text.lastIndex(of: UInt8(ascii: "}")) ?? -1) + 1
            while end < text.count, text[end] == 0x20 { end += 1 }
            let length = withUnsafeBytes(of: UInt64(end).littleEndian) { Array($0) }
            try read(length + text)
        }
    }

    @Test("PyTorch archives without checksums: a damaged pickle or directory is refused or harmless")
    func torch() throws {
        let files = ["types", "views", "tied", "module", "edge", "nested", "protocol-4", "protocol-5"]
        try damage(files.map { "containers/\($0).bin" }, rounds: 1500, prepare: Self.withoutChecksums) {
            try fetchAll(TorchArchive(Bytes($0), path: "damaged"))
        }
        try damage(["legacy", "legacy-module"].map { "containers/\($0).bin" }, rounds: 1500) {
            try fetchAll(TorchArchive(Bytes($0), path: "damaged"))
        }
    }

    /// The archive as torch writes it when told to compute no checksums, so that damage reaches the pickle.
    private static func withoutChecksums(_ archive: [UInt8]) -> [UInt8] {
        var copy = archive
        for index in 0..<max(0, copy.count - 24) where copy[index] == 0x50 && copy[index + 1] == 0x4B {
            switch (copy[index + 2], copy[index + 3]) {
            case (3, 4): copy.replaceSubrange(index + 14..<index + 18, with: [0, 0, 0, 0])
            case (1, 2): copy.replaceSubrange(index + 16..<index + 20, with: [0, 0, 0, 0])
            case (7, 8): copy.replaceSubrange(index + 4..<index + 8, with: [0, 0, 0, 0])
            default: break
            }
        }
        return copy
    }

    @Test("GGUF: damaged counts, lengths, types and offsets are refused or harmless")
    func gguf() throws {
        let files = ["types", "ones", "align64", "no-tensors", "version2", "imatrix", "split-00001-of-00003"]
        let readable = try damage(files.map { "gguf/\($0).gguf" }, rounds: 1500) {
            try fetchAll(GGUFFile(bytes: Bytes($0), name: "damaged"))
        }
        // Damage in the data goes unseen, so that this is no test of refusing alone.
        #expect(readable > 100)
    }

    @Test("importance matrices of both forms: damage is refused or harmless")
    func importance() throws {
        try damage(["gguf/imatrix.gguf", "gguf/imatrix.dat"], rounds: 3000) {
            let matrix = try ImportanceMatrix(bytes: Bytes($0), name: "damaged")
            for name in matrix.names {
                #expect(matrix[name]?.allSatisfy { $0.isFinite && $0 >= 0 } == true)
            }
        }
    }

    @Test("JSON: damaged texts are refused or read")
    func json() throws {
        let files = ["config.json", "preprocessor_config.json", "pytorch_model.bin.index.json"]
        try damage(files.map { "tiny-mobilevlm-v2/\($0)" }, rounds: 3000, isText: true) {
            let value = try JSONValue(parsing: Bytes($0), file: "damaged")
            _ = value.serialized()
        }
    }

    @Test("configurations: damaged sizes and constants are refused or possible")
    func configuration() throws {
        let tower: [String: Shape] = [
            "vision_model.embeddings.patch_embedding.weight": [64, 3, 14, 14],
            "vision_model.embeddings.position_embedding.weight": [577, 64],
            "vision_model.encoder.layers.0.layer_norm1.weight": [64],
            "vision_model.encoder.layers.1.layer_norm1.weight": [64],
            "vision_model.encoder.layers.0.mlp.fc1.weight": [128, 64],
            "model.embed_tokens.weight": [512, 64],
        ]
        let projectors = ["mm_projector.model.mb_block.1.block.0.0.weight", "mm_projector.peg.peg.0.weight"]
        for version in [1, 2] {
            let shapes = tower.merging([projectors[version - 1]: [64, 1, 3, 3]]) { $1 }
            try damage(["tiny-mobilevlm-v\(version)/config.json"], rounds: 3000, isText: true) { text in
                let json = try JSONValue(parsing: Bytes(text), file: "damaged")
                let config = try HuggingFaceConfiguration(json, file: "damaged")
                let model = ModelConfiguration(
                    name: "damaged", language: try config.language(shape: { shapes[$0] }),
                    multimodal: config.isMultimodal
                        ? .init(
                            vision: try config.vision(clip: nil, preprocessor: nil, shape: { shapes[$0] }),
                            projector: try config.projector(shape: { shapes[$0] })) : nil)
                try model.validate(file: "damaged")
                Self.use(model)
            }
        }
    }

    /// Everything that follows from sizes without reading a tensor.
    private static func use(_ model: ModelConfiguration) {
        let bytes = model.tensors.reduce(0.0) { $0 + Double($1.shape.elementCount ?? 0) }
        #expect(bytes >= 0)
        if let multimodal = model.multimodal {
            #expect(multimodal.imageTokenCount > 0)
            #expect(multimodal.vision.positionCount > 0)
        }
    }

    @Test("model keys of GGUF: any value of any integer or float gives an error or a possible model")
    func modelKeys() throws {
        let model = ModelConfiguration(
            name: "small",
            language: LanguageConfiguration(
                hiddenSize: 64, feedForwardSize: 96, layerCount: 2, headCount: 2, keyValueHeadCount: 2, headSize: 32,
                vocabularySize: 260, contextLength: 512, rmsEpsilon: 1e-5, ropeBase: 10000, tiedEmbeddings: false),
            multimodal: .init(
                vision: VisionConfiguration(
                    hiddenSize: 32, feedForwardSize: 64, layerCount: 2, headCount: 2, imageSize: 16, patchSize: 4,
                    layerNormEpsilon: 1e-5, activation: .quickGELU, featureLayer: 2, projectionSize: 32,
                    padsToSquare: true), projector: .ldpv2))
        let vocabulary = try Vocabulary(
            sentencePieceModel: Bytes(contents("tokenizer/plain.model")), file: "plain.model")
        let language = GGUFLanguageMetadata.write(model, vocabulary: vocabulary, fileType: 0, isQuantized: false)
        let projector = try GGUFProjectorMetadata.write(
            model, #require(model.multimodal), fileType: 0, isQuantized: false, file: "")

        var values = Mutator.extremes.flatMap { [MetadataValue.uint64($0), .int64(Int64(bitPattern: $0))] }
        values += [.uint32(.max), .int32(.min), .uint8(0), .string(""), .bool(true), .int32s([]), .float32s([])]
        values += [.int64s([.max]), .int64s([.min]), .int32s([-1]), .uint64s([.max]), .float32s([0, 0, 0])]
        values += [0, -1, 1e-45, .infinity, .nan, .greatestFiniteMagnitude].flatMap {
            [MetadataValue.float32(Float($0)), .float64($0), .float32s([Float($0), 1, 1])]
        }
        func attempt(_ what: String, _ body: () throws -> Void) {
            do { try body() } catch { expectTyped(error, what) }
        }
        for entry in language.entries where !entry.key.hasPrefix("tokenizer.ggml.t") {
            for value in values.map(Optional.some) + [nil] {
                var metadata = language
                metadata[entry.key] = value
                attempt("\(entry.key) \(value.debugDescription)") {
                    let read = try GGUFLanguageMetadata.read(metadata, file: "damaged", tiedEmbeddings: false)
                    Self.use(ModelConfiguration(name: "", language: read, multimodal: nil))
                    _ = 7 * read.layerCount
                }
                if entry.key.hasSuffix("token_id") {
                    attempt(entry.key) { _ = try GGUFLanguageMetadata.readVocabulary(metadata, file: "damaged") }
                }
            }
        }
        for entry in projector.entries {
            for hasLayer in [true, false] {
                for value in values.map(Optional.some) + [nil] {
                    var metadata = projector
                    if !hasLayer {
                        // Without the key the number of blocks that run follows from the others.
                        metadata["clip.vision.feature_layer"] = nil
                        metadata["clip.has_llava_projector"] = nil
                    }
                    metadata[entry.key] = value
                    attempt("\(entry.key) \(value.debugDescription)") {
                        let read = try GGUFProjectorMetadata.read(metadata, file: "damaged", hasTensor: { _ in false })
                        Self.use(ModelConfiguration(name: "", language: model.language, multimodal: read))
                    }
                }
            }
        }
    }
}
