import ByteIO

extension StridedView {
    /// Some rows of the last dimension, one after the other: a slice of the storage where they lie so, else a copy of these
    /// alone.
    /// - Parameter storage: Its bytes, `storageCount` × `elementBytes` of them.
    /// - Returns: Nil if there are no such rows, or if the storage is smaller than that.
    func rows(_ range: Range<Int>, in storage: Bytes, elementBytes: Int) -> Bytes? {
        let columns = shape.last ?? 1
        guard range.lowerBound >= 0, range.upperBound <= (columns == 0 ? 0 : count / columns) else { return nil }
        if isContiguous {
            let first = offset + range.lowerBound * columns
            return storage.slice(first * elementBytes..<(first + range.count * columns) * elementBytes)
        }
        let last = zip(shape, strides).reduce(offset) { $1.0 > 1 ? $0 + ($1.0 - 1) * $1.1 : $0 }
        guard (last + 1) * elementBytes <= storage.count else { return nil }
        let step = columns > 1 ? strides.last ?? 0 : 0
        return Bytes(count: range.count * columns * elementBytes) { target in
            storage.withUnsafeBytes { source in
                var to = 0
                for row in range {
                    var from = start(ofRow: row)
                    for _ in 0..<columns {
                        UnsafeMutableRawBufferPointer(rebasing: target[to..<to + elementBytes]).copyMemory(
                            from: UnsafeRawBufferPointer(
                                rebasing: source[from * elementBytes..<(from + 1) * elementBytes]))
                        to += elementBytes
                        from += step
                    }
                }
            }
        }
    }

    /// Where the first element of a row lies.
    private func start(ofRow row: Int) -> Int {
        var rest = row
        var position = offset
        for (size, stride) in zip(shape.dropLast(), strides.dropLast()).reversed() where size > 1 {
            position += rest % size * stride
            rest /= size
        }
        return position
    }
}
