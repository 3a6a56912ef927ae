import ByteIO
import GGUF
import MobileVLM
import Models
import Tensors

extension GGUFDialect {
    public func open(_ file: MappedFile, _ location: ModelLocation, languageOnly: Bool) throws -> DialectModel {
        let path = file.path
        let language = try GGUFSplit(file)
        let metadata = language.metadata
        let isTied = language.info("output.weight") == nil
        var configuration = ModelConfiguration(
            name: metadata["general.name"]?.text ?? Folder.lastComponent(path),
            language: try GGUFLanguageMetadata.read(metadata, file: path, tiedEmbeddings: isTied), multimodal: nil)

        configuration.conversation = GGUFLanguageMetadata.conversation(metadata) ?? .v1
        let pairPath = location.projector ?? Self.projectorPath(besides: path)
        let projector = languageOnly ? nil : try pairPath.map { try GGUFFile(path: $0) }
        if let projector, let pairPath {
            configuration.multimodal = try GGUFProjectorMetadata.read(
                projector.metadata, file: pairPath, hasTensor: { projector.info($0) != nil })
            if GGUFProjectorMetadata.marksPictures(projector.metadata) { configuration.conversation = .v1Marked }
        }
        try configuration.validate(file: path)
        let vocabulary = try GGUFLanguageMetadata.readVocabulary(metadata, file: path)
        guard vocabulary.count == configuration.language.vocabularySize else {
            throw InputError(
                GGUFLanguageMetadata.wrongKey, file: path, field: "tokenizer.ggml.tokens",
                problem: "holds \(vocabulary.count) tokens for \(configuration.language.vocabularySize) embeddings")
        }
        let weights = weights(configuration, language: language, projector: projector, origin: path)
        // Asks for each once, so that what is missing or misshapen is found before any work.
        for tensor in configuration.tensors { _ = try weights.check(tensor.key, shape: tensor.shape) }
        return DialectModel(
            configuration: configuration, weights: weights, vocabulary: vocabulary,
            chatTemplate: metadata["tokenizer.chat_template"]?.text, metadata: metadata,
            files: language.files + (projector?.files ?? []),
            isLanguagePart: languageOnly && pairPath != nil,
            fileTypes: Self.fileTypes(language: metadata, projector: projector?.metadata),
            gguf: [.language: metadata].merging(projector.map { [.tower: $0.metadata] } ?? [:]) { first, _ in first })
    }

    private static func fileTypes(language: Metadata, projector: Metadata?) -> [ModelPart: UInt32] {
        func number(_ metadata: Metadata?) -> UInt32? {
            metadata?["general.file_type"]?.integer.flatMap { UInt32(exactly: $0) }
        }
        var types: [ModelPart: UInt32] = [:]
        types[.language] = number(language)
        for part in [ModelPart.tower, .projector] { types[part] = number(projector) }
        return types
    }

    /// The weights of a pair: every tensor of `configuration` under the name that GGUF has for it.
    ///
    /// The legacy scripts named `fc1` `ffn_down` and `fc2` `ffn_up`. As llama.cpp does, the two are told apart by the
    /// row length of `ffn_down`.
    public func weights(
        _ configuration: ModelConfiguration, language: any TensorSource, projector: (any TensorSource)?, origin: String
    ) -> ModelWeights {
        var weights = ModelWeights(rotaryPairing: rotaryPairing, origin: origin)
        for specification in configuration.languageTensors {
            guard let name = name(of: specification, in: configuration) else { continue }
            weights.place(specification.key, in: language, name: name)
        }
        guard let projector, let vision = configuration.multimodal?.vision else { return weights }
        let isSwapped =
            vision.hiddenSize != vision.feedForwardSize
            && projector.info("v.blk.0.ffn_down.weight")?.columns == vision.hiddenSize
        for specification in configuration.towerTensors + configuration.projectorTensors {
            guard var name = name(of: specification, in: configuration) else { continue }
            if isSwapped { name = Self.legacyFeedForwardName(name) }
            weights.place(specification.key, in: projector, name: name)
        }
        return weights
    }

    static func legacyFeedForwardName(_ name: String) -> String {
        for (old, new) in [(".ffn_up.", ".ffn_down."), (".ffn_down.", ".ffn_up.")] {
            if let range = name.firstRange(of: old) {
                return name[..<range.lowerBound] + new + name[range.upperBound...]
            }
        }
        return name
    }

    /// Where the other file of a pair is written and looked for: `mmproj-NAME` beside `NAME`.
    public static func projectorPath(for path: String) -> String {
        let name = Folder.lastComponent(path)
        return String(path.dropLast(name.count)) + "mmproj-" + name
    }

    /// The projector file of a split model is whole, and named after the whole model.
    private static func projectorPath(besides path: String) -> String? {
        [path, GGUFSplit.wholePath(path)].map(projectorPath(for:)).first(where: Folder.exists)
    }
}
