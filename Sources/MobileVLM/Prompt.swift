import Tokenizer

/// What a model is asked: texts and pictures in the order in which it reads them.
public struct Prompt: Sendable, Equatable {
    public enum Part: Sendable, Equatable {
        case text(String)
        /// The next of the pictures that go with the prompt.
        case picture
    }

    public var parts: [Part]

    public init(_ parts: [Part]) { self.parts = parts }

    /// A text as users write it, `<image>` in it standing for a picture.
    public init(text: String) {
        parts = []
        var rest = Substring(text)
        while let range = rest.firstRange(of: ConversationV1.imagePlaceholder) {
            parts += [.text(String(rest[..<range.lowerBound])), .picture]
            rest = rest[range.upperBound...]
        }
        parts.append(.text(String(rest)))
    }

    public var pictureCount: Int { parts.count { $0 == .picture } }

    /// The same as one text, `<image>` standing for a picture.
    public var text: String {
        parts.map { part in
            switch part {
            case .text(let text): text
            case .picture: ConversationV1.imagePlaceholder
            }
        }.joined()
    }
}

/// A prompt whose texts are token ids.
public struct TokenPrompt: Sendable, Equatable {
    public enum Part: Sendable, Equatable {
        case tokens([Int])
        case picture
    }

    public var parts: [Part]

    public init(_ parts: [Part]) { self.parts = parts }

    /// Ids as upstream writes them, `ConversationV1.imageToken` standing for a picture.
    public init(ids: [Int]) {
        parts = []
        for (number, run) in ids.split(separator: ConversationV1.imageToken, omittingEmptySubsequences: false)
            .enumerated()
        {
            if number > 0 { parts.append(.picture) }
            if !run.isEmpty { parts.append(.tokens(Array(run))) }
        }
    }

    /// The ids as upstream writes them, `ConversationV1.imageToken` standing for a picture.
    public var ids: [Int] {
        parts.flatMap { part in
            switch part {
            case .tokens(let ids): ids
            case .picture: [ConversationV1.imageToken]
            }
        }
    }

    public var pictureCount: Int { parts.count { $0 == .picture } }
}

extension Prompt {
    /// The prompt in token ids, BOS first where the vocabulary wants it.
    ///
    /// Each text is encoded on its own, with its own leading space, as upstream's `tokenizer_image_token` does: the text
    /// after a picture starts `29871, 13` where running text would not.
    /// - Parameter legacy: The flag of that name in `tokenizer_config.json`: whether text after a special token gets a
    ///   leading space again. True where nothing is known, as in a GGUF file.
    public func tokens(_ tokenizer: TextTokenizer, legacy: Bool = true) -> TokenPrompt {
        let vocabulary = tokenizer.vocabulary
        var result = TokenPrompt([])
        var mark = vocabulary.addBOS ? vocabulary.bos.map { [$0] } ?? [] : []
        for part in parts {
            switch part {
            case .text(let text):
                let ids = mark + tokenizer.encode(text, parseSpecial: true, legacy: legacy)
                if !ids.isEmpty { result.parts.append(.tokens(ids)) }
                mark = []
            case .picture:
                if !mark.isEmpty { result.parts.append(.tokens(mark)) }
                mark = []
                result.parts.append(.picture)
            }
        }
        if !mark.isEmpty { result.parts.append(.tokens(mark)) }
        return result
    }
}
