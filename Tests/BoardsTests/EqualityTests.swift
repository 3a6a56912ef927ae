import ByteIO
import Conversion
import Execution
import Foundation
import Imaging
import MVLM
import MobileVLM
import TestSupport
import Testing
import VLMConv

/// What the program for boards computes is what vlmconv computes. One file per kind of model, one program per processor.
@Suite("The program for boards")
struct EqualityTests {
    struct Target: Sendable, CustomTestStringConvertible {
        let name: String
        let compiler: String
        let options: [String]
        /// What runs its programs.
        let runner: [String]
        var environment: [String: String] = [:]
        var testDescription: String { name }

        var isAvailable: Bool { ([compiler] + runner.prefix(1)).allSatisfy(Boards.has) }
    }

    static let targets = [
        Target(name: "native", compiler: "cc", options: [], runner: []),
        Target(name: "plain", compiler: "cc", options: [], runner: [], environment: ["VLMCONV_ISA": "plain"]),
        Target(name: "clang", compiler: "clang", options: [], runner: []),
        Target(
            name: "aarch64", compiler: "aarch64-linux-gnu-gcc", options: ["-static"], runner: ["qemu-aarch64"]),
    ].filter(\.isAvailable)

    /// The picture as a PPM beside the others.
    private func ppm(_ name: String, in folder: URL) throws -> String {
        let source = Fixtures.path("pictures/\(name)")
        let bytes = try Data(contentsOf: URL(fileURLWithPath: source))
        let image = try bytes.withUnsafeBytes { try ImageDecoder.decode($0, file: source) }
        let path = folder.appendingPathComponent(name + ".ppm").path
        try (Data("P6\n# a comment\n\(image.width) \(image.height)\n255\n".utf8) + Data(image.pixels))
            .write(to: URL(fileURLWithPath: path))
        return path
    }

    /// The floats of a dump: pixels, then features.
    private func values(_ dump: String) throws -> [Float] {
        try Data(contentsOf: URL(fileURLWithPath: dump)).withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    }

    private func numbers(_ text: Substring) -> [Int] { text.split(separator: " ").compactMap { Int($0) } }

    @Test(
        "has the same token ids and pixels, bit for bit, features to 1e-4 and the same answers", arguments: targets)
    func equals(target: Target) throws {
        let folder = try Fixtures.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let program = try Boards.build(
            "mvlm-run-\(target.name)", compiler: target.compiler, options: target.options)
        let paths = ["v2", "v1", "groups", "tiles4", "tiles16", "both"].map {
            folder.appendingPathComponent("\($0).mvlm").path
        }
        let tower = "tiny-mobilevlm-v1/clip-vit-tiny-patch14-336"
        try Boards.convert("tiny-mobilevlm-v2", "q4_k_m", to: paths[0])
        try Boards.convert("tiny-mobilevlm-v1", tower: tower, "q4_0", to: paths[1])
        try Boards.convert("tiny-mobilevlm-v2", "a5g64", to: paths[2])
        try Boards.convert("tiny-mobilevlm-v2", "q4_k_m", layouts: [.tiles(rows: 4)], to: paths[3])
        try Boards.convert("tiny-mobilevlm-v1", tower: tower, "a4g32", layouts: [.tiles(rows: 16)], to: paths[4])
        try Boards.convert(
            "tiny-mobilevlm-v2", "iq4_nl", layouts: [.tiles(rows: 8), .plain, .tiles(rows: 4)], to: paths[5])
        let cases = [
            (0, "scene-02-336x420.png", "Answer in a sentence. What shape is it?"),
            (1, "scene-01-420x336.png", "What color is the square? <s>\u{20AC}</s> caf\u{E9}  "),
            (2, "scene-01-420x336.png", "How many shapes are there?"),
            (3, "scene-02-336x420.png", "Answer in a sentence. What shape is it?"),
            (4, "scene-01-420x336.png", "What color is the square?"),
            (5, "scene-01-420x336.png", "How many shapes are there?"),
        ]
        // An emulated processor takes its time; it has tiles in one case.
        for (model, picture, question) in cases.prefix(target.runner.isEmpty ? cases.count : 4) {
            let session = try Session(Model(path: paths[model]), arithmetic: .reference, threads: 2)
            let pixels = try session.pixels(Fixtures.path("pictures/\(picture)"))
            let prompt = session.tokens(question: question, images: 1)
            let answer = try session.answer(prompt, images: [pixels], sampler: .greedy, maxTokens: 12)
            let dump = folder.appendingPathComponent("dump").path
            let command = target.runner + [program, paths[model], "--image", try ppm(picture, in: folder)]
            let output = try Boards.run(
                command + ["--reference", "--ids", "--tokens", "12", "--dump", dump, question],
                environment: target.environment)
            let lines = output.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(numbers(lines[0]) == prompt.ids)
            #expect(numbers(lines[1]) == answer.tokens)
            let floats = try values(dump)
            #expect(Array(floats.prefix(pixels.count)) == pixels)
            let features = try session.executor.encodeImage(pixels).elements
            #expect(floats.count == pixels.count + features.count)
            let worst = zip(floats.dropFirst(pixels.count), features).map { abs($0 - $1) }.max() ?? 1
            #expect(worst < 1e-4)
        }
        // Text, and a sampled answer: the same generator, the same draws.
        let session = try Session(Model(path: paths[0]), arithmetic: .reference, threads: 2)
        let question = "What shape is the orange object?"
        let sampler = Sampler(temperature: 2, topK: 20, topP: 0.95, seed: 7)
        let sampled = try session.answer(
            session.tokens(question: question, images: 0), images: [], sampler: sampler, maxTokens: 16)
        let sampling = ["--temperature", "2", "--top-k", "20", "--top-p", "0.95", "--seed", "7", "--tokens", "16"]
        let text = try Boards.run(
            target.runner + [program, paths[0], "--reference"] + sampling + [question],
            environment: target.environment)
        #expect(text.drop { $0 == " " || $0 == "\n" } == sampled.text + "\n")
    }

    @Test("takes from the file what other models do differently: conversation, tokenizer, colour of the margin")
    func ownWays() throws {
        let folder = try Fixtures.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let program = try Boards.build("own-ways")
        var sketch = try MVLMSketch.nano()
        sketch.set("conversation", "before", "not </s>")
        sketch.set("preprocessing", "mean", [0.25, 0.5, 0.75])
        sketch.set("preprocessing", "pad_colour", [63, 127, 191])
        // A space in front of a text, but not behind a special token.
        sketch.tokenizer { $0[4] = 3 }
        let picture = try ppm("scene-01-420x336.png", in: folder)
        let path = folder.appendingPathComponent("own.mvlm").path
        try Data(sketch.bytes()).write(to: URL(fileURLWithPath: path))
        let session = try Session(Model(path: path), arithmetic: .reference, threads: 2)
        let pixels = try session.pixels(Fixtures.path("pictures/scene-01-420x336.png"))
        let prompt = session.tokens(question: "an</s>an", images: 1)
        let answer = try session.answer(prompt, images: [pixels], sampler: .greedy, maxTokens: 12)
        let dump = folder.appendingPathComponent("dump").path
        let output = try Boards.run(
            [program, path, "--reference", "--image", picture, "--ids", "--tokens", "12", "--dump", dump]
                + ["an</s>an"])
        let lines = output.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(numbers(lines[0]) == prompt.ids)
        #expect(numbers(lines[1]) == answer.tokens)
        let floats = try values(dump)
        #expect(Array(floats.prefix(pixels.count)) == pixels)
    }

    @Test("turns positions as far as the file scales them")
    func scaledPositions() throws {
        let folder = try Fixtures.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let program = try Boards.build("scaled")
        let path = folder.appendingPathComponent("scaled.mvlm").path
        try Boards.convert("tiny-mobilevlm-v2", "q8_0", to: path)
        var sketch = try MVLMSketch.reading(path)
        let question = "What shape is the orange object?"
        // Drawn at a high temperature, which shows small differences.
        let sampler = Sampler(temperature: 3, topK: 50, topP: 1, seed: 7)
        let sampling = ["--temperature", "3", "--top-k", "50", "--seed", "7", "--tokens", "24"]
        var answers: Set<[Int]> = []
        for scaling in [1.0, 0.125, 8] {
            sketch.set("language", "rope_scaling", scaling)
            sketch.features = 4
            try Data(sketch.bytes()).write(to: URL(fileURLWithPath: path))
            let session = try Session(Model(path: path), arithmetic: .reference, threads: 2)
            let answer = try session.answer(
                session.tokens(question: question, images: 0), images: [], sampler: sampler, maxTokens: 24)
            let output = try Boards.run([program, path, "--reference", "--ids"] + sampling + [question])
            let lines = output.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(numbers(lines[1]) == answer.tokens)
            answers.insert(answer.tokens)
        }
        #expect(answers.count == 3)
    }

    @Test("refuses a prompt without tokens, pictures that are none, and output that is lost")
    func refusals() throws {
        let folder = try Fixtures.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let program = try Boards.build("refusals")
        let nano = Fixtures.path("mvlm/nano.mvlm")
        var sketch = try MVLMSketch.nano()
        sketch.tokenizer { $0[4] = 6 }
        let silent = folder.appendingPathComponent("silent.mvlm").path
        try Data(sketch.bytes()).write(to: URL(fileURLWithPath: silent))
        let raw = folder.appendingPathComponent("raw").path
        try Data(repeating: 1, count: 8).write(to: URL(fileURLWithPath: raw))
        for (arguments, message) in [
            ([silent, "--prompt", ""], "has no tokens"), ([nano, "--image", raw, "an"], "is no binary PPM"),
            ([nano, "--image", folder.path + "/none", "an"], "No such file"),
            ([nano, "--raw", "2x1", "--image", raw, "an"], "has more bytes"),
            ([nano, "--raw", "3x1", "--image", raw, "an"], "ends before"),
        ] {
            let (status, errors) = try Boards.failure([program] + arguments)
            #expect(status == 1 && errors.contains(message), "\(arguments): \(errors)")
        }
        let (status, errors) = try Boards.failure([program, nano, "an"], output: "/dev/full")
        #expect(status == 1 && errors.contains("standard output"), "\(errors)")
    }

    @Test("draws only logits that are numbers, and its loop over threads outlives a second start")
    func units() throws {
        _ = try Boards.run([Boards.build("units", main: "tests/units.c")])
    }

    @Test("gives the answers of fast arithmetic, in tiles of any processor too", arguments: targets)
    func fast(target: Target) throws {
        let folder = try Fixtures.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let program = try Boards.build("fast-\(target.name)", compiler: target.compiler, options: target.options)
        let tower = "tiny-mobilevlm-v1/clip-vit-tiny-patch14-336"
        let cases: [(checkpoint: String, tower: String?, preset: String, layouts: [RowLayout])] = [
            ("tiny-mobilevlm-v2", nil, "q4_0", [.tiles(rows: 16)]),
            ("tiny-mobilevlm-v1", tower, "q4_k_m", [.tiles(rows: 4)]),
            ("tiny-mobilevlm-v2", nil, "a4g32", [.tiles(rows: 8)]),
            ("tiny-mobilevlm-v2", nil, "q6_k", []),
        ]
        let picture = "scene-02-336x420.png"
        let question = "Answer in a sentence. What shape is it?"
        for (number, model) in cases.prefix(target.runner.isEmpty ? cases.count : 2).enumerated() {
            let path = folder.appendingPathComponent("\(number).mvlm").path
            try Boards.convert(model.checkpoint, tower: model.tower, model.preset, layouts: model.layouts, to: path)
            let session = try Session(Model(path: path), arithmetic: .fast, threads: 2)
            let pixels = try session.pixels(Fixtures.path("pictures/\(picture)"))
            let prompt = session.tokens(question: question, images: 1)
            let answer = try session.answer(prompt, images: [pixels], sampler: .greedy, maxTokens: 12)
            let dump = folder.appendingPathComponent("dump").path
            let output = try Boards.run(
                target.runner + [program, path, "--image", try ppm(picture, in: folder), "--ids", "--tokens", "12"]
                    + ["--dump", dump, question], environment: target.environment)
            let lines = output.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(numbers(lines[1]) == answer.tokens)
            let floats = try values(dump)
            // By the same compiler the kernels are the same. Elsewhere sums in another order move values to the next of 127 levels,
            // here and there; two roundings that have nothing in common are 1.4 times as far from each other as from `reference`.
            let features = try session.executor.encodeImage(pixels).elements
            let exact = try Session(Model(path: path), arithmetic: .reference, threads: 2).executor
                .encodeImage(pixels).elements
            let found = floats.dropFirst(pixels.count)
            #expect(found.count == features.count)
            let apart = zip(found, features).reduce(0) { $0 + abs($1.0 - $1.1) }
            let rounding = zip(exact, features).reduce(0) { $0 + abs($1.0 - $1.1) }
            #expect(apart < (target.compiler == "clang" ? 0.01 : 1.5) * rounding)
        }
    }

    @Test(
        "multiplies this processor's own tiles where a file has plain rows too",
        .enabled(if: StorageOptions.layouts(for: [.current]) != [.plain], "the plain kernels have no tiles"))
    func ownTiles() throws {
        let folder = try Fixtures.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let program = try Boards.build("own-tiles")
        let path = folder.appendingPathComponent("all.mvlm").path
        // This processor's are among them, whichever it is.
        let layouts: [RowLayout] = [.plain, .tiles(rows: 4), .tiles(rows: 8), .tiles(rows: 16)]
        try Boards.convert("tiny-mobilevlm-v2", "q4_0", layouts: layouts, to: path)
        func ids(_ options: String...) throws -> Substring {
            let output = try Boards.run([program, path, "--ids", "--tokens", "12"] + options + ["What is a circle?"])
            return output.split(separator: "\n", omittingEmptySubsequences: false)[1]
        }
        let (fast, reference) = (try ids(), try ids("--reference"))
        // From now on the plain copies of the language model's matrices say nothing.
        var contents = try Data(contentsOf: URL(fileURLWithPath: path))
        let file = try MVLMFile(path: path)
        for tensor in file.tensors
        where tensor.name.hasPrefix("model.layers.") && tensor.name.hasSuffix("_proj.weight") {
            let stored = try file.bytes(of: tensor.name).withUnsafeBytes { Data($0) }
            contents.resetBytes(in: try #require(contents.range(of: stored)))
        }
        try contents.write(to: URL(fileURLWithPath: path))
        #expect(try ids() == fast)
        #expect(try ids("--reference") != reference)
    }

    @Test("runs the fixture that another program wrote, pairing halves and all families of formats, as vlmconv does")
    func nano() throws {
        let program = try Boards.build("mvlm-run-nano")
        let session = try Session(Model(path: Fixtures.path("mvlm/nano.mvlm")), arithmetic: .reference, threads: 1)
        let folder = try Fixtures.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let picture = "scene-01-420x336.png"
        let pixels = try session.pixels(Fixtures.path("pictures/\(picture)"))
        let dump = folder.appendingPathComponent("dump").path
        _ = try Boards.run([
            program, Fixtures.path("mvlm/nano.mvlm"), "--image", try ppm(picture, in: folder), "--tokens", "1",
            "--reference", "--dump", dump, "not an storst",
        ])
        let floats = try values(dump)
        #expect(Array(floats.prefix(pixels.count)) == pixels)
        let features = try session.executor.encodeImage(pixels).elements
        let worst = zip(floats.dropFirst(pixels.count), features).map { abs($0 - $1) }.max() ?? 1
        #expect(worst < 1e-4)
    }
}
