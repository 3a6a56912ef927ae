import CKernels

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
    /// Lends the rows `range`, the first of which begins a tile where they lie in tiles.
    /// - Parameter format: What the kernels read: tiles as they lie, or rows that are taken out of them.
    func withRows(_ range: Range<Int>, in format: UInt32, _ body: (UnsafeRawPointer) -> Void) {
        if rows.tiles != nil, format & UInt32(VLMC_TILED) == 0 {
            rows.withPlainRows(range) { if let start = $0.baseAddress { body(start) } }
            return
        }
        rows.bytes.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress { body(start + range.lowerBound * rows.rowBytes) }
        }
    }
}
