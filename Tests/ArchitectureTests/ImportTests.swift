import Foundation
import TestSupport
import Testing

/// Holds the imports of every source file to the table in docs/architecture.md.
@Suite struct ImportTests {
    /// The rows `| Module | what | may import |` of the table.
    private static func allowedImports() throws -> [String: Set<String>] {
        let path = Fixtures.packageRoot.appendingPathComponent("docs/architecture.md")
        let text = try String(contentsOf: path, encoding: .utf8)
        var table: [String: Set<String>] = [:]
        for line in text.split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 3 else { continue }
            let names = cells[2].split(separator: ",").map {
                $0.trimmingCharacters(in: CharacterSet(charactersIn: " `—"))
            }
            table[cells[0].trimmingCharacters(in: CharacterSet(charactersIn: "`"))] = Set(names.filter { !$0.isEmpty })
        }
        return table
    }

    /// Modules of the standard library, which every file may import.
    private static let free: Set<String> = ["Synchronization", "Dispatch"]
    /// The C library's names on different systems.
    private static let system: Set<String> = ["Darwin", "Glibc", "Musl", "Android"]

    private struct Import: Equatable {
        let module: String
        let file: String
        let imported: String
    }

    private static func imports() throws -> [Import] {
        let sources = Fixtures.packageRoot.appendingPathComponent("Sources")
        let walker = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)
        var found: [Import] = []
        for case let file as URL in walker ?? FileManager.DirectoryEnumerator() where file.pathExtension == "swift" {
            let parts = file.path.dropFirst(sources.path.count + 1).split(separator: "/")
            let text = try String(contentsOf: file, encoding: .utf8)
            for line in code(text).split(separator: "\n").map({ $0.trimmingCharacters(in: .whitespaces) }) {
                let words = line.split(separator: " ")
                guard let keyword = words.firstIndex(of: "import"),
                    words[..<keyword].allSatisfy({
                        $0.hasPrefix("@") || ["public", "internal", "package", "private"].contains($0)
                    })
                else { continue }
                // `import struct Module.Name` names the module before the dot.
                guard let name = words.last?.split(separator: ".").first else { continue }
                found.append(
                    Import(module: String(parts[0]), file: String(parts[parts.count - 1]), imported: String(name)))
            }
        }
        return found
    }

    /// A file without its literals of several lines, in which other languages may import what they like.
    private static func code(_ text: String) -> String {
        let quotes = "\"\"\""
        let parts = text.replacingOccurrences(of: "\\" + quotes, with: "").components(separatedBy: quotes)
        return stride(from: 0, to: parts.count, by: 2).map { parts[$0] }.joined(separator: "\n")
    }

    @Test("Every module imports only what docs/architecture.md allows it")
    func importsFollowTheTable() throws {
        let table = try Self.allowedImports()
        let imports = try Self.imports()
        #expect(imports.count > 50, "the sources were not found")
        // Generated code imports what its generator likes; the module still answers for its own files.
        for item in imports where !Self.free.contains(item.imported) && !item.file.hasSuffix(".pb.swift") {
            if Self.system.contains(item.imported) {
                #expect(item.file == "Platform.swift", "\(item.module)/\(item.file) asks which system it is on")
                continue
            }
            let allowed = try #require(table[item.module], "\(item.module) is missing in docs/architecture.md")
            #expect(
                allowed.contains(item.imported),
                "\(item.module)/\(item.file) imports \(item.imported), which docs/architecture.md does not allow")
        }
    }

    @Test("Every module of the table exists, and every folder of Sources is in the table")
    func tableIsComplete() throws {
        let table = Set(try Self.allowedImports().keys)
        let folders = try FileManager.default.contentsOfDirectory(
            atPath: Fixtures.packageRoot.appendingPathComponent("Sources").path
        ).filter { $0 != "CLibraries" }
        #expect(table == Set(folders))
    }

    @Test("A format knows no other format, and the executor no container")
    func forbiddenArrows() throws {
        let formats: Set<String> = ["Safetensors", "TorchArchive", "GGUF"]
        for item in try Self.imports() {
            if formats.contains(item.module) {
                #expect(!formats.subtracting([item.module]).contains(item.imported), "\(item.module)/\(item.file)")
                #expect(item.imported != "Quantization", "\(item.module)/\(item.file): bytes pass through unread")
            }
            if item.module == "Execution" {
                #expect(!formats.contains(item.imported) && item.imported != "Conversion", "\(item.file)")
            }
            if item.module == "Conversion" { #expect(item.imported != "Execution", "\(item.file)") }
            if item.module == "Quantization" { #expect(item.imported != "ByteIO", "\(item.file) knows of files") }
        }
    }
}
