import ArgumentParser
import VLMConv

/// Where the parts of a checkpoint lie that are not in its folder.
struct CheckpointOptions: ParsableArguments {
    @Option(name: .customLong("vision-tower"), help: "Folder of the CLIP tower, for a checkpoint that holds none (V1).")
    var visionTower: String?

    @Option(help: "Folder of the weights that an adapter's or a projector's folder was trained on.")
    var base: String?

    @Option(help: "Folder of a LoRA adapter to add to the weights.")
    var lora: String?

    @Option(name: .customLong("projector"), help: "File of a trained projector (mm_projector.bin or .safetensors).")
    var projectorFile: String?

    /// The checkpoint at `path`, with all that was said about where its parts lie.
    func location(_ path: String) -> ModelLocation {
        ModelLocation(
            path, visionTower: visionTower, projector: projectorFile, adapters: lora.map { [$0] } ?? [], base: base)
    }
}

/// How a model is found and with how many threads it runs; shared by the commands that open one.
struct ModelOptions: ParsableArguments {
    @OptionGroup var checkpoint: CheckpointOptions

    @Option(name: .customLong("mmproj"), help: "Projector file of a GGUF pair (default: mmproj-NAME beside NAME).")
    var projector: String?

    @Option(help: "Threads (default: one per processor).")
    var threads: Int?

    func validate() throws {
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError("--threads takes a number from 1 to 1024.")
        }
    }

    /// The model at `path`, with all that was said about where its parts lie.
    func location(_ path: String) -> ModelLocation {
        var location = checkpoint.location(path)
        if let projector { location.projector = projector }
        return location
    }

    /// Opens the model at `path` and tells the user what was decided on the way.
    func open(_ path: String, arithmetic: Arithmetic = .fast) throws -> Session {
        let model = try Model(location(path))
        for note in model.notes { Terminal.message(note) }
        return try Session(model, arithmetic: arithmetic, threads: threads)
    }
}

/// How pictures are read.
struct PictureOptions: ParsableArguments {
    @Flag(name: .customLong("exif-rotate"), help: "Turn pictures upright by their EXIF data.")
    var exifRotates = false
}

/// How a model that is used computes.
struct ArithmeticOptions: ParsableArguments {
    @Option(help: "fast: activations rounded to 8 bits, as the field does. reference: 32-bit floats throughout.")
    var arithmetic = Arithmetic.fast

    @Option(help: "How keys and values are kept: f32, f16 or q8_0 (default: f16; with reference arithmetic f32).")
    var cache: KeyValueCache.Format?
}

extension Arithmetic: ExpressibleByArgument {}
extension KeyValueCache.Format: ExpressibleByArgument {}

/// Whether a program reads the result.
struct ReportOptions: ParsableArguments {
    @Flag(name: .customLong("json"), help: "Print the result as JSON.")
    var isJSON = false
}
