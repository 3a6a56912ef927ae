import ByteIO
import JSON
import TestSupport
import Testing
import Tokenizer

/// How long a `tokenizer.json` of the size that releases have takes to read.
@Suite struct LoadTests {
    /// A fixture whose merges go on, with pieces put together at random, until it has `count` pieces.
    static func grown(_ file: String, to count: Int) throws -> [UInt8] {
        var fixture = try TokenizerFixture(file)
        if file == "spelt.json" {
            fixture["normalizer"] = ["type": "Replace", "pattern": ["String": " "], "content": "\u{2581}"]
        }
        let model = try #require(fixture.json["model"])
        var pieces = try #require(model["vocab"]?.object).entries.map { (text: $0.key, id: $0.value.int ?? 0) }
        var merges = try #require(model["merges"]?.array).map { $0.serialized() }
        fixture["added_tokens"] = .array(
            (fixture["added_tokens"]?.array ?? []).filter { ($0["id"]?.int ?? 0) < pieces.count })
        var texts = Set(pieces.map(\.text))
        let marks = Set((fixture["added_tokens"]?.array ?? []).compactMap { $0["content"]?.string })
        var parts = pieces.map(\.text).filter { !marks.contains($0) && !$0.hasPrefix("<0x") }
        var numbers = SeededGenerator(state: 9)
        while pieces.count < count {
            let (left, right) = (
                parts[Int.random(in: parts.indices, using: &numbers)],
                parts[Int.random(in: parts.indices, using: &numbers)]
            )
            guard left.utf8.count + right.utf8.count <= 16, texts.insert(left + right).inserted else { continue }
            pieces.append((left + right, pieces.count))
            parts.append(left + right)
            merges.append(JSONValue.string("\(left) \(right)").serialized())
        }
        fixture.set(model: ["vocab": "VOCAB", "merges": "MERGES"])
        let vocabulary = pieces.map { "\(JSONValue.string($0.text).serialized()):\($0.id)" }.joined(separator: ",")
        return Array(
            fixture.json.serialized().replacing("\"VOCAB\"", with: "{\(vocabulary)}")
                .replacing("\"MERGES\"", with: "[\(merges.joined(separator: ","))]").utf8)
    }

    @Test(
        "a tokenizer.json is read in a fraction of the time that its JSON alone would take", .disabled(if: isSanitized),
        arguments: [("spelt.json", 32_000), ("bytes.json", 128_000), ("bytes.json", 151_000)])
    func load(file: String, count: Int) throws {
        let bytes = Bytes(try Self.grown(file, to: count))
        // In turn, and by the processor's time: a ratio holds on a slow machine, and on one that has other work.
        let ratios = try (0..<3).map { _ in
            let alone = try threadTime { _ = try JSONValue(parsing: bytes, file: file) }
            var pieces = 0
            let time = try threadTime { pieces = try TokenizerJSON(bytes, file: file).vocabulary.count }
            #expect(pieces == count)
            return time / alone
        }
        let best = ratios.min() ?? .infinity
        // A quarter to a third; whoever reads the whole text as JSON first is beyond 1.
        #expect(best < 0.7, "\(file), \(count) pieces, \(bytes.count) bytes: \(best)")
    }
}
