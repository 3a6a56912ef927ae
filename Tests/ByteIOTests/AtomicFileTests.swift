import ByteIO
import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct AtomicFileTests {
    private func inFolder(_ body: (URL) throws -> Void) throws {
        let folder = try Fixtures.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    private func names(_ folder: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    private func write(_ text: String, to file: AtomicFile) throws {
        try Array(text.utf8).withUnsafeBytes { try file.write($0) }
    }

    @Test("a file has no name until it is committed, then all its bytes")
    func commit() throws {
        try inFolder { folder throws in
            let path = folder.appendingPathComponent("out").path
            let file = try AtomicFile(destination: path, size: 1000)
            try write("abc", to: file)
            try Array("d".utf8).withUnsafeBytes { try file.write($0, at: 8) }
            #expect(file.count == 9)
            #expect(!FileManager.default.fileExists(atPath: path))
            try file.commit { checked throws in #expect(try text(checked) == "abc\0\0\0\0\0d") }
            #expect(try text(path) == "abc\0\0\0\0\0d")
            #expect(try names(folder) == ["out"])
            file.discard()
            #expect(try names(folder) == ["out"])
        }
    }

    @Test("what was written can be read back before it is committed, and nothing beyond it")
    func readBack() throws {
        try inFolder { folder throws in
            let file = try AtomicFile(destination: folder.appendingPathComponent("out").path)
            try write("0123456789", to: file)
            var bytes = [UInt8](repeating: 0, count: 4)
            try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 3) }
            #expect(bytes == Array("3456".utf8))
            #expect(throws: SystemError.self) { try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 7) } }
        }
    }

    @Test("an old file stays whole until the new one replaces it")
    func replace() throws {
        try inFolder { folder throws in
            let path = folder.appendingPathComponent("out").path
            try "old".write(toFile: path, atomically: false, encoding: .utf8)
            let reader = try MappedFile(path: path).bytes
            let file = try AtomicFile(destination: path)
            try write("new text", to: file)
            #expect(try text(path) == "old")
            try file.commit()
            #expect(try text(path) == "new text")
            #expect(reader.withUnsafeBytes { Array($0) } == Array("old".utf8))
            #expect(try names(folder) == ["out"])
        }
    }

    @Test("what is dropped, discarded, or fails its check leaves nothing behind, at once")
    func discard() throws {
        struct Refusal: Error {}
        try inFolder { folder throws in
            let path = folder.appendingPathComponent("out").path
            do {
                let dropped = try AtomicFile(destination: path)
                try write("x", to: dropped)
                #expect(try names(folder).count == 1)
            }
            #expect(try names(folder).isEmpty)
            let discarded = try AtomicFile(destination: path)
            discarded.discard()
            #expect(try names(folder).isEmpty)
            #expect(throws: SystemError.self) { try write("x", to: discarded) }
            #expect(throws: SystemError.self) { try discarded.commit() }
            let refused = try AtomicFile(destination: path)
            #expect(throws: Refusal.self) { try refused.commit { _ in throw Refusal() } }
            #expect(try names(folder).isEmpty)
            withExtendedLifetime(refused) {}
        }
    }

    @Test("after an interrupt all unfinished files go, finished ones stay")
    func discardAll() throws {
        try inFolder { folder throws in
            let finished = try AtomicFile(destination: folder.appendingPathComponent("done").path)
            try finished.commit()
            let files = try ["a", "b"].map { try AtomicFile(destination: folder.appendingPathComponent($0).path) }
            #expect(try names(folder).count == 3)
            AtomicFile.discardAll()
            #expect(try names(folder) == ["done"])
            withExtendedLifetime(files) {}
        }
    }

    @Test("writing onto an input is refused by any name of it")
    func inputs() throws {
        try inFolder { folder throws in
            let input = folder.appendingPathComponent("in").path
            try "precious".write(toFile: input, atomically: false, encoding: .utf8)
            let (symbolic, hard) = (folder.path + "/symbolic", folder.path + "/hard")
            try FileManager.default.createSymbolicLink(atPath: symbolic, withDestinationPath: "in")
            try FileManager.default.linkItem(atPath: input, toPath: hard)
            for output in [input, symbolic, hard, folder.path + "/./../\(folder.lastPathComponent)/in"] {
                let error = #expect(throws: InputError.self) {
                    try AtomicFile(destination: output, inputs: ["/none", input])
                }
                #expect(error?.rule.id == "output.input")
            }
            #expect(throws: InputError.self) { try AtomicFile(destination: input, inputs: [symbolic]) }
            #expect(try text(input) == "precious")
            #expect(try names(folder) == ["hard", "in", "symbolic"])
        }
    }

    @Test("a folder, a pipe and a missing folder are refused as outputs")
    func outputs() throws {
        try inFolder { folder throws in
            let pipe = folder.appendingPathComponent("pipe").path
            #expect(mkfifo(pipe, 0o600) == 0)
            for path in [folder.path, pipe, "/dev/null"] {
                let error = #expect(throws: InputError.self) { try AtomicFile(destination: path) }
                #expect(error?.rule.id == "output.kind")
            }
            #expect(throws: SystemError.self) { try AtomicFile(destination: folder.path + "/none/out") }
            #expect(try names(folder) == ["pipe"])
        }
    }

    @Test("two writers of one destination do not mix: the last to commit wins")
    func two() throws {
        try inFolder { folder throws in
            let path = folder.appendingPathComponent("out").path
            let first = try AtomicFile(destination: path)
            let second = try AtomicFile(destination: path)
            try write("first", to: first)
            try write("2nd", to: second)
            try first.commit()
            #expect(try text(path) == "first")
            try second.commit()
            #expect(try text(path) == "2nd")
            #expect(try names(folder) == ["out"])
        }
    }

    @Test("a link or leftover under the temporary name is neither followed nor an obstacle")
    func leftover() throws {
        try inFolder { folder throws in
            let path = folder.appendingPathComponent("out").path
            let victim = folder.appendingPathComponent("victim").path
            try "precious".write(toFile: victim, atomically: false, encoding: .utf8)
            let probe = try AtomicFile(destination: path)
            let temporary = try #require(try names(folder).first { $0.hasSuffix(".partial") })
            probe.discard()
            try FileManager.default.createSymbolicLink(
                atPath: folder.appendingPathComponent(temporary).path, withDestinationPath: victim)
            let file = try AtomicFile(destination: path)
            try write("new", to: file)
            try file.commit()
            #expect(try text(path) == "new")
            #expect(try text(victim) == "precious")
        }
    }

    @Test(
        "names as long as the file system takes are written",
        arguments: [
            String(repeating: "a", count: 255), String(repeating: "模", count: 85), "with space\nand line", "-o",
        ])
    func names(name: String) throws {
        try inFolder { folder throws in
            let path = folder.path + "/" + name
            let file = try AtomicFile(destination: path)
            try write("x", to: file)
            try file.commit()
            #expect(try text(path) == "x")
        }
    }

    @Test("a size that no disk has is refused at once")
    func reserve() throws {
        #if os(Linux)
            try inFolder { folder throws in
                #expect(throws: SystemError.self) {
                    try AtomicFile(destination: folder.path + "/out", size: 1 << 60)
                }
                #expect(try names(folder).isEmpty)
            }
        #endif
    }

    @Test("a file that was sealed takes and gives no more bytes, and one that was not gets no name")
    func stages() throws {
        try inFolder { folder throws in
            let file = try AtomicFile(destination: folder.appendingPathComponent("out").path)
            try write("abc", to: file)
            #expect(throws: SystemError.self) { try AtomicFile.publish([file]) }
            let other = try AtomicFile(destination: folder.appendingPathComponent("out").path)
            try write("abc", to: other)
            try other.seal()
            #expect(throws: SystemError.self) { try write("d", to: other) }
            var byte: UInt8 = 0
            #expect(throws: SystemError.self) {
                try withUnsafeMutableBytes(of: &byte) { try other.read(into: $0, at: 0) }
            }
            #expect(throws: SystemError.self) { try other.seal() }
            try other.publish()
            #expect(try names(folder) == ["out"])
        }
    }

    @Test("of files that belong together all get their names, and the old ones are gone")
    func pair() throws {
        try inFolder { folder throws in
            let paths = ["a", "b"].map { folder.appendingPathComponent($0).path }
            try "old".write(toFile: paths[0], atomically: false, encoding: .utf8)
            let files = try paths.map { try AtomicFile(destination: $0) }
            for file in files {
                try write("new", to: file)
                try file.seal()
            }
            try AtomicFile.publish(files)
            #expect(try paths.map(text) == ["new", "new"])
            #expect(try names(folder) == ["a", "b"])
        }
    }

    @Test("where one of several cannot have its name, none has, and the old files are as they were")
    func noneOfAPair() throws {
        try inFolder { folder throws in
            let paths = ["old", "fresh", "blocked"].map { folder.appendingPathComponent($0).path }
            try "old text".write(toFile: paths[0], atomically: false, encoding: .utf8)
            let files = try paths.map { try AtomicFile(destination: $0) }
            for file in files {
                try write("new", to: file)
                try file.seal()
            }
            // A folder with something in it cannot be replaced by a file.
            try FileManager.default.createDirectory(atPath: paths[2] + "/full", withIntermediateDirectories: true)
            #expect(throws: SystemError.self) { try AtomicFile.publish(files) }
            #expect(try text(paths[0]) == "old text")
            #expect(try names(folder) == ["blocked", "old"])
        }
    }

    @Test("what a killed run left is removed by the next in that folder, and what somebody still writes is not")
    func abandoned() throws {
        try inFolder { folder throws in
            for name in [".out.gguf.999999-0.partial", ".other.12-3.partial"] {
                try "rest".write(
                    toFile: folder.appendingPathComponent(name).path, atomically: false, encoding: .utf8)
            }
            for name in [".mine.partial", ".out.x-0.partial", "out.1-0.partial", ".out.1-0.partial.txt"] {
                try "rest".write(
                    toFile: folder.appendingPathComponent(name).path, atomically: false, encoding: .utf8)
            }
            let first = try AtomicFile(destination: folder.appendingPathComponent("first").path)
            let second = try AtomicFile(destination: folder.appendingPathComponent("second").path)
            #expect(try names(folder).filter { $0.hasSuffix(".partial") && $0.hasPrefix(".") }.count == 4)
            #expect(try !names(folder).contains(".out.gguf.999999-0.partial"))
            #expect(try names(folder).contains("out.1-0.partial"))
            for file in [first, second] { try file.commit() }
            #expect(try names(folder).contains("first") && names(folder).contains("second"))
        }
    }

    @Test("an input that is cut, written to or replaced is told from one that was left alone")
    func inputState() throws {
        try inFolder { folder throws in
            let path = folder.appendingPathComponent("in").path
            func fresh() throws -> InputState {
                try "0123456789".write(toFile: path, atomically: false, encoding: .utf8)
                return try InputState(path: path)
            }
            try fresh().check()
            let cut = try fresh()
            #expect(truncate(path, 5) == 0)
            #expect(throws: InputError.self) { try cut.check() }
            let replaced = try fresh()
            try "0123456789".write(toFile: path, atomically: true, encoding: .utf8)
            #expect(throws: InputError.self) { try replaced.check() }
            let gone = try fresh()
            try FileManager.default.removeItem(atPath: path)
            #expect(throws: SystemError.self) { try gone.check() }

            // What is read is the file that was mapped, not the one that has its name when the writing begins.
            try "0123456789".write(toFile: path, atomically: false, encoding: .utf8)
            let mapped = try MappedFile(path: path)
            try InputState(path: path).check()
            try "abcdefghij".write(toFile: path, atomically: true, encoding: .utf8)
            let second = try MappedFile(path: path)
            let late = try InputState(path: path)
            #expect(throws: InputError.self) { try late.check() }
            #expect(mapped.count == second.count)
        }
    }
}
