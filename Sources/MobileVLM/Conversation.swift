import Tokenizer

/// The conversation template `v1` (Vicuna's), which all releases of the family were tuned with.
public enum ConversationV1 {
    /// The system text that every prompt starts with.
    public static let system =
        "A chat between a curious user and an artificial intelligence assistant. "
        + "The assistant gives helpful, detailed, and polite answers to the user's questions."

    /// The place of a picture in a prompt's text.
    public static let imagePlaceholder = "<image>"

    /// The id that stands for a picture among token ids, as upstream has it.
    public static let imageToken = -200

    /// A single-turn prompt that ends where the answer begins.
    /// - Parameters:
    ///   - question: The user's text.
    ///   - images: How many pictures come before it, each followed by a newline.
    public static func prompt(_ question: String, images: Int) -> String {
        let pictures = String(repeating: imagePlaceholder + "\n", count: images)
        return "\(system) USER: \(pictures)\(question) ASSISTANT:"
    }

    /// The same as a Jinja template, for runtimes that read one from the file. BOS comes from the tokenizer.
    public static let jinja =
        "{%- if messages[0]['role'] == 'system' -%}{%- set sys = messages[0]['content'] -%}"
        + "{%- set rest = messages[1:] -%}{%- else -%}{%- set sys = '"
        + system.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "\\'")
        + "' -%}{%- set rest = messages -%}{%- endif -%}{{- sys + ' ' -}}"
        + "{%- for m in rest -%}{%- if m['role'] == 'user' -%}{{- 'USER: ' + m['content'] + ' ' -}}"
        + "{%- elif m['role'] == 'assistant' -%}{{- 'ASSISTANT: ' + m['content'] + '</s>' -}}{%- endif -%}"
        + "{%- endfor -%}{%- if add_generation_prompt -%}{{- 'ASSISTANT:' -}}{%- endif -%}"

    /// Token ids of a prompt, with `imageToken` where a picture goes.
    ///
    /// The text is cut at the placeholders and each part is encoded on its own, with its own leading space, as
    /// upstream's `tokenizer_image_token` does: the text after a picture starts `29871, 13` where running text would not.
    /// - Parameter legacy: The flag of that name in `tokenizer_config.json`: whether text after a special token gets a
    ///   leading space again. True where nothing is known, as in a GGUF file.
    public static func tokenIDs(_ prompt: String, tokenizer: SentencePieceTokenizer, legacy: Bool = true) -> [Int] {
        let vocabulary = tokenizer.vocabulary
        var ids: [Int] = []
        if vocabulary.addBOS, let bos = vocabulary.bos { ids.append(bos) }
        for (index, part) in parts(of: prompt).enumerated() {
            if index > 0 { ids.append(imageToken) }
            ids += tokenizer.encode(part, parseSpecial: true, legacy: legacy)
        }
        return ids
    }

    /// The text between placeholders.
    private static func parts(of prompt: String) -> [String] {
        var parts: [String] = []
        var rest = Substring(prompt)
        while let range = rest.firstRange(of: imagePlaceholder) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return parts + [String(rest)]
    }
}
