// One entry for libFuzzer; FUZZ_TARGET chooses the parser. Compiled by scripts/fuzz against the modules' own objects.
// A target must end with a value or one of the project's typed errors; a trap, an address error or too much memory is a
// finding.

import ByteIO
import Delivery
import Dialects
import GGUF
import Imaging
import JSON
import MVLM
import MobileVLM
import Models
import Opening
import Platform
import Safetensors
import Tensors
import Tokenizer
import TorchArchive

/// Reads the bytes, and then everything that they claim to hold.
private typealias Target = @Sendable (Bytes) throws -> Void

private let targets: [String: Target] = [
    "safetensors": { try fetchAll(SafetensorsFile($0, path: "f")) },
    "torch": { try fetchAll(TorchArchive($0, path: "f")) },
    "pickle": { try fetchAll(TorchArchive(archive(of: $0), path: "f")) },
    "gguf": { bytes in
        let file = try GGUFFile(bytes: bytes, name: "f")
        try fetchAll(file)
        switch file.metadata["general.architecture"]?.text {
        case GGUFLanguageMetadata.architecture?:
            let language = try GGUFLanguageMetadata.read(file.metadata, file: "f", tiedEmbeddings: false)
            try ModelConfiguration(name: "f", language: language, multimodal: nil).validate(file: "f")
            _ = try GGUFLanguageMetadata.readVocabulary(file.metadata, file: "f")
        case GGUFProjectorMetadata.architecture?:
            let repair = GGUFProjectorRepair(file.metadata, tensors: file.tensors)
            _ = try GGUFProjectorMetadata.read(repair.metadata, file: "f", hasTensor: { file.info($0) != nil })
        default: break
        }
    },
    "imatrix": { bytes in
        let matrix = try ImportanceMatrix(bytes: bytes, name: "f")
        for name in matrix.names { _ = matrix[name] }
    },
    "json": { _ = try JSONValue(parsing: $0, file: "f").serialized() },
    "config": { bytes in
        let config = try HuggingFaceConfiguration(JSONValue(parsing: bytes, file: "f"), file: "f")
        let language = try config.language(shape: { _ in nil })
        let multimodal = ModelConfiguration.Multimodal(
            vision: try config.vision(clip: config, preprocessor: config, shape: towerShape),
            projector: try config.projector(shape: towerShape))
        try ModelConfiguration(name: "f", language: language, multimodal: multimodal).validate(file: "f")
    },
    "sentencepiece": { bytes in
        _ = try Vocabulary(sentencePieceModel: bytes, file: "f")
    },
    "tokenizer": { bytes in
        let tokenizer = TextTokenizer(vocabulary: try TokenizerJSON(bytes, file: "f").vocabulary)
        _ = tokenizer.decode(tokenizer.encode("The picture shows, 2 red squares \u{1F600}\n"))
    },
    "mvlm": { bytes in
        let file = try MVLMFile(modelFile(of: bytes), path: "f")
        try fetchAll(file)
        _ = try MVLMDialect.open(file, languageOnly: false)
    },
    "adapter": { bytes in
        let parts = halves(of: bytes)
        try write(parts.0, to: "adapter/adapter_config.json")
        try write(parts.1, to: "adapter/adapter_model.bin")
        let model = try Model(ModelLocation(scratch + "/adapter", base: scratch + "/base"))
        for tensor in model.configuration.tensors { _ = try model.weights.tensor(tensor.key, shape: tensor.shape) }
    },
    "delta": { bytes in
        let (parts, frames) = halves(of: bytes)
        guard let delta = try delta(parts: parts, frames: frames) else { return }
        try write(delta, to: "delta")
        _ = try Delta.apply(scratch + "/delta", to: oldFile, output: scratch + "/out.mvlm", threads: 1)
    },
    "image": { bytes in
        _ = bytes.withUnsafeBytes { ImageDecoder.orientation($0) }
        _ = try bytes.withUnsafeBytes { try ImageDecoder.decode($0, file: "f") }
    },
]

private func fetchAll(_ source: some TensorSource) throws {
    for info in source.tensors where info.byteCount < 1 << 20 { _ = try source.bytes(of: info.name) }
}

private func towerShape(_ key: String) -> Shape? {
    switch key {
    case "vision_model.embeddings.patch_embedding.weight": [32, 3, 14, 14]
    case "vision_model.embeddings.position_embedding.weight": [17, 32]
    case "vision_model.encoder.layers.0.mlp.fc1.weight": [64, 32]
    case "vision_model.encoder.layers.0.layer_norm1.weight": [32]
    case "mm_projector.peg.peg.0.weight": [64, 1, 3, 3]
    default: nil
    }
}

/// A zip archive as torch writes it around a pickle, with its checksum: no fuzzer would guess that.
private func archive(of pickle: Bytes) -> Bytes {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    let members = [
        ("a/data.pkl", pickle.withUnsafeBytes { Array($0) }), ("a/data/0", [UInt8](repeating: 1, count: 64)),
        ("a/data/1", [UInt8](repeating: 2, count: 16)),
    ]
    for (name, data) in members {
        // Of the storages 0, "not computed"; the pickle's is always checked.
        let crc = name.hasSuffix("pkl") ? crc32(data) : 0
        let fields =
            le(UInt16(20)) + le(UInt16(0)) + le(UInt16(0)) + le(UInt32(0)) + le(crc) + le(UInt32(data.count))
            + le(UInt32(data.count)) + le(UInt16(name.utf8.count)) + le(UInt16(0))
        directory += le(UInt32(0x0201_4B50)) + le(UInt16(20)) + fields + le(UInt16(0)) + le(UInt16(0)) + le(UInt16(0))
        directory += le(UInt32(0)) + le(UInt32(file.count)) + Array(name.utf8)
        file += le(UInt32(0x0403_4B50)) + fields + Array(name.utf8) + data
    }
    let start = file.count
    file += directory + le(UInt32(0x0605_4B50)) + le(UInt32(0)) + le(UInt16(members.count)) + le(UInt16(members.count))
    return Bytes(file + le(UInt32(directory.count)) + le(UInt32(start)) + le(UInt16(0)))
}

/// An .mvlm file of a manifest, a NUL and a tokenizer, with right digests and with the weights of a committed file.
private func modelFile(of bytes: Bytes) -> Bytes {
    let parts = halves(of: bytes)
    var file = weightSections
    file.add("manifest", parts.0, digest: true)
    file.add("tokenizer", parts.1, digest: true)
    return file.bytes
}

/// What stands in front of the first NUL, and behind it.
private func halves(of bytes: Bytes) -> ([UInt8], [UInt8]) {
    let parts = bytes.withUnsafeBytes {
        $0.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false).map { Array($0) }
    }
    return (parts[0], parts.count > 1 ? parts[1] : [])
}

/// A delta of these parts and frames which names the right old file and the size that the parts say; nil where that is more
/// than a fuzzer should write.
private func delta(parts: [UInt8], frames: [UInt8]) throws -> [UInt8]? {
    let last = try JSONValue(parsing: Bytes(parts), file: "f").array?.last?["new"]?.array ?? []
    let size = last.compactMap(\.int).reduce(0, &+)
    guard size < 1 << 24 else { return nil }
    let model = try MVLMFile(path: oldFile)
    let file = try MappedFile(path: oldFile)
    let head = file.bytes.slice(0..<model.sections[0].range.lowerBound) ?? Bytes([])
    let digest = String(head.withUnsafeBytes { MVLMDigest.xxh64($0) }, radix: 16)
    let index =
        Array(
            #"{"delta":1,"old":{"bytes":\#(file.count),"head":"\#(digest)"},"new":{"bytes":\#(size)},"parts":"#.utf8) + parts
        + Array("}".utf8)
    return [0x50, 0x2A, 0x4D, 0x18] + le(UInt32(index.count)) + index + frames
}

private let oldFile = "fixtures/mvlm/nano.mvlm"

/// Where the targets that need files have them.
private let scratch = getenv("FUZZ_FOLDER").map { String(cString: $0) } ?? "."

private func write(_ bytes: [UInt8], to name: String) throws {
    guard let file = fopen(scratch + "/" + name, "wb") else { throw SystemError("open", path: name, code: errno) }
    defer { fclose(file) }
    fwrite(bytes, 1, bytes.count, file)
}

private struct ModelFile {
    var table: [UInt8] = []
    var body: [UInt8] = []
    private static let page = 16384

    mutating func add(_ name: String, _ content: [UInt8], digest: Bool) {
        body += [UInt8](repeating: 0, count: (Self.page - body.count % Self.page) % Self.page)
        table += Array(name.utf8) + [UInt8](repeating: 0, count: 32 - name.utf8.count)
        table += le(UInt64(Self.page + body.count)) + le(UInt64(content.count))
        table += le(digest ? content.withUnsafeBytes { MVLMDigest.of($0) } : 0) + le(UInt64(0))
        body += content
    }

    var bytes: Bytes {
        func digest(_ bytes: [UInt8]) -> UInt64 { bytes.withUnsafeBytes { MVLMDigest.xxh64($0) } }
        var head: [UInt8] = [0x89, 0x4D, 0x56, 0x4C, 0x4D, 0x0D, 0x0A, 0x1A] + le(UInt32(1)) + le(UInt32(128))
        head += le(UInt64(1)) + le(UInt64(Self.page + body.count)) + le(UInt32(table.count / 64)) + le(UInt32(64))
        head += le(digest(table)) + [UInt8](repeating: 0, count: 72)
        head += le(digest(head)) + table
        head += [UInt8](repeating: 0, count: Self.page - head.count)
        return Bytes(head + body)
    }
}

/// Only what is read at once has to have the right digest.
private let weightSections: ModelFile = {
    var file = ModelFile()
    for section in (try? MVLMFile(path: "fixtures/mvlm/nano.mvlm"))?.sections ?? []
    where section.name != "manifest" && section.name != "tokenizer" {
        file.add(section.name, section.bytes.withUnsafeBytes { Array($0) }, digest: false)
    }
    return file
}()

private func le<T: FixedWidthInteger>(_ value: T) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }

private let crcTable: [UInt32] = (0..<256).map { (0..<8).reduce(UInt32($0)) { c, _ in c >> 1 ^ (c & 1) * 0xEDB8_8320 } }

private func crc32(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { $0 >> 8 ^ crcTable[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] }
}

private let target: Target = {
    let name = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? ""
    guard let target = targets[name] else {
        print("FUZZ_TARGET must be one of \(targets.keys.sorted().joined(separator: " "))")
        exit(64)
    }
    return target
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do {
        try target(Bytes(Array(UnsafeBufferPointer(start: start, count: count))))
    } catch let error as InputError {
        _ = error.description
    } catch is SystemError {
    } catch {
        // Every other kind of error is one that nobody foresaw.
        print("unexpected error: \(error)")
        abort()
    }
    return 0
}
