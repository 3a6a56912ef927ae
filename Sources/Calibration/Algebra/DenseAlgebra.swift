import COpenBLAS

/// The few dense products and factors that calibration needs, through BLAS and LAPACK. Matrices are row-major.
///
/// Every call works on one thread: callers cut their work into fixed pieces and give those to threads, so that no
/// result depends on how many there are.
enum DenseAlgebra {
    /// `c = alpha a b + beta c` for `a` `[m, k]`, `b` `[k, n]`.
    /// - Parameters:
    ///   - transposedA: `a` is stored as `[k, m]`.
    ///   - transposedB: `b` is stored as `[n, k]`.
    static func product(
        _ a: UnsafePointer<Float>, stride strideA: Int, transposedA: Bool = false,
        _ b: UnsafePointer<Float>, stride strideB: Int, transposedB: Bool = false,
        into c: UnsafeMutablePointer<Float>, stride strideC: Int,
        m: Int, n: Int, k: Int, alpha: Float = 1, beta: Float = 0
    ) {
        guard m > 0, n > 0 else { return }
        cblas_sgemm(
            CblasRowMajor, transposedA ? CblasTrans : CblasNoTrans, transposedB ? CblasTrans : CblasNoTrans, Int32(m),
            Int32(n), Int32(k), alpha, a, Int32(strideA), b, Int32(strideB), beta, c, Int32(strideC))
    }

    /// The upper triangular `f` with `f fᵀ = a`, in place of the symmetric `a`; its lower part becomes 0.
    ///
    /// The inverse of such an `f` is the `U` with `a⁻¹ = Uᵀ U` that the literature on error feedback works with. LAPACK
    /// gives factors of the other order, so rows and columns are turned around before and after.
    /// - Returns: False if `a` is not positive definite.
    static func upperFactor(_ a: UnsafeMutableBufferPointer<Float>, count: Int) -> Bool {
        var a = a
        guard let start = a.baseAddress, count > 0 else { return true }
        a.reverse()
        var size = Int32(count)
        var stride = size
        var status: Int32 = 0
        // LAPACK counts by columns: its upper factor, read by rows, is the lower one.
        var part = CChar(UInt8(ascii: "U"))
        spotrf_(&part, &size, start, &stride, &status)
        guard status == 0 else { return false }
        a.reverse()
        for row in 1..<max(1, count) { (start + row * count).update(repeating: 0, count: row) }
        return true
    }
}
