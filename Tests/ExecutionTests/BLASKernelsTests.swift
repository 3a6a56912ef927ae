import Execution
import Quantization
import Testing

/// What is said of OpenBLAS's choice of kernels.
struct BLASKernelsTests {
    @Test(
        "kernels for an older processor than this one are told with those to ask for instead; fitting ones are not",
        arguments: [
            ("Prescott", [InstructionSet.plain, .avx2, .avx512], "SKYLAKEX"),
            ("Haswell", [.avx2, .avx512], "SKYLAKEX"),
            ("ZEN", [.avx2, .avx512], "SKYLAKEX"), ("SkylakeX", [.avx2, .avx512], nil),
            ("Cooperlake", [.avx2, .avx512], nil),
            ("Prescott", [.avx2], "HASWELL"), ("Sandybridge", [.avx2], "HASWELL"), ("Haswell", [.avx2], nil),
            ("Zen", [.avx2], nil), ("Prescott", [.plain], nil), ("NEOVERSEN1", [.neon], nil),
        ])
    func advice(name: String, available: [InstructionSet], better: String?) {
        let advice = BLASKernels.advice(name, available: available)
        #expect((advice != nil) == (better != nil))
        if let advice, let better { #expect(advice.contains(name) && advice.contains("OPENBLAS_CORETYPE=\(better)")) }
    }
}
