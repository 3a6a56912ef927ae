/// One step of cutting text into words. Merges never cross a cut. Each follows a regular expression of Hugging Face's
/// files; what it does not match stays together as it is.
public enum WordSplitter: Sendable, Hashable {
    /// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
    case gpt2
    /// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,n}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
    /// with n = 3 for LLaMA-3 and 1 for Qwen2.
    case llama3(digits: Int)
    /// `\p{N}`: every digit on its own.
    case singleNumbers
    /// `\p{N}+`
    case numbers
    /// `[0-9][0-9][0-9]`
    case threeDigits
    /// `[\p{P}\$\+<=>\^~\|]+`
    case punctuation

    /// The end of the match that starts at scalar `start`, or nil if none does.
    func match(_ text: ClassifiedText, _ start: Int, end: Int) -> Int? {
        switch self {
        case .gpt2: Self.gpt2(text, start, end)
        case .llama3(let digits): Self.llama3(text, start, end, digits: digits)
        case .singleNumbers: text.classes[start] == .number ? start + 1 : nil
        case .numbers: Self.nonEmpty(start, Self.run(text, start, end) { $0 == .number })
        case .threeDigits: Self.threeDigits(text, start, end)
        case .punctuation: Self.punctuation(text, start, end)
        }
    }

    private static func nonEmpty(_ start: Int, _ end: Int) -> Int? { end > start ? end : nil }

    /// The end of the run of scalars that `isMember` takes.
    private static func run(
        _ text: ClassifiedText, _ start: Int, _ end: Int, _ isMember: (ScalarClass) -> Bool
    ) -> Int {
        var index = start
        while index < end, isMember(text.classes[index]) { index += 1 }
        return index
    }

    private static func gpt2(_ text: ClassifiedText, _ start: Int, _ end: Int) -> Int? {
        if let contraction = contraction(text, start, end, ignoresCase: false) { return contraction }
        let first = text.ascii(start) == UInt8(ascii: " ") && start + 1 < end ? start + 1 : start
        switch text.classes[first] {
        case .letter: return run(text, first, end) { $0 == .letter }
        case .number: return run(text, first, end) { $0 == .number }
        case .other, .punctuation: return run(text, first, end, \.isSymbol)
        case .space: return spaces(text, start, end)
        }
    }

    private static func llama3(_ text: ClassifiedText, _ start: Int, _ end: Int, digits: Int) -> Int? {
        if let contraction = contraction(text, start, end, ignoresCase: true) { return contraction }
        let kind = text.classes[start]
        if kind == .letter { return run(text, start, end) { $0 == .letter } }
        if kind == .number { return run(text, start, min(end, start + digits)) { $0 == .number } }
        // Any one character but a line break may lead a word.
        if !isLineBreak(text, start), start + 1 < end, text.classes[start + 1] == .letter {
            return run(text, start + 1, end) { $0 == .letter }
        }
        let first = text.ascii(start) == UInt8(ascii: " ") && start + 1 < end ? start + 1 : start
        if text.classes[first].isSymbol {
            var index = run(text, first, end, \.isSymbol)
            while index < end, isLineBreak(text, index) { index += 1 }
            return index
        }
        let last = run(text, start, end) { $0 == .space }
        if let lineBreak = (start..<last).last(where: { isLineBreak(text, $0) }) { return lineBreak + 1 }
        return spaces(text, start, end)
    }

    /// `\s+(?!\S)|\s+`: of a run of spaces before a word the last one is left to that word.
    private static func spaces(_ text: ClassifiedText, _ start: Int, _ end: Int) -> Int {
        let last = run(text, start, end) { $0 == .space }
        return last < end && last - start > 1 ? last - 1 : last
    }

    private static func isLineBreak(_ text: ClassifiedText, _ index: Int) -> Bool {
        let character = text.ascii(index)
        return character == UInt8(ascii: "\n") || character == UInt8(ascii: "\r")
    }

    /// `'s|'t|'re|'ve|'m|'ll|'d`. Where case is ignored it is by Unicode's folding, under which U+017F is an s.
    private static func contraction(
        _ text: ClassifiedText, _ start: Int, _ end: Int, ignoresCase: Bool
    ) -> Int? {
        guard text.ascii(start) == UInt8(ascii: "'"), start + 1 < end else { return nil }
        func letter(_ index: Int) -> UInt8 {
            guard index < end else { return 0 }
            let character = text.ascii(index)
            guard ignoresCase else { return character }
            if character == 0 {
                let bytes = text.bytes[text.starts[index]..<text.starts[index + 1]]
                return bytes.elementsEqual([0xC5, 0xBF]) ? UInt8(ascii: "s") : 0
            }
            return (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(character) ? character | 0x20 : character
        }
        switch (letter(start + 1), letter(start + 2)) {
        case (UInt8(ascii: "s"), _), (UInt8(ascii: "t"), _), (UInt8(ascii: "m"), _), (UInt8(ascii: "d"), _):
            return start + 2
        case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
            (UInt8(ascii: "l"), UInt8(ascii: "l")):
            return start + 3
        default: return nil
        }
    }

    private static func threeDigits(_ text: ClassifiedText, _ start: Int, _ end: Int) -> Int? {
        guard start + 3 <= end else { return nil }
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        return (start..<start + 3).allSatisfy { digits.contains(text.ascii($0)) } ? start + 3 : nil
    }

    private static func punctuation(_ text: ClassifiedText, _ start: Int, _ end: Int) -> Int? {
        var index = start
        while index < end,
            text.classes[index] == .punctuation || Array("$+<=>^~|".utf8).contains(text.ascii(index))
        {
            index += 1
        }
        return nonEmpty(start, index)
    }
}

/// How a byte-level tokenizer cuts text into words, by the name that `tokenizer.ggml.pre` has for it.
public struct PreTokenizer: Sendable, Hashable {
    /// One after another, each within the words of the one before.
    public let splitters: [WordSplitter]
    /// Whether a word that is a piece becomes it at once, without merging.
    public let ignoresMerges: Bool
    /// The name in GGUF.
    public let name: String

    /// All that are known; of several names for the same thing the first is the one that is written.
    public static let known: [PreTokenizer] =
        [
            make(["gpt-2", "phi-2", "mpt", "olmo", "jais", "trillion", "granite-docling", "exaone4"], [.gpt2]),
            make(
                ["smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b"],
                [.singleNumbers, .gpt2]),
            make(
                ["llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2"],
                [.llama3(digits: 3)], ignoresMerges: true),
            make(["dbrx", "smaug-bpe", "chatglm-bpe"], [.llama3(digits: 3)]),
            make(["qwen2", "stablelm2", "deepseek-r1-qwen", "hunyuan", "megrez"], [.llama3(digits: 1)]),
            make(["default"], [.punctuation, .gpt2, .numbers, .threeDigits]),
        ].flatMap { $0 }

    private static func make(
        _ names: [String], _ splitters: [WordSplitter], ignoresMerges: Bool = false
    ) -> [PreTokenizer] {
        names.map { PreTokenizer(splitters: splitters, ignoresMerges: ignoresMerges, name: $0) }
    }

    private init(splitters: [WordSplitter], ignoresMerges: Bool, name: String) {
        self.splitters = splitters
        self.ignoresMerges = ignoresMerges
        self.name = name
    }

    /// The pre-tokenizer of that name; nil for one that is not known.
    public init?(name: String) {
        guard let found = Self.known.first(where: { $0.name == name }) else { return nil }
        self = found
    }

    /// The pre-tokenizer that does this; nil if GGUF has no name for it.
    public init?(splitters: [WordSplitter], ignoresMerges: Bool) {
        let found = Self.known.first { $0.splitters == splitters && $0.ignoresMerges == ignoresMerges }
        guard let found else { return nil }
        self = found
    }

    /// The words of a text, as ranges of its bytes, in order and without a gap.
    func words(_ bytes: [UInt8]) -> [Range<Int>] {
        let text = ClassifiedText(bytes)
        var words = text.count > 0 ? [0..<text.count] : []
        for splitter in splitters {
            var cut: [Range<Int>] = []
            cut.reserveCapacity(words.count)
            for word in words { Self.split(word, of: text, by: splitter, into: &cut) }
            words = cut
        }
        return words.map { text.starts[$0.lowerBound]..<text.starts[$0.upperBound] }
    }

    private static func split(
        _ word: Range<Int>, of text: ClassifiedText, by splitter: WordSplitter, into words: inout [Range<Int>]
    ) {
        var start = word.lowerBound
        var index = start
        while index < word.upperBound {
            guard let end = splitter.match(text, index, end: word.upperBound) else {
                index += 1
                continue
            }
            if start < index { words.append(start..<index) }
            words.append(index..<end)
            start = end
            index = end
        }
        if start < word.upperBound { words.append(start..<word.upperBound) }
    }
}
