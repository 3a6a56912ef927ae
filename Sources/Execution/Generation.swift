/// What a model wrote, and how long it took.
public struct Generation: Sendable, Equatable {
    public enum Ending: Sendable, Equatable {
        /// The model chose a stop token, which is not among the ids.
        case stopToken(Int)
        /// As many tokens as were asked for.
        case length
        /// The model's context is full.
        case contextFull
    }

    /// The new tokens.
    public var ids: [Int] = []
    public var ending = Ending.length
    /// Rows of the prompt, image rows included.
    public var promptRows = 0
    /// From the call to the prompt's last logits.
    public var prefillSeconds = 0.0
    /// All further passes through the model, one token each.
    public var decodeSeconds = 0.0
    /// Number of those passes; one less than the tokens chosen, for the first comes with the prompt.
    public var decodeSteps = 0
}

extension Executor {
    /// Continues a conversation with `pieces` and then with tokens that `sampler` chooses.
    ///
    /// - Parameters:
    ///   - cache: The conversation so far; nil begins a new one. Afterwards it holds all rows that went through the
    ///     model, which the last token chosen is not among.
    ///   - maximumTokens: Most tokens to choose.
    ///   - stopIDs: Tokens that end the text; the model's end-of-sequence id as a rule. Empty: none does.
    ///   - onToken: Called with each token as soon as it is chosen.
    /// - Throws: `ExecutionError` if the prompt does not fit the model. A context that fills up later is an `ending`.
    public func generate(
        _ pieces: [InputPiece], cache: KeyValueCache? = nil, sampler: Sampler = .greedy, maximumTokens: Int,
        stopIDs: Set<Int> = [], onToken: (Int) -> Void = { _ in }
    ) throws -> Generation {
        let cache = cache ?? makeCache()
        var sampler = sampler
        var result = Generation()
        let clock = ContinuousClock()
        let start = cache.position
        var logits: Matrix?
        result.prefillSeconds = try clock.measure {
            logits = try forward(pieces, cache: cache, logits: .last)
        }.seconds
        result.promptRows = cache.position - start

        while let last = logits, result.ids.count < maximumTokens {
            let id = sampler.next(last.elements)
            if stopIDs.contains(id) {
                result.ending = .stopToken(id)
                return result
            }
            result.ids.append(id)
            onToken(id)
            guard result.ids.count < maximumTokens else { break }
            guard cache.position < configuration.language.contextLength else {
                result.ending = .contextFull
                return result
            }
            result.decodeSeconds += try clock.measure {
                logits = try forward([.tokens([id])], cache: cache, logits: .last)
            }.seconds
            result.decodeSteps += 1
        }
        return result
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
