import COpenBLAS
import Quantization

/// The kernels that OpenBLAS, which `reference` arithmetic and calibration multiply with, chose when it was loaded.
public enum BLASKernels {
    /// The processor that they were written for, as OpenBLAS names it.
    public static let name = String(cString: openblas_get_corename())

    /// What to do about kernels for an older processor than this one; nil where they suit it.
    public static let advice = advice(name, available: InstructionSet.available)

    package static func advice(_ name: String, available: [InstructionSet]) -> String? {
        let with256Bits = ["haswell", "zen"]
        // What OpenBLAS takes for a processor that is newer than itself, besides the two.
        let old = ["sandybridge", "nehalem", "prescott", "core2", "barcelona", "generic", "dunnington", "penryn"]
        let (set, better): (String, String)
        switch name.lowercased() {
        case let kernels where available.contains(.avx512) && (old + with256Bits).contains(kernels):
            (set, better) = ("AVX-512", "SKYLAKEX")
        case let kernels where available.contains(.avx2) && old.contains(kernels):
            (set, better) = ("AVX2", "HASWELL")
        default: return nil
        }
        return "OpenBLAS uses its \(name) kernels on a processor with \(set): an old version, or the environment, "
            + "chose them. OPENBLAS_CORETYPE=\(better) may be faster."
    }
}
