/// Immutable bytes with an owner: a part of a mapped file, or memory of their own.
///
/// A slice keeps its owner alive, so no view can outlive the mapping it looks into.
public struct Bytes: Sendable {
    private let owner: any Sendable & AnyObject
    private nonisolated(unsafe) let buffer: UnsafeRawBufferPointer

    /// A view that the owner promises to keep valid and unchanged for as long as it lives.
    init(owner: any Sendable & AnyObject, buffer: UnsafeRawBufferPointer) {
        self.owner = owner
        self.buffer = buffer
    }

    /// Fresh memory of `count` zero bytes, filled by `fill` before anybody else sees it.
    public init(count: Int, fill: (UnsafeMutableRawBufferPointer) throws -> Void) rethrows {
        let memory = OwnedMemory(count: count)
        try fill(memory.buffer)
        self.init(owner: memory, buffer: UnsafeRawBufferPointer(memory.buffer))
    }

    public init(_ array: [UInt8]) {
        self.init(count: array.count) { $0.copyBytes(from: array) }
    }

    public var count: Int { buffer.count }

    public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try withExtendedLifetime(owner) { try body(buffer) }
    }

    /// The part `range`, or nil if it reaches outside.
    public func slice(_ range: Range<Int>) -> Bytes? {
        guard range.lowerBound >= 0, range.upperBound <= count else { return nil }
        return Bytes(owner: owner, buffer: UnsafeRawBufferPointer(rebasing: buffer[range]))
    }

    /// Tells the system that these bytes, if mapped, are not needed in memory for now. They stay readable.
    public func giveBackPages() {
        if let file = owner as? MappedFile { file.giveBackPages(buffer) }
    }
}

/// Zeroed heap memory, aligned for any vector load.
private final class OwnedMemory: Sendable {
    nonisolated(unsafe) let buffer: UnsafeMutableRawBufferPointer

    init(count: Int) {
        buffer = .allocate(byteCount: count, alignment: 64)
        buffer.initializeMemory(as: UInt8.self, repeating: 0)
    }

    deinit { buffer.deallocate() }
}
