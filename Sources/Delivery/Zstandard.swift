import ByteIO
import CZstd

/// Frames of zstd (RFC 8878). The module's only file with pointers into a library.
enum Zstandard {
    /// Bytes that frames refer back over: what a delta's frame and its prefix take together has to fit.
    private static let windowLog: Int32 = 27

    struct Failure: Error { let message: String }

    /// One frame of `bytes`.
    /// - Parameters:
    ///   - level: 1 to 19.
    ///   - prefix: Bytes that the reader has too, to refer back to.
    static func compress(_ bytes: Bytes, level: Int, prefix: Bytes? = nil) throws -> [UInt8] {
        let context = ZSTD_createCCtx()
        defer { ZSTD_freeCCtx(context) }
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(level))
        if prefix != nil {
            ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, windowLog)
            ZSTD_CCtx_setParameter(context, ZSTD_c_enableLongDistanceMatching, 1)
        }
        return try bytes.withUnsafeBytes { source in
            try with(prefix) { prefix in
                if let prefix { ZSTD_CCtx_refPrefix(context, prefix.baseAddress, prefix.count) }
                let bound = ZSTD_compressBound(source.count)
                var written = 0
                let frame = [UInt8](unsafeUninitializedCapacity: bound) { target, count in
                    written = ZSTD_compress2(context, target.baseAddress, bound, source.baseAddress, source.count)
                    count = ZSTD_isError(written) == 0 ? written : 0
                }
                guard ZSTD_isError(written) == 0 else { throw failure(written) }
                return frame
            }
        }
    }

    /// The content of one frame, which has to be `size` bytes.
    static func decompress(_ frame: Bytes, size: Int, prefix: Bytes? = nil) throws -> [UInt8] {
        let context = ZSTD_createDCtx()
        defer { ZSTD_freeDCtx(context) }
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, windowLog)
        return try frame.withUnsafeBytes { source in
            try with(prefix) { prefix in
                if let prefix { ZSTD_DCtx_refPrefix(context, prefix.baseAddress, prefix.count) }
                var written = 0
                let content = [UInt8](unsafeUninitializedCapacity: size) { target, count in
                    written = ZSTD_decompressDCtx(context, target.baseAddress, size, source.baseAddress, source.count)
                    count = ZSTD_isError(written) == 0 ? written : 0
                }
                guard ZSTD_isError(written) == 0 else { throw failure(written) }
                guard content.count == size else { throw Failure(message: "holds \(content.count) bytes") }
                return content
            }
        }
    }

    private static func with<R>(_ prefix: Bytes?, _ body: (UnsafeRawBufferPointer?) throws -> R) rethrows -> R {
        guard let prefix else { return try body(nil) }
        return try prefix.withUnsafeBytes { try body($0) }
    }

    private static func failure(_ code: Int) -> Failure { Failure(message: String(cString: ZSTD_getErrorName(code))) }
}
