// Rows of a weight one after the other, for kernels that read them so, wherever they lie.

extension WeightRows {
    /// Lends the rows `range` as if each lay for itself: where they lie, or taken out of their tiles into scratch memory.
    func withPlainRows<R>(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        bytes.withUnsafeBytes { stored in
            guard let tiles else {
                return body(
                    UnsafeRawBufferPointer(
                        rebasing: stored[range.lowerBound * rowBytes..<range.upperBound * rowBytes]))
            }
            return withUnsafeTemporaryAllocation(byteCount: range.count * rowBytes, alignment: 64) { plain in
                tiles.unpack(range, of: stored, into: plain)
                return body(UnsafeRawBufferPointer(plain))
            }
        }
    }
}

extension FastWeight {
    /// Lends the rows `range`, the first of which begins a tile where they lie in tiles, as the weight's kernels read them.
    /// - Parameter asTheyLie: For kernels that read tiles of another processor.
    func withRows(_ range: Range<Int>, asTheyLie: Bool, _ body: (UnsafeRawPointer) -> Void) {
        if isForeign, !asTheyLie {
            rows.withPlainRows(range) { if let start = $0.baseAddress { body(start) } }
            return
        }
        rows.bytes.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress { body(start + range.lowerBound * rows.rowBytes) }
        }
    }
}
