import ByteIO

/// A tensor's place in its storage: an offset, and per dimension how far apart neighbours lie, all in elements.
///
/// Only views exist that stay inside the storage and do not repeat it.
struct StridedView {
    enum Fault: Error {
        case outside, repeated
    }

    let offset: Int
    let shape: [Int]
    let strides: [Int]
    /// Elements in all.
    let count: Int

    /// - Parameter storageCount: Elements of the storage.
    /// - Throws: `Fault.outside` if a number is negative, too large, or leads outside; `.repeated` if the view has more
    ///   elements than the storage, as a broadcast one has: a few bytes could ask for terabytes.
    init(offset: Int, shape: [Int], strides: [Int], storageCount: Int) throws(Fault) {
        guard offset >= 0, offset <= storageCount, shape.count == strides.count,
            shape.allSatisfy({ $0 >= 0 }), strides.allSatisfy({ $0 >= 0 })
        else { throw .outside }
        self.offset = offset
        self.shape = shape
        // Nothing steps along a dimension of one element, so its stride may be any number, and does not count.
        self.strides = zip(shape, strides).map { $0 > 1 ? $1 : 0 }
        if shape.contains(0) {
            count = 0
            return
        }
        var count = 1
        var last = offset
        for (size, stride) in zip(shape, strides) where size > 1 {
            let (product, isProductTooLarge) = count.multipliedReportingOverflow(by: size)
            let (reach, isReachTooLarge) = (size - 1).multipliedReportingOverflow(by: stride)
            let (next, isSumTooLarge) = last.addingReportingOverflow(reach)
            guard !isReachTooLarge, !isSumTooLarge, next < storageCount else { throw .outside }
            guard !isProductTooLarge, product <= storageCount else { throw .repeated }
            count = product
            last = next
        }
        guard last < storageCount else { throw .outside }
        self.count = count
    }

    /// True if the elements lie one after the other in row-major order.
    var isContiguous: Bool {
        if count == 0 { return true }
        var expected = 1
        for (size, stride) in zip(shape, strides).reversed() where size > 1 {
            guard stride == expected else { return false }
            expected *= size  // at most `count`
        }
        return true
    }

    /// The elements in row-major order: a slice of the storage where they lie so, else a copy.
    /// - Parameter storage: Its bytes, `storageCount` × `elementBytes` of them.
    /// - Returns: Nil if the storage is smaller than that.
    func bytes(in storage: Bytes, elementBytes: Int) -> Bytes? {
        if isContiguous { return storage.slice(offset * elementBytes..<(offset + count) * elementBytes) }
        let last = zip(shape, strides).reduce(offset) { $0 + ($1.0 - 1) * $1.1 }
        guard (last + 1) * elementBytes <= storage.count else { return nil }
        // Rows of a transposed matrix are copied one element at a time, those of a slice at once.
        let isRowContiguous = strides.last == 1 || shape.last == 1
        let columns = shape.last ?? 1
        let run = isRowContiguous ? columns : 1
        let counts = isRowContiguous ? Array(shape.dropLast()) : shape
        let steps = isRowContiguous ? Array(strides.dropLast()) : strides
        return Bytes(count: count * elementBytes) { target in
            storage.withUnsafeBytes { source in
                var position = [Int](repeating: 0, count: counts.count)
                var from = offset
                for to in stride(from: 0, to: count, by: run) {
                    let elements = source[from * elementBytes..<(from + run) * elementBytes]
                    UnsafeMutableRawBufferPointer(rebasing: target[to * elementBytes..<(to + run) * elementBytes])
                        .copyMemory(from: UnsafeRawBufferPointer(rebasing: elements))
                    // The next position, the last dimension fastest.
                    for axis in counts.indices.reversed() {
                        position[axis] += 1
                        from += steps[axis]
                        if position[axis] < counts[axis] { break }
                        from -= position[axis] * steps[axis]
                        position[axis] = 0
                    }
                }
            }
        }
    }
}
