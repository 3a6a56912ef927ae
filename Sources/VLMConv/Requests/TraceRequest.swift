import ByteIO
import Execution
import MobileVLM
import Models
import Opening
import Safetensors
import Tensors

/// `vlmconv trace` as a call: writes down what a model computes, for whoever has a reference of his own.
public struct TraceRequest: Sendable {
    /// A tap whose values do not fill its shape.
    public static let shape = Rule("trace.shape")
    /// A name that no tap has.
    public static let tap = Rule("trace.tap")

    public enum Input: Sendable {
        /// A question, put into the conversation template with a placeholder for each picture.
        case question(String)
        /// A text as it is, `<image>` standing for a picture.
        case prompt(String)
        /// Token ids, -200 standing for a picture.
        case tokens([Int])
    }

    public var model: ModelLocation
    public var input: Input
    public var images: [String] = []
    /// Turns pictures as their EXIF data say.
    public var uprightsImages = false
    /// Names of taps, or parts of names before a dot; nil for all of them.
    public var taps: [String]?
    public var output: String
    public var threads: Int?

    public init(model: ModelLocation, input: Input, output: String) {
        self.model = model
        self.input = input
        self.output = output
    }

    /// The tensors that were written, in the order of the file.
    /// - Parameters:
    ///   - cancellation: Looked at before each block of the model; nothing is written then.
    ///   - note: Called with what the user should know of a picture.
    public func run(
        cancellation: Cancellation? = nil, note: (String) -> Void = { _ in }
    ) throws -> [TensorInfo] {
        try Arguments.check(threads, in: Arguments.threads, "threads")
        let session = try Session(Model(model), arithmetic: .reference, threads: threads)
        let prompt =
            switch input {
            case .question(let question): session.tokens(question: question, images: images.count)
            case .prompt(let text): session.tokens(Prompt(text: text))
            case .tokens(let ids): TokenPrompt(ids: ids)
            }
        let selection = taps.map { Taps.Selection.names($0) } ?? .all
        let recorder = Taps(selection)
        let pixels = try images.map { path in
            let picture = try Picture(path: path, uprights: uprightsImages)
            if let text = picture.note { note(text) }
            return try session.pixels(picture)
        }
        let features = try pixels.map {
            try session.executor.encodeImage($0, taps: recorder, cancellation: cancellation)
        }
        let logits = try session.executor.forward(
            try InputPiece.pieces(prompt, images: features), cache: session.executor.makeCache(), logits: .all,
            taps: recorder, cancellation: cancellation)

        let tokens = prompt.ids
        var entries: [Entry] = [try Entry("tokens", [tokens.count], .i32, tokens.map(Int32.init(truncatingIfNeeded:)))]
        if let vision = session.model.configuration.multimodal?.vision, !pixels.isEmpty {
            entries.append(
                try Entry(
                    "pixel_values", [pixels.count, 3, vision.imageSize, vision.imageSize], .f32, pixels.flatMap { $0 }))
        }
        var seen: [String: Int] = [:]
        for tap in recorder.recorded where tap.name != "logits" {
            // With several pictures a tap of the tower passes several times: the second is `name.1`.
            let count = seen[tap.name, default: 0]
            seen[tap.name] = count + 1
            entries.append(try Entry(count == 0 ? tap.name : "\(tap.name).\(count)", tap.shape, .f32, tap.values))
        }
        entries.append(try Entry("logits", [logits.rows, logits.columns], .f32, logits.elements))
        try checkTaps(in: entries.map(\.info.name))
        try write(entries, inputs: session.model.files + images)
        return entries.map(\.info)
    }

    /// Refuses a tap that took nothing down, which a misspelt one would do in silence.
    private func checkTaps(in names: [String]) throws {
        for tap in taps ?? [] where !names.contains(where: { $0 == tap || $0.hasPrefix("\(tap).") }) {
            throw InputError(
                Self.tap, file: model.path, field: "taps", problem: "nothing that was computed is named \"\(tap)\"",
                remedy: "There are llama.embeddings, llama.layer.N and llama.norm, and with a picture clip.embeddings, "
                    + "clip.layer.N, clip.selected, projector.out and more, all listed in docs/graph.md.")
        }
    }

    private struct Entry {
        let info: TensorInfo
        let bytes: Bytes

        init<Element: BitwiseCopyable>(
            _ name: String, _ shape: [Int], _ type: ElementType, _ values: [Element]
        ) throws {
            bytes = values.withUnsafeBytes { source in Bytes(count: source.count) { $0.copyMemory(from: source) } }
            guard let info = TensorInfo(name: name, type: type, shape: Shape(shape)), info.byteCount == bytes.count
            else {
                throw InputError(
                    TraceRequest.shape, file: "trace", field: name, problem: "\(values.count) values in shape \(shape)")
            }
            self.info = info
        }
    }

    private func write(_ entries: [Entry], inputs: [String]) throws {
        let writer = try SafetensorsWriter(
            destination: output, inputs: inputs, tensors: entries.map(\.info), metadata: [])
        for entry in entries { try entry.bytes.withUnsafeBytes { try writer.write($0) } }
        try writer.finish()
    }
}
