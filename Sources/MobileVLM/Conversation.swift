/// The special tokens that upstream adds for pictures where a configuration asks for them.
public enum ImageMarks {
    public static let start = "<im_start>"
    public static let end = "<im_end>"
    /// Added with `mm_use_im_patch_token`, and never used in a prompt.
    public static let patch = "<im_patch>"

    public static let all: Set<String> = [start, end, patch]
}

/// The conversation template `v1` (Vicuna's), which all releases of the family were tuned with.
public enum ConversationV1 {
    /// The system text that every prompt starts with.
    public static let system =
        "A chat between a curious user and an artificial intelligence assistant. "
        + "The assistant gives helpful, detailed, and polite answers to the user's questions."

    /// The place of a picture in a text that users write.
    public static let imagePlaceholder = "<image>"

    /// The id that stands for a picture among token ids, as upstream has it.
    public static let imageToken = -200

    /// A single-turn prompt that ends where the answer begins.
    /// - Parameters:
    ///   - question: The user's text.
    ///   - images: How many pictures come before it, each followed by a newline.
    ///   - marksPictures: Whether each stands between `<im_start>` and `<im_end>`, as with `mm_use_im_start_end`.
    public static func prompt(_ question: String, images: Int, marksPictures: Bool = false) -> Prompt {
        guard images > 0 else { return Prompt([.text("\(system) USER: \(question) ASSISTANT:")]) }
        let (start, end) = marksPictures ? (ImageMarks.start, ImageMarks.end) : ("", "")
        let between = [Prompt.Part](repeating: .picture, count: images).flatMap { [$0, .text("\(end)\n\(start)")] }
        return Prompt(
            [.text("\(system) USER: \(start)")] + between.dropLast()
                + [.text("\(end)\n\(question) ASSISTANT:")])
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
}
