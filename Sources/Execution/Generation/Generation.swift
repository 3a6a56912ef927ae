import Platform
import ByteIO

/// What a model wrote, and how long it took.
public struct Generation: Sendable, Equatable {
    public enum Ending: Sendable, Equatable {
        /// The model chose a stop token, which is not among the ids.
        case stopToken(Int)
        /// As many tokens as were asked for.
        case length
        /// The model's context, or the cache, is full.
        case contextFull
        /// `onToken` returned false.
        case stopped
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
    ///   - cacheFormat: How a cache that is made here keeps keys and values.
    ///   - cancellation: Looked at before each block of each pass.
    ///   - onToken: Called with each token as soon as it is chosen; false ends the text with it.
    /// - Throws: `ExecutionError` if the prompt does not fit the model, `CancellationError`. A context that fills up later
    ///   is an `ending`.
    public func generate(
        _ pieces: [InputPiece], cache: KeyValueCache? = nil, sampler: Sampler = .greedy, maximumTokens: Int,
        stopIDs: Set<Int> = [], cacheFormat: KeyValueCache.Format? = nil, cancellation: Cancellation? = nil,
        onToken: (Int) throws -> Bool = { _ in true }
    ) throws -> Generation {
        let rowCount = pieces.reduce(0) { $0 + $1.rowCount }
        let room = min(max(0, maximumTokens), configuration.language.contextLength)
        let cache = cache ?? makeCache(positions: rowCount + room, format: cacheFormat)
        var sampler = sampler
        var result = Generation()
        let clock = ContinuousClock()
        let start = cache.position
        /// Takes the pieces in and chooses the token after them.
        func next(_ pieces: [InputPiece], _ seconds: inout Double) throws -> Int {
            let begin = clock.now
            let logits = try run(pieces, cache: cache, logits: .last, taps: nil, cancellation: cancellation)
            seconds += (clock.now - begin).seconds
            return logits?.withElements(of: 0..<1) { sampler.next($0) } ?? 0
        }
        var id = try next(pieces, &result.prefillSeconds)
        result.promptRows = cache.position - start

        while result.ids.count < maximumTokens {
            if stopIDs.contains(id) {
                result.ending = .stopToken(id)
                return result
            }
            result.ids.append(id)
            guard try onToken(id) else {
                result.ending = .stopped
                return result
            }
            guard result.ids.count < maximumTokens else { break }
            guard cache.position < cache.capacity else {
                result.ending = .contextFull
                return result
            }
            id = try next([.tokens([id])], &result.decodeSeconds)
            result.decodeSteps += 1
        }
        return result
    }
}
