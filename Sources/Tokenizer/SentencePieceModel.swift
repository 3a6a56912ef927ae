import ByteIO
import SwiftProtobuf

extension Vocabulary {
    /// Reads a SentencePiece model file (`tokenizer.model`), a protocol buffer.
    ///
    /// Only what LLaMA tokenizers use is accepted: byte pair encoding with identity normalisation. Any other
    /// setting would change ids without a word, so it is an error.
    /// - Parameter file: Named in errors.
    public init(sentencePieceModel bytes: Bytes, file: String) throws {
        let model = try Self.decode(bytes, file: file)
        let training = model.training
        guard training.algorithm == 2, !training.spaceIsSuffix else {
            let names: [Int32: String] = [1: "unigram", 2: "BPE with spaces behind words", 3: "word", 4: "char"]
            throw InputError(
                .sentencePieceAlgorithm, file: file, field: "trainer_spec.model_type",
                problem: "is \(training.algorithm) (\(names[training.algorithm] ?? "unknown"))",
                remedy: "Only BPE models (2), as LLaMA has, can be used.")
        }
        try Self.check(model.normalization, file: file)

        let entries = model.entries
        let vocabulary = try Vocabulary(
            pieces: entries.map(\.text), scores: entries.map(\.score), kinds: entries.map { Int($0.kind) },
            bos: Self.id(training.beginID), eos: Self.id(training.endID), unk: Self.id(training.unknownID),
            pad: Self.id(training.paddingID), addDummyPrefix: model.normalization.addDummyPrefix, file: file)
        guard !training.byteFallback || !vocabulary.byteIDs.isEmpty else {
            throw InputError(
                .vocabularyBytes, file: file, field: "byte pieces",
                problem: "there are none, though trainer_spec.byte_fallback is set",
                remedy: "The tokenizer is damaged: fetch it again.")
        }
        self = vocabulary
    }

    private static func decode(_ bytes: Bytes, file: String) throws -> SentencePieceModel {
        var options = BinaryDecodingOptions()
        options.discardUnknownFields = true
        do {
            return try bytes.withUnsafeBytes { try SentencePieceModel(serializedBytes: Array($0), options: options) }
        } catch {
            throw InputError(
                .sentencePieceFormat, file: file, field: "protocol buffer",
                problem: "cannot be read as a SentencePiece model (\(error))",
                remedy: "The file is cut short, damaged or of another kind: fetch it again.")
        }
    }

    private static func check(_ normalization: SentencePieceNormalization, file: String) throws {
        let problem =
            if !normalization.characterMap.isEmpty {
                "replaces characters (\"\(normalization.name)\")"
            } else if normalization.removeExtraSpaces {
                "removes extra spaces"
            } else if !normalization.escapeSpaces {
                "keeps spaces as they are"
            } else {
                ""
            }
        guard !problem.isEmpty else { return }
        throw InputError(
            .sentencePieceNormalization, file: file, field: "normalizer_spec", problem: problem,
            remedy: "Only models that take text as it is, as LLaMA's does, can be used.")
    }

    /// The file writes -1 where there is none.
    private static func id(_ stored: Int32) -> Int? { stored == -1 ? nil : Int(stored) }
}
