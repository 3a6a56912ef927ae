/// The special tokens that upstream adds for pictures where a configuration asks for them.
public enum ImageMarks {
    public static let start = "<im_start>"
    public static let end = "<im_end>"
    /// Added with `mm_use_im_patch_token`, and never used in a prompt.
    public static let patch = "<im_patch>"

    public static let all: Set<String> = [start, end, patch]
}

/// How a question becomes a prompt: `before`, then `picture` once for each picture, the question, `after`.
public struct Conversation: Sendable, Equatable {
    public var before: String
    /// With `<image>` where the picture goes.
    public var picture: String
    public var after: String

    public init(before: String, picture: String, after: String) {
        self.before = before
        self.picture = picture
        self.after = after
    }

    /// Vicuna's, which all releases of the family were tuned with.
    public static let v1 = Conversation(
        before: "\(ConversationV1.system) USER: ", picture: "\(ConversationV1.imagePlaceholder)\n",
        after: " ASSISTANT:")

    /// The same with each picture between `<im_start>` and `<im_end>`, as with `mm_use_im_start_end`.
    public static let v1Marked = Conversation(
        before: v1.before, picture: "\(ImageMarks.start)\(ConversationV1.imagePlaceholder)\(ImageMarks.end)\n",
        after: v1.after)

    /// A single-turn prompt that ends where the answer begins.
    /// - Parameters:
    ///   - question: The user's text, in which `<image>` is no picture's place.
    ///   - images: How many pictures come before it.
    public func prompt(_ question: String, images: Int) -> Prompt {
        var prompt = Prompt(text: before + String(repeating: picture, count: images))
        guard case .text(let last)? = prompt.parts.popLast() else { return prompt }
        prompt.parts.append(.text(last + question + after))
        return prompt
    }
}

/// What the conversation template `v1` consists of.
public enum ConversationV1 {
    /// The system text that every prompt starts with.
    public static let system =
        "A chat between a curious user and an artificial intelligence assistant. "
        + "The assistant gives helpful, detailed, and polite answers to the user's questions."

    /// The place of a picture in a text that users write.
    public static let imagePlaceholder = "<image>"

    /// The id that stands for a picture among token ids, as upstream has it.
    public static let imageToken = -200

    /// The template as a Jinja template, for runtimes that read one from the file. BOS comes from the tokenizer.
    public static let jinja =
        "{%- if messages[0]['role'] == 'system' -%}{%- set sys = messages[0]['content'] -%}"
        + "{%- set rest = messages[1:] -%}{%- else -%}{%- set sys = '"
        + system.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "\\'")
        + "' -%}{%- set rest = messages -%}{%- endif -%}{{- sys + ' ' -}}"
        + "{%- for m in rest -%}{%- if m['role'] == 'user' -%}{{- 'USER: ' + m['content'] + ' ' -}}"
        + "{%- elif m['role'] == 'assistant' -%}{{- 'ASSISTANT: ' + m['content'] + '</s>' -}}{%- endif -%}"
        + "{%- endfor -%}{%- if add_generation_prompt -%}{{- 'ASSISTANT:' -}}{%- endif -%}"
}
