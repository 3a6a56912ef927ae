import Quantization
import Tensors
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

@Suite("Kernels stay inside their buffers")
struct BoundsTests {
    @Test(
        "with every buffer up against a page that may not be touched, rows are encoded, decoded and multiplied",
        arguments: InstructionSet.available)
    func guardPages(isa: InstructionSet) throws {
        var random = Generator(seed: 91)
        for type in [.f32] + recordedTypes {
            for blocks in [1, 2, 3, 5, 16, 17, 33] {
                let columns = type.isQuantized ? blocks * type.blockLength : 13 * blocks
                let encoder = try RowEncoder(type: type, columns: columns, on: isa)
                let row = GuardedBuffer(bytes: 4 * columns)
                let decoded = GuardedBuffer(bytes: 4 * columns)
                let encoded = GuardedBuffer(bytes: encoder.rowBytes)
                for i in 0..<columns { row.floats[i] = random.gaussian() }
                encoder.encode(UnsafeBufferPointer(row.floats), into: encoded.bytes)
                let bytes = UnsafeRawBufferPointer(encoded.bytes)
                try RowDecoder(type: type, columns: columns, on: isa).decode(bytes, into: decoded.floats)
                let dot = try RowDotProduct(type: type, columns: columns, on: isa)
                #expect(dot(bytes, UnsafeBufferPointer(row.floats)) >= 0)
                #expect(RowEncoder.isFinite(encoded: bytes, type: type))
            }
        }
    }

    @Test("the same for rows with group scales", arguments: InstructionSet.available)
    func groupScales(isa: InstructionSet) throws {
        var random = Generator(seed: 92)
        for format in GroupScaleFormat.allCases {
            for (groups, rows) in [(1, 1), (3, 1), (5, 7), (33, 1), (1, 33)] {
                let columns = groups * format.groupLength
                for weights in [nil, (0..<columns).map { _ in random.uniform() }] {
                    let encoder = try GroupScaleEncoder(format, columns: columns, importance: weights, on: isa)
                    let source = GuardedBuffer(bytes: 4 * columns * rows)
                    let decoded = GuardedBuffer(bytes: 4 * columns)
                    let encoded = GuardedBuffer(bytes: encoder.rowBytes * rows)
                    for i in source.floats.indices { source.floats[i] = random.gaussian() }
                    #expect(encoder.encode(UnsafeBufferPointer(source.floats), into: encoded.bytes))
                    let last = UnsafeRawBufferPointer(rebasing: encoded.bytes.suffix(encoder.rowBytes))
                    try GroupScaleDecoder(format, columns: columns, on: isa).decode(last, into: decoded.floats)
                    #expect(decoded.floats.contains { $0 > 0.1 })
                }
            }
        }
    }
}

/// Memory whose last byte is followed by a page that cannot be read or written.
private final class GuardedBuffer {
    let bytes: UnsafeMutableRawBufferPointer
    private let mapping: UnsafeMutableRawPointer?
    private let length: Int

    init(bytes count: Int) {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let used = (count + page - 1) / page * page
        length = used + page
        let start = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
        mapping = start == MAP_FAILED ? nil : start
        if let mapping { mprotect(mapping + used, page, PROT_NONE) }
        bytes = UnsafeMutableRawBufferPointer(
            start: mapping.map { $0 + (used - count) }, count: mapping == nil ? 0 : count)
    }

    deinit { if let mapping { munmap(mapping, length) } }

    var floats: UnsafeMutableBufferPointer<Float> { bytes.bindMemory(to: Float.self) }
}
