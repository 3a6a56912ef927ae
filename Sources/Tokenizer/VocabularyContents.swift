import ByteIO

/// How text is written in the pieces of a vocabulary.
public enum PieceSpelling: Sendable, Equatable {
    /// A space is U+2581; bytes that no piece covers are pieces of their own, `<0x0A>`.
    case sentencePiece
    /// Each byte is a character (GPT-2's alphabet: a space is U+0120). Tokens that were added are written as they are.
    case byteLevel(PreTokenizer)
}

/// When SentencePiece's spelling puts a space in front of a text.
public enum SpacePrefix: Sendable, Equatable {
    case none
    /// In front of every text that is not empty.
    case always
    /// In front of one that does not start with a space, as Hugging Face's `Metaspace` does.
    case unlessSpace
}

/// What is unusual about how an added token is found in text, as `tokenizer.json` has it.
public struct AddedTokenRules: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Takes the white space in front of it along.
    public static let stripsLeft = AddedTokenRules(rawValue: 1)
    /// Takes the white space behind it along.
    public static let stripsRight = AddedTokenRules(rawValue: 2)
    /// Only where no letter, digit or underscore is beside it.
    public static let singleWord = AddedTokenRules(rawValue: 4)
    /// Looked for after those that are not.
    public static let normalized = AddedTokenRules(rawValue: 8)
}

/// A token that was added to a trained vocabulary.
public struct AddedToken: Sendable, Hashable {
    public var id: Int
    public var text: String
    public var kind: PieceKind
    public var rules: AddedTokenRules

    public init(id: Int, text: String, kind: PieceKind, rules: AddedTokenRules = []) {
        self.id = id
        self.text = text
        self.kind = kind
        self.rules = rules
    }
}

/// The values of a vocabulary, as files state them; `Vocabulary` checks them.
public struct VocabularyContents: Sendable {
    /// Texts in the order of their ids.
    public var pieces: [String]
    public var scores: [Float]
    /// Numbers of `PieceKind`.
    public var kinds: [Int]
    public var bos: Int?
    public var eos: Int?
    /// Tokens besides `eos` that end an answer.
    public var otherEnds: [Int] = []
    public var unk: Int?
    public var pad: Int?
    public var addBOS = true
    public var prefix = SpacePrefix.always
    public var spelling = PieceSpelling.sentencePiece
    /// In SentencePiece's spelling with listed merges: whether a word ends in front of every space.
    public var splitsAtSpaces = false
    /// The merges of a vocabulary that lists them. Without them merging goes by scores.
    var merges: MergeTable?
    /// Where text without a piece becomes one `unk` however long it is.
    public var fusesUnknown = true
    /// Unusual rules of added tokens by their ids.
    public var addedRules: [Int: AddedTokenRules] = [:]

    public init(pieces: [String], scores: [Float], kinds: [Int]) {
        self.pieces = pieces
        self.scores = scores
        self.kinds = kinds
    }

    /// The parts of every merge in the order of preference; empty where merging goes by scores.
    public var mergePairs: [(left: Int, right: Int)] {
        merges?.pairs.map { (Int($0.x), Int($0.y)) } ?? []
    }

    /// Puts tokens behind the vocabulary, or says more about those it has: see `Vocabulary.adding`.
    public mutating func add(_ tokens: [AddedToken], file: String) throws {
        let count = pieces.count
        for token in tokens.sorted(by: { $0.id < $1.id }) {
            if token.id >= 0, token.id < pieces.count, pieces[token.id].utf8.elementsEqual(token.text.utf8) {
                // What a file says of a token again is not heeded among those that were just added.
                if !token.rules.isEmpty { addedRules[token.id] = token.rules }
                continue
            }
            guard token.id == pieces.count else {
                throw InputError(
                    .vocabularyAdded, file: file, field: "\"\(token.text)\"",
                    problem: "has id \(token.id) where \(pieces.count) comes next",
                    remedy: "Added tokens must continue the ids of the vocabulary's \(count) pieces without a gap.")
            }
            pieces.append(token.text)
            kinds.append(token.kind.rawValue)
            scores.append(-1000)
            if !token.rules.isEmpty { addedRules[token.id] = token.rules }
        }
    }
}
