import ByteIO
import Conversion
import Tensors
import TestSupport
import Testing

/// The choice of types under a limit, on random tensors like a model's.
struct TypeMixTests {
    typealias Option = TypeMix.Option

    /// Tensors of different sizes and worth; losses fall fourfold with a bit, give or take, so that some options lie above
    /// the hull.
    private static func tensors(_ seed: UInt64, count: Int = 40) -> [[Option]] {
        var random = SeededGenerator(state: seed)
        let types: [(ElementType, Double)] = [
            (.q2_K, 2.6), (.q3_K, 3.4), (.iq4_XS, 4.25), (.q4_0, 4.5), (.q4_1, 5), (.q5_0, 5.5), (.q6_K, 6.6),
            (.q8_0, 8.5),
        ]
        return (0..<count).map { _ in
            let elements = Double(Int.random(in: 1...900, using: &random) * 1024)
            let worth = Double.random(in: 0.001...1, using: &random)
            return types.map { type, bits in
                let luck = Double.random(in: 0.6...1.6, using: &random)
                var loss = worth * luck
                for _ in 0..<Int(bits * 2) { loss /= 2 }
                return Option(type: type, bytes: Int(elements * bits / 8), loss: loss)
            }
        }
    }

    private static func limits(_ tensors: [[Option]]) -> ClosedRange<Int> {
        let least = tensors.reduce(0) { $0 + ($1.map(\.bytes).min() ?? 0) }
        return least...tensors.reduce(0) { $0 + ($1.map(\.bytes).max() ?? 0) }
    }

    @Test("the choice fits whenever anything does, and is none where nothing does", arguments: 0..<20 as Range<UInt64>)
    func fits(seed: UInt64) throws {
        let tensors = Self.tensors(seed)
        let sizes = Self.limits(tensors)
        for budget in stride(from: sizes.lowerBound, through: sizes.upperBound, by: sizes.count / 17) {
            let choice = try #require(TypeMix.choose(tensors, budget: budget))
            #expect(TypeMix.total(tensors, choice).bytes <= budget)
        }
        #expect(TypeMix.choose(tensors, budget: sizes.lowerBound - 1) == nil)
        #expect(TypeMix.choose([[]], budget: 100) == nil)
        #expect(TypeMix.choose([], budget: 0) == [])
    }

    @Test("no single exchange that fits is better", arguments: 20..<40 as Range<UInt64>)
    func singleExchanges(seed: UInt64) throws {
        let tensors = Self.tensors(seed)
        let sizes = Self.limits(tensors)
        let budget = sizes.lowerBound + sizes.count * Int(seed - 19) / 21
        let choice = try #require(TypeMix.choose(tensors, budget: budget))
        let total = TypeMix.total(tensors, choice)
        for tensor in tensors.indices {
            for option in tensors[tensor].indices {
                var other = choice
                other[tensor] = option
                let exchanged = TypeMix.total(tensors, other)
                #expect(exchanged.bytes > budget || exchanged.loss >= total.loss * (1 - 1e-12))
            }
        }
    }

    @Test(
        "a few tensors get the best of all choices, but for a step of one of them", arguments: 0..<12 as Range<UInt64>)
    func againstAll(seed: UInt64) throws {
        let tensors = Self.tensors(seed, count: 5).map { Array($0.prefix(6)) }
        let sizes = Self.limits(tensors)
        let budget = (sizes.lowerBound + sizes.upperBound) / 2
        let choice = try #require(TypeMix.choose(tensors, budget: budget))
        var (best, other) = (Double.infinity, [Int](repeating: 0, count: tensors.count))
        for number in 0..<7776 {
            var rest = number
            for tensor in tensors.indices { (rest, other[tensor]) = rest.quotientAndRemainder(dividingBy: 6) }
            let total = TypeMix.total(tensors, other)
            if total.bytes <= budget { best = min(best, total.loss) }
        }
        // What the next step along the hull of any tensor could still save.
        let step = zip(tensors, choice).map { options, now in
            TypeMix.hull(options).map { options[now].loss - options[$0].loss }.filter { $0 > 0 }.min() ?? 0
        }.max()
        #expect(TypeMix.total(tensors, choice).loss <= best + (step ?? 0))
    }

    @Test("where the limit lies on the hull, more room never loses", arguments: 40..<50 as Range<UInt64>)
    func monotone(seed: UInt64) throws {
        let tensors = Self.tensors(seed)
        var losses: [Double] = []
        // The limits at which the Lagrangian's solution uses all the room: twice the price, fewer bytes.
        var price = 1e-9
        while price < 1e-3 {
            let budget = tensors.reduce(0) { sum, options in
                sum
                    + (options.min { $0.loss + price * Double($0.bytes) < $1.loss + price * Double($1.bytes) }?.bytes
                        ?? 0)
            }
            losses.append(TypeMix.total(tensors, try #require(TypeMix.choose(tensors, budget: budget))).loss)
            price *= 2
        }
        #expect(zip(losses, losses.dropFirst()).allSatisfy { $0 <= $1 * (1 + 1e-12) })
    }

    @Test("an option above the line between two others is passed over, unless it fills the rest")
    func passesOver() {
        let options = [
            Option(type: .q4_0, bytes: 100, loss: 10), Option(type: .q5_0, bytes: 150, loss: 9),
            Option(type: .q8_0, bytes: 200, loss: 1),
        ]
        #expect(TypeMix.hull(options) == [0, 2])
        #expect(TypeMix.choose([options, options], budget: 300) == [2, 0])
        #expect(TypeMix.choose([options], budget: 160) == [1])
    }

    @Test(
        "sizes are read in decimal units",
        arguments: [("700M", 700_000_000), ("1.5G", 1_500_000_000), ("250000", 250_000)])
    func sizes(text: String, bytes: Int) {
        #expect(SizeBudget(size: text) == .bytes(bytes))
    }

    @Test("what is no size is none", arguments: ["", "M", "-3M", "0", "12T", "nan", "1e40G", "3 M"])
    func noSizes(text: String) { #expect(SizeBudget(size: text) == nil) }

    @Test("losses that are given take the place of plain rounding's")
    func givenLosses() throws {
        var random = SeededGenerator(state: 7)
        let tensors = try (0..<2).map { number -> BudgetPlan.Tensor in
            let info = try #require(TensorInfo(name: "t\(number)", type: .f32, shape: [64, 256]))
            let floats = (0..<64 * 256).map { _ in Float.random(in: -1...1, using: &random) }
            let losses = number == 0 ? [:] : Dictionary(uniqueKeysWithValues: BudgetPlan.candidates.map { ($0, 1e-6) })
            return BudgetPlan.Tensor(
                rows: FloatRows(info: info, floats: floats), target: info, importance: nil,
                sensitivity: .measured(0.01, as: .q4_0), losses: losses)
        }
        let plan = try #require(try BudgetPlan(tensors, bytes: 64 * 256 * 2, threads: 1))
        // The second loses the same in any type, so that the first has all the room but for the smallest one's.
        #expect(plan.types["t1"] == .q2_K)
        #expect(plan.types["t0"] == .q8_0)
    }
}

private struct FloatRows: TensorRows {
    let info: TensorInfo
    let floats: [Float]
    var origin: String { "a test" }

    func rows(_ range: Range<Int>) throws -> Bytes {
        Bytes(floats[range.lowerBound * info.columns..<range.upperBound * info.columns].withUnsafeBytes { Array($0) })
    }
}
