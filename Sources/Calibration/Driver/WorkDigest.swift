import Platform

/// A digest by which work is told apart from other work of the same user: FNV-1a over words of 8 bytes.
struct WorkDigest {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    var text: String { String(value, radix: 16) }

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        add(word: UInt64(bytes.count))
        for offset in stride(from: 0, to: bytes.count, by: 8) {
            var word: UInt64 = 0
            withUnsafeMutableBytes(of: &word) {
                $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[offset..<min(bytes.count, offset + 8)]))
            }
            add(word: word)
        }
    }

    mutating func add(_ text: String) { Array(text.utf8).withUnsafeBytes { add($0) } }
    mutating func add(_ values: [Float]) { values.withUnsafeBytes { add($0) } }

    /// Name, size and time of the file at `path`.
    mutating func add(file path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        add("\(path) \(status.st_size) \(status.modified.tv_sec) \(status.modified.tv_nsec)")
    }

    private mutating func add(word: UInt64) { value = (value ^ word) &* 0x100_0000_01b3 }
}
