import Foundation
import TestSupport
import Testing

/// Every error carries a rule's id; whoever looks it up finds it explained.
@Suite struct RuleTests {
    private static func files(_ folder: String, suffix: String) throws -> [URL] {
        let root = Fixtures.packageRoot.appendingPathComponent(folder)
        return try FileManager.default.subpathsOfDirectory(atPath: root.path).filter { $0.hasSuffix(suffix) }
            .map(root.appendingPathComponent)
    }

    @Test("every rule in the sources is explained in formats/")
    func everyRuleIsExplained() throws {
        let pages = try Self.files("formats", suffix: ".md").map { try String(contentsOf: $0, encoding: .utf8) }
            .joined()
        var missing: Set<String> = []
        var count = 0
        for file in try Self.files("Sources", suffix: ".swift") {
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in text.matches(of: /Rule\("([a-z0-9.-]+)"\)/) {
                count += 1
                if !pages.contains("`\(match.1)`") { missing.insert(String(match.1)) }
            }
        }
        #expect(count > 100)
        #expect(missing.isEmpty, "\(missing.sorted())")
    }
}
