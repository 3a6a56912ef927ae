import Foundation

/// Keeps the hostile files that tests build, so that `scripts/hostile` can give each to the tool itself and measure it.
///
/// Nothing is kept unless the environment names a folder, `VLMCONV_HOSTILE`. There, a case is a folder with its files and
/// beside it a description, `FAMILY/NUMBER.json`.
public enum HostileFiles {
    public static var folder: URL? {
        ProcessInfo.processInfo.environment["VLMCONV_HOSTILE"].map { URL(fileURLWithPath: $0) }
    }

    /// Keeps a file for a command whose last argument it is.
    public static func keep(
        _ bytes: [UInt8], family: String, what: String, rule: String, command: [String] = ["inspect"]
    ) {
        guard folder != nil else { return }
        let name = "file." + (["safetensors": "safetensors", "GGUF": "gguf", "mvlm": "mvlm"][family] ?? "bin")
        keep(family: family, what: what, rule: rule, command: command + ["{}/" + name]) { place in
            try Data(bytes).write(to: place.appendingPathComponent(name))
        }
    }

    /// Keeps what `make` puts into a folder.
    /// - Parameter command: The tool's arguments; `{}` stands for the folder.
    public static func keep(
        family: String, what: String, rule: String, command: [String], make: (URL) throws -> Void
    ) {
        guard let folder else { return }
        // One name for one case, whatever the order of the tests.
        let key = what.utf8.reduce(UInt64(14_695_981_039_346_656_037)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
        let place = folder.appendingPathComponent(family).appendingPathComponent(String(key, radix: 16))
        do {
            try? FileManager.default.removeItem(at: place)
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            try make(place)
            let description: [String: Any] = ["family": family, "what": what, "rule": rule, "command": command]
            try JSONSerialization.data(withJSONObject: description, options: .sortedKeys)
                .write(to: place.appendingPathExtension("json"))
        } catch {
            fatalError("\(place.path): \(error)")
        }
    }
}
