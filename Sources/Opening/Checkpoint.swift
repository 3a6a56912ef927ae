import ByteIO
import JSON
import MobileVLM
import Models
import Tensors
import Tokenizer

/// A Hugging Face folder of MobileVLM, MobileLLaMA or a relative: configuration, weights, vocabulary, ledger.
package struct Checkpoint: Sendable {
    package static let noTower = Rule("checkpoint.no-tower")
    package static let unknownTensor = Rule("checkpoint.unknown-tensor")
    package static let noTokenizer = Rule("checkpoint.no-tokenizer")

    package let configuration: ModelConfiguration
    package let weights: ModelWeights
    package let vocabulary: Vocabulary
    /// The flag of that name in `tokenizer_config.json`: text after a special token gets a leading space again.
    package let legacyTokenizer: Bool
    package let ledger: TensorLedger
    /// Every file that was read or mapped.
    package let files: [String]
    /// True if there is a vision part, and it was left aside on demand.
    package let isLanguagePart: Bool
    /// Choices that the user should know of.
    package let notes: [String]

    /// Opens the checkpoint in `folder`.
    /// - Parameters:
    ///   - location: What belongs to it in other places.
    ///   - languageOnly: Leaves tower and projector aside; no tower is needed then.
    package init(_ folder: Folder, _ location: ModelLocation, languageOnly: Bool) throws {
        let parts = try CheckpointParts(folder, location)
        guard let settings = parts.folder(with: "config.json"), let json = try settings.json("config.json") else {
            throw InputError(
                Folder.missing, file: folder.path, field: "config.json", problem: "is not there",
                remedy: "Name the folder of a checkpoint in Hugging Face layout, or a .gguf file.")
        }
        let config = try HuggingFaceConfiguration(json, file: settings.file("config.json"))
        let main = try WeightChoice(parts.weights)
        var assignment = try Assignment(main: main.tensors)
        var notes = parts.notes + main.notes

        let hasVision = config.isMultimodal && !languageOnly
        var towerFolder = languageOnly ? nil : parts.visionTower
        if hasVision, towerFolder == nil, !assignment.hasTower {
            // Never fetched, never sought outside: only a folder of the tower's own name inside the checkpoint's.
            let name = config.visionTower.map(Folder.lastComponent).flatMap { $0 == "." || $0 == ".." ? nil : $0 }
            towerFolder = name.flatMap { name in parts.settings.lazy.compactMap { $0.folder(name) }.first }
            if let towerFolder { notes.append("The vision tower is read from \(towerFolder.path).") }
        }
        if let towerFolder { notes += try assignment.add(tower: towerFolder) }
        for overlay in parts.overlays { notes += try assignment.lay(over: overlay) }
        if let adapter = parts.adapter { notes += try assignment.merge(Adapter(adapter)) }
        let shape: (String) -> Shape? = { [assignment] in assignment.info($0)?.shape }

        var multimodal: ModelConfiguration.Multimodal?
        if hasVision {
            guard assignment.hasTower else {
                throw InputError(
                    Self.noTower, file: folder.path, field: "vision tower",
                    problem: "the checkpoint holds no vision tower; it was trained with \(config.visionTower ?? "one")",
                    remedy: "Give the folder of that tower with --vision-tower DIR (for the releases: "
                        + "openai/clip-vit-large-patch14-336).")
            }
            let place = towerFolder ?? parts.folder(with: "preprocessor_config.json") ?? folder
            let clip = try towerFolder.flatMap { tower in
                try tower.json("config.json").map { try HuggingFaceConfiguration($0, file: tower.file("config.json")) }
            }
            let preprocessor = try place.json("preprocessor_config.json").map {
                try HuggingFaceConfiguration($0, file: place.file("preprocessor_config.json"))
            }
            multimodal = .init(
                vision: try config.vision(clip: clip, preprocessor: preprocessor, shape: shape),
                projector: try config.projector(shape: shape))
        }
        let configuration = ModelConfiguration(
            name: folder.name, language: try config.language(shape: shape), multimodal: multimodal)
        try configuration.validate(file: settings.file("config.json"))

        self.configuration = configuration
        isLanguagePart = config.isMultimodal && languageOnly
        (weights, ledger) = try assignment.resolve(
            configuration, languageOnly: languageOnly, origin: folder.path)
        (vocabulary, legacyTokenizer) = try Self.readVocabulary(
            parts.folder(with: "tokenizer.model") ?? folder, size: configuration.language.vocabularySize,
            padToken: config.padToken)
        files = assignment.files + ([towerFolder].compactMap(\.self) + parts.settings).flatMap(Self.sideFiles)
        if configuration.language.tiedEmbeddings, json["tie_word_embeddings"] == nil {
            notes.append(
                "There is no output head, and the config says nothing of it: it is taken as tied to the embedding.")
        }
        self.notes = notes
    }

    /// The small files of a checkpoint that decide what it computes.
    private static func sideFiles(_ folder: Folder) -> [String] {
        ["config.json", "preprocessor_config.json", "tokenizer.model", "tokenizer_config.json", "added_tokens.json"]
            .filter(folder.has).map(folder.file)
    }

    /// Reads `tokenizer.model` and the tokens added to it, padded to the rows of the embedding.
    private static func readVocabulary(_ folder: Folder, size: Int, padToken: Int?) throws -> (Vocabulary, legacy: Bool)
    {
        let name = "tokenizer.model"
        guard folder.has(name) else {
            throw InputError(
                noTokenizer, file: folder.path, field: name, problem: "is not there",
                remedy: "Fetch the SentencePiece model of the release (LLaMA's, 499,723 bytes) into the same folder.")
        }
        let mapped = try MappedFile(path: folder.file(name))
        var vocabulary = try Vocabulary(sentencePieceModel: mapped.bytes, file: mapped.path)
        if let added = try folder.json("added_tokens.json")?.object {
            let tokens = added.entries.compactMap { text, id in id.int.map { (text: text, id: $0, special: true) } }
                .filter { $0.id >= vocabulary.count && $0.id < size }
                .sorted { $0.id < $1.id }
            vocabulary = try vocabulary.adding(tokens: tokens, file: folder.file("added_tokens.json"))
        }
        let unused = (vocabulary.count..<max(vocabulary.count, size)).map {
            // A row of the embedding that no token reaches still needs a text of its own in GGUF.
            (text: "[PAD\($0)]", id: $0, special: true)
        }
        vocabulary = try vocabulary.adding(tokens: unused, file: mapped.path)
        guard vocabulary.count == size else {
            throw InputError(
                noTokenizer, file: mapped.path, field: "number of pieces",
                problem: "is \(vocabulary.count), but the embedding has \(size) rows",
                remedy: "The tokenizer belongs to another model.")
        }
        if let padToken, vocabulary.pad == nil, (0..<size).contains(padToken) {
            vocabulary = try vocabulary.changing(file: mapped.path) { $0.pad = padToken }
        }
        let settings = try folder.json("tokenizer_config.json")
        return (vocabulary, settings?["legacy"]?.bool ?? true)
    }
}
