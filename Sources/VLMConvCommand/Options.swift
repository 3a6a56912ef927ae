import ArgumentParser
import VLMConv

/// How a model is found and with how many threads it runs; shared by the commands that open one.
struct ModelOptions: ParsableArguments {
    @Option(name: .customLong("vision-tower"), help: "Folder of the CLIP tower, for a checkpoint that holds none (V1).")
    var visionTower: String?

    @Option(name: .customLong("mmproj"), help: "Projector file of a GGUF pair (default: mmproj-NAME beside NAME).")
    var projector: String?

    @Option(help: "Threads (default: one per processor).")
    var threads: Int?

    func validate() throws {
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError("--threads takes a number from 1 to 1024.")
        }
    }

    /// Opens the model at `path` and tells the user what was decided on the way.
    func open(_ path: String) throws -> Session {
        let model = try Model(path: path, visionTower: visionTower, projector: projector)
        for note in model.notes { Terminal.message(note) }
        return try Session(model, threads: threads)
    }
}

/// Whether a program reads the result.
struct ReportOptions: ParsableArguments {
    @Flag(name: .customLong("json"), help: "Print the result as JSON.")
    var isJSON = false
}
