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
    package static let noTokenizer = TokenizerFiles.noTokenizer

    package let configuration: ModelConfiguration
    package let weights: ModelWeights
    package let vocabulary: Vocabulary
    /// The flag of that name in `tokenizer_config.json`: text after a special token gets a leading space again.
    package let legacyTokenizer: Bool
    /// The checkpoint's own template of a conversation, as text; nil without one. Never run.
    package let chatTemplate: String?
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
        var configuration = ModelConfiguration(
            name: folder.name, language: try config.language(shape: shape), multimodal: multimodal)
        try configuration.validate(file: settings.file("config.json"))
        let tokenizer = try CheckpointTokenizer(
            parts.folder(with: "tokenizer.model") ?? parts.folder(with: "tokenizer.json") ?? folder,
            rows: configuration.language.vocabularySize, config: config)
        (vocabulary, legacyTokenizer) = (tokenizer.vocabulary, tokenizer.legacy)
        chatTemplate = tokenizer.chatTemplate
        notes += tokenizer.notes
        if config.marksPictures, configuration.multimodal != nil {
            let isThere = [ImageMarks.start, ImageMarks.end].allSatisfy { tokenizer.vocabulary.id(of: $0) != nil }
            if isThere {
                configuration.conversation = .v1Marked
            } else {
                notes.append(
                    "mm_use_im_start_end is true, but the tokenizer has no <im_start> and <im_end>: pictures stand alone."
                )
            }
        }

        self.configuration = configuration
        isLanguagePart = config.isMultimodal && languageOnly
        (weights, ledger) = try assignment.resolve(
            configuration, languageOnly: languageOnly, origin: folder.path)
        files = assignment.files + ([towerFolder].compactMap(\.self) + parts.settings).flatMap(Self.sideFiles)
        if configuration.language.tiedEmbeddings, json["tie_word_embeddings"] == nil {
            notes.append(
                "There is no output head, and the config says nothing of it: it is taken as tied to the embedding.")
        }
        self.notes = notes
    }

    /// The small files of a checkpoint that decide what it computes.
    private static func sideFiles(_ folder: Folder) -> [String] {
        (["config.json", "preprocessor_config.json"] + TokenizerFiles.names).filter(folder.has).map(folder.file)
    }
}
