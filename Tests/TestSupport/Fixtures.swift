import Foundation

/// Where the test data lies.
public enum Fixtures {
    /// The package's root folder, found from this file's own place.
    public static let packageRoot = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// A file of `fixtures/`, which is committed and always there.
    public static func path(_ relative: String) -> String {
        packageRoot.appendingPathComponent("fixtures").appendingPathComponent(relative).path
    }

    /// A file of the large golden data set that may lie beside the project; nil where it does not.
    public static func golden(_ relative: String) -> String? {
        let path = packageRoot.deletingLastPathComponent()
            .appendingPathComponent("shared/golden").appendingPathComponent(relative).path
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }

    /// True where the large golden data set lies beside the project.
    public static var hasGolden: Bool { golden("SHA256SUMS") != nil }

    /// A fresh folder for one test; the caller removes it.
    public static func temporaryFolder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("vlmconv-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }
}

/// Runs `body` with a fresh folder that is removed afterwards.
public func withFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
}
