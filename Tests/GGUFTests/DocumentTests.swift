import ByteIO
import Foundation
import GGUF
import TestSupport
import Testing

@Suite("The written specification")
struct DocumentTests {
    @Test("formats/gguf.md explains every rule, and no rule that does not exist")
    func everyRuleIsExplained() throws {
        let path = Fixtures.packageRoot.appendingPathComponent("formats/gguf.md")
        let text = try String(contentsOf: path, encoding: .utf8)
        // A rule's own row starts with its id in code style.
        let explained = text.matches(of: /\n\| `((gguf|imatrix)\.[a-z0-9.-]+)` \|/).map { String($0.1) }
        #expect(explained.sorted() == (GGUFRule.all + ImportanceRule.all).map(\.id).sorted())
    }
}
